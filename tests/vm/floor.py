"""What the server inside starts with: a site, products, a packer, a bench that may join, and orders to pack.

Made on this side by the product's own use cases, because the machine inside is slow; it works on a copy.
"""

from pathlib import Path

from server.config import ServerConfig
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.people import Role
from server.joincode import JoinCode, encode
from server.usecases.benchwork import benches
from server.usecases.staff import people
from tests.book import BOSS, open_book, sell

ORDERS = 3
"""Each of two candles and a soap."""


def prepare(folder: Path, url: str) -> None:
    """The data of a server, and `join`: the code of its bench."""
    folder.mkdir()
    db = Database(open_engine(ServerConfig(data_dir=folder).database_url))
    migrate(db.engine)
    open_book(db)
    people.add_person(db, BOSS, "Ana Silva", [Role.PACKER], "PPB-ANA-01")
    benches.add_bench(db, BOSS, "Bench 1", "EAST")
    for number in range(ORDERS):
        sell(db, f"S-{number}", ("CANDLE", 2), ("SOAP", 1))
    (folder / "join").write_text(encode(JoinCode(url, "", benches.new_join_secret(db, BOSS, "Bench 1"))))
    db.engine.dispose()
