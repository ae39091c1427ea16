"""``python -m tests.loader_picture [FOLDER]``: the loader's phone after a wrong parcel, into deploy/docs/pictures/."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx
from sqlalchemy import update
from starlette.applications import Starlette

from server.config import ServerConfig
from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.people import Role
from server.http import bench_api, dock_api, loader_page, pages
from server.http.access import COOKIE
from server.http.call import Services
from tests.board_data import AFTERNOON
from tests.board_picture import PICTURES
from tests.board_server import serving, signed_in
from tests.chromium import chromium, find_chromium
from tests.floor import Bench, Dock, make_floor
from tests.ready_parcels import ready

ROUTES = [*bench_api.ROUTES, *dock_api.ROUTES, *pages.ROUTES, *loader_page.ROUTES]
LOADED, LEFT = 23, 4


def take(folder: Path) -> Path:
    """Load a truck up to one parcel of another carrier, and take the phone's picture; the clock stands still."""
    program = find_chromium()
    if program is None:
        raise SystemExit("There is no Chromium here (Debian: apt-get install chromium); no picture was taken.")
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory())
        engine = open_engine(f"sqlite:///{data}/packproof.db")
        stack.callback(engine.dispose)
        migrate(engine)
        db = Database(engine, now=lambda: AFTERNOON)
        app = Starlette(routes=ROUTES)
        app.state.services = Services(db, ServerConfig())
        server = stack.enter_context(serving(app))
        client = stack.enter_context(httpx.Client(base_url=server.url, trust_env=False, timeout=30))
        load_id = _loading(db, make_floor(app.state.services, client).bench("Dock 1"))
        page = stack.enter_context(chromium(program))
        page.cookie(server.url, COOKIE, signed_in(db, Role.DOCK))
        page.size(390, 700, 2.0)
        page.go(f"{server.url}/dock/{load_id}")
        page.wait("document.querySelector('#load[aria-busy=false]')")
        page.picture(folder / "loader-phone.png")
    return folder / "loader-phone.png"


def _loading(db: Database, bench: Bench) -> str:
    dock = Dock.at(bench)
    with db.engine.begin() as connection:
        connection.execute(update(tables.load).values(trailer="Trailer 7", cut_off=AFTERNOON + 28 * 60))
    parcels = [ready(bench.floor) for _ in range(LOADED + LEFT)]
    for parcel in parcels[:LOADED]:
        dock.scan(parcel.tracking)
    dock.scan(ready(bench.floor, "city-bikes").tracking)
    return dock.load.load_id


if __name__ == "__main__":
    print(take(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES))
