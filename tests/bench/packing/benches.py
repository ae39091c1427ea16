"""The bench before the simulated packer: the pure rules in memory, as fast as they are."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import lru_cache

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.packing import boxes
from server.domain.packing.order import PackOrder
from server.domain.packing.rules import apply, judge, opened, replay
from server.domain.packing.session import Fact, FactKind, Phase, Session
from server.reading import read
from server.usecases.benchwork.judging import packed, unpacked
from tests.bench.packing.goods import CATALOG, NOON


@dataclass(frozen=True, slots=True)
class Said:
    """What the screen and the speaker said of one scan."""

    reason: Reason
    tone: Tone


class Fault(AssertionError):
    """The product did what it must not do."""


class Clock:
    """Time at the bench; it passes when somebody says so."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.now

    def passes(self, seconds: float) -> None:
        """Wait."""
        self.now += seconds


class BenchOfSim(ABC):
    """What a packer can do to a bench, and what they see there."""

    clock: Clock
    kills: int = 0
    """How often it died."""

    @property
    @abstractmethod
    def session(self) -> Session:
        """What the screen shows."""

    @abstractmethod
    def scan(self, text: str, *, bounce: bool = False, problem: str | None = None, typed: bool = False) -> Said | None:
        """Scan; None when the bench died before anybody saw its verdict, and is there again."""

    @abstractmethod
    def weigh(self, grams: int) -> None:
        """Put the box on the scale."""

    @abstractmethod
    def supervise(self) -> None:
        """A supervisor scans their badge."""

    @abstractmethod
    def park(self) -> None:
        """Put the box aside."""

    @abstractmethod
    def resume(self) -> None:
        """Take it up again."""

    @abstractmethod
    def label(self) -> str:
        """Wait for the label of the box; its barcode, "" when none comes now."""

    @abstractmethod
    def close(self) -> int:
        """End; the number of scans that were acknowledged and are nowhere. Raise Fault on any other disagreement."""


class PureBench(BenchOfSim):
    """No disk and no server. The log is replayed at the end."""

    def __init__(self, order: PackOrder) -> None:
        self.clock = Clock()
        self._order, self._session = order, opened("s", order)
        self._log: list[Scan | Fact] = []
        self._labels = 0

    @property
    def session(self) -> Session:
        """As the rules have it."""
        return self._session

    def scan(self, text: str, *, bounce: bool = False, problem: str | None = None, typed: bool = False) -> Said | None:
        """By the rules."""
        scan = replace(_read(text, typed), at=self.clock.now, bounce=bounce, problem=problem)
        verdict = judge(self._session, scan)
        self._session = verdict.session
        self._log.append(scan)
        return Said(verdict.reason, verdict.tone)

    def weigh(self, grams: int) -> None:
        """By the rules."""
        self._happened(Fact(FactKind.WEIGHT, grams=grams))

    def supervise(self) -> None:
        """By the rules."""
        self._happened(Fact(FactKind.SUPERVISOR))

    def park(self) -> None:
        """By the rules."""
        self._happened(Fact(FactKind.PARK))

    def resume(self) -> None:
        """By the rules."""
        self._happened(Fact(FactKind.RESUME))

    def label(self) -> str:
        """At once."""
        if self._session.phase is Phase.CHECKED:
            box = boxes.box_number(self._session)
            tracking = f"TRK{self._order.number:0>8}-{box}"
            self._happened(Fact(FactKind.LABEL, parcel_id=f"P-{box}", tracking=tracking, box=box))
        return self._session.tracking or ""

    def close(self) -> int:
        """The log must give the same session, and the session must survive as JSON."""
        if replay(opened("s", self._order), self._log) != self._session:
            raise Fault("the replay of the log is another session")
        if unpacked(packed(self._session)) != self._session:
            raise Fault("the session does not survive as JSON")
        return 0

    def _happened(self, fact: Fact) -> None:
        self._session = apply(self._session, fact)
        self._log.append(fact)


@lru_cache(maxsize=4096)
def _read(text: str, typed: bool) -> Scan:
    """Reading takes longer than judging, and most codes come again."""
    return read(text, CATALOG, at=0.0, typed=typed)
