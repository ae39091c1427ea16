"""Whatever happens to goods, in whatever order: every unit is somewhere and the book says where (RSV-04, VAL-02)."""

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from server.db import stock as db_stock
from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.booking.lots import Incoming
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.domain.warehouse.transfers import Key
from server.usecases.sales.cancel import cancel_order
from server.usecases.warehouse.counting import count_shelf
from server.usecases.warehouse.kit_building import build_kit, unbuild_kit
from server.usecases.warehouse.kits import define_kit
from server.usecases.warehouse.receiving import receive_goods, take_back
from server.usecases.warehouse.stock_view import view_stock
from server.usecases.warehouse.transfers import close_transfer, depart, plan_transfer, scan_in, scan_out, show_transfer
from server.usecases.warehouse.writing_off import write_off
from tests.book import BOSS, sell
from tests.goods import check_conserved, open_goods
from tests.postgres import fresh_database
from tests.shipping import ship

NAMES = itertools.count()
SKUS, SITES = ("CANDLE", "SOAP", "MUG", "SPA", "GIFT"), ("EAST", "WEST")
BILLS = ({"CANDLE": 2, "SOAP": 1}, {"CANDLE": 1, "MUG": 1})
VERBS = ("sell", "cancel", "ship", "receive", "return", "count", "write_off", "build", "unbuild", "define", "out")
Step = tuple[str, str, str, int]


def _step(verbs: tuple[str, ...], skus: tuple[str, ...] = SKUS, most: int = 6) -> st.SearchStrategy[Step]:
    return st.tuples(st.sampled_from(verbs), st.sampled_from(skus), st.sampled_from(SITES), st.integers(1, most))


STEPS = st.lists(
    st.one_of(
        _step(("sell", "receive"), most=4),
        _step(("ship", "cancel", "return", "define")),
        _step(("count", "write_off")),
        _step(("build", "unbuild"), ("SPA", "GIFT"), most=2),
        _step(("out", "in", "close"), SKUS[:3], most=4),
    ),
    min_size=12,
    max_size=30,
)
REFUSED = {
    *("already_shipped", "illegal_transition", "not_shipped", "negative_stock", "short_components", "not_available"),
    *("nothing_dispatched", "not_a_kit"),
}


