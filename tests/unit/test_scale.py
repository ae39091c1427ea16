"""A weight is steady, fresh, and never that of the box before."""

from dataclasses import dataclass

from station.scale import Reading, Weigher


@dataclass
class Fake:
    """A scale that says what it is told to."""

    reading: Reading | None = None
    name: str = "fake"

    def latest(self) -> Reading | None:
        """The newest reading."""
        return self.reading


def test_a_steady_fresh_reading_is_a_weight() -> None:
    weigher = Weigher(Fake(Reading(620, True, 10.0)))
    assert weigher.steady(since=9.0, now=10.5) == 620


def test_a_scale_that_moves_is_silent_is_empty_or_spoke_long_ago_gives_none() -> None:
    for reading in (None, Reading(620, False, 10.0), Reading(3, True, 10.0), Reading(620, True, 7.0)):
        assert Weigher(Fake(reading)).steady(since=6.0, now=10.0) is None


def test_a_reading_from_before_the_box_was_full_is_not_its_weight() -> None:
    assert Weigher(Fake(Reading(620, True, 10.0))).steady(since=10.1, now=10.2) is None


def test_the_box_before_is_never_weighed_for_the_next_one() -> None:
    scale = Fake(Reading(620, True, 10.0))
    weigher = Weigher(scale)
    weigher.used()
    scale.reading = Reading(620, True, 11.0)
    weigher.watch()
    assert weigher.steady(since=10.5, now=11.0) is None
    for between in (Reading(300, False, 12.0), Reading(0, True, 12.0)):
        weigher.used()
        scale.reading = between
        weigher.watch()
        scale.reading = Reading(620, True, 13.0)
        weigher.watch()
        assert weigher.steady(since=12.5, now=13.0) == 620
