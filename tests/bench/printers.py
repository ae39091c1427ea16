"""Label to printer: 1,000 jobs over four printers at once, and from the request of one label to its first byte there.

The printers are our software ones, on real sockets and in this process: what is measured is the spool, its disk and the
network, not a motor.
"""

import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from printing import kinds
from printing.printers import open_printer
from printing.printers.virtual import VirtualPrinter
from printing.spool import JobState, Spool
from tests import builders
from tests.bench.figures import line, spread

PRINTERS = 4
JOBS = 1000
ALONE = 200
EACH_SECONDS = 0.05
_TIMEOUT = 300.0


class Watched(VirtualPrinter):
    """Notes when the first byte of a job came in, and keeps no files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.first_bytes: list[float] = []

    def take(self, data: bytes) -> bytes:
        if data.startswith(b"^XA"):
            self.first_bytes.append(time.perf_counter())
        return super().take(data)

    def _keep(self, zpl: bytes) -> None:
        """Nothing."""


def run() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        printers = [opened.enter_context(Watched(Path(folder) / str(n))) for n in range(PRINTERS)]
        spool = Spool(Path(folder) / "spool.db", {f"p{n}": open_printer(p.spec) for n, p in enumerate(printers)})
        opened.callback(spool.close)
        spool.start()
        _alone(spool, printers)
        _queued(spool, printers)


def _alone(spool: Spool, printers: list[Watched]) -> None:
    """Each printer gets a label every so often, as from benches that pack."""
    waited: list[float] = []
    lock = threading.Lock()

    def pack(number: int) -> None:
        for box in range(ALONE // PRINTERS):
            data = kinds.write("label", builders.label(f"A{number}-{box}", f"TRK{number}{box:05}", f"{box}"))
            asked = time.perf_counter()
            spool.request(f"A{number}-{box}", "label", f"{box}", data, printer=f"p{number}")
            _until(lambda box=box: len(printers[number].first_bytes) > box)
            with lock:
                waited.append(printers[number].first_bytes[box] - asked)
            time.sleep(EACH_SECONDS)

    begun = time.perf_counter()
    hands = [threading.Thread(target=pack, args=(number,)) for number in range(PRINTERS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    rate = len(waited) / (time.perf_counter() - begun)
    line("printers.rate", rate, "labels/s")
    spread("printers.request_to_first_byte", waited)


def _queued(spool: Spool, printers: list[Watched]) -> None:
    """All at once; each printer's come out in the order they were asked for, each once."""
    before = [len(printer.jobs) for printer in printers]
    labels = [kinds.write("label", builders.label(f"Q{n}", f"TRKQ{n:05}", f"{n}")).strip() for n in range(JOBS)]
    begun = time.perf_counter()
    for number, data in enumerate(labels):
        spool.request(f"Q{number}", "label", f"{number}", data, printer=f"p{number % PRINTERS}")
    asked = time.perf_counter() - begun
    _until(lambda: not spool.waiting() and spool.job(f"Q{JOBS - 1}").state is JobState.PRINTED)  # type: ignore[union-attr]
    _until(lambda: sum(len(p.jobs) for p in printers) == sum(before) + JOBS)
    took = time.perf_counter() - begun
    for number, printer in enumerate(printers):
        assert printer.jobs[before[number] :] == labels[number::PRINTERS], "out of order, lost or twice"
    line("printers.queued.jobs", JOBS)
    line("printers.queued.asked_for", asked, "s")
    line("printers.queued.all_confirmed", took, "s")
    line("printers.queued.rate", JOBS / took, "labels/s")


def _until(condition: object) -> None:
    deadline = time.perf_counter() + _TIMEOUT
    assert callable(condition)
    while not condition():
        assert time.perf_counter() < deadline, "it did not happen in time"
        time.sleep(0.0005)
