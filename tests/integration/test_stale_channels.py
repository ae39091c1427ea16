"""While one channel does not hear us, the others are told less: what it may be selling is not promised twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from server.db import channel_states, tables
from server.db.bulk import insert_rows
from server.db.transaction import Database, transaction
from server.usecases.sharing import staleness
from server.usecases.sharing.allocation_views import look_at
from server.usecases.warehouse.counting import count_on_hand
from server.usecases.warehouse.kits import define_kit
from tests.book import BOSS, publish, sell
from tests.market import NINE, Street, open_street

AWAY, OTHER = "shopify", "woocommerce"
TWENTY_TWO = 22 * 60.0


def opened(db: Database) -> Street:
    """At 9:22, with ten candles of which 28 a day are sold; everything is told."""
    made = Street(db, [AWAY, OTHER], at=NINE + TWENTY_TWO)
    open_street(db, made.shops, made.lines, {"CANDLE": 10, "MUG": 10})
    with transaction(db, BOSS, "test") as tx:
        speed = {"sku": "CANDLE", "site_id": 0, "shipped": 28 * 28, "days": 28, "at": tx.now}
        insert_rows(tx.connection, tables.velocity, [speed])
    for _ in range(2):
        step(made)
    return made


@pytest.fixture
def street(sqlite_db: Database) -> Iterator[Street]:
    """On one engine."""
    made = opened(sqlite_db)
    yield made
    made.lines.close()


def step(street: Street, seconds: float = 0.0) -> None:
    street.at += seconds
    street.step()
    staleness.follow(street.db)
    street.step()


def go_away(street: Street) -> None:
    """The first push at 9:22 finds nobody, and so do four more."""
    street.shops[AWAY].faults.down = True
    sell(street.db, "S-1", ("CANDLE", 3), channel=OTHER)
    for _ in range(6):
        step(street, 10)


def shown(street: Street, sku: str = "CANDLE") -> tuple[int, int]:
    found = street.shown(sku)
    return found[AWAY], found[OTHER]


def test_the_time_out_at_9_22_costs_the_others_what_the_deaf_channel_may_sell_meanwhile(db: Database) -> None:
    street = opened(db)
    assert shown(street) == (10, 10)
    go_away(street)
    assert shown(street) == (10, 5), "seven are left, and the channel that shows ten may have sold two of them"
    street.shops[AWAY].market.sell(("CANDLE", 2))
    street.shops[AWAY].outgoing.clear()
    street.shops[AWAY].faults.down = False
    for _ in range(4):
        step(street, 61)
    assert shown(street) == (5, 5), "nothing was promised twice, and nothing is held back any more"
    assert street.shown("MUG") == {AWAY: 10, OTHER: 10}
    street.lines.close()


def test_the_longer_it_is_deaf_the_more_it_may_have_sold_but_never_more_than_it_shows(street: Street) -> None:
    go_away(street)
    step(street, 3_600)
    assert shown(street) == (10, 4), "28 a day are two in little more than an hour, and one more"
    for _ in range(3):
        step(street, 24 * 3_600)
    assert shown(street) == (10, 0)


def test_what_is_withheld_is_explained_where_people_look(street: Street) -> None:
    go_away(street)
    with street.db.read() as connection:
        offers = look_at(connection, street.at, "MUG").offers
    (cut,) = offers[OTHER].withheld
    assert (cut.units, cut.sentence) == (1, f"{AWAY} does not hear us and may have sold them")
    assert offers[AWAY].withheld == ()


def test_a_channel_that_lets_nobody_in_counts_as_deaf_at_once(street: Street) -> None:
    with transaction(street.db, BOSS, "test") as tx:
        channel_states.note(tx, street.row(AWAY).id, denied_at=tx.now)
    staleness.follow(street.db)
    publish(street.db)
    told = told_numbers(street.db)
    assert (told[OTHER, "CANDLE"], told[AWAY, "CANDLE"]) == (9, 10)


def test_components_leave_with_the_kits_that_the_deaf_channel_sells(street: Street) -> None:
    from server.domain.masterdata.catalog import Product
    from server.usecases.masterdata.catalogue import put_product
    from tests.market import take_listings

    put_product(street.db, BOSS, Product("PAIR", "Pair"), [])
    define_kit(street.db, BOSS, "PAIR", {"MUG": 2})
    for code, shop in street.shops.items():
        shop.market.offer("PAIR", 5)
        take_listings(street.db, street.lines, code)
    step(street)
    assert street.shown("PAIR") == {AWAY: 5, OTHER: 5}
    go_away(street)
    assert street.shown("MUG")[OTHER] == 10 - 1 - 2
    assert street.shown("PAIR")[OTHER] == 5 - 1 - 1


def test_nothing_is_written_while_all_channels_hear_us(street: Street) -> None:
    def last() -> Any:
        with street.db.read() as connection:
            return connection.execute(select(tables.batch.c.seq).order_by(tables.batch.c.seq.desc()).limit(1)).scalar()

    before = last()
    count_on_hand(street.db, BOSS, "MUG", "EAST", 10)
    staleness.follow(street.db)
    assert last() == before


def told_numbers(db: Database) -> dict[tuple[str, str], int]:
    o, c = tables.outbox, tables.channel
    query = select(c.c.code, o.c.key, o.c.payload).join(c, c.c.id == o.c.channel_id).where(o.c.kind == "stock")
    with db.read() as connection:
        return {(r.code, r.key): int(r.payload["data"]["available"]) for r in connection.execute(query)}
