"""A shipment or an acknowledgement that a channel did not take is told to a person while there is time."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from server.channels import platform_of
from server.db import tables
from server.db.transaction import Database, transaction
from server.domain.incidents import IncidentType
from server.usecases.talking.deadlines import span, watch
from tests.book import BOSS
from tests.market import Street, open_street

HOUR = 3600.0
KIND = "walmart"


@pytest.fixture
def street(db: Database) -> Iterator[Street]:
    """One order of walmart, taken in; its ack is untold."""
    made = Street(db, [KIND])
    open_street(db, made.shops, made.lines, {"CANDLE": 10})
    made.shops[KIND].market.sell(("CANDLE", 1), ship_by=made.at + 24 * HOUR)
    for _ in range(2):
        made.step()
        made.at += 70
    yield made
    made.lines.close()


def open_ones(street: Street, kind: IncidentType) -> list[str]:
    t = tables.incident
    query = select(t.c.cause).where(t.c.type == kind, t.c.state == "open").order_by(t.c.id)
    with street.db.read() as connection:
        return list(connection.execute(query).scalars())


def order(street: Street) -> Any:
    with street.db.read() as connection:
        return connection.execute(select(tables.order)).one()


def told(street: Street, kind: str, state: str) -> None:
    t = tables.outbox
    with transaction(street.db, BOSS, "test") as tx:
        tx.connection.execute(update(t).where(t.c.kind == kind).values(state=state))


def test_an_acknowledgement_is_warned_of_before_and_told_after_its_limit(street: Street) -> None:
    platform = platform_of(KIND)
    assert platform is not None and platform.ACK_WITHIN is not None
    told(street, "ack", "waiting")
    received, limit = order(street).received_at, platform.ACK_WITHIN
    for share, wanted in ((0.74, []), (0.75, ["in"]), (1.0, ["in"]), (1.001, ["passed"])):
        street.at = received + share * limit - (1 if share == 1.0 else 0)
        watch(street.db)
        watch(street.db)
        found = open_ones(street, IncidentType.ACK_MISSED)
        assert [text.partition("its limit is ")[2].partition(" ")[0] for text in found] == wanted
    told(street, "ack", "sent")
    watch(street.db)
    assert open_ones(street, IncidentType.ACK_MISSED) == []


def test_an_untold_shipment_is_a_person_s_matter_two_hours_before_its_ship_by(street: Street) -> None:
    found = order(street)
    parcel = {"number": 1, "id": "P-1", "order_id": found.id, "site_id": 1, "carrier": "own_van", "service": "standard"}
    outbox = {"channel_id": 1, "kind": "shipment", "key": "P-1", "version": 1, "payload": {}, "state": "parked"}
    with transaction(street.db, BOSS, "test") as tx:
        tx.connection.execute(insert(tables.parcel).values(**parcel, purchase="bought", state="shipped"))
        row = insert(tables.outbox).values(**outbox, attempts=5, next_at=0, created_at=tx.now)
        tx.connection.execute(row)
        tx.connection.execute(update(tables.order).values(ship_by=tx.now + 10 * HOUR))
    ship_by = street.at + 10 * HOUR
    street.at = ship_by - 2 * HOUR - 1
    watch(street.db)
    assert open_ones(street, IncidentType.UNTOLD) == []
    street.at = ship_by - 80 * 60
    watch(street.db)
    watch(street.db)
    number = found.number
    assert open_ones(street, IncidentType.UNTOLD) == [
        f"channel {KIND} did not take the shipment of order {number}: its ship-by is in 1 h 20 min"
    ]
    told(street, "shipment", "sent")
    watch(street.db)
    assert open_ones(street, IncidentType.UNTOLD) == []


def test_time_left_and_time_passed_are_told_apart() -> None:
    assert [span(seconds) for seconds in (59, 3_600, -61, -7_260)] == [
        "in 0 min",
        "in 1 h 0 min",
        "passed since 1 min",
        "passed since 2 h 1 min",
    ]
