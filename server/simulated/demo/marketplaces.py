"""The six platforms of the demo: simulated ones in a process of their own, connected as real ones are.

They are connected while the first screen opens, each with its credentials checked and its listings read. What they
sold is forgotten when the demo ends; their order numbers go on, so that no new order is taken for an old one.
"""

import threading
from contextlib import suppress
from functools import partial

import httpx
import structlog
from sqlalchemy import delete, select

from server.config import ServerConfig
from server.db import tables
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError, Unavailable
from server.simulated.demo import furnishing
from server.simulated.demo.floor import Floor
from server.simulated.demo.people import SITE
from server.simulated.platforms import kinds
from server.trade.settings_file import read_settings
from server.usecases.connecting import account, going_live, importing, mapping, resending
from server.usecases.talking.lines import Lines

BUYERS = (("shopify", {"CLOTH": 1}), ("etsy", {"SPRAY": 2}), ("amazon", {"LEM16": 1, "CLOTH": 1}))
"""Who buys where when the demo opens anew."""
CALLED = {"LAVENDER-16OZ": "LAV16"}
"""What is called otherwise there, where no GTIN says what it is; all else that is not known is not ours."""
_READY_SECONDS = 30.0
_DEMO = Actor("demo")
log = structlog.get_logger("demo")


def connect_beside(floor: Floor, config: ServerConfig) -> threading.Thread:
    """Connect all of them in a thread; the demo goes on meanwhile, and without one that cannot be connected.

    What it logs goes to a file: the terminal is the station's.
    """
    said = (floor.folder.logs / "marketplaces.log").open("a", encoding="utf-8")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(said))
    thread = threading.Thread(target=_connect_all, args=(floor, config), name="marketplaces", daemon=True)
    thread.start()
    return thread


def _connect_all(floor: Floor, config: ServerConfig) -> None:
    with furnishing.database(config) as db:
        lines = Lines(db, patience=_READY_SECONDS)
        try:
            for kind in kinds():
                with suppress(Unavailable):
                    floor.children.until(partial(_listens, floor, kind), kind, _READY_SECONDS)
                    connect(db, lines, floor, kind)
            sell(floor)
        except (DomainError, Unavailable, httpx.HTTPError) as error:
            log.warning("not connected", trouble=str(error))
        finally:
            lines.close()


def connect(db: Database, lines: Lines, floor: Floor, kind: str) -> None:
    """One platform, as `packproof channels add` does it, and live at once; again: at its address of today."""
    platform = account.platform_kind(kind)
    settings = read_settings(floor.folder.platforms / f"{kind}.toml", platform.SETTINGS)
    account.begin(db, _DEMO, kind, kind, account.completed(platform, settings))
    if account.is_live(db, kind):
        _forget_unfetched(db, kind)
        resending.sync(db, _DEMO, kind)
        return
    places = list(account.check_account(db, _DEMO, lines, kind).places)
    account.name_places(db, _DEMO, kind, {place: "" if nth else SITE for nth, place in enumerate(places)})
    found = importing.import_listings(db, _DEMO, lines, kind)
    for each in found.open:
        if each.listing.sku in CALLED:
            mapping.map_listing(db, _DEMO, kind, each.listing.ref, CALLED[each.listing.sku])
        else:
            mapping.not_ours(db, _DEMO, kind, each.listing.ref)
    going_live.go_live(db, _DEMO, kind, override="the demo goes live by itself")


def _forget_unfetched(db: Database, kind: str) -> None:
    """What was heard last time and not fetched is nowhere now: the simulation has forgotten what it sold."""
    t, c = tables.inbox, tables.channel
    with transaction(db, _DEMO, "forget") as tx:
        channel = select(c.c.id).where(c.c.code == kind).scalar_subquery()
        tx.connection.execute(delete(t).where(t.c.channel_id == channel, t.c.state != "done"))


def _listens(floor: Floor, kind: str) -> bool:
    """Its settings are written when it does."""
    path = floor.folder.platforms / f"{kind}.toml"
    return path.exists() and path.stat().st_size > 0


def sell(floor: Floor) -> None:
    """Let some people buy, once in a folder."""
    for kind, wanted in BUYERS if floor.folder.fresh else ():
        url = f"http://127.0.0.1:{floor.platforms_port + kinds().index(kind)}/_/sell"
        lines = [{"sku": sku, "quantity": units} for sku, units in wanted.items()]
        httpx.post(url, json={"lines": lines}, timeout=5)
