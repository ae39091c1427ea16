"""Seven channels sell what five sites have, while everything goes wrong, and every invariant holds (GOV-09).

By a seed and a clock that waits for nobody: buyers all over the country, a twentieth of all calls failing, each channel
down for a while, one site after the other switched off and on again, buyers who cancel, goods that leave and come in.
Then the weather clears, and nothing may be lost, doubled or wrong.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from server.db import tables
from server.db.transaction import transaction
from server.simulated.platforms.market import Sale, SoldOut
from server.usecases.booking import stock
from server.usecases.record.audit_check import check
from server.usecases.routes.nodes import set_node
from server.usecases.routes.routing import set_rules
from server.usecases.routes.site_down import reroute_from_inactive, set_active
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from tests.bench import figures
from tests.bench.channels.days import carry, double, is_true, street
from tests.book import BOSS
from tests.market import Street, send_off
from tests.routing_book import node_data, ruled
from tests.routing_cases import WORLD

ORDERS, STEP, PER_STEP = 2_000, 120.0, 2
REST = 6
"""Steps of five minutes in which all comes to rest."""
SKUS, UNITS = 30, 12
"""``UNITS`` of each product at each site."""
SITES = [row["code"] for row in WORLD["node"]]
CITIES = (("Boston", "MA", "02108"), ("Reno", "NV", "89501"), ("Dallas", "TX", "75201"), ("Honolulu", "HI", "96813"))
_o = tables.order


@dataclass
class Soak:
    """The street and what happened on it. ``sent``: the parcel's number by channel and order."""

    made: Street
    chance: random.Random
    skus: list[str]
    sales: dict[tuple[str, str], Sale] = field(default_factory=dict)
    sent: dict[tuple[str, str], str] = field(default_factory=dict)
    down: str = ""

    def happen(self) -> None:
        """One step: two buyers, perhaps a cancel, a parcel, a count; perhaps a site goes down or comes back."""
        for _ in range(PER_STEP):
            self._buy()
        for act, often in ((self._send, 0.8), (self._cancel, 0.1), (self._count, 0.2), (self._switch, 0.1)):
            if self.chance.random() < often:
                act()
        for kind, shop in self.made.shops.items():
            shop.faults.share, shop.faults.down = 0.05, hash_of(kind, self.made.at) % 8 == 0

    def clear(self) -> None:
        """The weather clears: everything answers, all sites are there."""
        for shop in self.made.shops.values():
            shop.faults.share, shop.faults.down = 0.0, False
        if self.down:
            self._switch()

    def _buy(self) -> None:
        """Somebody somewhere buys one or two products, where the shop shows them."""
        kind, (city, region, postcode) = self.chance.choice(list(self.made.shops)), self.chance.choice(CITIES)
        wanted = [(sku, self.chance.randint(1, 2)) for sku in self.chance.sample(self.skus, self.chance.randint(1, 2))]
        try:
            buyer = {"city": city, "region": region, "postcode": postcode}
            sale = self.made.shops[kind].market.sell(*wanted, buyer=buyer)
        except SoldOut:
            return
        self.sales[kind, sale.ref] = sale

    def _cancel(self) -> None:
        """A buyer thinks better of it while it is still ours to ship."""
        there = [place for place in self.sales if place[0] != "custom" and place not in self.sent]
        if there:
            kind, ref = self.chance.choice(there)
            self.made.shops[kind].market.cancel(ref)

    def _send(self) -> None:
        """An order leaves in one parcel."""
        c = tables.channel
        query = select(_o.c.id, _o.c.channel_order_id, c.c.code).join(c, c.c.id == _o.c.channel_id)
        with self.made.db.read() as connection:
            ready = connection.execute(query.where(_o.c.status == "ready", _o.c.parts == 1).order_by(_o.c.id)).all()
        ready = [row for row in ready if self.sales[row.code, row.channel_order_id].status == "open"]
        if not ready:
            return
        row = self.chance.choice(ready)
        tracking = self.sent[row.code, row.channel_order_id] = f"1Z999AA1{len(self.sent):010}"
        send_off(self.made.db, row.id, tracking)
        with transaction(self.made.db, BOSS, "ship") as tx:
            stock.ship_order(tx, row.id)

    def _count(self) -> None:
        """Somebody counts a shelf, and finds three more."""
        sku, site = self.chance.choice(self.skus), self.chance.choice(SITES)
        t, s = tables.stock, tables.site
        query = select(t.c.on_hand).join(s, s.c.id == t.c.site_id).where(t.c.sku == sku, s.c.code == site)
        with self.made.db.read() as connection:
            there = connection.execute(query).scalar() or 0
        count_on_hand(self.made.db, BOSS, sku, site, there + 3)

    def _switch(self) -> None:
        """A site goes down, or the one that was down comes back."""
        site = self.down or self.chance.choice(SITES)
        set_active(self.made.db, BOSS, site, bool(self.down))
        self.down = "" if self.down else site


