"""Scanners that nobody wrote into a file: scanned with once, the bench's own code makes a spare one this bench's.

They are remembered in ``scanners.json`` of the state directory, newest last, and are not missed when they are gone.
"""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from scanners.reader import Reader
from scanners.scan import Scan
from scanners.sources import ScanSource, open_source
from scanners.spares import Spares
from station.files import write_whole

KEPT = "scanners.json"
KEPT_MAX = 8
_log = logging.getLogger("packproof.station")


def adopted(state_dir: Path) -> tuple[str, ...]:
    """Specifications of the scanners this bench adopted; none when the file is not there or not ours."""
    try:
        return msgspec.json.decode((state_dir / KEPT).read_bytes(), type=tuple[str, ...])
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.MsgspecError) as error:
        _log.warning("%s is not used: %s", state_dir / KEPT, error)
        return ()


class Adopting:
    """Takes up spare scanners while a reader runs. One that was adopted before is taken up when it is plugged in."""

    def __init__(
        self, state_dir: Path, code: str, others: Sequence[str] = (), *, dev: Path = Path("/dev"), look: float = 1.0
    ) -> None:
        """``code`` is the bench's own; ``others`` are specifications of devices that are no scanners."""
        self._state_dir, self._code = state_dir, code
        self._others = [_device(spec) for spec in others]
        self._kept = adopted(state_dir)
        self._reader: Reader | None = None
        self._on_scan: Callable[[Scan], None] = lambda _scan: None
        self._spares = Spares(code, self._taken, self._found, self._there, dev=dev, look_seconds=look)

    def start(self, reader: Reader, on_scan: Callable[[Scan], None]) -> None:
        """Add what is found to this reader; its first code, the bench's own, goes to ``on_scan``."""
        self._reader, self._on_scan = reader, on_scan
        self._spares.start()

    def stop(self) -> None:
        """Look no more."""
        self._spares.stop()

    def _taken(self) -> list[str]:
        named = [status.name for status in self._reader.statuses] if self._reader else []
        return [*(_device(name) for name in named), *self._others]

    def _there(self, spec: str) -> bool:
        """A device nobody uses is plugged in: one that is remembered needs no code. Whether it was."""
        known = next((kept for kept in self._kept if kept.partition("?")[0] == spec), None)
        return known is not None and self._add(known) is not None

    def _found(self, spec: str) -> None:
        source = self._add(spec)
        if source is None:
            return
        others = (old for old in self._kept if old.partition("?")[0] != spec.partition("?")[0])
        self._kept = (*others, spec)[-KEPT_MAX:]
        try:
            write_whole(self._state_dir / KEPT, msgspec.json.encode(self._kept))
        except OSError as error:
            # It works now, and has to be adopted once more after the next start.
            _log.warning("the scanner %s is not remembered: %s", spec, error)
        now = time.time()
        self._on_scan(Scan(self._code, source.name, now, now))

    def _add(self, spec: str) -> ScanSource | None:
        try:
            source = open_source(spec, own_profiles=self._state_dir / "profiles")
        except ValueError as error:
            _log.warning("the scanner %s cannot be used: %s", spec, error)
            return None
        return source if self._reader is not None and self._reader.add(source) else None


def _device(spec: str) -> str:
    """The path in a specification such as ``nci:serial:/dev/ttyUSB0?baud=9600``; empty when there is none."""
    _, slash, path = spec.partition("?")[0].partition("/")
    return f"/{path}" if slash else ""
