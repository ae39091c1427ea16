"""A weight is steady, fresh, and never that of the box before."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

from server.domain.packing.session import Phase, Session
from station.desks.weighing import Weighing
from station.scale import Load, Reading, Weigher
from tests.unit.test_scale_lamp import weighing


def grams(weight: int | None, at: float, load: Load = Load.OK) -> Reading:
    """One answer of a scale."""
    return Reading(weight, load, at)


@dataclass
class Fake:
    """A scale that says what it is told to."""

    reading: Reading | None = None
    name: str = "fake"

    def latest(self) -> Reading | None:
        """The newest reading."""
        return self.reading


@dataclass
class Table:
    """A weigher that has seen one reading after the other."""

    scale: Fake
    weigher: Weigher
    now: float = 0.0

    def sees(self, *readings: Reading | None) -> "Table":
        """These, in turn."""
        for reading in readings:
            self.scale.reading = reading
            self.weigher.watch()
            self.now = reading.at if reading else self.now
        return self

    def weighs(self, weight: int, at: float) -> "Table":
        """Steadily, for a while."""
        return self.sees(grams(weight, at), grams(weight, at + 0.3))

    def steady(self, box: str = "A", since: float = 0.0, later: float = 0.0) -> int | None:
        """The weight of this box now."""
        return self.weigher.steady(box, since, self.now + later)


@dataclass
class Box:
    """One on the table."""

    session_id: str
    session: Session
    seq: int = 1


class Place:
    """A workplace that has nothing but the time."""

    now = 0.0

    def clock(self) -> float:
        """Seconds."""
        return self.now


def table() -> Table:
    """A scale nobody has used."""
    scale = Fake()
    return Table(scale, Weigher(scale))


def test_two_equal_steady_readings_a_fifth_of_a_second_apart_are_a_weight() -> None:
    seen = table().sees(grams(620, 10.0))
    assert seen.steady() is None
    assert seen.sees(grams(620, 10.1)).steady() is None
    assert seen.sees(grams(620, 10.25)).steady() == 620
    assert seen.sees(grams(621, 10.3)).steady() is None
    assert seen.sees(grams(621, 10.55)).steady() == 621


def test_a_reading_that_is_seen_twice_is_still_one_reading() -> None:
    one = grams(620, 10.0)
    assert table().sees(one, one, one).steady() is None


def test_motion_between_two_equal_readings_begins_anew() -> None:
    moved = grams(620, 10.15, Load.MOTION)
    assert table().sees(grams(620, 10.0), moved, grams(620, 10.25)).steady() is None


def test_a_scale_that_moves_is_overloaded_empty_or_spoke_long_ago_gives_no_weight() -> None:
    for load in (Load.MOTION, Load.OVER, Load.UNDER, Load.FAULT):
        assert table().sees(grams(620, 10.0, load), grams(620, 10.5, load)).steady() is None
    assert table().weighs(3, 10.0).steady() is None
    assert table().weighs(620, 10.0).steady(later=2.1) is None
    assert table().weighs(620, 10.0).steady(later=-2.1) is None, "the clock was set back meanwhile"
    assert table().weighs(620, 10.0).sees(None).steady() is None
    assert table().sees(grams(620, 10.0), grams(620, 12.5)).steady() is None, "what lay there meanwhile, nobody knows"


def test_a_reading_from_before_the_box_was_full_is_not_its_weight() -> None:
    assert table().weighs(620, 10.0).steady(since=10.15) is None
    assert table().weighs(620, 10.0).sees(grams(620, 10.4)).steady(since=10.15) == 620


def test_the_box_before_is_never_weighed_for_the_next_one_however_the_table_shakes() -> None:
    seen = table().weighs(620, 10.0)
    seen.weigher.used("A", 620)
    assert seen.weighs(620, 11.0).steady("B") is None
    assert seen.sees(grams(633, 12.0, Load.MOTION)).weighs(620, 12.5).steady("B") is None
    assert seen.weighs(619, 13.0).steady("B") is None
    for between in (grams(0, 14.0), grams(4, 14.0, Load.MOTION), grams(-160, 14.0, Load.UNDER)):
        again = replace(seen, now=14.0).sees(between).weighs(620, 15.0)
        assert again.steady("B") == 620
        again.weigher.used("B", 620)
        assert again.weighs(620, 16.0).steady("C") is None
        again.weigher.used("A", 620)


def test_a_box_that_was_too_light_is_weighed_again_once_something_was_put_in() -> None:
    seen = table().weighs(500, 10.0)
    seen.weigher.used("A", 500)
    assert seen.weighs(500, 11.0).steady("A") is None
    assert seen.weighs(503, 12.0).steady("A") == 503
    seen.weigher.used("A", 503)
    assert seen.sees(grams(503, 13.0, Load.MOTION)).weighs(503, 13.5).steady("A") == 503


def test_a_box_that_was_left_on_the_scale_unweighed_is_not_weighed_for_the_next_one() -> None:
    full = weighing().session
    floor = SimpleNamespace(active=Box("1042", full))
    scale = Fake()
    desk = Weighing(Place(), floor, Weigher(scale), lambda _before, _after: None)  # type: ignore[arg-type]

    def lies(weight: int, at: float) -> bool:
        due = False
        for now in (at, at + 0.2, at + 0.45):
            scale.reading, Place.now = grams(weight, now), now
            due = desk.due
        return due

    floor.active.session = replace(full, phase=Phase.PACKING)
    assert not lies(620, 10.0), "its weight is not wanted, or was typed"
    floor.active = None
    assert not lies(620, 11.0)
    floor.active = Box("1043", full)
    assert not lies(620, 12.0)
    assert not lies(655, 13.0), "somebody leans on it"
    assert not lies(0, 14.0)
    assert lies(480, 15.0)
