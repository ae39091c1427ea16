"""A simulated EasyPost behind a database, without a socket: every call goes through the real adapter and its line."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from sqlalchemy import update

from server.db import tables
from server.db.transaction import Database
from server.simulated.carriers.easypost import SimulatedEasyPost
from server.simulated.platforms.transport import transport
from server.usecases.shipping import accounts
from server.usecases.shipping.keeping import put_account
from tests.book import BOSS

SERVICES = {"standard": "USPS.GroundAdvantage", "expedited": "USPS.Priority", "overnight": "UPS.NextDayAir"}
"""Our services at EasyPost, as the account's settings have them."""


@contextmanager
def easypost_behind(db: Database, code: str = "easypost") -> Iterator[SimulatedEasyPost]:
    """From now on the carrier ``code`` of this database is a simulated EasyPost on its clock."""
    simulated = SimulatedEasyPost(db.now)
    put_account(db, BOSS, code, "easypost", {**simulated.settings(), "services": SERVICES}, name="EasyPost")
    with reached(db, simulated):
        yield simulated


@contextmanager
def reached(db: Database, simulated: SimulatedEasyPost) -> Iterator[None]:
    """Carriers of this database are called without a socket, and only this one answers."""
    with httpx.Client(transport=transport([simulated])) as client:
        accounts.call_through(db, client)
        yield


def shippable(db: Database) -> None:
    """Every site has an address and every product a weight of 300 g: no carrier prices a parcel without."""
    home = {"lines": ["1 Dock Road"], "city": "Portland", "region": "OR", "postcode": "97201", "country": "US"}
    with db.engine.begin() as connection:
        connection.execute(update(tables.site).values(address=home))
        connection.execute(update(tables.product).values(weight_grams=300))
