"""A parcel's state follows from what happened, and when, not from when we heard of it (TRK-05)."""

import pytest

from server.domain.tracking.journey import Event, fold
from server.domain.tracking.status import Status


def told(*said: tuple[float, str]) -> Status | None:
    return fold(Event(at, Status(status)) for at, status in said).status


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([], None),
        ([(1, "label_created"), (2, "accepted"), (3, "in_transit")], "in_transit"),
        ([(5, "delivered"), (4, "in_transit")], "delivered"),
        ([(5, "delivered"), (6, "in_transit")], "delivered"),
        ([(5, "delivered"), (6, "returning")], "returning"),
        ([(5, "delivered"), (9, "returned")], "returned"),
        ([(5, "returned"), (9, "in_transit")], "returned"),
        ([(5, "returning"), (6, "in_transit"), (7, "out_for_delivery"), (8, "delivered")], "returned"),
        ([(3, "in_transit"), (4, "label_created")], "in_transit"),
        ([(3, "in_transit"), (4, "cancelled")], "in_transit"),
        ([(3, "label_created"), (4, "cancelled")], "cancelled"),
        ([(3, "label_created"), (4, "cancelled"), (5, "accepted")], "accepted"),
        ([(3, "lost"), (4, "in_transit")], "in_transit"),
        ([(3, "delayed"), (4, "in_transit")], "in_transit"),
        ([(3, "in_transit"), (4, "unknown")], "in_transit"),
        ([(4, "unknown")], "unknown"),
        ([(4, "unknown"), (5, "accepted")], "accepted"),
        ([(3, "attempted"), (4, "available_for_pickup"), (5, "delivered")], "delivered"),
        ([(5, "delivered"), (6, "damaged")], "damaged"),
    ],
)
def test_a_parcel_is_where_its_events_say(said: list[tuple[float, str]], state: str | None) -> None:
    assert told(*said) == state
    assert told(*reversed(said)) == state


def test_the_newest_date_of_delivery_is_that_of_the_newest_event() -> None:
    late, early = Event(9, Status.IN_TRANSIT, eta=200.0), Event(3, Status.ACCEPTED, eta=900.0)
    assert fold([late, early]).eta == fold([early, late, Event(12, Status.ARRIVED)]).eta == 200.0


def test_the_first_scan_is_of_a_hand_and_not_of_a_computer() -> None:
    paper = [Event(1, Status.LABEL_CREATED), Event(2, Status.DELAYED), Event(3, Status.EXCEPTION)]
    assert fold(paper).first_scan is None
    assert fold([*paper, Event(5, Status.IN_TRANSIT), Event(4, Status.ACCEPTED)]).first_scan == 4


def test_tries_at_the_door_are_counted_once_each_and_delivered_has_its_moment() -> None:
    tried = [Event(4, Status.ATTEMPTED), Event(4, Status.ATTEMPTED, eta=9.0), Event(6, Status.ATTEMPTED)]
    journey = fold([*tried, Event(7, Status.DELIVERED), Event(8, Status.DELIVERED)])
    assert (journey.attempts, journey.delivered, journey.since, journey.over) == (2, 7, 7, True)
    back = fold([Event(7, Status.DELIVERED), Event(9, Status.RETURNED)])
    assert (back.delivered, back.over, back.last) == (None, True, 9)
