"""Old rows that nothing can ask for are let go; everything that explains a number or keeps a promise stays."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, select

from printing.documents import CarrierLabel
from server.calls.troubles import Away
from server.carriers.karrio.once import Purchases
from server.db import labels as rows
from server.db import tables, tracking
from server.db.memory import CarrierMemory
from server.db.together import Together
from server.db.transaction import Database, transaction
from server.trade.shipping import Purchased
from server.usecases.record import purging
from server.usecases.tracking import settling
from tests.book import BOSS, count_rows, open_book
from tests.floor import SOAP, Floor, one_engine
from tests.tracked import Road

DAY = 86_400.0


def told(db: Database, *, days_ago: float, number: int, kind: str = "stock", key: str = "CANDLE") -> None:
    """A channel was told something this long ago."""
    row: dict[str, Any] = {"at": db.now() - days_ago * DAY, "kind": kind, "key": key, "version": number}
    more = {"destination": "shop", "before": "", "after": str(number), "ok": True, "answer": "200"}
    with transaction(db, BOSS, "test") as tx:
        box = tx.connection.execute(select(tables.outbox.c.id)).scalar()
        if box is None:
            waits = {"channel_id": 1, "kind": kind, "key": key, "version": 1, "payload": {}, "state": "sent"}
            made = insert(tables.outbox).values(**waits, attempts=0, next_at=0.0, created_at=tx.now)
            box = tx.connection.execute(made.returning(tables.outbox.c.id)).scalar_one()
        tx.connection.execute(insert(tables.delivery).values(outbox_id=box, channel_id=1, **row, **more))


def heard(db: Database, ref: str, *, days_ago: float, state: str) -> None:
    """A platform told us of an order this long ago."""
    at = db.now() - days_ago * DAY
    with transaction(db, BOSS, "test") as tx:
        row = {"channel_id": 1, "kind": "order", "ref": ref, "version": 1, "state": state, "next_at": 0.0}
        tx.connection.execute(insert(tables.inbox).values(**row, heard_at=at, done_at=at if state == "done" else None))


def numbers(db: Database) -> list[str]:
    with db.read() as connection:
        return list(connection.execute(select(tables.delivery.c.after).order_by(tables.delivery.c.id)).scalars())


def test_numbers_told_long_ago_go_but_the_newest_of_each_and_all_shipments_stay(db: Database) -> None:
    open_book(db)
    for days, number in ((800, 9), (600, 8), (500, 7), (10, 6)):
        told(db, days_ago=days, number=number)
    told(db, days_ago=700, number=5, key="SOAP")
    for number in (1, 2):
        told(db, days_ago=900, number=number, kind="shipment", key="PCL0000001")
    assert purging.purge(db) is None
    assert sorted(numbers(db)) == ["1", "2", "5", "6"], "the newest of two SKUs, and both words about the parcel"


def test_only_what_was_taken_in_is_forgotten(db: Database) -> None:
    open_book(db)
    heard(db, "old and done", days_ago=100, state="done")
    heard(db, "fresh", days_ago=2, state="done")
    heard(db, "waits for a person", days_ago=100, state="parked")
    purging.purge(db)
    with db.read() as connection:
        left = set(connection.execute(select(tables.inbox.c.ref)).scalars())
    assert left == {"fresh", "waits for a person"}


@one_engine
def test_a_picture_of_a_label_goes_after_a_day_whoever_bought_it_and_its_number_stays(db: Database) -> None:
    def purchases() -> Purchases:
        # As another process has them: nothing is shared but the database.
        memory = CarrierMemory(db, Together(db, BOSS, "remember"), "ups")
        return Purchases(SimpleNamespace(memory=memory, now=db.now))  # type: ignore[arg-type]

    def bought(parcel: str) -> None:
        picture = CarrierLabel("zpl", b"^XA^FDZoe Quill^FS^XZ")
        purchases().done(parcel, Purchased(f"1Z{parcel}", "ground", Decimal("4.20"), "USD", label=picture))

    bought("PCL0000001")
    before = db.now
    db.now = lambda: before() + DAY + 1.0
    bought("PCL0000002")
    purging.purge(db)
    assert purchases().find("PCL0000002") is not None
    with db.read() as connection:
        kept = {row.key: row.value for row in connection.execute(select(tables.carrier_memory))}
    assert sorted(kept) == ["bought:PCL0000001", "bought:PCL0000002", "picture:PCL0000002"]
    assert kept["bought:PCL0000001"]["tracking"] == "1ZPCL0000001"
    assert "label" not in kept["bought:PCL0000001"]
    with pytest.raises(Away, match="1ZPCL0000001 was bought, and its picture was let go"):
        purchases().find("PCL0000001")


@one_engine
def test_old_keys_of_purchases_go_but_not_of_one_that_is_in_doubt(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    parcels = [bench.pack(floor.order(("SOAP", 1)), SOAP).parcel_id for _ in range(2)]
    memory = CarrierMemory(floor.db, Together(floor.db, BOSS, "remember"), "easypost")
    kept = [f"{kind}:{parcel}" for kind in ("shp", "bought") for parcel in parcels]
    for key in (*kept, "form:LOAD000001", "token:oauth"):
        memory.put(key, {"id": "shp_1"})
    with transaction(floor.db, BOSS, "asked") as tx:
        rows.begin(tx, parcels[1], tx.now)

    def left() -> set[str]:
        with floor.db.read() as connection:
            return set(connection.execute(select(tables.carrier_memory.c.key)).scalars())

    before = floor.db.now
    floor.db.now = lambda: before() + 89 * DAY
    purging.purge(floor.db)
    assert len(left()) == 6, "a void may be asked after still"
    floor.db.now = lambda: before() + 91 * DAY
    purging.purge(floor.db)
    assert left() == {f"shp:{parcels[1]}", f"bought:{parcels[1]}", "token:oauth"}


@one_engine
def test_the_way_of_a_parcel_that_arrived_long_ago_goes_and_what_is_said_of_it_later_changes_nothing(
    db: Database,
) -> None:
    road = Road(db)
    road.gone("S-1", "A1", "A2")
    road.gone("S-2", "A3")
    for number in ("A1", "A2", "A3"):
        for hours, status in ((9, "accepted"), (8, "in_transit"), (7, "attempted"), (6, "out_for_delivery")):
            road.said(number, status, hours=hours)
        road.said(number, "attempted" if number == "A3" else "delivered", hours=5)
    road.said("A1", "in_transit", hours=1)
    before = road.state("A1")

    def left(number: str) -> list[str]:
        with db.read() as connection:
            return [row.status for row in tracking.events_of(connection, road.made[number])]

    road.at += 390 * DAY
    road.said("A2", "unknown")
    purging.purge(db)
    assert [len(left(number)) for number in ("A1", "A2", "A3")] == [6, 6, 5]
    road.at += 20 * DAY
    assert purging.purge(db) is None
    assert left("A1") == ["accepted", "attempted", "delivered", "in_transit"]
    assert [len(left(number)) for number in ("A2", "A3")] == [6, 5], "one was heard of since, one never arrived"
    road.said("A1", "unknown")
    after = road.state("A1")
    assert after.last_at > before.last_at
    same = ("status", "since", "first_scan_at", "delivered_at", "attempts", "over")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]


@one_engine
def test_what_was_said_of_parcels_that_were_never_ours_goes_and_what_still_may_become_ours_stays(db: Database) -> None:
    road = Road(db)
    road.gone("S-1", "A1")
    road.said("A1", "accepted")
    road.said("THEIRS", "", words="Signed by Zoe Quill")
    for _ in range(2):
        road.at += settling.WAITS
        settling.settle(db)
    road.said("NOT-YET", "accepted")
    assert purging.purge(db) is None

    def left() -> list[str]:
        e = tables.tracking_event
        with db.read() as connection:
            return list(connection.execute(select(e.c.tracking).order_by(e.c.tracking)).scalars())

    assert left() == ["A1", "NOT-YET", "THEIRS"]
    road.at += purging.STRANGERS_DAYS * DAY
    purging.purge(db)
    assert left() == ["A1", "NOT-YET"], "the newer one is looked for still"


def test_a_purge_goes_on_until_nothing_is_old_and_is_on_record(db: Database, monkeypatch: Any) -> None:
    monkeypatch.setattr(purging, "MOST", 2)
    open_book(db)
    for place in range(5):
        heard(db, f"order {place}", days_ago=100, state="done")
    runs = 1
    while purging.purge(db):
        runs += 1
    assert (count_rows(db, tables.inbox), runs) == (0, 3)
    with db.read() as connection:
        query = select(tables.audit.c.detail).where(tables.audit.c.action == "record.purged")
        assert sum(row["inbox"] for row in connection.execute(query).scalars()) == 5
