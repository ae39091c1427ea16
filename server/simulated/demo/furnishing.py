"""Fills a fresh demo: tables, people, boxes, goods with stock, the shop's channel. A second time changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from server.carriers.own_van import tracking
from server.config import ServerConfig
from server.db import allotments, tables
from server.db import orders as order_rows
from server.db import people as people_rows
from server.db import sites as site_rows
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Actor, Database
from server.domain.masterdata.catalog import Product
from server.simulated.demo.folder import Folder
from server.simulated.demo.goods import GOODS
from server.simulated.demo.people import BENCH, CHANNEL, SITE, plan
from server.usecases.benchwork.benches import new_join_secret
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.masterdata.handling import Handling, set_handling
from server.usecases.starting.setup import set_up
from server.usecases.starting.sites import change_channel
from server.usecases.warehouse.counting import count_on_hand

_DEMO = Actor("demo")


@contextmanager
def database(config: ServerConfig) -> Iterator[Database]:
    """The demo's database with every table in place."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_engine(config.database_url)
    try:
        migrate(engine)
        yield Database(engine)
    finally:
        engine.dispose()


def furnish(db: Database, folder: Folder, time_zone: str) -> None:
    """Everything of the plan, the goods and their opening stock: counted only the first time."""
    set_up(db, _DEMO, plan(time_zone), folder.memory.password)
    if folder.memory.furnished:
        return
    for good in GOODS:
        codes = [CodeEntry(code, units, gtin=code.isdecimal()) for code, units in good.codes.items()]
        put_product(db, _DEMO, Product(good.sku, good.name, good.variant, good.grams), codes)
        set_handling(db, _DEMO, good.sku, Handling(size_mm=good.size_mm))
        count_on_hand(db, _DEMO, good.sku, SITE, good.stock, bin_code=good.bin)
    folder.memory.furnished = True
    folder.remember()


def connect_shop(db: Database, shop_url: str) -> str:
    """Tell the shop at its address of today; return the secret it signs with."""
    with db.read() as connection:
        row = site_rows.channel(connection, CHANNEL)
    assert row is not None, "furnish makes the channel"  # noqa: S101
    settings = {**row.settings, "webhook_url": f"{shop_url}/packproof"}
    if settings != row.settings:
        change_channel(db, _DEMO, CHANNEL, settings)
    return str(settings["secret"])


def join_secret(db: Database, station: Path) -> str:
    """A secret for the bench to join with; empty when it has joined and kept its token."""
    with db.read() as connection:
        bench = people_rows.bench_named(connection, BENCH)
    joined = bench.token_digest and (station / "bench.json").exists()
    return "" if joined else new_join_secret(db, _DEMO, BENCH)


def next_tracking(db: Database, order: str) -> str:
    """The number on the label of this order, so that the guide can name it: one kept for it, or the own van's next."""
    with db.read() as connection:
        row = order_rows.by_ref(connection, order)
        kept = allotments.of_order(connection, row.id) if row is not None else None
        if kept is not None and kept.tracking:
            return str(kept.tracking)
        last = connection.execute(select(func.max(tables.parcel.c.number))).scalar()
    return tracking((last or 0) + 1)
