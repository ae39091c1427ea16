"""Somebody else's warehouse ships the orders of its file and says so: the book and the channel follow, once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from server.app import create_app
from server.cli.group import packproof
from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.people import Role
from server.http.call import Services
from server.usecases.record.audit_package import package
from server.usecases.record.timeline import of_order
from server.usecases.routes.confirming import confirm_shipped
from server.usecases.routes.nodes import set_node
from server.usecases.routes.order_files import order_file
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.payments import flag_fraud
from server.usecases.staff import people
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from tests.board_server import serving
from tests.book import BOSS, Shop, all_told, incidents_of, open_book, sell, until
from tests.goods import check_conserved, counters
from tests.working import working

UPS = {"carrier": "UPS", "tracking": "1Z999"}


def opened(db: Database, url: str = "") -> None:
    """EAST is ours and has candles and soap; DALLAS is not ours and has mugs."""
    open_book(db, url=url)
    add_site(db, BOSS, "DALLAS", "Dallas", rank=1)
    set_node(db, BOSS, "DALLAS", {"kind": "3pl"})
    count_on_hand(db, BOSS, "MUG", "DALLAS", 5)


def status(db: Database, order_id: int) -> str:
    with db.read() as connection:
        return str(connection.execute(select(tables.order.c.status).where(tables.order.c.id == order_id)).scalar_one())


def shipments(db: Database) -> list[dict[str, Any]]:
    t = tables.outbox
    with db.read() as connection:
        return [p["data"] for p in connection.execute(select(t.c.payload).where(t.c.kind == "shipment")).scalars()]


def test_units_leave_the_book_and_the_channel_hears_of_the_parcel(db: Database, shop: Shop) -> None:
    opened(db, shop.url)
    taken = sell(db, "S-1", ("MUG", 2))
    assert [order["order"] for order in order_file(db, BOSS, "DALLAS")] == [taken.order]
    with working(db):
        done = confirm_shipped(db, BOSS, taken.order_id, "DALLAS", **UPS)
        until(lambda: all_told(db), "all is told")
    assert done == {"order": taken.order, "site": "DALLAS", "parcel": done["parcel"], **UPS}
    assert (status(db, taken.order_id), counters(db, "MUG", "DALLAS")) == ("shipped", (3, 0, 0, 0))
    assert order_file(db, BOSS, "DALLAS") == []
    [told] = [body["data"] for _, _, body in shop.got if body["type"] == "shipment.created"]
    assert (told["order_id"], told["tracking_number"], told["carrier"], told["carrier_name"]) == (
        "S-1",
        "1Z999",
        "UPS",
        "UPS",
    )
    assert told["lines"] == [{"line_id": "1", "sku": "MUG", "quantity": 2}]
    check_conserved(db)
    with db.read() as connection:
        assert package(connection, "1Z999").parcel == done["parcel"]
        assert "parcel.shipped_elsewhere" in [row.what for row in of_order(connection, taken.order_id)]


def test_the_same_confirmation_again_changes_nothing(db: Database) -> None:
    opened(db, "https://shop.example")
    first, second = (sell(db, name, ("MUG", 1)) for name in ("S-1", "S-2"))
    for key in ("a", "a", "b", ""):
        done = confirm_shipped(db, BOSS, first.order_id, "DALLAS", **UPS, key=key)
        assert done["order"] == first.order
    assert (counters(db, "MUG", "DALLAS"), len(shipments(db))) == ((4, 1, 0, 0), 1)
    with pytest.raises(DomainError, match="key_reused"):
        confirm_shipped(db, BOSS, second.order_id, "DALLAS", **UPS, key="a")
    with pytest.raises(DomainError, match=f"tracking number 1Z999 is on order {first.order}"):
        confirm_shipped(db, BOSS, second.order_id, "DALLAS", **UPS)
    with pytest.raises(DomainError, match=f"order {first.order} has left already: UPS 1Z999"):
        confirm_shipped(db, BOSS, first.order_id, "DALLAS", carrier="UPS", tracking="1Z000")
    assert status(db, second.order_id) == "ready"


def test_what_is_not_to_leave_from_there_is_refused_and_a_person_hears_of_it(db: Database) -> None:
    opened(db)
    here, gone, held = sell(db, "S-1", ("CANDLE", 1)), sell(db, "S-2", ("MUG", 1)), sell(db, "S-3", ("MUG", 1))
    cancel_order(db, BOSS, gone.order_id)
    flag_fraud(db, BOSS, held.order_id, True)
    lost = sell(db, "S-4", ("MUG", 99))
    expected = {
        here: f"order {here.order} is routed to EAST",
        gone: f"order {gone.order} was cancelled",
        held: f"order {held.order} is on hold: fraud",
        lost: f"order {lost.order} is at no site, it is conflict",
    }
    before = counters(db, "MUG", "DALLAS"), counters(db, "CANDLE")
    for taken, words in expected.items():
        for _ in range(2):
            with pytest.raises(DomainError) as refused:
                confirm_shipped(db, BOSS, taken.order_id, "DALLAS", **UPS)
            assert refused.value.detail == words
    causes = incidents_of(db, "order_changed") + incidents_of(db, "cancelled_after_packing")
    said = [f"DALLAS says that it has shipped 1Z999, but {words}" for words in expected.values()]
    assert sorted(causes) == sorted(said)
    assert (counters(db, "MUG", "DALLAS"), counters(db, "CANDLE")) == before
    with pytest.raises(DomainError, match="site EAST is own: it has no order file"):
        confirm_shipped(db, BOSS, here.order_id, "EAST", **UPS)
    with pytest.raises(DomainError, match="tracking: expected 1 to 64 printable ASCII characters"):
        confirm_shipped(db, BOSS, here.order_id, "DALLAS", carrier="UPS", tracking="1\x1b[2J")


@pytest.fixture
def http(services: Services) -> Iterator[httpx.Client]:
    """The service with an order in DALLAS' file, and a person of each of two roles."""
    opened(services.db)
    sell(services.db, "S-1", ("MUG", 1))
    for role in (Role.PACKER, Role.DESK):
        people.add_person(services.db, BOSS, role.value, [role], login=role.value, password="correct horse")
    with serving(create_app(services.config, services.db)) as server, httpx.Client(base_url=server.url) as client:
        yield client


