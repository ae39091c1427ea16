"""Products and their barcodes: each code means what was said, and none can be taken for a command."""

import pytest

from server.db.transaction import Database
from server.domain.benchwork.scans import Command
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import BoxType, Product
from server.reading import command_code, read
from server.usecases.masterdata.catalogue import CodeEntry, put_box, put_product, read_catalog, version
from tests.book import BOSS, open_book

PEN = Product("PEN", "Pen", "BLUE", 12)


def held(db: Database) -> int:
    with db.read() as connection:
        return version(connection)


def test_a_case_is_one_barcode_of_six_units(db: Database) -> None:
    put_product(db, BOSS, PEN, [CodeEntry("012345678905", gtin=True), CodeEntry("pen-case", 6)])
    with db.read() as connection:
        catalog = read_catalog(connection)
    assert [m.units for m in read("0012345678905", catalog, at=0).matches] == [1]
    assert [m.units for m in read("PEN-CASE", catalog, at=0).matches] == [6]


def test_the_version_rises_with_every_change_and_with_nothing_else(db: Database) -> None:
    open_book(db)
    versions = [held(db)]
    assert put_product(db, BOSS, PEN, [CodeEntry("PEN-1")])
    versions.append(held(db))
    assert not put_product(db, BOSS, PEN, [CodeEntry("pen-1")])
    assert held(db) == versions[-1]
    put_box(db, BOSS, BoxType("M", "Medium", (300, 200, 100), 90))
    versions.append(held(db))
    assert versions == sorted(set(versions))
    with db.read() as connection:
        catalog = read_catalog(connection)
        assert catalog is read_catalog(connection)
    assert (catalog.version, catalog.boxes["M"].inner_mm) == (versions[-1], (300, 200, 100))


def test_no_command_can_be_a_product(db: Database) -> None:
    codes = [command_code(c) for c in Command] + ["ppb-ana", "PPO-1043", "PPL-x", " PPX-M ", "]C1PPC-OK", "PPC-"]
    for code in codes:
        with pytest.raises(DomainError, match="reserved_code"):
            put_product(db, BOSS, PEN, [CodeEntry(code)])
    with db.read() as connection:
        assert not read_catalog(connection).products


def test_a_wrong_check_digit_is_refused_only_where_a_gtin_was_promised(sqlite_db: Database) -> None:
    with pytest.raises(DomainError, match="bad_check_digit"):
        put_product(sqlite_db, BOSS, PEN, [CodeEntry("4006381333932", gtin=True)])
    with pytest.raises(DomainError, match="bad_check_digit"):
        put_product(sqlite_db, BOSS, PEN, [CodeEntry("12345", gtin=True)])
    assert put_product(sqlite_db, BOSS, PEN, [CodeEntry("4006381333932")])


def test_a_code_of_another_product_is_refused_unless_they_share_it(db: Database) -> None:
    open_book(db)
    with pytest.raises(DomainError) as refused:
        put_product(db, BOSS, PEN, [CodeEntry("4006381333931")])
    assert (refused.value.code, refused.value.facts) == ("code_taken", {"sku": "CANDLE", "says": "teach_taken"})
    assert put_product(db, BOSS, PEN, [CodeEntry("4006381333931", 2)], shared=True)
    with db.read() as connection:
        found = read_catalog(connection).find("04006381333931")
    assert [(m.sku, m.units) for m in found] == [("CANDLE", 1), ("PEN", 2)]


@pytest.mark.parametrize(
    "product",
    [Product("", "Pen"), Product("PEN", ""), Product("P\x1bN", "Pen"), Product("PEN", "Pen", weight_grams=0)],
)
def test_a_product_without_sku_name_or_weight_is_refused(sqlite_db: Database, product: Product) -> None:
    with pytest.raises(DomainError, match="invalid"):
        put_product(sqlite_db, BOSS, product)
