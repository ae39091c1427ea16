"""The nine-o'clock timeline: how one unit came to be sold twice."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from server.domain.booking.oversold import Cause, Push, Sale, explained


def at(text: str) -> float:
    return datetime.fromisoformat(f"2026-11-21T{text}+00:00").astimezone(UTC).timestamp()


AMAZON = Sale("1001", "amazon", "111-7", 2, at("09:00:00"), at("09:00:01"))
ETSY = Sale("1002", "etsy", "E-9", 2, at("09:15:00"), at("09:30:00"))
SHOWN = Push("etsy", at("08:00:00"), 3, True)
FAILED = Push("etsy", at("09:00:02"), 1, False, "503 Service Unavailable")


def test_the_explanation_names_both_orders_both_times_and_the_failed_push() -> None:
    found = explained("CANDLE", 3, ETSY, [AMAZON], [SHOWN, FAILED, Push("amazon", at("09:00:02"), 1, True)])
    assert (found.cause, found.shown, found.failed) == (Cause.PUSH_FAILED, SHOWN, (FAILED,))
    assert found.sentence == (
        "CANDLE: 3 in stock, 4 sold. order 1001 (amazon 111-7) took 2 at 2026-11-21 09:00:00 UTC, known to us at "
        "2026-11-21 09:00:01 UTC; order 1002 (etsy E-9) took 2 at 2026-11-21 09:15:00 UTC, known to us at "
        "2026-11-21 09:30:00 UTC. etsy showed 3 since 2026-11-21 08:00:00 UTC: the push of 1 at "
        "2026-11-21 09:00:02 UTC failed (503 Service Unavailable)"
    )


def test_a_push_that_failed_after_the_buyer_bought_is_not_blamed() -> None:
    late = FAILED._replace(at=at("09:20:00"))
    found = explained("CANDLE", 3, ETSY, [AMAZON], [SHOWN, late])
    assert (found.cause, found.failed) == (Cause.NOT_TOLD, ())
    assert found.sentence.endswith("the new number had not been sent")


def test_a_push_that_was_taken_in_the_end_is_not_blamed() -> None:
    taken = Push("etsy", at("09:05:00"), 1, True)
    found = explained("CANDLE", 3, ETSY, [AMAZON], [SHOWN, FAILED, taken])
    assert (found.cause, found.shown) == (Cause.IGNORED, taken)
    assert found.sentence.endswith("etsy showed 1 since 2026-11-21 09:05:00 UTC and sold 2 all the same")


def test_a_channel_that_never_took_a_number_is_named() -> None:
    again = FAILED._replace(at=at("09:10:00"))
    found = explained("CANDLE", 3, ETSY, [AMAZON], [FAILED, again])
    assert found.sentence.endswith(
        "etsy never took a number: the push of 1 at 2026-11-21 09:10:00 UTC, the last of 2 tries, failed "
        "(503 Service Unavailable)"
    )
    assert explained("CANDLE", 3, ETSY, [AMAZON], []).sentence.endswith("etsy had not been told any number")


def test_times_are_those_of_the_site() -> None:
    found = explained("CANDLE", 3, ETSY, [AMAZON], [SHOWN], zone=ZoneInfo("Europe/Berlin"))
    assert "took 2 at 2026-11-21 10:15:00 CET" in found.sentence


def test_a_sale_nobody_rivalled_is_not_blamed_on_another() -> None:
    found = explained("CANDLE", 0, ETSY, [], [SHOWN])
    assert (found.cause, found.earlier) == (Cause.OTHER, ())