def test_the_order_desk_confirms_over_http_and_a_packer_may_not(http: httpx.Client, services: Services) -> None:
    def post(role: Role, **changes: str) -> httpx.Response:
        token = people.sign_in(services.db, role.value, "correct horse")
        body = {"order": "1001", "key": "k-1", **UPS} | changes
        headers = {"authorization": f"Bearer {token}"}
        return http.post("/api/nodes/DALLAS/shipments", json=body, headers=headers)

    assert post(Role.PACKER).status_code == 403
    first = post(Role.DESK)
    assert (first.status_code, first.json()["tracking"]) == (200, "1Z999")
    assert post(Role.DESK).json() == first.json()
    reused = post(Role.DESK, tracking="1Z000")
    assert (reused.status_code, reused.json()["code"]) == (409, "key_reused")
    assert post(Role.DESK, order="1099").status_code == 404


def test_the_terminal_does_the_same(sqlite_db: Database, tmp_path: Path) -> None:
    opened(sqlite_db)
    for name in ("S-1", "S-2"):
        sell(sqlite_db, name, ("MUG", 1))
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path}"\n')

    def run(*words: str) -> Any:
        told = ("--site", "DALLAS", "--carrier", "UPS", *words, "--config", str(tmp_path / "server.toml"))
        return CliRunner().invoke(packproof, ["ship", *told])

    for _ in range(2):
        assert run("S-1", "--tracking", "1Z999").output == "order 1001 left DALLAS with UPS 1Z999\n"
    assert json.loads(run("S-2", "--tracking", "1Z000", "--json").output)["order"] == "1002"
    refused = run("S-2", "--tracking", "1Z001")
    assert (refused.exit_code, refused.stderr) == (2, "packproof: order 1002 has left already: UPS 1Z000\n")
