"""A bench whose clock is wrong says so, and judges no expiry by it: the day of the server stands."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.domain.benchwork.reasons import Reason
from server.domain.packing.order import Lot
from station import clock as clocks
from station.widgets.sheet import Sheet
from station.widgets.status import status
from station.wording import say
from tests import builders
from tests.bench_floor import OneBench
from tests.fakes import FakeServer, until

DAY = 86_400.0


def day(days: int) -> str:
    """So many days from today, ISO."""
    return (datetime.now(UTC) + timedelta(days)).date().isoformat()


def shop(expires_in: int) -> FakeServer:
    """A server which gives out, today, an order for two candles of a lot that expires in so many days."""
    order = builders.order(lines=(("CANDLE", 2),))
    line = replace(order.lines[0], by_lot=True, lots=(Lot("A1", day(expires_in), reserved=2),), life_days=0)
    return FakeServer([replace(order, lines=(line,), day=day(0))])


@dataclass
class Clock:
    """The bench's own, so many days ahead."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead * DAY


RIGHT = Clock()


def lot(floor: OneBench, clock: Clock = RIGHT) -> Reason:
    """What is said to the first candle of the lot; its scanner is read by the machine whose clock that is."""
    codes = [replace(builders.code(text), first_at=clock(), last_at=clock()) for text in (builders.CANDLE, "A1")]
    asked, said = (floor.bench.scan(code).reason for code in codes)
    assert asked is Reason.NEED_LOT
    return said


def bottom(floor: OneBench) -> str:
    """The bottom row of the screen, as wide as a large one."""
    return status(Sheet(160, 40, time.time(), floor.bench.status))[0].text


def test_a_clock_that_runs_a_year_ahead_expires_nothing_and_is_shown(tmp_path: Path) -> None:
    with OneBench(tmp_path, shop(30), clock=(ahead := Clock(400))).open() as floor:
        until(lambda: floor.bench.status.clock_off, "the clock to be known as wrong")
        assert lot(floor, ahead) is Reason.OK
        assert say.clock(400 * DAY) in bottom(floor)
        until(lambda: [event.clock_off for event in floor.server.log("1043")] == [True, True], "the scans to say so")


def test_a_right_clock_judges_the_same_lot_by_its_own_day(tmp_path: Path) -> None:
    """A bench of the lease may pack for days: then its clock is right and the day the order was given out is old."""
    server = shop(-1)
    order = server.orders["1043"]
    server.orders["1043"] = replace(order, day=day(-3))
    with OneBench(tmp_path, server).open() as floor:
        assert floor.bench.status.clock_off == 0
        assert lot(floor) is Reason.EXPIRED


def test_a_clock_that_runs_a_year_behind_lets_nothing_expired_pass(tmp_path: Path) -> None:
    with OneBench(tmp_path, shop(-1), clock=(behind := Clock(-400))).open() as floor:
        until(lambda: floor.bench.status.clock_off, "the clock to be known as wrong")
        assert lot(floor, behind) is Reason.EXPIRED


def test_a_clock_that_is_set_while_the_server_is_away_judges_nothing_from_the_next_scan_on(tmp_path: Path) -> None:
    clock = Clock()
    with OneBench(tmp_path, shop(30), clock=clock).open() as floor:
        until(lambda: floor.server.beats, "a heartbeat")
        floor.server.away = True
        clock.ahead = 400
        assert lot(floor, clock) is Reason.OK
        assert floor.bench.status.clock_off == pytest.approx(400 * DAY, abs=5)


def test_a_clock_that_no_time_server_and_no_server_vouches_for_is_shown_and_judges_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = shop(-1)
    server.orders["1043"] = replace(server.orders["1043"], day=day(-3))
    with OneBench(tmp_path, server, synchronised=False).open() as floor:
        assert say.CLOCK_UNSET not in bottom(floor), "the server agrees with it"
        monkeypatch.setattr(clocks, "VOUCHED_SECONDS", -1.0)
        assert say.CLOCK_UNSET in bottom(floor)
        assert lot(floor) is Reason.OK, "by the day on which the server gave it out the lot is good"
        until(lambda: [event.clock_off for event in server.log("1043")] == [True, True], "the scans to say so")
