"""``python -m tests.board_picture [FOLDER]``: the board in three sizes and the wall, into deploy/docs/pictures/."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.people import Role
from server.http.access import COOKIE
from tests.board_data import AFTERNOON, fill
from tests.board_server import pages_app, serving, signed_in
from tests.chromium import Page, chromium, find_chromium

PICTURES = Path(__file__).parent.parent / "deploy" / "docs" / "pictures"
SHOTS = (
    ("board-phone.png", "/board", 390, 844, 2.0),
    ("board.png", "/board", 1280, 800, 1.5),
    ("board-wall.png", "/wall", 1920, 1080, 1.0),
    ("incidents.png", "/incidents", 1280, 800, 1.0),
)


def take(folder: Path) -> list[Path]:
    """Take every picture; the seeded floor stands still at half past two."""
    program = find_chromium()
    if program is None:
        raise SystemExit("There is no Chromium here (Debian: apt-get install chromium); no pictures were taken.")
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory())
        engine = open_engine(f"sqlite:///{data}/packproof.db")
        stack.callback(engine.dispose)
        migrate(engine)
        db = Database(engine, now=lambda: AFTERNOON)
        fill(db)
        server = stack.enter_context(serving(pages_app(db)))
        page = stack.enter_context(chromium(program))
        page.cookie(server.url, COOKIE, signed_in(db, Role.SUPERVISOR))
        return [_shoot(page, server.url, folder, shot) for shot in SHOTS]


def _shoot(page: Page, url: str, folder: Path, shot: tuple[str, str, int, int, float]) -> Path:
    name, path, width, height, scale = shot
    page.size(width, height, scale)
    page.go(f"{url}{path}")
    page.wait("!document.querySelector('#board[aria-busy=true]')")
    page.picture(folder / name)
    return folder / name


if __name__ == "__main__":
    for taken in take(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES):
        print(taken)
