"""One master for a product: found by anything that means it, told to benches with what it is mistaken for."""

import time

import pytest

from server.db import tables
from server.db.bulk import insert_rows
from server.db.transaction import Database, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.aliases import AliasKind
from server.domain.masterdata.catalog import Product
from server.domain.masterdata.gtins import check_digit
from server.reading import product_key, read
from server.usecases.benchwork.benches import add_bench
from server.usecases.benchwork.snapshot import take_snapshot
from server.usecases.masterdata import lookalikes, masters
from server.usecases.masterdata.aliases import map_alias
from server.usecases.masterdata.catalogue import CodeEntry, put_product, read_catalog, version
from server.usecases.masterdata.masters import Described, Meaning
from tests.book import BOSS, open_book

PRODUCTS = 100_000
EVERY = 500
WITHIN = 0.050
"""Seconds, SKU-02."""


def meanings(db: Database, text: str) -> list[Meaning]:
    with db.read() as connection:
        return masters.find(connection, text)


def refusal(db: Database, sku: str, change: Described) -> DomainError:
    with pytest.raises(DomainError) as refused:
        masters.describe(db, BOSS, sku, change)
    return refused.value


def held_version(db: Database) -> int:
    with db.read() as connection:
        return version(connection)


def test_a_product_is_found_by_its_sku_its_barcodes_and_its_channels_words(db: Database) -> None:
    open_book(db)
    put_product(db, BOSS, Product("CANDLE", "Candle", "LAVENDER"), [CodeEntry("candle-case", 6)])
    map_alias(db, BOSS, "B00X/2", "CANDLE", channel="shop", kind=AliasKind.VARIANT)
    assert meanings(db, "CANDLE") == [Meaning("CANDLE", "sku")]
    assert meanings(db, "4006381333931") == [Meaning("CANDLE", "barcode")]
    assert meanings(db, "CANDLE-CASE") == [Meaning("CANDLE", "barcode", 6)]
    assert meanings(db, "b00x/2") == [Meaning("CANDLE", "alias", channel="shop")]
    assert meanings(db, "nothing") == meanings(db, "\x00") == []


def test_the_master_holds_everything_about_a_product(db: Database) -> None:
    open_book(db)
    map_alias(db, BOSS, "LAV", "CANDLE", channel="shop")
    change = Described("home", "Quill", ("https://cdn.example/c.jpg",), 9.5, {"scent": "lavender", "size": "M"})
    assert masters.describe(db, BOSS, "CANDLE", change)
    assert masters.describe(db, BOSS, "CANDLE", Described(attributes={"size": ""}))
    with db.read() as connection:
        master = masters.master(connection, "CANDLE")
    assert master["attributes"] == {"scent": "lavender"}
    assert (master["category"], master["brand"], master["lead_days"]) == ("home", "Quill", 9.5)
    assert master["images"] == ["https://cdn.example/c.jpg"]
    assert master["codes"] == [{"code": "04006381333931", "units": 1}]
    assert [alias["text"] for alias in master["aliases"]] == ["LAV"]
    assert not masters.describe(db, BOSS, "CANDLE", Described("home"))


def test_what_cannot_be_is_refused(db: Database) -> None:
    open_book(db)
    assert refusal(db, "GHOST", Described("home")).code == "unknown_sku"
    assert "https://" in refusal(db, "CANDLE", Described(images=("http://a/b.jpg",))).detail
    assert refusal(db, "CANDLE", Described(lead_days=-1)).code == "invalid"
    assert refusal(db, "CANDLE", Described(attributes={"a": "b\x00"})).code == "invalid"


def test_benches_learn_what_a_product_is_mistaken_for_and_what_tells_it_apart(db: Database) -> None:
    open_book(db)
    bench = add_bench(db, BOSS, "Bench 1", "EAST")
    put_product(db, BOSS, Product("C-ROSE", "Candle", "ROSE"), [])
    before = held_version(db)
    lookalikes.group(db, BOSS, "CANDLES", ["CANDLE", "C-ROSE"])
    snapshot = take_snapshot(db, bench)
    assert snapshot.version > before
    told = {p.sku: (p.look_alike, p.differs_by) for p in snapshot.products}
    assert told["CANDLE"] == ("CANDLES", "LAVENDER")
    assert told["C-ROSE"] == ("CANDLES", "ROSE")
    assert told["SOAP"] == ("", "")


def grouped(db: Database) -> dict[str, tuple[str, str]]:
    """Group and difference of every product that is in one, as benches are told."""
    with db.read() as connection:
        products = read_catalog(connection).products.values()
    return {p.sku: (p.look_alike, p.differs_by) for p in products if p.look_alike or p.differs_by}


