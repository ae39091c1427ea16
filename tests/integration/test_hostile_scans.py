"""Ten thousand codes no honest scanner sends, through reader, reading and bench: each gets a verdict, and no more."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from scanners.framing import Framer
from scanners.line import Line
from scanners.profile import Profile
from scanners.reader import Reader
from server.domain.benchwork.reasons import Reason, Tone
from station.views import Flash, Note, SignInView
from tests import builders
from tests.bench_floor import OneBench
from tests.hostile_scans import hostile

SCANS = 10_000
CODES = 7_200
"""Some hold line ends, and some never end: each gives more than one scan."""
CPU_SECONDS_MAX = 10.0
"""It takes two to three; a code whose reading explodes would take more."""


class Fed:
    """A scanner whose bytes come from the test, in the test's own thread."""

    kind = "fed"
    threaded = False

    def __init__(self, name: str, profile: Profile) -> None:
        self.name, self.profile = name, profile
        self._framer = Framer()

    def answer(self, *, good: bool) -> None:
        """It has no ears."""

    def listen(self, line: Line) -> None:
        self._line = line
        line.opened("")

    def feed(self, data: bytes) -> None:
        self._line.deliver_frames(self.name, self._framer.feed(data, time.time()))

    def silence(self) -> None:
        self._line.deliver_frames(self.name, self._framer.expire())


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder whose disk costs nothing: what is proved here is the verdict, not the sync."""
    shared = Path("/dev/shm")
    with TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


def scanned(guns: list[Fed], codes: Iterable[bytes], every: Callable[[int], object]) -> None:
    """Two people scan at once: the halves of their codes come in turns, and some never end."""
    for n, code in enumerate(codes):
        gun, other, half = guns[n % 3], guns[(n + 1) % 3], len(code) // 2
        gun.feed(code[:half])
        if n % 7 == 0:
            other.feed(b"400638133")
        gun.feed(code[half:] + b"\r")
        if n % 7 == 0:
            other.silence()
        every(n)


def test_ten_thousand_hostile_scans_get_nothing_but_verdicts(memory: Path) -> None:
    profiles = (Profile(), Profile(gs_as="none"), Profile(gs_as="text:|", aim=True, caps=True))
    guns = [Fed(f"fed:{n}", profile) for n, profile in enumerate(profiles)]
    verdicts: list[Flash] = []
    with OneBench(memory, spool=False).begin() as floor:
        reader = Reader(guns, lambda scan: verdicts.append(floor.bench.scan(scan)), floor.bench.note_source)
        reader.start()
        codes = hostile(CODES)
        began = time.process_time()
        scanned(guns, islice(codes, CODES // 2), lambda _: None)
        assert isinstance(floor.bench.view, SignInView), "no code of those is a badge"
        took = time.process_time() - began
        floor.open()
        floor.server.away = True
        began = time.process_time()
        # A stop is cleared now and then, so that most of them meet an open box and not a latched stop.
        scanned(guns, codes, lambda n: floor.scan("PPC-OK") if n % 4 == 0 else None)
        took += time.process_time() - began
        reader.stop()
        by_tone = Counter(flash.tone for flash in verdicts)
        print(f"{len(verdicts)} verdicts in {took:.2f} s of processor time: {dict(by_tone)}")
        assert len(verdicts) >= SCANS
        assert {type(flash) for flash in verdicts} == {Flash}
        assert not any(flash.detail == Note.FAULT for flash in verdicts)
        assert Tone.BOX_DONE not in by_tone
        assert took < CPU_SECONDS_MAX
        # And it is still a bench: the stop is cleared, and an honest code counts.
        floor.scan("PPC-OK")
        assert floor.scan(builders.SOAP).reason is Reason.OK