def hash_of(kind: str, at: float) -> int:
    """The same for half an hour of each channel."""
    return random.Random(f"{kind} {at // 1800}").randrange(1000)


def soak(seed: int, size: int | None) -> None:
    """So many wishes to buy (2,000); prints what was found, and exits with any fault."""
    orders, sites, wrong = run(seed, size or ORDERS)
    figures.line("soak.orders", orders.total())
    for status, number in sorted(orders.items()):
        print(f"  {number} {status}")
    figures.line("soak.sites", len(sites))
    for sentence in wrong:
        print(f"  {sentence}")
    figures.line("soak.faults", len(wrong))
    if wrong:
        raise SystemExit(1)


def run(seed: int, orders: int, platforms: Sequence[str] = ()) -> tuple[Counter[str], set[str], list[str]]:
    """Orders by status, the sites that ship them, and what is wrong when all has come to rest."""
    names = [f"SKU-{n:03}" for n in range(min(SKUS, orders))]
    with street(seed, dict.fromkeys(names, UNITS), platforms) as made:
        open_sites(made, names)
        done = Soak(made, random.Random(seed), names)
        for _ in range(orders // PER_STEP):
            done.happen()
            move(made, STEP)
        done.clear()
        for _ in range(REST):
            move(made, 300.0)
        s = tables.site
        with made.db.read() as connection:
            counts = Counter(connection.execute(select(_o.c.status)).scalars())
            sites = set(connection.execute(select(s.c.code).join(_o, _o.c.site_id == s.c.id)).scalars())
            return counts, sites, list(faults(done, connection))


def open_sites(made: Street, skus: list[str]) -> None:
    """Four more sites beside EAST with as much stock, and the nearest one ships."""
    for rank, row in enumerate(WORLD["node"]):
        if row["code"] != "EAST":
            add_site(made.db, BOSS, row["code"], row["code"].title(), time_zone=row["zone"], rank=rank)
            for sku in skus:
                count_on_hand(made.db, BOSS, sku, row["code"], UNITS)
        set_node(made.db, BOSS, row["code"], node_data(row) | {"capacity_per_day": 0})
    set_rules(made.db, BOSS, ruled("nearest"))
    made.settle(120)


def move(made: Street, seconds: float) -> None:
    """Everything that is due now, and time goes on."""
    carry(made)
    reroute_from_inactive(made.db)
    made.step()
    made.at += seconds


def faults(done: Soak, connection: Connection) -> Iterator[str]:
    """One sentence for each invariant that does not hold."""
    for _, drifts in check(connection, done.made.at):
        yield from (drift.sentence for drift in drifts)
    if twice := double(done.made.db):
        yield f"{twice} units are promised twice"
    for sku in done.skus:
        if not is_true(done.made, sku):
            yield f"{sku}: the channels show {done.made.shown(sku)}, which is not what is left"
    yield from _orders(done, connection)
    for table in (tables.inbox, tables.outbox):
        for state, rows in connection.execute(select(table.c.state, func.count()).group_by(table.c.state)):
            if state in {"waiting", "parked"}:
                yield f"{rows} rows of the {table.name} are {state}"


def _orders(done: Soak, connection: Connection) -> Iterator[str]:
    """Each sale is one order of ours, as the channel has it; each parcel was told once."""
    c = tables.channel
    query = select(c.c.code, _o.c.channel_order_id, _o.c.status).join(c, c.c.id == _o.c.channel_id)
    ours = Counter[tuple[str, str]]()
    statuses: dict[tuple[str, str], str] = {}
    for row in connection.execute(query.where(_o.c.part == 1)):
        ours[row.code, row.channel_order_id] += 1
        statuses[row.code, row.channel_order_id] = row.status
    for place, sale in done.sales.items():
        name, gone = " ".join(place), sale.status == "cancelled"
        if ours[place] != 1 and not (gone and not ours[place]):
            yield f"{name}: {ours[place]} orders of ours"
        if gone and statuses.get(place, "cancelled") != "cancelled":
            yield f"{name}: cancelled there and {statuses[place]} here"
        told = [shipment.tracking for shipment in sale.shipments]
        expected = [done.sent[place]] if place in done.sent and place[0] != "custom" else []
        if told != expected:
            yield f"{name}: told {told}, expected {expected}"