def test_a_group_that_nothing_tells_apart_is_refused_and_names_the_two(db: Database) -> None:
    open_book(db)
    put_product(db, BOSS, Product("C-2", "Candle", "lavender"), [])
    with pytest.raises(DomainError) as refused:
        lookalikes.group(db, BOSS, "CANDLES", ["CANDLE", "C-2"])
    assert refused.value.code == "indistinct"
    masters.describe(db, BOSS, "CANDLE", Described(attributes={"size": "S"}))
    masters.describe(db, BOSS, "C-2", Described(attributes={"size": "L"}))
    assert lookalikes.group(db, BOSS, "CANDLES", ["CANDLE", "C-2"]).says == {"CANDLE": "size S", "C-2": "size L"}


def test_a_member_can_not_be_changed_into_the_image_of_another(db: Database) -> None:
    open_book(db)
    put_product(db, BOSS, Product("C-ROSE", "Candle", "ROSE"), [])
    lookalikes.group(db, BOSS, "CANDLES", ["CANDLE", "C-ROSE"])
    with pytest.raises(DomainError) as refused:
        put_product(db, BOSS, Product("C-ROSE", "Candle", "LAVENDER"), [])
    assert refused.value.code == "indistinct"
    put_product(db, BOSS, Product("C-ROSE", "Candle", "TEA ROSE"), [])
    with db.read() as connection:
        assert read_catalog(connection).products["C-ROSE"].differs_by == "TEA ROSE"


def test_a_group_of_one_ends(db: Database) -> None:
    open_book(db)
    put_product(db, BOSS, Product("C-ROSE", "Candle", "ROSE"), [])
    lookalikes.group(db, BOSS, "CANDLES", ["CANDLE", "C-ROSE"])
    lookalikes.ungroup(db, BOSS, "C-ROSE")
    assert grouped(db) == {}
    with pytest.raises(DomainError):
        lookalikes.ungroup(db, BOSS, "C-ROSE")


def test_a_product_that_moves_to_another_group_leaves_its_old_one(db: Database) -> None:
    open_book(db)
    put_product(db, BOSS, Product("C-ROSE", "Candle", "TEA ROSE"), [])
    lookalikes.group(db, BOSS, "CANDLES", ["CANDLE", "C-ROSE"])
    lookalikes.group(db, BOSS, "ROSES", ["C-ROSE", "SOAP"])
    assert grouped(db) == {"C-ROSE": ("ROSES", "TEA ROSE"), "SOAP": ("ROSES", "ROSE")}


def test_products_of_one_name_are_suggested_until_they_are_grouped(db: Database) -> None:
    open_book(db)
    put_product(db, BOSS, Product("C-ROSE", "Candle", "ROSE"), [])
    with db.read() as connection:
        assert lookalikes.suggestions(connection) == {"candle": ("C-ROSE", "CANDLE")}
    lookalikes.group(db, BOSS, "CANDLES", ["CANDLE", "C-ROSE"])
    with db.read() as connection:
        assert lookalikes.suggestions(connection) == {}


def sku_of(number: int) -> str:
    return f"P-{number:06d}"


def codes_of(number: int) -> list[str]:
    """The barcodes of a product: the shop's own on shelf and box, and a GTIN on those that are scanned below."""
    own = [f"SHELF-{number:06d}", f"BOX-{number:06d}"]
    return [*own, gtin(number)] if number % EVERY == 0 else own


def gtin(number: int) -> str:
    body = f"40{number:010d}"
    return f"{body}{check_digit(body)}"


def fill(db: Database) -> None:
    """100,000 products with two barcodes or three each."""
    with transaction(db, BOSS, "fill") as tx:
        numbers = range(PRODUCTS)
        products = [{"sku": sku_of(n), "name": f"Product {n}"} for n in numbers]
        insert_rows(tx.connection, tables.product, products)
        codes = [{"code": product_key(c), "sku": sku_of(n), "units": 1} for n in numbers for c in codes_of(n)]
        insert_rows(tx.connection, tables.product_code, codes)


def slowest(times: list[float]) -> float:
    """The 99th percentile: one pause of the machine is not the product's."""
    return sorted(times)[int(len(times) * 0.99)]


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)  # Filling the other engine takes longer than the test.
@pytest.mark.timeout(300)
def test_any_of_200_000_barcodes_resolves_within_50_ms(db: Database) -> None:
    """SKU-02: at the bench's copy, and through the database."""
    fill(db)
    with db.read() as connection:
        catalog = read_catalog(connection)
        assert len(catalog.products) == PRODUCTS
        times: dict[str, list[float]] = {"bench": [], "database": []}
        for number in range(0, PRODUCTS, EVERY):
            for code in codes_of(number):
                began = time.thread_time()
                scan = read(code, catalog, at=0.0)
                times["bench"].append(time.thread_time() - began)
                began = time.thread_time()
                found = masters.find(connection, code)
                times["database"].append(time.thread_time() - began)
                assert [m.sku for m in scan.matches] == [m.sku for m in found] == [sku_of(number)]
    assert slowest(times["bench"]) < WITHIN
    assert slowest(times["database"]) < WITHIN
