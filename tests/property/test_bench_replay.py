"""Whatever is scanned, parked and restarted, a box is always exactly what its journal says."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.packing.session import Phase, Session
from station.bench import Bench
from station.config import StationConfig
from station.desks.boxes import replayed
from station.journal import Journal
from station.server_client import ServerClient
from tests import builders

SCANS = (
    builders.CANDLE,
    builders.CANDLE_CASE,
    builders.SOAP,
    builders.MUG,
    "4006381333932",
    "NONSENSE",
    "TRK00001043",
    "TRK99999999",
    "PPX-M",
    "PPC-OK",
    "PPC-OK",
    "PPC-PARK",
    "PPO-1043",
    "PPO-2000",
    builders.BADGE_ANA,
    builders.BADGE_BEN,
)
STEPS = st.lists(st.sampled_from((*SCANS, "restart", "label", "stop", "enter", "bounce")), max_size=25)


class Quiet:
    """A bench with no threads and no server: only scans, its journal and restarts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._client = ServerClient("http://127.0.0.1:9")
        self._open()
        self.bench._place.keep(builders.snapshot())
        self.bench.scan(builders.code(builders.BADGE_ANA))
        for number in ("2000", "1043"):
            answer = wire.OpenAnswer(session_id=number, order=builders.order(number, [("CANDLE", 7), ("SOAP", 1)]))
            self.bench._boxes.opened(answer)
            self.bench.scan(builders.code("PPC-PARK"))
        self.bench.scan(builders.code("PPO-1043"))

    def _open(self) -> None:
        self.journal = Journal(self._folder / "journal.db")
        config = StationConfig(state_dir=self._folder, idle_minutes=0)
        self.bench = Bench(config=config, journal=self.journal, client=self._client, spool=None)
        self.bench.restore()

    def do(self, step: str) -> None:
        """One thing that can happen."""
        active = self.bench._boxes.active
        if step == "restart":
            self.journal.close()
            self._open()
        elif step == "label" and active is not None:
            label = builders.label("P-1043", "TRK00001043")
            answer = wire.LabelAnswer(parcel_id="P-1043", tracking="TRK00001043", label=label)
            if active.session.phase is Phase.CHECKED:
                self.bench._labels._answered(active.session_id, answer)
        elif step == "stop":
            self.bench._packing.stop(wire.SessionStop(session_id="2000", reason=Reason.CANCELLED))
        elif step == "enter":
            self.bench.acknowledge()
        elif step in SCANS:
            self.bench.scan(builders.code(step))
        elif step == "bounce":
            self.bench.scan(builders.code(builders.CANDLE, bounce=True))

    def sessions(self) -> dict[str, Session]:
        """Every box that is not over."""
        boxes = self.bench._boxes
        return {i: box.session for i in boxes.open_sessions() if (box := boxes.find(i))}

    def close(self) -> None:
        """Give everything back."""
        self.journal.close()
        self._client.close()


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_every_box_is_the_replay_of_its_journal(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        quiet = Quiet(Path(folder))
        for step in steps:
            before = quiet.sessions()
            quiet.do(step)
            if step == "restart":
                assert quiet.sessions() == before
            stored = {s.session_id: replayed(s) for s in quiet.journal.sessions()}
            assert quiet.sessions() == {i: box.session for i, box in stored.items() if not box.over}
            for session in quiet.journal.sessions():
                assert [e.event.seq for e in session.entries] == list(range(1, len(session.entries) + 1))
        quiet.close()
