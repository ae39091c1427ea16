"""A shelf held less than the book said, on both engines: written off, re-routed, and never two live labels (RTE-21)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from server import wire
from server.db import tables
from server.db.transaction import transaction
from server.domain.booking.stock import MoveKind
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.domain.people import Role
from server.domain.picks.short_pick import Remedy
from server.http.picking_api import BenchShortRequest
from server.usecases.benchwork.opening import release_order
from server.usecases.booking.reference import raise_version
from server.usecases.booking.shortfall import remove
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.picks import totes
from server.usecases.picks.short_pick import Found, ShortPick, short_in_wave, short_of_order
from server.usecases.picks.waves import list_waves
from server.usecases.routes.overriding import override
from server.usecases.routes.promises import set_split
from server.usecases.sales.cancel import cancel_order
from server.usecases.warehouse.goods import set_tracking
from server.usecases.warehouse.kits import define_kit
from tests.book import receive
from tests.floor import BOSS, BRUSH, MUG, SOAP, Bench, Dock, Floor, one_engine
from tests.integration.test_waves import the_wave, waved


@pytest.fixture
def west(floor: Floor) -> Floor:
    """WEST has 50 of everything too."""
    for sku in ("SOAP", "BRUSH", "MUG"):
        receive(floor.db, sku, "WEST", 50)
    return floor


def short(floor: Floor, number: str, sku: str, found: int) -> ShortPick:
    done = short_of_order(floor.db, BOSS, floor.order_id(number), Found(sku, found))
    check_book(floor)
    return done


def check_book(floor: Floor) -> None:
    """The counters are the sums of the ledger, and reserved is what live reservations say."""
    with floor.db.read() as connection:
        s, r = tables.stock, tables.reservation
        for row in connection.execute(select(s)):
            mine = (r.c.sku == row.sku) & (r.c.site_id == row.site_id) & (r.c.lot == row.lot)
            held = connection.execute(select(r.c.quantity).where(mine, r.c.state == "reserved")).scalars()
            assert row.reserved == sum(held)
            ledger = tables.ledger
            here = (ledger.c.sku == row.sku) & (ledger.c.site_id == row.site_id) & (ledger.c.lot == row.lot)
            moved = connection.execute(select(ledger.c.d_on_hand, ledger.c.d_reserved).where(here)).all()
            assert (row.on_hand, row.reserved) == (sum(m.d_on_hand for m in moved), sum(m.d_reserved for m in moved))


def lines(floor: Floor, number: str) -> dict[str, int]:
    with floor.db.read() as connection:
        t = tables.order_line
        rows = connection.execute(select(t).where(t.c.order_id == floor.order_id(number)))
        return {row.sku: row.quantity for row in rows}


def site(floor: Floor, number: str) -> str | None:
    with floor.db.read() as connection:
        o, s = tables.order, tables.site
        query = select(s.c.code).join(o, o.c.site_id == s.c.id).where(o.c.number == number)
        return connection.execute(query).scalar()


def live_labels(floor: Floor) -> list[str]:
    """Tracking numbers of labels that nobody is to void."""
    with floor.db.read() as connection:
        p = tables.parcel
        query = select(p.c.tracking).where(p.c.state != "cancelled", p.c.purchase == "bought")
        return list(connection.execute(query).scalars())


def kinds(floor: Floor, sku: str) -> list[tuple[str, int, int]]:
    with floor.db.read() as connection:
        t = tables.ledger
        rows = connection.execute(select(t).where(t.c.sku == sku).order_by(t.c.id))
        return [(row.kind, row.d_on_hand, row.d_reserved) for row in rows]


def test_what_is_missing_leaves_the_book_and_what_was_for_sale_there_is_not_sold_any_more(west: Floor) -> None:
    number = west.order(("SOAP", 3), ("BRUSH", 1))
    done = short(west, number, "SOAP", 1)
    assert done.written == (2, 97)
    # The one that was found goes back to the shelf: its order leaves from elsewhere.
    assert west.stock("SOAP") == (1, 0)
    assert [kind for kind, _, _ in kinds(west, "SOAP")].count("write_off") == 2
    [incident] = west.incidents("short_pick")
    assert "2 of SOAP are not on the shelf at EAST, nor 97 that were for sale" in incident
    assert f"order {number} leaves from WEST: put back what was picked" in incident


def test_an_order_whose_units_are_missing_moves_whole_to_a_site_that_has_them(west: Floor) -> None:
    number = west.order(("SOAP", 3), ("BRUSH", 1))
    [fate] = short(west, number, "SOAP", 1).rerouted
    assert fate.remedy is Remedy.MOVE
    assert (west.status(number), site(west, number)) == ("ready", "WEST")
    assert west.stock("BRUSH") == (100, 0)
    assert (west.stock("SOAP", "WEST"), west.stock("BRUSH", "WEST")) == ((50, 3), (50, 1))
    east, far = west.bench("Bench 1"), west.bench("West 1", "WEST")
    with pytest.raises(DomainError, match="not packed at East house"):
        east.open(number)
    assert far.open(number).order.number == number


def test_where_a_split_is_allowed_only_the_rest_leaves_from_another_site(west: Floor) -> None:
    set_split(west.db, BOSS, "shop", True)
    number = west.order(("SOAP", 3), ("BRUSH", 1))
    [fate] = short(west, number, "SOAP", 1).rerouted
    assert (fate.remedy, fate.part) == (Remedy.SPLIT, f"{number}-2")
    assert (lines(west, number), lines(west, fate.part)) == ({"SOAP": 1, "BRUSH": 1}, {"SOAP": 2})
    assert (site(west, number), site(west, fate.part)) == ("EAST", "WEST")
    assert (west.stock("SOAP"), west.stock("SOAP", "WEST")) == ((1, 1), (50, 2))
    here = west.bench("Bench 1").pack(number, SOAP, BRUSH)
    there = west.bench("West 1", "WEST").pack(fate.part, SOAP, SOAP)
    assert sorted(live_labels(west)) == sorted([here.tracking, there.tracking])
    cancelled = cancel_order(west.db, BOSS, west.order_id(fate.part))
    assert cancelled.order == fate.part
    check_book(west)


def test_a_part_that_is_short_again_becomes_a_third_part(west: Floor) -> None:
    set_split(west.db, BOSS, "shop", True)
    number = west.order(("SOAP", 2), ("BRUSH", 1), ("MUG", 1))
    [first] = short(west, number, "SOAP", 1).rerouted
    [second] = short(west, number, "BRUSH", 0).rerouted
    assert (first.part, second.part) == (f"{number}-2", f"{number}-3")
    assert lines(west, number) == {"SOAP": 1, "MUG": 1}


def test_an_order_that_keeps_nothing_moves_instead_of_being_split(west: Floor) -> None:
    set_split(west.db, BOSS, "shop", True)
    [fate] = short(west, west.order(("SOAP", 2)), "SOAP", 0).rerouted
    assert fate.remedy is Remedy.MOVE


def test_without_stock_anywhere_the_order_goes_the_way_of_losers_and_holds_nothing(floor: Floor) -> None:
    number = floor.order(("SOAP", 3), ("BRUSH", 1))
    [fate] = short(floor, number, "SOAP", 1).rerouted
    assert fate.remedy is Remedy.LOSE
    assert floor.status(number) in {"conflict", "waiting"}
    assert (floor.stock("SOAP"), floor.stock("BRUSH")) == ((1, 0), (100, 0))


def test_a_channel_that_forbids_moving_leaves_its_order_to_the_losers_path(west: Floor) -> None:
    with transaction(west.db, BOSS, "set_policy") as tx:
        tx.connection.execute(update(tables.channel).values(policy={"move": False, "losing": {"path": ["ask"]}}))
        raise_version(tx)
    [fate] = short(west, west.order(("SOAP", 3)), "SOAP", 1).rerouted
    assert fate.remedy is Remedy.LOSE


def test_another_lot_at_the_same_site_is_taken_and_the_label_stays_good(floor: Floor) -> None:
    put_product(floor.db, BOSS, Product("MILK", "Milk"), [CodeEntry("4012345678901")])
    set_tracking(floor.db, BOSS, "MILK", lots=True, expiry=True)
    receive(floor.db, "MILK", "EAST", 4, lot="L1", expires_on="2099-01-01")
    receive(floor.db, "MILK", "EAST", 4, lot="L2", expires_on="2099-06-01")
    number = floor.order(("MILK", 2))
    bench = floor.bench("Bench 1")
    bench.open(number)
    [fate] = short(floor, number, "MILK", 1).rerouted
    assert fate.remedy is Remedy.STAY
    with floor.db.read() as connection:
        r = tables.reservation
        live = select(r.c.lot, r.c.quantity).where(r.c.state == "reserved").order_by(r.c.lot)
        assert [tuple(row) for row in connection.execute(live)] == [("L1", 1), ("L2", 1)]
    for code, later in (("4012345678901", 0), ("L1", 1), ("4012345678901", 2), ("L2", 3), ("L2", 5)):
        bench.scan(code, later=later)
    label = bench.buy()
    bench.scan(label.tracking)
    assert bench.send().stop is None
    assert floor.status(number) == "packed"
    assert live_labels(floor) == [label.tracking]


def test_a_unit_missing_at_the_bench_voids_the_first_label_and_the_order_never_has_two(west: Floor) -> None:
    number = west.order(("SOAP", 1), ("BRUSH", 1))
    bench = west.bench("Bench 1")
    bench.open(number)
    bench.scan(SOAP)
    bench.scan(BRUSH)
    first = bench.buy()
    assert bench.session is not None
    request = BenchShortRequest(sku="BRUSH", found=0, person_id=west.people["packer"])
    answer = bench.call("POST", f"/api/sessions/{bench.session.session_id}/short", request)
    assert answer.json()["orders"] == [{"order": number, "remedy": "move", "part": ""}]
    check_book(west)
    assert live_labels(west) == []
    [told] = west.incidents("cancelled_after_packing")
    assert f"order {number} was short of BRUSH at EAST: void label {first.tracking}" in told
    bench.scan(first.tracking)
    assert bench.send().stop == "changed"
    assert Dock.at(west.bench("Dock 1")).scan(first.tracking).reason == "void_label"
    assert bench.call("POST", f"/api/parcels/{first.parcel_id}/reprint").json()["code"] == "cancelled"
    second = west.bench("West 1", "WEST").pack(number, SOAP, BRUSH)
    assert second.tracking != first.tracking
    assert live_labels(west) == [second.tracking]
    assert west.audited("order.moved") == [("Packer Person", "Bench 1")]


def test_a_short_pick_during_the_purchase_of_a_label_leaves_no_live_label(west: Floor) -> None:
    number = west.order(("SOAP", 1), ("BRUSH", 1))
    bench = west.bench("Bench 1")
    bench.open(number)
    bench.scan(SOAP)
    bench.scan(BRUSH)
    bench.send()
    gate = threading.Barrier(2)

    def buy() -> None:
        gate.wait()
        assert bench.session is not None
        bench.call("POST", f"/api/sessions/{bench.session.session_id}/label")

    with ThreadPoolExecutor(1) as pool:
        buying = pool.submit(buy)
        gate.wait()
        short(west, number, "SOAP", 0)
        buying.result()
    assert live_labels(west) == []
    far = west.bench("West 1", "WEST").pack(number, SOAP, BRUSH)
    assert live_labels(west) == [far.tracking]


def test_a_wave_that_is_short_serves_whole_orders_first_and_the_rest_moves(west: Floor) -> None:
    first, second, third = (west.order(("SOAP", n), ("MUG", 1)) for n in (2, 1, 2))
    waved(west)
    done = short_in_wave(west.db, BOSS, the_wave(west), Found("SOAP", 3))
    check_book(west)
    assert [(fate.number, fate.remedy) for fate in done.rerouted] == [(third, Remedy.MOVE)]
    assert [site(west, number) for number in (first, second, third)] == ["EAST", "EAST", "WEST"]
    assert [row.orders for row in list_waves(west.db)] == [2]
    with pytest.raises(DomainError, match="expected less than the 3 units of SOAP"):
        short_in_wave(west.db, BOSS, the_wave(west), Found("SOAP", 3))


def test_a_moved_order_tells_whoever_scans_its_tote(west: Floor) -> None:
    number = west.order(("SOAP", 1), ("MUG", 1))
    totes.bind(west.db, BOSS, number, "PPT-9")
    short(west, number, "SOAP", 0)
    with pytest.raises(DomainError, match="not packed at East house"):
        west.bench("Bench 1").open("PPT-9")
    totes.bind(west.db, BOSS, number, "PPT-10")
    assert west.bench("West 1", "WEST").open("PPT-10").order.number == number


def test_two_people_who_report_the_same_missing_unit_write_it_off_once(west: Floor) -> None:
    number = west.order(("SOAP", 1), ("BRUSH", 1))
    gate, order_id = threading.Barrier(2), west.order_id(number)

    def report() -> str:
        gate.wait()
        try:
            short_of_order(west.db, BOSS, order_id, Found("BRUSH", 0))
        except DomainError as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(each.result() for each in [pool.submit(report), pool.submit(report)])
    check_book(west)
    # The later one looks where the order is now: at WEST, whose shelf it finds empty too.
    assert said.count("done") >= 1
    assert west.stock("BRUSH")[1] == 0


@one_engine
def test_what_was_not_short_is_refused_and_nothing_changes(west: Floor) -> None:
    number = west.order(("SOAP", 2))
    for sku, found, code in (("SOAP", 2, "not_short"), ("SOAP", 5, "not_short"), ("MUG", 0, "invalid")):
        with pytest.raises(DomainError) as refused:
            short(west, number, sku, found)
        assert refused.value.code == code
    cancel_order(west.db, BOSS, west.order_id(number))
    with pytest.raises(DomainError, match="nothing is fetched for it"):
        short(west, number, "SOAP", 0)
    assert west.stock("SOAP") == (100, 0)
    assert west.incidents("short_pick") == []


@one_engine
def test_one_bench_reports_nothing_for_another(west: Floor) -> None:
    bench, other = west.bench("Bench 1"), west.bench("Bench 2")
    bench.open(west.order(("SOAP", 1)))
    assert bench.session is not None
    request = BenchShortRequest(sku="SOAP", found=0, person_id=west.people["packer"])
    answer = other.call("POST", f"/api/sessions/{bench.session.session_id}/short", request)
    assert answer.json()["code"] == "taken_over"
    assert wire.decode(answer.content, wire.Problem).status == 409


def test_a_claim_and_a_short_pick_at_the_same_moment_never_leave_two_sites_with_one_order(west: Floor) -> None:
    east, far = west.bench("Bench 1"), west.bench("West 1", "WEST")
    for _ in range(4):
        receive(west.db, "SOAP", "EAST", 5)
        number = west.order(("SOAP", 1), ("MUG", 1))
        gate = threading.Barrier(3)

        def claim(bench: Bench, number: str = number, gate: threading.Barrier = gate) -> str:
            gate.wait()
            try:
                return bench.open(number).order.number
            except DomainError as refused:
                return refused.code

        with ThreadPoolExecutor(3) as pool:
            claims = [pool.submit(claim, bench) for bench in (east, far)]
            gate.wait()
            short(west, number, "SOAP", 0)
            [claim.result() for claim in claims]
        assert site(west, number) == "WEST"
        with pytest.raises(DomainError, match="not packed at East house"):
            east.open(number)
        far.pack(number, SOAP, MUG)
    assert len(live_labels(west)) == 4


def test_a_missing_component_of_a_kit_is_hunted_for_and_never_travels_apart_from_its_kit(west: Floor) -> None:
    set_split(west.db, BOSS, "shop", True)
    put_product(west.db, BOSS, Product("SET", "Gift set"), [CodeEntry("4012345678918")])
    define_kit(west.db, BOSS, "SET", {"SOAP": 2, "BRUSH": 1})
    number = west.order(("SET", 1), ("MUG", 1))
    assert west.stock("SOAP") == (100, 2)
    [fate] = short(west, number, "SOAP", 1).rerouted
    assert (fate.remedy, site(west, number)) == (Remedy.MOVE, "WEST")
    assert (west.stock("SOAP", "WEST"), west.stock("BRUSH", "WEST")) == ((50, 2), (50, 1))


def test_a_missing_pre_built_kit_is_made_of_its_components_at_the_same_site(west: Floor) -> None:
    put_product(west.db, BOSS, Product("SET", "Gift set"), [CodeEntry("4012345678918")])
    define_kit(west.db, BOSS, "SET", {"SOAP": 2, "BRUSH": 1})
    receive(west.db, "SET", "EAST", 1)
    number = west.order(("SET", 1))
    assert west.stock("SET") == (1, 1)
    [fate] = short(west, number, "SET", 0).rerouted
    assert (fate.remedy, site(west, number)) == (Remedy.STAY, "EAST")
    assert (west.stock("SET"), west.stock("SOAP")) == ((0, 0), (100, 2))


def labelled(floor: Floor, number: str, *codes: str) -> None:
    """A bench bought its label, and a supervisor took the order from it."""
    bench = floor.bench("Bench 9")
    bench.open(number)
    for code in codes:
        bench.scan(code)
    bench.buy()
    release_order(floor.db, BOSS, floor.order_id(number))


def test_an_order_that_a_supervisor_sends_elsewhere_leaves_its_label_behind(west: Floor) -> None:
    number = west.order(("SOAP", 1))
    labelled(west, number, SOAP)
    assert len(live_labels(west)) == 1
    override(west.db, BOSS, {Role.SUPERVISOR}, west.order_id(number), "WEST", "EAST is snowed in")
    assert live_labels(west) == []
    far = west.bench("West 1", "WEST").pack(number, SOAP)
    assert live_labels(west) == [far.tracking]


def test_an_order_that_gives_way_when_a_shelf_is_counted_leaves_its_label_behind(west: Floor) -> None:
    number = west.order(("SOAP", 100))
    labelled(west, number, *([SOAP] * 100))
    with transaction(west.db, BOSS, "damage") as tx:
        east = int(tx.connection.execute(select(tables.site.c.id).where(tables.site.c.code == "EAST")).scalar_one())
        remove(tx, ("SOAP", east, ""), 1, MoveKind.WRITE_OFF, reason="damaged")
    assert live_labels(west) == []
