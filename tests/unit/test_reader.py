"""All scanners of a bench are read, whatever one of them does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from scanners.line import Line
from scanners.profile import Profile
from scanners.reader import Reader, Scan, SourceStatus
from scanners.scan import SourceDown
from scanners.sources.keyboard import KeyboardSource


class ScriptedSource:
    """A scanner that plays one act each time it is opened: it raises the error, or delivers the scans and waits."""

    kind = "scripted"
    threaded = True
    profile = Profile()

    def __init__(self, *acts: Exception | list[Scan], name: str = "scripted:1") -> None:
        self.name = name
        self._acts = list(acts)
        self.opened_at: list[float] = []

    def answer(self, *, good: bool) -> None:
        """It has no ears."""

    def listen(self, line: Line) -> None:
        self.opened_at.append(time.monotonic())
        act = self._acts.pop(0) if self._acts else []
        if isinstance(act, Exception):
            raise act
        line.opened("ready")
        for scan in act:
            line.deliver(scan)
        line.stopping.wait(60)


class Bench:
    """Collects what the reader tells."""

    def __init__(self) -> None:
        self.scans: list[Scan] = []
        self.statuses: list[SourceStatus] = []
        self._changed = threading.Condition()

    def on_scan(self, scan: Scan) -> None:
        with self._changed:
            self.scans.append(scan)
            self._changed.notify_all()

    def on_status(self, status: SourceStatus) -> None:
        with self._changed:
            self.statuses.append(status)
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, 20), (self.scans, self.statuses)

    @contextmanager
    def reading(self, *sources: ScriptedSource | KeyboardSource) -> Iterator[Reader]:
        reader = Reader(sources, self.on_scan, self.on_status)
        reader.start()
        try:
            yield reader
        finally:
            reader.stop()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def scan(text: str, at: float, problem: str | None = None) -> Scan:
    return Scan(text, "scripted:1", at, at, problem=problem)


def test_the_same_code_at_once_is_marked_as_a_bounce_and_delivered(bench: Bench) -> None:
    acts = [scan("A", 10.0), scan("A", 10.39), scan("A", 10.7), scan("B", 10.8), scan("A", 10.9), scan("A", 11.5)]
    with bench.reading(ScriptedSource(acts)):
        bench.wait_for(lambda: len(bench.scans) == 6)
    assert [found.bounce for found in bench.scans] == [False, True, True, False, False, False]
    assert [found.text for found in bench.scans] == ["A", "A", "A", "B", "A", "A"]


def test_a_problem_is_never_a_bounce_and_does_not_hide_one(bench: Bench) -> None:
    acts = [scan("A", 10.0), scan("A", 10.1, "partial"), scan("", 10.1, "dropped"), scan("A", 10.2)]
    with bench.reading(ScriptedSource(acts)):
        bench.wait_for(lambda: len(bench.scans) == 4)
    assert [found.bounce for found in bench.scans] == [False, False, False, True]


def test_the_same_code_from_two_scanners_is_no_bounce(bench: Bench) -> None:
    with bench.reading(ScriptedSource([scan("A", 10.0)]), ScriptedSource([scan("A", 10.1)], name="scripted:2")):
        bench.wait_for(lambda: len(bench.scans) == 2)
    assert [found.bounce for found in bench.scans] == [False, False]


def test_a_scanner_that_went_away_is_opened_again_with_growing_pauses(bench: Bench) -> None:
    down = [SourceDown("waiting", "unplugged"), SourceDown("busy", "in use"), SourceDown("failed", "no permission")]
    source = ScriptedSource(*down, [scan("A", 1.0)])
    with bench.reading(source) as reader:
        bench.wait_for(lambda: bench.scans)
        assert [status.state for status in bench.statuses] == ["waiting", "busy", "failed", "connected"]
        assert reader.statuses == (SourceStatus("scripted:1", "scripted", "connected", "ready", 1.0),)
    pauses = [later - earlier for earlier, later in zip(source.opened_at, source.opened_at[1:], strict=False)]
    assert all(pause >= least for pause, least in zip(pauses, (0.2, 0.4, 0.8), strict=True))


def test_a_status_that_stays_is_told_once(bench: Bench) -> None:
    down = SourceDown("waiting", "unplugged")
    with bench.reading(ScriptedSource(down, down, [])):
        bench.wait_for(lambda: len(bench.statuses) == 2)
    assert [status.state for status in bench.statuses] == ["waiting", "connected"]


def test_a_kind_this_machine_cannot_read_is_not_tried_again(bench: Bench) -> None:
    source = ScriptedSource(SourceDown("absent", "not installed"), [scan("A", 1.0)])
    other = ScriptedSource(SourceDown("waiting", "unplugged"), [scan("B", 1.0)], name="scripted:2")
    with bench.reading(source, other) as reader:
        bench.wait_for(lambda: bench.scans)
        assert [status.state for status in reader.statuses] == ["absent", "connected"]
    assert len(source.opened_at) == 1


def test_a_fault_in_a_driver_is_told_and_tried_again(bench: Bench) -> None:
    with bench.reading(ScriptedSource(ZeroDivisionError("oops"), [scan("A", 1.0)])):
        bench.wait_for(lambda: bench.scans)
    assert (bench.statuses[0].state, bench.statuses[0].detail) == ("failed", "ZeroDivisionError: oops")


def test_a_fault_while_handling_a_scan_does_not_stop_the_reading() -> None:
    seen: list[str] = []
    done = threading.Event()

    def handle(found: Scan) -> None:
        seen.append(found.text)
        if found.text == "B":
            done.set()
        raise ZeroDivisionError

    def tell(_status: SourceStatus) -> None:
        raise ZeroDivisionError

    reader = Reader([ScriptedSource([scan("A", 1.0), scan("B", 2.0)])], handle, tell)
    reader.start()
    assert done.wait(20)
    reader.stop()
    assert seen == ["A", "B"]


def test_scans_come_in_the_thread_of_their_scanner(bench: Bench) -> None:
    names: list[str] = []
    source = ScriptedSource([scan("A", 1.0)])
    reader = Reader([source], lambda _: names.append(threading.current_thread().name), bench.on_status)
    reader.start()
    bench.wait_for(lambda: names)
    reader.stop()
    assert names == ["scanner scripted:1"]


def test_keys_are_delivered_in_the_thread_of_the_app(bench: Bench) -> None:
    keyboard = KeyboardSource()
    with bench.reading(keyboard) as reader:
        assert [status.state for status in reader.statuses] == ["connected"]
        keyboard.key("A", 1.0)
        assert keyboard.enter(1.5) == "code"
        assert [(found.text, found.typed) for found in bench.scans] == [("A", True)]


def test_stopping_ends_every_thread_within_a_second_and_may_be_repeated(bench: Bench) -> None:
    reader = Reader([ScriptedSource([]), ScriptedSource([], name="scripted:2")], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: len(bench.statuses) == 2)
    reader.stop()
    reader.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("scanner scripted")]
    with pytest.raises(RuntimeError, match="expected a new Reader"):
        reader.start()


def test_a_callback_may_stop_the_reader(bench: Bench) -> None:
    stopped = threading.Event()

    def stop(_scan: Scan) -> None:
        reader.stop()
        stopped.set()

    reader = Reader([ScriptedSource([scan("A", 1.0)])], stop, bench.on_status)
    reader.start()
    assert stopped.wait(20)


def test_two_scanners_with_one_name_are_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="expected every scanner once"):
        Reader([ScriptedSource(), ScriptedSource()], bench.on_scan, bench.on_status)
