"""What a platform shows is read back; causes are told apart, corrected by rule or shown to a person."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from server.channels import Platform, platform_of
from server.db import channel_states, inbox, listings, tables
from server.db.transaction import Database, transaction
from server.domain.channels.deviations import UNCOUNTED, Cause
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.market import Item, Market
from server.trade.orders import ChannelOrder
from server.usecases.sales.policies import set_reconcile
from server.usecases.sharing.publishing import tell_everything
from server.usecases.talking import reading_back
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, count_rows, incidents_of
from tests.market import Street, open_street

D = tables.deviation
CYCLE = 900.0
SHOP = "woocommerce"
SKUS = ("EDIT", "SALE", "LOST", "SLOW", "BAD", "GONE", "TWO", "MOVED", "FINE")


def opened(db: Database, *skus: str, kind: str = SHOP) -> Street:
    """Ten of each, told."""
    street = Street(db, [kind])
    open_street(db, street.shops, street.lines, dict.fromkeys(skus or ("CANDLE", "MUG"), 10))
    for _ in range(3):
        street.step()
        street.at += 70
    return street


@pytest.fixture
def street(sqlite_db: Database) -> Iterator[Street]:
    made = opened(sqlite_db)
    yield made
    made.lines.close()


def cycle(street: Street, steps: int = 4) -> None:
    """The next cycle and what follows from it."""
    street.at += CYCLE
    for _ in range(steps):
        street.step()
        street.at += 70


def market(street: Street) -> Market:
    return next(iter(street.shops.values())).market


def adapter(kind: str = SHOP) -> Platform:
    found = platform_of(kind)
    assert found is not None
    return found


def deviations(db: Database) -> list[Any]:
    with db.read() as connection:
        return list(connection.execute(select(D).order_by(D.c.id)).all())


def only(db: Database) -> Any:
    (row,) = deviations(db)
    return row


def drifts(db: Database) -> list[str]:
    t = tables.incident
    query = select(t.c.cause).where(t.c.type == IncidentType.CHANNEL_DRIFT, t.c.state == "open").order_by(t.c.id)
    with db.read() as connection:
        return list(connection.execute(query).scalars())


def listed_anew(street: Street, means: dict[str, str | None]) -> None:
    """The listings are imported again; ``means`` says which product each is."""
    row = street.row(SHOP)
    found = adapter().listings(street.lines.of(row.id, row.code, row.kind, row.settings), "").listings
    with street.db.read() as connection:
        before = {each.ref: each.sku for each in listings.all_of(connection, row.id)}
    with transaction(street.db, BOSS, "test") as tx:
        listings.put(tx, row.id, found, {ref: sku for ref, sku in (before | means).items() if sku})


def outbox_row(street: Street, sku: str, **values: Any) -> None:
    """As if the channel had been told ``available`` otherwise than it was."""
    o = tables.outbox
    with transaction(street.db, BOSS, "test") as tx:
        mine = (o.c.kind == "stock") & (o.c.key == sku)
        payload = tx.connection.execute(select(o.c.payload).where(mine)).scalar_one()
        newer = {**payload, "data": {"sku": sku, "available": 9}}
        tx.connection.execute(update(o).where(mine).values(payload=newer, version=o.c.version + 1, **values))


def refuse_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    from server.usecases.talking import taking

    def broken(*_: Any, **__: Any) -> Any:
        raise DomainError("malformed", "nobody can read it")

    monkeypatch.setattr(taking, "_look_at", broken)


def lose_writes(monkeypatch: pytest.MonkeyPatch, *skus: str) -> None:
    """The platform takes these numbers and does nothing."""
    real = Market.write

    def write(self: Market, ref: str, quantity: int) -> Item:
        return self.items[ref] if self.items[ref].sku in skus else real(self, ref, quantity)

    monkeypatch.setattr(Market, "write", write)


def test_of_nine_seeded_faults_each_is_named_by_its_cause(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    street = opened(db, *SKUS)
    shop = market(street)
    second, unknown = shop.offer("TWO-B", 10).ref, shop.offer("NEW", 3).ref
    listed_anew(street, {second: "TWO"})
    cycle(street)
    assert {row.ref: row.cause for row in deviations(db)} == {unknown: Cause.NOT_MAPPED}

    with monkeypatch.context() as during:
        refuse_orders(during)
        lose_writes(during, "LOST")
        sold = shop.sell(("SALE", 2)).ref
        street.deliver(SHOP)
        count_on_hand(db, BOSS, "LOST", "EAST", 12)
        street.step()
        shop.tamper("EDIT", 13)
        outbox_row(street, "BAD", state="parked")
        outbox_row(street, "SLOW", state="waiting", attempts=3, next_at=street.at + 9_000, created_at=street.at - 90)
        shop.items.pop(shop.item("GONE").ref)
        shop.items[second].quantity = 4
        with transaction(db, BOSS, "test") as tx:
            listings.mean(tx, street.row(SHOP).id, {shop.item("MOVED").ref: "FINE"})
        shop.tamper("MOVED", 6)
        street.at += CYCLE
        for _ in range(9):
            street.step()
            street.at += 30
    found = {row.channel_sku: (row.cause, row.fixed_by or row.state) for row in deviations(db)}
    assert found == {
        "NEW": (Cause.NOT_MAPPED, "open"),
        "EDIT": (Cause.EDITED, "rule"),
        "SALE": (Cause.SALE_NOT_IN, "open"),
        "LOST": (Cause.NOT_APPLIED, "fixing"),
        "BAD": (Cause.REFUSED, "open"),
        "SLOW": (Cause.WAITING, "open"),
        "GONE": (Cause.GONE, "open"),
        "TWO-B": (Cause.SHARED, "open"),
        "MOVED": (Cause.MAPPING, "rule"),
    }
    assert next(row.orders for row in deviations(db) if row.channel_sku == "SALE") == [sold]
    assert len(drifts(db)) == 3, "not mapped, gone, and six units too few: the others have alarms of their own"
    street.lines.close()


def test_a_parked_order_stays_the_cause_cycle_after_cycle(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_orders(monkeypatch)
    sold = market(street).sell(("CANDLE", 3)).ref
    street.deliver(SHOP)
    for _ in range(3):
        cycle(street)
    row = only(street.db)
    assert (row.cause, row.state, row.orders) == (Cause.SALE_NOT_IN, "open", [sold])
    assert street.shown("CANDLE") == {SHOP: 7}, "our number would sell the three once more"
    assert len(incidents_of(street.db, IncidentType.BAD_ORDER)) == 1


def test_numbers_that_agree_are_read_every_cycle_and_leave_no_trace(street: Street) -> None:
    market(street).tamper("MUG", 10)
    cycle(street)
    with street.db.read() as connection:
        rows = listings.all_of(connection, street.row(SHOP).id)
        state = channel_states.of(connection, street.row(SHOP).id)
    assert {row.channel_sku: row.live for row in rows} == {"CANDLE": 10, "MUG": 10}
    assert state is not None and state.read_at is not None and street.at - state.read_at < CYCLE
    assert deviations(street.db) == []


@pytest.mark.parametrize("kind", ["shopify", "walmart", "amazon"])
def test_what_somebody_edited_is_put_right_within_one_cycle_on_every_platform(sqlite_db: Database, kind: str) -> None:
    street = opened(sqlite_db, kind=kind)
    for _ in range(8):
        street.step()
        street.at += 70
    market(street).tamper("CANDLE", 12)
    cycle(street, steps=14)
    row = only(sqlite_db)
    assert (row.cause, row.state, row.fixed_by, row.told, row.live) == (Cause.EDITED, "closed", "rule", 10, 12)
    assert street.shown("CANDLE") == {kind: 10}
    street.lines.close()


def test_a_shop_that_counts_a_product_no_more_is_noticed_and_made_to_count_again(sqlite_db: Database) -> None:
    street = opened(sqlite_db, kind="woocommerce")
    for _ in range(3):
        street.step()
        street.at += 70
    item = market(street).item("CANDLE")
    item.extra["manage_stock"] = False
    cycle(street, steps=14)
    row = only(sqlite_db)
    assert (row.cause, row.state, row.fixed_by, row.live) == (Cause.UNCOUNTED, "closed", "rule", UNCOUNTED)
    assert (item.extra["manage_stock"], item.quantity) == (True, 10)
    street.lines.close()


def test_a_fix_says_what_was_found_and_why_the_number_went_out_again(street: Street) -> None:
    market(street).tamper("CANDLE", 12)
    cycle(street)
    a, d = tables.audit, tables.delivery
    with street.db.read() as connection:
        noted = connection.execute(select(a).where(a.c.action == "drift.fixed")).one()
        pushed = connection.execute(select(d.c.caused_by).order_by(d.c.id.desc()).limit(1)).scalar_one()
    assert {key: noted.detail[key] for key in ("cause", "live", "told")} == {"cause": "edited", "live": 12, "told": 10}
    assert pushed == noted.id


def test_a_number_is_lowered_however_far_and_raised_by_a_few_units_only(street: Street) -> None:
    market(street).tamper("CANDLE", 5_000)
    market(street).tamper("MUG", 4)
    cycle(street)
    assert (street.shown("CANDLE"), street.shown("MUG")) == ({SHOP: 10}, {SHOP: 4})
    assert drifts(street.db) == [
        f"channel {SHOP} shows 4 of MUG (MUG), was told 10: changed on the channel's side, not by us"
    ]
    market(street).tamper("MUG", 10)
    cycle(street)
    assert drifts(street.db) == [], "it closes by itself when the numbers agree"


def test_a_sale_that_was_not_heard_of_is_taken_in_before_anybody_calls_it_drift(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    street.at += CYCLE
    sold = market(street).sell(("CANDLE", 3))
    street.deliver(SHOP, lose=True)
    with transaction(street.db, BOSS, "test") as tx:
        channel_states.note(tx, street.row(SHOP).id, next_look=street.at + 3_600)
    street.step()
    assert only(street.db).state == "suspect"
    for _ in range(3):
        street.at += 70
        street.step()
    assert deviations(street.db) == []
    assert count_rows(street.db, tables.order, tables.order.c.channel_order_id == sold.ref) == 1
    assert street.shown("CANDLE") == {SHOP: 7}


def test_a_number_taken_and_never_carried_out_is_told_three_times_and_then_a_person_is_told(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_writes(monkeypatch, "MUG")
    count_on_hand(street.db, BOSS, "MUG", "EAST", 12)
    street.step()
    cycle(street, steps=8)
    row = only(street.db)
    assert (row.cause, row.state, row.tries) == (Cause.NOT_APPLIED, "open", 3)
    assert [text.endswith("told again 3 times in vain") for text in drifts(street.db)] == [True]


def test_a_listing_that_comes_back_ends_its_incident(street: Street) -> None:
    ref = market(street).item("MUG").ref
    item = market(street).items.pop(ref)
    cycle(street)
    assert drifts(street.db) == [f"channel {SHOP} is gone of MUG (MUG), was told 10: the listing is gone there"]
    market(street).items[ref] = replace(item, quantity=8)
    cycle(street)
    assert (street.shown("MUG"), drifts(street.db)) == ({SHOP: 10}, [])


def test_listings_that_nobody_mapped_are_one_incident_until_somebody_does(street: Street) -> None:
    refs = [market(street).offer(f"NEW-{n}", 3).ref for n in range(3)]
    listed_anew(street, {})
    cycle(street)
    assert {row.cause for row in deviations(street.db)} == {Cause.NOT_MAPPED}
    assert len(drifts(street.db)) == 1
    listed_anew(street, dict.fromkeys(refs, "MUG"))
    cycle(street)
    cycle(street)
    assert drifts(street.db) == []
    assert {market(street).items[ref].quantity for ref in refs} == {10}


def test_stock_that_moved_here_and_is_not_worked_out_yet_is_our_own_delay(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests import market as steps

    monkeypatch.setattr(steps, "tell_everything", lambda db: None)
    count_on_hand(street.db, BOSS, "MUG", "EAST", 12)
    market(street).tamper("MUG", 12)
    cycle(street)
    assert (only(street.db).cause, drifts(street.db)) == (Cause.LATE, [])


def test_a_channel_that_is_told_in_batches_is_late_on_purpose(street: Street) -> None:
    count_on_hand(street.db, BOSS, "MUG", "EAST", 12)
    tell_everything(street.db)
    with transaction(street.db, BOSS, "test") as tx:
        tx.connection.execute(update(tables.channel).values(policy={"mode": {"batch": 120}}))
        o = tables.outbox
        tx.connection.execute(update(o).where(o.c.key == "MUG").values(next_at=tx.now + 7_200))
    cycle(street)
    assert (only(street.db).cause, drifts(street.db)) == (Cause.PAUSED, [])


def test_how_often_and_how_far_can_be_set_and_wrong_settings_are_refused(street: Street) -> None:
    set_reconcile(street.db, BOSS, SHOP, {"reconcile_minutes": 1, "reconcile_fix": "never"})
    market(street).tamper("MUG", 12)
    for _ in range(4):
        street.at += 60
        street.step()
    assert (only(street.db).cause, street.shown("MUG")) == (Cause.EDITED, {SHOP: 12})
    set_reconcile(street.db, BOSS, SHOP, {"reconcile_fix": None})
    street.at += 60
    street.step()
    assert street.shown("MUG") == {SHOP: 10}
    for wrong in ({"reconcile_minutes": 0}, {"reconcile_minutes": 1441}, {"reconcile_fix": "x"}, {"reconcile": 1}):
        with pytest.raises(DomainError, match="expected"):
            set_reconcile(street.db, BOSS, SHOP, wrong)


def test_a_platform_that_does_not_answer_is_asked_later_and_nothing_is_believed(street: Street) -> None:
    market(street).tamper("MUG", 12)
    street.shops[SHOP].faults.down = True
    cycle(street)
    assert deviations(street.db) == []
    street.shops[SHOP].faults.down = False
    cycle(street)
    assert street.shown("MUG") == {SHOP: 10}


def read(street: Street) -> bool:
    row = street.row(SHOP)
    line = street.lines.of(row.id, row.code, row.kind, row.settings)
    return reading_back.read_back(street.db, line, row, adapter())


def test_many_listings_are_read_in_chunks_and_the_next_worker_goes_on(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_back, "CHUNK", 1)
    street.at += CYCLE
    assert [read(street) for _ in range(3)] == [True, False, False]
    market(street).tamper("MUG", 12)
    street.at += CYCLE
    assert [read(street) for _ in range(3)] == [True, False, False]
    assert only(street.db).channel_sku == "MUG"


def test_a_number_on_its_way_while_the_platform_is_read_says_nothing(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = adapter().live_stock

    def slow(line: Any, some: Any) -> Any:
        found = real(line, some)
        count_on_hand(street.db, BOSS, "MUG", "EAST", 12)
        tell_everything(street.db)
        return found

    monkeypatch.setattr(adapter(), "live_stock", slow)
    street.at += CYCLE
    read(street)
    assert deviations(street.db) == []


def test_a_lost_permission_while_reading_is_an_alert_of_its_own(street: Street) -> None:
    street.at += CYCLE
    for _ in range(2):
        street.shops[SHOP].faults.once(Fault.DENIED)
    assert not read(street)
    assert len(incidents_of(street.db, IncidentType.CHANNEL_DENIED)) == 1


def test_an_order_that_cannot_be_read_at_all_hides_no_other(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(raw: Any) -> ChannelOrder:
        raise KeyError("id")

    refuse_orders(monkeypatch)
    market(street).sell(("CANDLE", 1))
    street.deliver(SHOP)
    market(street).tamper("MUG", 12)
    monkeypatch.setattr(adapter(), "read_order", unreadable)
    cycle(street, steps=8)
    assert street.shown("MUG") == {SHOP: 10}


def test_news_of_one_listing_reads_that_one_and_leaves_the_others_to_the_cycle(sqlite_db: Database) -> None:
    street = opened(sqlite_db, kind="shopify")
    shop = street.shops["shopify"]
    shop.market.tamper("CANDLE", 12)
    shop.market.tamper("MUG", 12)
    with transaction(sqlite_db, BOSS, "test") as tx:
        inbox.put(tx, street.row("shopify").id, [inbox.Item("stock", shop.market.item("CANDLE").ref)])
    for _ in range(3):
        street.step()
        street.at += 70
    assert street.shown("CANDLE") == {"shopify": 10}
    assert street.shown("MUG") == {"shopify": 12}
    street.lines.close()
