"""No channel hears of a cancel, and pays back, while the parcel is on a vehicle or on its way (CAN-04)."""

from typing import Any

import pytest
from sqlalchemy import select, update

from server.db import jobs, parcels, tables
from server.db.transaction import transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.sales.refunds import RefundReason
from server.usecases.outward import cancel_notice
from server.usecases.record.incidents import close_incident
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.refunding import refund_order
from server.usecases.shipping import voiding
from tests.floor import BOSS, Dock, Floor, one_engine
from tests.ready_parcels import Ready, ready

pytestmark = one_engine


def on_vehicle(floor: Floor) -> tuple[Dock, Ready]:
    """A parcel on an open load."""
    dock, parcel = Dock.at(floor.bench("Dock 1")), ready(floor)
    dock.scan(parcel.tracking)
    return dock, parcel


def word(floor: Floor, parcel: Ready) -> str | None:
    """State of the word of a cancel, after the worker has looked; None where there is none."""
    cancel_notice.watch(floor.db)
    x = tables.outbox
    with floor.db.read() as connection:
        query = select(x.c.state).where(x.c.kind == "cancel", x.c.key == parcel.number)
        return connection.execute(query).scalar()


def left(floor: Floor, dock: Dock, parcel: Ready, **said: Any) -> str:
    """The load closes with the parcel deep in it; what is said of that."""
    dock.bench.close_load(dock.load.load_id, 0, unreachable=(parcel.parcel_id,), **said)
    [cause] = floor.incidents("intercept")
    assert f"its parcel {parcel.tracking} left" in cause
    return cause


def test_a_cancel_is_told_when_the_parcel_was_pulled_off_the_vehicle_and_not_before(floor: Floor) -> None:
    dock, parcel = on_vehicle(floor)
    waits = ready(floor)
    for each in (parcel, waits):
        cancel_order(floor.db, BOSS, floor.order_id(each.number))
    assert (word(floor, parcel), word(floor, waits)) == ("held", "waiting"), "the other one stands at the dock"
    with transaction(floor.db, BOSS, "the shop answers again") as tx:
        jobs.hurry(tx, 1)
        jobs.unpark(tx, 1)
    assert word(floor, parcel) == "held"
    assert dock.scan(parcel.tracking).reason is Reason.CANCELLED
    assert word(floor, parcel) == "waiting"


def test_a_cancel_that_waits_for_a_vehicle_for_an_hour_is_the_order_desks_matter_until_it_is_told(floor: Floor) -> None:
    dock, parcel = on_vehicle(floor)
    cancel_order(floor.db, BOSS, floor.order_id(parcel.number))
    assert (word(floor, parcel), floor.incidents("untold")) == ("held", [])
    x = tables.outbox
    with floor.db.engine.begin() as connection:
        connection.execute(update(x).values(created_at=x.c.created_at - cancel_notice.PATIENCE))
    for _ in range(2):
        assert word(floor, parcel) == "held"
    (cause,) = floor.incidents("untold")
    assert cause.startswith(f"order {parcel.number} is cancelled, and The shop was not told yet")
    assert f"on load {dock.load.load_id}, which is open" in cause
    dock.scan(parcel.tracking)
    assert (word(floor, parcel), floor.incidents("untold")) == ("waiting", [])


def test_a_cancel_of_a_parcel_that_left_is_told_when_somebody_has_answered_for_it(floor: Floor) -> None:
    dock, parcel = on_vehicle(floor)
    cancel_order(floor.db, BOSS, floor.order_id(parcel.number))
    assert left(floor, dock, parcel).endswith(
        "; The shop is told of the cancel when this is closed, and pays back then"
    )
    assert word(floor, parcel) == "held"
    close_incident(floor.db, BOSS, open_one(floor), "the carrier brings it back")
    assert word(floor, parcel) == "waiting"


def test_where_the_channel_cancelled_it_the_incident_says_that_it_may_have_paid_back(floor: Floor) -> None:
    dock, parcel = on_vehicle(floor)
    cancel_order(floor.db, BOSS, floor.order_id(parcel.number), tell=False)
    assert left(floor, dock, parcel).endswith(
        "; The shop knows of the cancel by itself and may have paid back: look there"
    )
    assert word(floor, parcel) is None


@pytest.mark.parametrize(
    ("state", "after", "said"), [("waiting", "held", "is told of"), ("sent", "sent", "was told of")]
)
def test_what_a_dock_without_news_loads_after_its_cancel_is_held_back_where_nobody_was_told_yet(
    floor: Floor, state: str, after: str, said: str
) -> None:
    dock, parcel = Dock.at(floor.bench("Dock 1")), ready(floor)
    cancel_order(floor.db, BOSS, floor.order_id(parcel.number))
    x = tables.outbox
    with floor.db.engine.begin() as connection:
        connection.execute(update(x).where(x.c.kind == "cancel").values(state=state))
    dock.scan(parcel.tracking, reason=Reason.OK)
    assert word(floor, parcel) == after
    assert f"; The shop {said} the cancel" in left(
        floor, dock, parcel, waive_aside=True, supervisor=floor.people["supervisor"]
    )


def test_a_cancelled_parcel_that_a_dock_took_on_a_load_closed_meanwhile_is_stopped_and_its_word_held(
    floor: Floor,
) -> None:
    one, two, parcel = Dock.at(floor.bench("Dock 1")), Dock.at(floor.bench("Dock 2")), ready(floor)
    cancel_order(floor.db, BOSS, floor.order_id(parcel.number))
    two.bench.close_load(two.load.load_id, 0)
    assert word(floor, parcel) == "waiting"
    one.scan(parcel.tracking, reason=Reason.OK)
    [cause] = floor.incidents("intercept")
    assert f"its parcel {parcel.tracking} left on load {one.load.load_id}" in cause
    assert word(floor, parcel) == "held"
    assert floor.incidents("verdicts_differ") == [], "one task, not two"


def test_nothing_of_an_order_is_paid_back_while_a_parcel_of_it_is_to_be_stopped_on_its_way(floor: Floor) -> None:
    dock, parcel = on_vehicle(floor)
    dock.bench.close_load(dock.load.load_id, 1)
    order = floor.order_id(parcel.number)
    with transaction(floor.db, BOSS, "test") as tx:
        row = parcels.lock(tx, [parcel.parcel_id])[parcel.parcel_id]
        voiding.left_already(tx, row, "it has another label by now")
    with pytest.raises(DomainError, match=f"a parcel of order {parcel.number} is to be stopped on its way"):
        refund_order(floor.db, BOSS, order, {}, RefundReason.GOODWILL)
    close_incident(floor.db, BOSS, open_one(floor), "it comes back")
    assert refund_order(floor.db, BOSS, order, {}, RefundReason.RETURNED) == 1


def open_one(floor: Floor) -> int:
    """The incident that asks for an intercept."""
    i = tables.incident
    with floor.db.read() as connection:
        return int(connection.execute(select(i.c.id).where(i.c.type == "intercept")).scalar_one())
