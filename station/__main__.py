"""`python -m station`: the only place that builds the parts of a bench and puts them together."""

import argparse
import errno
import logging
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from logging.handlers import RotatingFileHandler
from pathlib import Path

from printing.printers import Printer, open_printer
from printing.spool import Job, Spool, SpoolInUse
from scanners.reader import Reader
from scanners.scales import open_scale
from scanners.scales.source import ScaleSource
from scanners.sources import ScanSource, open_source
from server.domain.errors import PackproofError
from server.reading import bench_code
from station import config as configs
from station import enrol
from station.adopting import Adopting
from station.app import Hint, StationApp
from station.bench import Bench
from station.config import StationConfig
from station.hints import Hints
from station.journal import Journal, JournalFailed
from station.pictures.gallery import Gallery
from station.terminal import Graphics, Shows, asking

LOG_BYTES_MAX = 2_000_000
KEYBOARD = "keyboard"


class Cannot(Exception):
    """The bench cannot start; the sentence says why and what to do."""


def run(
    config_path: Path | None = None,
    scanners: tuple[str, ...] = (),
    join: str | None = None,
    guide: tuple[str, ...] = (),
    hint: Hint | None = None,
) -> int:
    """Open the station in this terminal until it is told to stop; the exit code. Raises Cannot before it starts."""
    try:
        config = configs.load(config_path) if config_path else StationConfig()
        hints = hint or (Hints(guide) if guide else None)
        sources = scan_sources((*config.scanners, *scanners), config.state_dir / "profiles")
        printers = {printer.name: open_printer(printer.target) for printer in config.printers}
        scale = open_scale(config.scale) if config.scale else None
        _need_terminal()
        with ExitStack() as opened:
            # The terminal answers while the bench is made ready.
            with asking(wanted=config.pictures) as asked:
                with _kept_in(config.state_dir):
                    bench = _bench(config, printers, scale, join, opened)
                graphics = asked.answer() if asked else Graphics()
            app = StationApp(
                bench,
                sources,
                guide=guide,
                hint=hints,
                sound=config.sound,
                adopting=_adopting(config),
                gallery=_gallery(graphics, bench),
                typed=graphics.typed,
            )
            app.run(mouse=False)
    except (PackproofError, SpoolInUse, OSError, ValueError, sqlite3.Error) as error:
        raise Cannot(str(error)) from error
    return app.return_code or 0


def scan_sources(specs: Sequence[str], own_profiles: Path | None = None) -> list[ScanSource]:
    """A source for each specification, and always the keyboard. Raises ValueError naming what was expected."""
    unique = dict.fromkeys((*specs, KEYBOARD))
    return [open_source(spec, own_profiles=own_profiles) for spec in unique]


def _adopting(config: StationConfig) -> Adopting:
    """Spare scanners become this bench's by its own code."""
    code = bench_code(enrol.load(config.state_dir).bench_id)
    return Adopting(config.state_dir, code, (*(printer.target for printer in config.printers), config.scale))


def _gallery(graphics: Graphics, bench: Bench) -> Gallery | None:
    """Product pictures, where the terminal said that it can show them."""
    if graphics.shows is Shows.NOTHING:
        return None
    return Gallery(graphics, bench.picture_of, bench.pictures.has, bench.pictures.read)


def _need_terminal() -> None:
    """Keys come from stdin, and the screen is drawn on stderr: redirected, it would be blank. Raises Cannot."""
    for name, stream in (("standard input", sys.__stdin__), ("standard error", sys.__stderr__)):
        if stream is None or not stream.isatty():
            raise Cannot(f"expected a terminal, but {name} is none; start it in a terminal, with nothing redirected")


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Say of trouble with the files of this bench what to do about it. Raises Cannot, or what it does not know."""
    try:
        yield
    except (OSError, sqlite3.Error, JournalFailed) as error:
        remedy = _remedy(error.__cause__ if isinstance(error, JournalFailed) else error)
        if remedy:
            raise Cannot(f"cannot keep anything in {folder} ({error}); {remedy}, then start it again") from error
        if isinstance(error, sqlite3.Error):
            raise Cannot(f"cannot use the files in {folder}: {error}") from error
        raise


def _remedy(cause: BaseException | None) -> str:
    """What a person does about a folder that takes nothing; empty when it is something else."""
    words = str(cause) if isinstance(cause, sqlite3.Error) else ""
    number = cause.errno if isinstance(cause, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT) or "full" in words:
        return "free space on its disk"
    # By class and not by number: the number 1 of an error of TLS means something else.
    if isinstance(cause, PermissionError) or number == errno.EROFS or "readonly" in words or "unable to open" in words:
        return "make it writable"
    return "free space on its disk or make it writable" if "disk I/O" in words else ""


def _bench(
    config: StationConfig, printers: dict[str, Printer], scale: ScaleSource | None, join: str | None, opened: ExitStack
) -> Bench:
    """A started bench; everything it holds is given back by ``opened``, last first."""
    config.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _log_to(config.state_dir / "station.log", opened)
    if join:
        enrol.enrol(join, config.state_dir)
    client = enrol.connect(config.state_dir, config.server_url)
    opened.callback(client.close)
    journal = Journal(config.state_dir / "journal.db")
    opened.callback(journal.close)
    enrolled = enrol.load(config.state_dir)
    name = config.name or enrolled.bench

    def told(job: Job) -> None:
        bench.note_job(job)

    spool = Spool(config.state_dir / "spool.db", printers, told) if printers else None
    if spool:
        opened.callback(spool.close)
    bench = Bench(
        config=replace(config, name=name, bench_id=enrolled.bench_id),
        journal=journal,
        client=client,
        spool=spool,
        scale=scale,
    )
    opened.callback(bench.stop)
    bench.start()
    if scale is not None:
        reading = Reader([scale], lambda _scan: None, bench.note_scale)
        opened.callback(reading.stop)
        reading.start()
    return bench


class _LogFile(RotatingFileHandler):
    """A log that cannot be written is no reason to stop, and never one to write on the screen."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name logging calls
        """Nothing to be done: the disk is full, and the screen says so itself."""

    def close(self) -> None:
        """Close, even where the last lines cannot be kept."""
        with suppress(OSError):
            super().close()


def _log_to(path: Path, opened: ExitStack) -> None:
    """Logs go to a file: the terminal belongs to the screen."""
    handler = _LogFile(path, maxBytes=LOG_BYTES_MAX, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore"):
        # A line for each heartbeat would push everything else out of the file within hours.
        logging.getLogger(chatty).setLevel(logging.WARNING)
    opened.callback(handler.close)
    # A closed handler that is still asked would open its file again.
    opened.callback(logging.getLogger().removeHandler, handler)


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; `packproof station` calls it too."""
    parser = argparse.ArgumentParser(prog="packproof station", description="Open the packing station in this terminal.")
    parser.add_argument("--config", type=Path, help="settings of this bench (TOML)")
    parser.add_argument("--scanner", action="append", default=[], metavar="SPEC", help="kind:address, again for more")
    parser.add_argument("--join", metavar="CODE", help="one-time join code, the first time")
    parser.add_argument("--guide", action="append", default=[], metavar="LINE", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    try:
        return run(options.config, tuple(options.scanner), options.join, tuple(options.guide))
    except Cannot as error:
        # With stderr in a file, whoever started this still sits at a terminal and should see why it ended.
        seen = sys.stdout if sys.stdout.isatty() and not sys.stderr.isatty() else sys.stderr
        seen.write(f"packproof station: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
