"""Seeded days of selling on seven channels, by a clock that waits for nobody.

``burst``: ten thousand orders in minutes, against a poller that looks every quarter of an hour. ``week``: seven quiet
days with faults, after which nobody must have had to do anything.
"""

import random
import tempfile
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.simulated.platforms import kinds, simulated
from server.simulated.platforms.market import SoldOut
from server.simulated.platforms.transport import transport
from server.usecases.talking.lines import Lines
from tests.bench import figures
from tests.bench.channels.own_shop import OwnShop
from tests.market import Street, open_street

ORDERS, RATE, SKUS, UNITS = 10_000, 50.0, 200, 55
QUARTER = 900.0
DOWN_AT, DOWN_FOR = 60.0, 20.0
DAY, PER_DAY = 86_400.0, 200


@dataclass(frozen=True, slots=True)
class Buy:
    """Somebody wants one unit somewhere; they buy it when that channel shows one."""

    at: float
    channel: str
    sku: str


def demand(seed: int, channels: Sequence[str], orders: int, seconds: float, skus: int) -> list[Buy]:
    """Orders spread over so many seconds; few products are wanted by many (Zipf, exponent 1)."""
    chance = random.Random(seed)
    weights = list(accumulate(1 / (n + 1) for n in range(skus)))
    moments = sorted(chance.random() * seconds for _ in range(orders))
    return [
        Buy(at, chance.choice(list(channels)), f"SKU-{bisect(weights, chance.random() * weights[-1]):03}")
        for at in moments
    ]


@contextmanager
def street(
    seed: int, stock: dict[str, int], platforms: Sequence[str] = (), *, limited: bool = False
) -> Iterator[Street]:
    """Seven channels over one SQLite book; with ``platforms`` these and a shop of one's own.

    ``limited``: once all is told, both sides keep to the platforms' limits.
    """
    with tempfile.TemporaryDirectory() as name:
        db = Database(open_engine(f"sqlite:///{Path(name) / 'book.db'}"))
        migrate(db.engine)
        made = Street(db, ())
        made.shops = {kind: simulated(kind, lambda: made.at, seed) for kind in platforms or kinds()}
        made.shops["custom"] = OwnShop(lambda: made.at, seed)
        client = httpx.Client(transport=transport(list(made.shops.values())))
        made.lines = Lines(db, client, patience=0.0, limited=False, fetches=1)
        open_street(db, made.shops, made.lines, stock)
        made.settle(120)
        if limited:
            made.lines = Lines(db, client, patience=0.0, fetches=1)
            for shop in made.shops.values():
                shop.limited = True
        yield made
        db.engine.dispose()


def burst(seed: int, size: int | None) -> None:
    """The same buyers, once with us and once with the poller."""
    orders = size or ORDERS
    stock = {f"SKU-{n:03}": UNITS for n in range(SKUS)}
    with street(seed, stock) as made:
        buys = demand(seed, list(made.shops), orders, orders / RATE, SKUS)
        ours, settled = _with_us(made, buys)
        figures.line("channels.burst.orders", ours.total())
        figures.line("channels.double_promised", double(made.db))
        figures.line("channels.burst.all_right_after", settled, "s")
        mine = _oversold(ours, stock)
        theirs = _oversold(_with_a_poller(list(made.shops), buys, stock), stock)
        figures.line("channels.burst.oversold", mine, "units")
        figures.line("channels.burst.oversold_by_poller", theirs, "units")
        figures.line("channels.burst.ratio", mine / theirs if theirs else float("nan"))


def _with_us(made: Street, buys: Sequence[Buy]) -> tuple[Counter[str], float]:
    """What was sold; and how long after the last sale every channel showed the true number."""
    begin, sold, nth = made.at, Counter[str](), 0
    down = made.shops[sorted(kinds())[0]]
    for shop in made.shops.values():
        shop.faults.share = 0.05
    while nth < len(buys):
        now = made.at - begin
        down.faults.down = DOWN_AT <= now < DOWN_AT + DOWN_FOR
        while nth < len(buys) and buys[nth].at <= now:
            _buy(made, buys[nth], sold)
            nth += 1
        carry(made)
        made.step()
        made.at += 0.25
    over = made.at
    for shop in made.shops.values():
        shop.faults.share = 0.0
    while made.at < over + 600 and not all(is_true(made, sku) for sku in {buy.sku for buy in buys}):
        carry(made)
        made.step()
        made.at += 1.0
    return sold, made.at - over


