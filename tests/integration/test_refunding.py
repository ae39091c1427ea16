"""What has left is paid back by the channel that sold it: told once for each unit, by a person or by the policy."""

from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from server.cli.group import packproof
from server.db import claims, tables
from server.db.transaction import Database, transaction
from server.domain.errors import DomainError
from server.domain.sales.claims import ClaimKind, claim_kind
from server.domain.sales.refunds import RefundReason
from server.usecases.sales.claiming import note_claim
from server.usecases.sales.refunding import refund_lost, refund_order, set_refunds
from tests.book import BOSS, open_book, sell
from tests.market import Street, send_off
from tests.shipping import ship

URL = "https://shop.example"


def told(db: Database) -> list[dict[str, Any]]:
    t = tables.outbox
    with db.read() as connection:
        rows = connection.execute(select(t.c.payload).where(t.c.kind == "refund").order_by(t.c.id)).scalars()
        return [payload["data"] for payload in rows]


def sent(db: Database) -> int:
    """An order of three candles and a soap that has left."""
    open_book(db, url=URL)
    taken = sell(db, "S-1", ("CANDLE", 3), ("SOAP", 1))
    assert taken.order_id is not None
    ship(db, taken.order_id)
    return taken.order_id


def test_each_unit_is_paid_back_once(sqlite_db: Database) -> None:
    order = sent(sqlite_db)
    assert refund_order(sqlite_db, BOSS, order, {1: 2}, RefundReason.DAMAGED) == 2
    with pytest.raises(DomainError, match="line 1: expected 1 to 1 units that left and were not paid back, found 2"):
        refund_order(sqlite_db, BOSS, order, {1: 2}, RefundReason.LOST)
    assert refund_order(sqlite_db, BOSS, order, {}, RefundReason.LOST) == 2
    with pytest.raises(DomainError, match="all that left of order 1001 was paid back before"):
        refund_order(sqlite_db, BOSS, order, {}, RefundReason.LOST)
    first, second = told(sqlite_db)
    assert (first["order_id"], first["reason"]) == ("S-1", "damaged")
    assert first["lines"] == [{"line_id": "1", "sku": "CANDLE", "quantity": 2}]
    assert [(line["sku"], line["quantity"]) for line in second["lines"]] == [("CANDLE", 1), ("SOAP", 1)]


def test_what_has_not_left_is_cancelled_instead_and_a_channel_that_hears_nothing_is_named(sqlite_db: Database) -> None:
    open_book(sqlite_db)
    taken = sell(sqlite_db, "S-1", ("CANDLE", 3))
    assert taken.order_id is not None
    with pytest.raises(DomainError, match="cancel it, that pays it back"):
        refund_order(sqlite_db, BOSS, taken.order_id, {}, RefundReason.LOST)
    ship(sqlite_db, taken.order_id)
    with pytest.raises(DomainError, match="pay it back there"):
        refund_order(sqlite_db, BOSS, taken.order_id, {}, RefundReason.LOST)


def test_only_where_the_policy_says_so_a_lost_parcel_is_paid_back_without_a_person(sqlite_db: Database) -> None:
    order = sent(sqlite_db)

    def lost(parcel: str, **contents: int) -> int:
        with transaction(sqlite_db, BOSS, "test") as tx:
            return refund_lost(tx, order, parcel, contents)

    assert lost("A", CANDLE=1) == 0
    assert set_refunds(sqlite_db, BOSS, "shop", lost=True) is False
    assert lost("A", PART=1) == 0, "nobody's line"
    assert lost("A", CANDLE=1) == 1
    assert lost("A", CANDLE=1) == 0, "it was lost, found and lost again"
    assert lost("B", CANDLE=3) == 0, "only two are left"
    assert lost("B", CANDLE=1, SOAP=1) == 2
    assert len(told(sqlite_db)) == 2
    set_refunds(sqlite_db, BOSS, "shop", lost=False)
    assert lost("C", CANDLE=1) == 0


def test_a_lost_parcel_is_left_to_a_person_where_the_platform_paid_back_of_itself(sqlite_db: Database) -> None:
    order = sent(sqlite_db)
    set_refunds(sqlite_db, BOSS, "shop", lost=True)
    with transaction(sqlite_db, BOSS, "test") as tx:
        claims.note(tx, (1, "S-1"), ClaimKind.REFUND.value, tx.now, "platform")
        assert refund_lost(tx, order, "A", {"CANDLE": 1}) == 0
    assert not told(sqlite_db)


def test_the_desk_pays_back_at_the_terminal(sqlite_db: Database, tmp_path: Any) -> None:
    order = sent(sqlite_db)
    settings = tmp_path / "server.toml"
    settings.write_text(f'data_dir = "{tmp_path}"\n', encoding="utf-8")

    def run(*words: str) -> Any:
        return CliRunner().invoke(packproof, [*words, "--config", str(settings)])

    assert "told to pay back 1 unit" in run("refund", "1001", "--reason", "lost", "--line", "2=1").output
    assert run("refund", "1001", "--reason", "lost", "--line", "9=1").exit_code == 2
    assert "paid back by themselves" in run("channels", "refunds", "shop", "by-itself").output
    with sqlite_db.engine.begin() as connection:
        connection.execute(update(tables.order).where(tables.order.c.id == order).values(status="ready"))
    assert run("refund", "1001", "--reason", "lost").exit_code == 2
    assert len(told(sqlite_db)) == 1


def test_what_a_buyer_holds_against_an_order_is_kept_once_by_its_kind(sqlite_db: Database) -> None:
    order = sent(sqlite_db)
    assert note_claim(sqlite_db, BOSS, order, ClaimKind.RETURN)
    assert not note_claim(sqlite_db, BOSS, order, ClaimKind.RETURN)
    assert note_claim(sqlite_db, BOSS, order, ClaimKind.FEEDBACK)
    with sqlite_db.read() as connection:
        assert claims.counts(connection, 1, 0.0) == {"feedback": 1, "return": 1}
        assert claims.counts(connection, 1, sqlite_db.now() + 1) == {}
    with pytest.raises(DomainError, match="expected refund, return, claim, feedback, found 'anger'"):
        claim_kind("anger")


def test_money_that_a_platform_paid_back_after_it_left_is_kept_against_the_order(
    sqlite_db: Database,
) -> None:
    street = Street(sqlite_db, ["shopify"])
    street.open(CANDLE=50)
    market = street.shops["shopify"].market
    left, kept = market.sell(("CANDLE", 1)), market.sell(("CANDLE", 1))
    street.settle(120)
    for number, order_id in enumerate((1, 2), 1):
        send_off(sqlite_db, order_id, f"1Z999AA1012345{number:04}")
    street.settle(120)
    market.change(left.ref, paid="refunded")
    street.settle(240)
    with sqlite_db.read() as connection:
        rows = connection.execute(select(tables.order_claim)).all()
    assert [(row.channel_order_id, row.kind, row.source) for row in rows] == [(left.ref, "refund", "platform")]
    assert kept.ref != left.ref
    street.lines.close()
