"""Whatever the network or the server does, the bench goes on as if nothing were; real sockets."""

import time
from pathlib import Path

import pytest

from server.domain.benchwork.reasons import Reason
from station.views import Light, PackView, QueueView, State
from tests import builders
from tests.bench_floor import OneBench, orders
from tests.fakes import FakeServer, until
from tests.weather import Mood, weather

pytestmark = pytest.mark.usefixtures("quick_bench")

SHOWN_SECONDS = 0.5
"""A scan waits for the disk only; on a busy machine that is far from this."""
BAD = [mood for mood in Mood if mood is not Mood.FAIR]


def quick(floor: OneBench, text: str) -> Reason:
    """Scan, and insist that nobody was waited for."""
    began = time.monotonic()
    flash = floor.scan(text)
    assert time.monotonic() - began < SHOWN_SECONDS
    return flash.reason


@pytest.mark.parametrize("mood", BAD)
def test_a_bad_network_changes_nothing_at_the_bench_and_every_scan_arrives_once(tmp_path: Path, mood: Mood) -> None:
    server = FakeServer([builders.order("1043", [("CANDLE", 5000)])])
    with server.listening() as url, weather(url) as sky, OneBench(tmp_path, server, url=sky.url).open() as floor:
        sky.mood, spoiled = mood, sky.spoiled
        for _ in range(20):
            assert quick(floor, builders.CANDLE) is Reason.OK
            assert quick(floor, "NONSENSE") is Reason.UNKNOWN_CODE
        until(lambda: sky.spoiled > spoiled + 2, "the bench to meet the weather")
        assert floor.bench.status.unsent > 0 or mood is Mood.LATE
        assert floor.bench.status.server.state is not State.REFUSED
        sky.mood = Mood.FAIR
        until(lambda: floor.journal.unsent == 0, "every scan to arrive with no further scan", 15)
        log = server.log("1043")
        assert [e.seq for e in log] == list(range(1, 41))
        assert [e.raw for e in log] == [builders.CANDLE, "NONSENSE"] * 20
        assert server.replayed(floor.pack_view.session.session_id) == floor.pack_view.session
        until(lambda: floor.bench.status.server.light is Light.OK, "the light to be well again")


@pytest.mark.parametrize("mood", BAD)
def test_an_order_of_the_lease_opens_in_any_weather(tmp_path: Path, mood: Mood) -> None:
    server = FakeServer(orders("1043", "2000"))
    server.leased = ["2000"]
    with server.listening() as url, weather(url) as sky, OneBench(tmp_path, server, url=sky.url).open() as floor:
        until(floor.journal.leased, "the lease")
        floor.scan("PPC-PARK")
        assert isinstance(floor.bench.view, QueueView)
        sky.mood = mood
        quick(floor, "PPO-2000")
        until(lambda: isinstance(floor.bench.view, PackView), "the order", 2.0)
        assert quick(floor, builders.CANDLE) is Reason.OK
        sky.mood = Mood.FAIR
        until(lambda: floor.journal.unsent == 0, "every scan to arrive", 15)
        assert [e.raw for e in server.log("2000") if e.kind == "scan"] == [builders.CANDLE]
        assert len([s for s in server.sessions.values() if s.order.number == "2000"]) == 1