def _buy(made: Street, buy: Buy, sold: Counter[str]) -> None:
    shop = made.shops[buy.channel]
    try:
        shop.market.sell((buy.sku, 1))
    except SoldOut:
        return
    sold[buy.sku] += 1


def carry(made: Street) -> None:
    """Messages arrive. One that was not taken, as its platform could not be asked for a key just now, comes again."""
    for kind, shop in made.shops.items():
        waiting, shop.outgoing = ([], shop.outgoing) if shop.faults.down else (shop.outgoing, [])
        for message in waiting:
            try:
                if isinstance(shop, OwnShop):
                    shop.bring(made.db, kind, message)
                else:
                    made.bring(kind, message)
            except DomainError:
                shop.outgoing.append(message)


def is_true(made: Street, sku: str) -> bool:
    """Whether every channel shows what may still be sold."""
    s = tables.stock
    with made.db.read() as connection:
        free = connection.execute(
            select(func.sum(s.c.on_hand - s.c.reserved - s.c.held)).where(s.c.sku == sku)
        ).scalar_one()
    return set(made.shown(sku).values()) == {int(free)}


def double(db: Database) -> int:
    s = tables.stock
    with db.read() as connection:
        rows = connection.execute(select(s.c.on_hand, s.c.reserved, s.c.held)).all()
    return sum(max(0, row.reserved + row.held - row.on_hand) for row in rows)


def quiet(db: Database) -> bool:
    """Whether nothing waits, heard or to be told."""
    with db.read() as connection:
        waits = (select(t.c.id).where(t.c.state == "waiting").limit(1) for t in (tables.inbox, tables.outbox))
        return not any(connection.execute(query).first() for query in waits)


def _oversold(sold: Counter[str], stock: dict[str, int]) -> int:
    return sum(max(0, units - stock[sku]) for sku, units in sold.items())


def _with_a_poller(channels: Sequence[str], buys: Sequence[Buy], stock: dict[str, int]) -> Counter[str]:
    """Each channel sells from its own number; every quarter of an hour all get what is left."""
    shown = {(channel, sku): units for channel in channels for sku, units in stock.items()}
    sold, next_look = Counter[str](), QUARTER
    for buy in buys:
        while buy.at >= next_look:
            shown = {(c, sku): max(0, units - sold[sku]) for c in channels for sku, units in stock.items()}
            next_look += QUARTER
        if shown[buy.channel, buy.sku] > 0:
            shown[buy.channel, buy.sku] -= 1
            sold[buy.sku] += 1
    return sold


def week(seed: int, size: int | None) -> None:
    """So many days (7) at 200 orders a day, one call in twenty failing, and each channel down for an hour a day."""
    days = size or 7
    stock = {f"SKU-{n:03}": 40 for n in range(SKUS)}
    with street(seed, stock) as made:
        buys = demand(seed, list(made.shops), days * PER_DAY, days * DAY, SKUS)
        begin, sold, nth = made.at, Counter[str](), 0
        for shop in made.shops.values():
            shop.faults.share = 0.05
        while made.at - begin < days * DAY:
            now = made.at - begin
            for place, shop in enumerate(made.shops.values()):
                shop.faults.down = 0 <= now % DAY - place * 10_000 < 3600
            while nth < len(buys) and buys[nth].at <= now:
                _buy(made, buys[nth], sold)
                nth += 1
            carry(made)
            made.step()
            made.at += 120.0
        for shop in made.shops.values():
            shop.faults.share, shop.faults.down = 0.0, False
        made.settle(3600, by=60)
        figures.line("channel_week.orders", sold.total())
        figures.line("channel_week.not_taken", sold.total() - count(made.db, tables.order))
        figures.line("channel_week.wrong_numbers", sum(not is_true(made, sku) for sku in stock))
        for kind, rows in sorted(left_over(made.db).items()):
            print(f"  left for people: {rows} x {kind}")
        figures.line("channel_week.human_actions", left_over(made.db).total())


def left_over(db: Database) -> Counter[str]:
    """Open incidents about the sync itself, and rows that were put aside."""
    i = tables.incident
    with db.read() as connection:
        open_now = select(i.c.type).where(i.c.state == "open", i.c.type.like("channel%"))
        found = Counter(connection.execute(open_now).scalars())
        for table in (tables.inbox, tables.outbox):
            parked = select(func.count()).where(table.c.state == "parked")
            found[f"parked in {table.name}"] += int(connection.execute(parked).scalar_one())
    return +found


def count(db: Database, table: Any) -> int:
    """Rows of a table."""
    with db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
