"""What a channel promises."""

from datetime import UTC, datetime

import pytest

from server.domain.errors import DomainError
from server.domain.routes.calendars import Calendar
from server.domain.routes.sla import Promise, Promises, Sla, read_slas

NEW_YORK = Calendar.of("America/New_York", range(5), cut_off="14:00")
PROMISES = Promises.of(
    [
        Sla("amazon", "", 0, NEW_YORK, "plain box", "standard"),
        Sla("amazon", "Prime", 0, Calendar.of("America/New_York", cut_off="17:00"), "plain box", "same-day"),
        Sla("shop", "", 2, NEW_YORK, "gift tissue"),
    ]
)
PLACED = datetime(2026, 3, 13, 15, 0, tzinfo=UTC).timestamp()  # Friday, 11:00 in New York


def day(promise: Promise) -> str:
    assert promise.ship_by is not None
    return datetime.fromtimestamp(promise.ship_by, UTC).isoformat()


def test_the_same_cart_gets_another_deadline_and_profile_from_each_channel() -> None:
    amazon, shop = (PROMISES.promise(channel, "standard", PLACED) for channel in ("amazon", "shop"))
    assert (day(amazon), amazon.packing_profile, amazon.service) == (
        "2026-03-13T18:00:00+00:00",
        "plain box",
        "standard",
    )
    assert (day(shop), shop.packing_profile, shop.service) == ("2026-03-17T18:00:00+00:00", "gift tissue", "standard")


def test_a_service_of_its_own_has_its_own_promise() -> None:
    prime = PROMISES.promise("amazon", "Prime", PLACED)
    assert (day(prime), prime.service) == ("2026-03-13T21:00:00+00:00", "same-day")


def test_after_the_cut_off_it_is_the_next_open_day() -> None:
    assert day(PROMISES.promise("amazon", "standard", PLACED + 4 * 3600)) == "2026-03-16T18:00:00+00:00"


def test_what_the_channel_states_itself_counts() -> None:
    assert PROMISES.promise("shop", "standard", PLACED, 123.0) == Promise(123.0, "gift tissue", "standard")


def test_a_channel_without_a_promise_promises_nothing() -> None:
    assert PROMISES.promise("ebay", "economy", PLACED) == Promise(None, "standard", "economy")


def test_an_order_that_has_our_word_for_the_service_keeps_its_promise() -> None:
    assert PROMISES.promise("amazon", "same-day", PLACED) == PROMISES.promise("amazon", "Prime", PLACED)


def test_promises_from_data_are_checked() -> None:
    [read] = read_slas("shop", [{"handling_days": 2, "cut_off": "14:00", "packing_profile": "gift"}])
    assert (read.handling_days, read.calendar.cut_off, read.packing_profile, read.service) == (2, 840, "gift", "")
    for rows, words in (
        ({}, "expected a list of tables"),
        ([{"day": 1}], "found 'day'"),
        ([{"handling_days": -1}], "handling_days: expected a whole number from 0 to 60, found -1"),
        ([{"service": "x\n"}], "service: expected at most 64 printable characters"),
        ([{"cut_off": "noon"}], "cut-off: expected a time like 16:30, found 'noon'"),
    ):
        with pytest.raises(DomainError, match=words):
            read_slas("shop", rows)
