"""Which orders are picked together, and before which truck."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from server.domain.errors import DomainError
from server.domain.picks.waves import Limits, Mix, WaveOrder, due, plan
from server.domain.routes.calendars import Calendar

BERLIN = ZoneInfo("Europe/Berlin")
CUT_OFFS = {"van": "17:00", "post": "15:00", "express": "19:00"}
SITE = Calendar.of("Europe/Berlin", range(5), ["2026-03-05"], "18:00", CUT_OFFS)


def at(text: str) -> float:
    """A moment in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


MONDAY = at("2026-03-02 09:00")


def order(
    order_id: int, carrier: str = "van", units: int = 3, priority: int = 0, ship_by: float | None = None
) -> WaveOrder:
    return WaveOrder(order_id, carrier, units, MONDAY + order_id, "", priority, ship_by)


def ids(orders: list[WaveOrder], *, limits: Limits | None = None, until: float | None = None) -> list[list[int]]:
    waves = plan(orders, SITE, MONDAY, limits=limits, until=until)
    return [[o.order_id for o in wave.orders] for wave in waves]


@pytest.mark.parametrize(
    ("now", "ship_by", "expected"),
    [
        ("2026-03-02 09:00", None, "2026-03-02 17:00"),
        ("2026-03-02 17:00", None, "2026-03-02 17:00"),
        ("2026-03-02 17:01", None, "2026-03-03 17:00"),
        ("2026-03-04 17:01", None, "2026-03-06 17:00"),
        ("2026-03-06 18:00", None, "2026-03-09 17:00"),
        ("2026-03-02 09:00", "2026-03-04 18:00", "2026-03-04 17:00"),
        ("2026-03-02 09:00", "2026-03-04 16:59", "2026-03-03 17:00"),
        ("2026-03-02 09:00", "2026-03-05 20:00", "2026-03-04 17:00"),
        ("2026-03-02 09:00", "2026-03-08 12:00", "2026-03-06 17:00"),
        ("2026-03-02 18:00", "2026-03-02 19:00", "2026-03-03 17:00"),
        ("2026-03-27 18:00", None, "2026-03-30 17:00"),
    ],
)
def test_an_order_makes_the_last_truck_by_its_ship_by_else_the_next_one(
    now: str, ship_by: str | None, expected: str
) -> None:
    assert due(SITE, order(1, ship_by=at(ship_by) if ship_by else None), at(now)) == at(expected)


@pytest.mark.parametrize(
    ("carrier", "service", "hour"),
    [("van", "", 17), ("van", "express", 19), ("van", "standard", 17), ("bike", "standard", 18), ("post", "", 15)],
)
def test_the_cut_off_is_that_of_the_service_else_of_the_carrier_else_of_the_site(
    carrier: str, service: str, hour: int
) -> None:
    assert due(SITE, WaveOrder(1, carrier, 1, MONDAY, service), MONDAY) == at(f"2026-03-02 {hour}:00")


def test_a_site_that_never_opens_has_no_truck_and_its_orders_are_still_picked() -> None:
    shut = Calendar("Europe/Berlin", frozenset())
    assert [wave.due for wave in plan([order(1)], shut, MONDAY, until=MONDAY)] == [None]


def test_the_earliest_truck_is_picked_first_and_carriers_never_share_a_wave() -> None:
    assert ids([order(1), order(2, "post"), order(3), order(4, "post")]) == [[2, 4], [1, 3]]


def test_single_item_orders_are_picked_apart() -> None:
    waves = plan([order(1), order(2, units=1), order(3, units=2), order(4, units=1)], SITE, MONDAY)
    assert [(w.mix, [o.order_id for o in w.orders]) for w in waves] == [(Mix.SINGLE, [2, 4]), (Mix.MULTI, [1, 3])]
    assert [w.units for w in waves] == [2, 5]


def test_priority_goes_first_among_the_orders_of_one_truck() -> None:
    assert ids([order(1, priority=1), order(2), order(3, "post", priority=1)]) == [[3], [2], [1]]


def test_a_wave_is_cut_where_a_person_can_carry_no_more() -> None:
    orders = [order(n, units=4) for n in range(1, 6)]
    assert ids(orders, limits=Limits(orders=2)) == [[1, 2], [3, 4], [5]]
    assert ids(orders, limits=Limits(units=8)) == [[1, 2], [3, 4], [5]]
    assert ids([order(1, units=9), order(2, units=2)], limits=Limits(units=8)) == [[1], [2]]
    with pytest.raises(DomainError, match="at least 1 order"):
        Limits(orders=0)


def test_what_leaves_with_a_later_truck_waits() -> None:
    tomorrow = order(1, ship_by=at("2026-03-03 18:00"))
    assert ids([tomorrow, order(2)], until=at("2026-03-02 17:00")) == [[2]]
    assert ids([tomorrow, order(2)], until=at("2026-03-02 16:59")) == []
    assert ids([tomorrow, order(2)]) == [[2], [1]]


def test_inside_a_wave_the_nearest_ship_by_goes_first_then_who_came_first() -> None:
    late, soon = at("2026-03-02 23:00"), at("2026-03-02 18:00")
    assert ids([order(1), order(2, ship_by=late), order(3, ship_by=soon), order(4, ship_by=soon)]) == [[3, 4, 2, 1]]