class Warehouse:
    """The slow obvious model: what a person with a pencil would have on each shelf, from what was acknowledged."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.on_hand = Counter[tuple[str, str]]()
        for node in view_stock(db):
            self.on_hand[node["sku"], node["site"]] = node["on_hand"]
        self.sold: list[int] = []
        self.bills: dict[str, dict[str, int]] = {}
        self.transfer: int | None = None
        self.closed = False

    def do(self, verb: str, sku: str, site: str, n: int) -> None:
        """One step; a refusal is fine and changes nothing on the paper."""
        steps: dict[str, Callable[[str, str, int], None]] = {
            name: getattr(self, name) for name in (*VERBS, "close") if name != "return"
        }
        steps |= {"return": self.back, "in": self.come}
        try:
            steps[verb](sku, site, n)
        except DomainError as error:
            assert error.code in REFUSED, error

    def sell(self, sku: str, _site: str, n: int) -> None:
        self.sold.append(sell(self.db, f"H-{next(NAMES)}", (sku, n), ("MUG", 1)).order_id)

    def cancel(self, _sku: str, _site: str, n: int) -> None:
        if self.sold:
            cancel_order(self.db, BOSS, self.sold[n % len(self.sold)])

    def ship(self, _sku: str, _site: str, n: int) -> None:
        if not self.sold:
            return
        order_id = self.sold[n % len(self.sold)]
        left = self.holds(order_id)
        ship(self.db, order_id)
        self.on_hand.subtract(left)

    def holds(self, order_id: int) -> Counter[tuple[str, str]]:
        with self.db.read() as connection:
            sites = {row.id: row.code for row in connection.execute(select(tables.site))}
            rows = db_stock.live(connection, order_id)
        return Counter({(row.sku, sites[row.site_id]): row.quantity for row in rows})

    def receive(self, sku: str, site: str, n: int) -> None:
        receive_goods(self.db, BOSS, site, [Incoming(sku, n)])
        self.on_hand[sku, site] += n

    def back(self, sku: str, site: str, n: int) -> None:
        if self.sold:
            order_id = self.sold[n % len(self.sold)]
            take_back(self.db, BOSS, site, [Incoming(sku, n)], order_id=order_id, reason="back")
            self.on_hand[sku, site] += n

    def count(self, sku: str, site: str, n: int) -> None:
        count_shelf(self.db, BOSS, sku, site, n, reason="looked")
        self.on_hand[sku, site] = n

    def write_off(self, sku: str, site: str, n: int) -> None:
        write_off(self.db, BOSS, sku, site, n, reason="broken")
        self.on_hand[sku, site] -= n

    def define(self, _sku: str, _site: str, n: int) -> None:
        kit, bill = ("SPA", BILLS[n % 2]) if n % 3 else ("GIFT", {"SPA": 1, "MUG": n % 2 + 1})
        define_kit(self.db, BOSS, kit, bill, assembled=n == 6)

    def build(self, sku: str, site: str, n: int) -> None:
        done = build_kit(self.db, BOSS, sku, site, n)
        self.on_hand[sku, site] += n
        for part, _, units in done["consumed"]:
            self.on_hand[part, site] -= units

    def unbuild(self, sku: str, site: str, n: int) -> None:
        done = unbuild_kit(self.db, BOSS, sku, site, n)
        self.on_hand[sku, site] -= n
        for part, _, units in done["returned"]:
            self.on_hand[part, site] += units

    def out(self, sku: str, _site: str, n: int) -> None:
        if self.transfer is None or self.closed:
            self.closed = False
            self.transfer = int(plan_transfer(self.db, BOSS, "EAST", "WEST", {Key("MUG"): 1})["transfer"])
        scan_out(self.db, BOSS, self.transfer, Key(sku), n)
        self.on_hand[sku, "EAST"] -= n

    def come(self, sku: str, _site: str, n: int) -> None:
        if self.transfer is not None:
            scan_in(self.db, BOSS, self.transfer, Key(sku), n)
            self.on_hand[sku, "WEST"] += n

    def close(self, _sku: str, _site: str, _n: int) -> None:
        if self.transfer is not None and not self.closed:
            if show_transfer(self.db, self.transfer)["state"] == "loading":
                depart(self.db, BOSS, self.transfer)
            close_transfer(self.db, BOSS, self.transfer)
            self.closed = True


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def book(request: pytest.FixtureRequest) -> Iterator[Database]:
    """One book for all examples: each leaves it as right as it found it."""
    if request.param == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield from _opened(f"sqlite:///{Path(folder) / 'book.db'}")
    else:
        with fresh_database(request.getfixturevalue("postgres_server")) as url:
            yield from _opened(url)


def _opened(url: str) -> Iterator[Database]:
    db = Database(open_engine(url))
    migrate(db.engine)
    open_goods(db)
    define_kit(db, BOSS, "SPA", BILLS[0])
    yield db
    db.engine.dispose()


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_every_unit_is_somewhere_after_every_step(book: Database, steps: list[Step]) -> None:
    house = Warehouse(book)
    for step in steps:
        house.do(*step)
        check_conserved(book)
        _check_counters(house)
    for order_id in house.sold:
        house.do("cancel", "", "", house.sold.index(order_id))
    house.do("close", "", "", 0)
    house.do("count", "MUG", "EAST", 9)
    house.do("count", "CANDLE", "EAST", 12)
    with book.read() as connection:
        o = tables.order
        gone = (OrderStatus.SHIPPED.value, OrderStatus.CANCELLED.value)
        live = select(func.count()).select_from(o).where(o.c.status.not_in(gone))
        assert connection.execute(live).scalar_one() == 0
        t = tables.stock
        assert connection.execute(select(func.sum(t.c.reserved))).scalar_one() == 0


def _check_counters(house: Warehouse) -> None:
    """Counters = ledger = claims = what was acknowledged, and available is what is left (VAL-02)."""
    t, ledger, r, s = tables.stock, tables.ledger, tables.reservation, tables.site
    with house.db.read() as connection:
        sums = select(
            ledger.c.sku,
            ledger.c.site_id,
            func.sum(ledger.c.d_on_hand),
            func.sum(ledger.c.d_reserved),
            func.sum(ledger.c.d_transit),
        ).group_by(ledger.c.sku, ledger.c.site_id)
        written = {(sku, site): tuple(map(int, rest)) for sku, site, *rest in connection.execute(sums)}
        claims = select(r.c.sku, r.c.site_id, func.sum(r.c.quantity)).where(r.c.state == "reserved")
        claimed = {(sku, site): int(n) for sku, site, n in connection.execute(claims.group_by(r.c.sku, r.c.site_id))}
        rows = connection.execute(select(t, s.c.code).join(s, s.c.id == t.c.site_id)).all()
    for row in rows:
        key = row.sku, row.site_id
        assert (row.on_hand, row.reserved, row.in_transit) == written.get(key, (0, 0, 0)), key
        assert row.reserved == claimed.get(key, 0), key
        assert row.on_hand == house.on_hand[row.sku, row.code], key
        assert 0 <= row.reserved <= row.on_hand
    shown = {(node["sku"], node["site"]): node["available"] for node in view_stock(house.db)}
    assert shown == {(row.sku, row.code): row.on_hand - row.reserved - row.held for row in rows}
