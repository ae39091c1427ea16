"""``python -m tests.bench.sim --only NAME --seed N --size N``: seeded simulations; nothing waits for real time.

``--only packing --seed N --session N`` packs one session of a run again, alone.
"""

import argparse
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import structlog
from starlette.applications import Starlette

from server.config import ServerConfig
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.http import bench_api, dock_api
from server.http.call import Services
from server.usecases.benchwork.leases import USUAL_ORDERS
from tests.bench import figures
from tests.bench.channels import days, limits, outage, soak, storm
from tests.bench.dock.days import dock
from tests.bench.packing.floor import SESSIONS, report, run
from tests.book import receive
from tests.floor import Floor, make_floor
from tests.paper.running import run_long
from tests.powercut.history import recorded
from tests.powercut.images import check, cuts
from tests.reconnect import alone, at_server, reconnect
from tests.serving import uvicorn_of


def packing(seed: int, size: int | None, session: int | None = None) -> None:
    """Boxes packed by hands that err at benches that die; ``session`` packs that one alone. Exits with any fault."""
    logging.getLogger("packproof.station").setLevel(logging.CRITICAL)  # Its benches have no printer, and say so.
    if session is not None:
        report(run(seed, 1, session))
    else:
        report(run(seed, size or SESSIONS))


def book(seed: int, size: int | None) -> None:
    """The whole stock book against a pencil, on both engines; fails with the shortest history that goes wrong."""
    histories = size or HISTORIES
    run_long(seed, histories)
    figures.line("book.histories", histories)
    figures.line("book.differences", 0)


def powercut(seed: int, size: int | None) -> None:
    """Power cuts at any moment of shifts at a real bench, a new shift for every 2,000; fails with the seed at fault."""
    images, shifts = size or POWER_CUTS, 0
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        for shifts, first in enumerate(range(0, images, CUTS_OF_A_SHIFT), 1):
            place = Path(name) / str(shifts)
            place.mkdir()
            steps = recorded(place / "run", seed * 1000 + shifts)
            for moment, truth, files in cuts(steps, min(CUTS_OF_A_SHIFT, images - first), seed * 1000 + shifts):
                try:
                    check(place, truth, files)
                except AssertionError as error:
                    raise AssertionError(f"shift {shifts} of seed {seed}, step {moment}: {error}") from error
            shutil.rmtree(place)
    figures.line("powercut.images", images)
    figures.line("powercut.shifts", shifts)
    figures.line("powercut.scans_lost", 0)
    figures.line("powercut.false_scans", 0)


def reconnecting(_seed: int, size: int | None) -> None:
    """So many benches, each with twenty boxes packed alone, find one server again in the same moment."""
    benches = size or BENCHES
    with tempfile.TemporaryDirectory() as name, a_warehouse(Path(name)) as floor:
        receive(floor.db, "SOAP", "EAST", benches * USUAL_ORDERS)
        for _ in range(benches * USUAL_ORDERS):
            floor.order(("SOAP", 1))
        names = [f"Bench {n}" for n in range(1, benches + 1)]
        with alone(floor, Path(name), names, USUAL_ORDERS) as made:
            reconnect(made, 600.0)
            expected = sorted(event for one in made for event in one.sent)
            assert at_server(floor) == expected, "something was lost, doubled or out of order"
            figures.line("reconnect.benches", benches)
            figures.line("reconnect.events", len(expected))
            figures.spread("reconnect.drained", [one.seconds for one in made])
        figures.line("reconnect.refused", 0)


@contextmanager
def a_warehouse(folder: Path) -> Iterator[Floor]:
    """A server on a real socket over a fresh SQLite file."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.getLogger("httpx").setLevel(logging.CRITICAL)
    engine = open_engine(f"sqlite:///{folder / 'packproof.db'}")
    migrate(engine)
    app = Starlette(routes=[*bench_api.ROUTES, *dock_api.ROUTES])
    app.state.services = services = Services(Database(engine), ServerConfig(data_dir=folder))
    with uvicorn_of(app) as url, httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        yield make_floor(services, client)
    engine.dispose()


BENCHES = 50
POWER_CUTS, CUTS_OF_A_SHIFT = 100_000, 2_000
MEMORY = Path("/dev/shm")
HISTORIES = 100
"""Of the stock book, on each engine."""
SIMULATIONS: dict[str, Callable[[int, int | None], None]] = {
    "packing": packing,
    "book": book,
    "powercut": powercut,
    "reconnect": reconnecting,
    "channels": days.burst,
    "channel_week": days.week,
    "channel_limits": limits.limited,
    "channel_outage": outage.outage,
    "webhooks": storm.storm,
    "soak": soak.soak,
    "dock": dock,
}


def main() -> None:
    """Run what was asked for; an unknown name lists those there are."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="all", choices=("all", *SIMULATIONS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int)
    parser.add_argument("--session", type=int, help="of packing: only this one")
    asked = parser.parse_args()
    if asked.session is not None and asked.only != "packing":
        parser.error("--session is for --only packing")
    for name in SIMULATIONS if asked.only == "all" else (asked.only,):
        print(f"--- {name}, seed {asked.seed}", flush=True)
        if asked.session is not None:
            packing(asked.seed, None, asked.session)
        else:
            SIMULATIONS[name](asked.seed, asked.size)


if __name__ == "__main__":
    main()
