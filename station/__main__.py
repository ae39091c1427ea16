"""`python -m station`: the only place that builds the parts of a bench and puts them together."""

import argparse
import logging
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from logging.handlers import RotatingFileHandler
from pathlib import Path

from printing.printers import open_printer
from printing.spool import Job, Spool, SpoolInUse
from scanners.sources import ScanSource, open_source
from server.domain.errors import PackproofError
from station import config as configs
from station import enrol
from station.app import Hint, StationApp
from station.bench import Bench
from station.config import StationConfig
from station.hints import Hints
from station.journal import Journal

LOG_BYTES_MAX = 2_000_000
KEYBOARD = "keyboard"


@dataclass(frozen=True, slots=True)
class Cannot(Exception):
    """The bench cannot start; the sentence says why and what to do."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


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
        sources = scan_sources((*config.scanners, *scanners))
        with ExitStack() as opened:
            bench = _bench(config, join, opened)
            app = StationApp(bench, sources, guide=guide, hint=hints, bell=config.sound)
            app.run(mouse=False)
    except (PackproofError, SpoolInUse, OSError, ValueError) as error:
        raise Cannot(str(error)) from error
    return app.return_code or 0


def scan_sources(specs: Sequence[str]) -> list[ScanSource]:
    """A source for each specification, and always the keyboard. Raises ValueError naming what was expected."""
    unique = dict.fromkeys((*specs, KEYBOARD))
    return [open_source(spec) for spec in unique]


def _bench(config: StationConfig, join: str | None, opened: ExitStack) -> Bench:
    """A started bench; everything it holds is given back by ``opened``, last first."""
    config.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _log_to(config.state_dir / "station.log", opened)
    if join:
        enrol.enrol(join, config.state_dir)
    client = enrol.connect(config.state_dir, config.server_url)
    opened.callback(client.close)
    journal = Journal(config.state_dir / "journal.db")
    opened.callback(journal.close)
    name = config.name or enrol.load(config.state_dir).bench

    def told(job: Job) -> None:
        bench.note_job(job)

    spool = Spool(config.state_dir / "spool.db", open_printer(config.printer), told) if config.printer else None
    if spool:
        opened.callback(spool.close)
    bench = Bench(config=replace(config, name=name), journal=journal, client=client, spool=spool)
    opened.callback(bench.stop)
    bench.start()
    return bench


def _log_to(path: Path, opened: ExitStack) -> None:
    """Logs go to a file: the terminal belongs to the screen."""
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES_MAX, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    opened.callback(handler.close)


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
        sys.stderr.write(f"packproof station: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
