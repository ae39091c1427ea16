"""A lot may be sold on its last day where nobody asks for more: by the day of its site, not of Greenwich."""

from datetime import UTC, datetime

import pytest

from server.db import publishing
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.domain.sales.orders import OrderStatus
from server.usecases.masterdata.catalogue import put_product
from server.usecases.masterdata.lowstock import levels
from server.usecases.routes.nodes import set_node
from server.usecases.sales.policies import set_life
from server.usecases.sharing.publishing import tell_everything
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.goods import set_tracking
from server.usecases.warehouse.kit_building import build_kit
from server.usecases.warehouse.kits import define_kit
from server.usecases.warehouse.stock_view import view_stock
from tests.book import BOSS, listening, open_book, publish, receive, sell

LAST = "2026-03-10"


def at(db: Database, text: str) -> None:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    db.now = lambda: moment


@pytest.fixture
def book(db: Database) -> Database:
    """Two creams in Hawaii (UTC-10) and three in Auckland (UTC+13); both lots are good until the tenth."""
    at(db, "2026-03-01T12:00")
    open_book(db)
    set_life(db, BOSS, "shop", 0)
    add_site(db, BOSS, "HILO", "Hilo", time_zone="Pacific/Honolulu", rank=1)
    add_site(db, BOSS, "AKL", "Auckland", time_zone="Pacific/Auckland", rank=2)
    put_product(db, BOSS, Product("CREAM", "Cream"), [])
    set_tracking(db, BOSS, "CREAM", lots=True, expiry=True)
    receive(db, "CREAM", "HILO", 2, lot="H", expires_on=LAST)
    receive(db, "CREAM", "AKL", 3, lot="A", expires_on=LAST)
    return db


def sellable(db: Database) -> dict[str, int]:
    return {row["site"]: row["sellable"] for row in view_stock(db, sku="CREAM")}


def low_level(db: Database) -> dict[str, int]:
    with db.read() as connection:
        found = levels(connection, ["CREAM"], db.now()).values()
        return {level.site: level.available for level in found if level.site}


@pytest.mark.parametrize(
    ("moment", "hilo", "auckland"),
    [
        ("2026-03-10T10:59", 2, 3),
        ("2026-03-10T11:01", 2, 0),  # The eleventh has begun in Auckland.
        ("2026-03-11T09:59", 2, 0),
        ("2026-03-11T10:01", 0, 0),
    ],
)
def test_a_lot_is_sold_until_midnight_of_its_own_site(book: Database, moment: str, hilo: int, auckland: int) -> None:
    at(book, moment)
    assert sellable(book) == low_level(book) == {"HILO": hilo, "AKL": auckland}
    assert (sell(book, "B-1", ("CREAM", 3)).status is OrderStatus.READY) == (auckland == 3)
    assert (sell(book, "B-2", ("CREAM", 2)).status is OrderStatus.READY) == (hilo == 2)


def test_goods_that_come_in_are_judged_by_the_day_at_the_dock(book: Database) -> None:
    at(book, "2026-03-10T23:00")
    with pytest.raises(DomainError, match="lot A of CREAM expired on 2026-03-10"):
        receive(book, "CREAM", "AKL", 1, lot="A", expires_on=LAST)
    at(book, "2026-03-11T09:00")
    receive(book, "CREAM", "HILO", 1, lot="H", expires_on=LAST)
    assert sellable(book) == {"HILO": 3, "AKL": 0}


def test_a_kit_is_built_only_from_what_is_still_good_at_its_site(book: Database) -> None:
    put_product(book, BOSS, Product("JAR", "Jar of cream"), [])
    set_tracking(book, BOSS, "JAR", lots=True, expiry=True)
    define_kit(book, BOSS, "JAR", {"CREAM": 1})
    at(book, "2026-03-10T23:00")
    with pytest.raises(DomainError, match="CREAM: 1 wanted, 0 free"):
        build_kit(book, BOSS, "JAR", "AKL", 1, lot="J")
    assert build_kit(book, BOSS, "JAR", "HILO", 1, lot="J")["units"] == 1


def test_channels_are_told_at_the_midnight_of_each_site(db: Database) -> None:
    with listening() as shop:
        at(db, "2026-03-01T12:00")
        open_book(db, url=shop.url)
        set_life(db, BOSS, "shop", 0)
        add_site(db, BOSS, "AKL", "Auckland", time_zone="Pacific/Auckland")
        put_product(db, BOSS, Product("CREAM", "Cream"), [])
        set_tracking(db, BOSS, "CREAM", lots=True, expiry=True)
        receive(db, "CREAM", "AKL", 3, lot="A", expires_on=LAST)
        at(db, "2026-03-10T10:30")
        publish(db)
        assert waiting_number(db) == 3
        at(db, "2026-03-10T11:30")
        tell_everything(db)
        assert waiting_number(db) == 0


def test_a_site_that_moves_to_another_zone_changes_its_day_at_once(book: Database) -> None:
    at(book, "2026-03-10T12:00")
    assert sellable(book)["AKL"] == 0
    set_node(book, BOSS, "AKL", {"time_zone": "UTC"})
    assert sellable(book)["AKL"] == 3
    assert sell(book, "B-1", ("CREAM", 3)).status is OrderStatus.READY


def waiting_number(db: Database) -> int:
    with db.read() as connection:
        return publishing.told(connection, ["CREAM"])[1, "CREAM"]
