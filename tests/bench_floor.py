"""A whole bench for a test: real journal, real spool, real client; the server and the printer are fakes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from printing.spool import Pace, Spool
from server.domain.benchwork.reasons import Tone
from server.domain.packing.order import PackOrder
from station.bench import Bench
from station.config import StationConfig
from station.journal import Journal
from station.scale import Scale
from station.server_client import ServerClient
from station.views import Flash, LabelStage, PackView, QueueView
from tests import builders
from tests.fakes import FakePrinter, FakeServer, until

BENCH_ID = 7

ALL_UNITS = (builders.CANDLE, builders.CANDLE, builders.SOAP)
"""What the default order of the builders wants."""


class OneBench(AbstractContextManager["OneBench"]):
    """One bench in one folder; leave the block and enter another on the same folder to restart it."""

    def __init__(
        self,
        folder: Path,
        server: FakeServer | None = None,
        *,
        printer: FakePrinter | None = None,
        spool: bool = True,
        clock: Callable[[], float] | None = None,
        url: str = "",
        token: str = "token",
        scale: Scale | None = None,
        synchronised: bool | None = True,
        idle_minutes: int = 0,
    ) -> None:
        self.server = server or FakeServer([builders.order()])
        self.printer = printer or FakePrinter()
        self.tones: list[Tone] = []
        self.changes = 0
        self._begun = False
        self.named = "Bench 1"
        """What the server calls it."""
        self.journal = Journal(folder / "journal.db")
        self._client = ServerClient(url, token) if url else self.server.client()
        pace = Pace(0.02, 0.05, 0.02, 0.02, 0.2)
        self._spool = Spool(folder / "spool.db", {"printer": self.printer}, self._job, pace=pace) if spool else None
        more = {"clock": clock} if clock else {}
        self.bench = Bench(
            config=StationConfig(state_dir=folder, idle_minutes=idle_minutes, bench_id=BENCH_ID),
            journal=self.journal,
            client=self._client,
            spool=self._spool,
            scale=scale,
            synchronised=lambda: synchronised,
            **more,
        )
        self.bench.on_tone = self.tones.append
        self.bench.on_change = self._changed

    def __enter__(self) -> Self:
        return self.begin()

    def begin(self) -> Self:
        """Start, once."""
        if not self._begun:
            self._begun = True
            self.bench.start()
            if not self.server.away:
                until(lambda: self.bench.status.bench == self.named, "the snapshot")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.bench.stop()
        if self._spool:
            self._spool.close()
        self._client.close()
        self.journal.close()

    def scan(self, *texts: str) -> Flash:
        """Scan these codes; the last verdict."""
        flash = None
        for text in texts:
            flash = self.bench.scan(builders.code(text))
        assert flash is not None
        return flash

    def sign_in(self, badge: str = builders.BADGE_ANA) -> Self:
        """Sign in."""
        self.begin()
        self.scan(badge)
        return self

    def open(self, number: str = "1043", badge: str = builders.BADGE_ANA) -> Self:
        """Sign in and open an order."""
        self.sign_in(badge)
        self.scan(f"PPO-{number}")
        until(lambda: isinstance(self.bench.view, PackView), "the order to open")
        return self

    def pack(self, number: str = "1043") -> Self:
        """Open the default order and verify every unit."""
        self.open(number)
        self.scan(*ALL_UNITS)
        return self

    def reach(self, stage: LabelStage) -> None:
        """Wait until the label flow is there."""
        until(lambda: isinstance(self.bench.view, PackView) and self.pack_view.stage is stage, f"stage {stage}")

    def reach_queue(self) -> QueueView:
        """Wait for the queue."""
        until(lambda: isinstance(self.bench.view, QueueView), "the queue")
        view = self.bench.view
        assert isinstance(view, QueueView)
        return view

    @property
    def pack_view(self) -> PackView:
        """The open order."""
        view = self.bench.view
        assert isinstance(view, PackView), view
        return view

    def _job(self, job: object) -> None:
        if hasattr(self, "bench"):
            self.bench.note_job(job)  # type: ignore[arg-type]

    def _changed(self) -> None:
        self.changes += 1


def orders(*numbers: str) -> list[PackOrder]:
    """The default order under several numbers."""
    return [builders.order(number) for number in numbers]
