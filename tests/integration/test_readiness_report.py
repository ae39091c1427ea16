"""The report before a launch, from the database, per channel."""

import pytest
from sqlalchemy import insert

from server.db import tables
from server.db.transaction import Database, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.domain.masterdata.readiness import GapKind
from server.usecases.masterdata.aliases import map_alias
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.masterdata.masters import Described, describe
from server.usecases.masterdata.readiness import report, set_needs
from tests.book import BOSS, open_book

IMAGE = "https://cdn.example/x.jpg"


def gaps(db: Database, channel: str = "shop") -> dict[str, list[str]]:
    with db.read() as connection:
        [found] = report(connection, channel)
    by_sku: dict[str, list[str]] = {}
    for gap in found.gaps:
        by_sku.setdefault(gap.sku, []).append(f"{gap.kind}: {gap.detail}")
    return by_sku


def test_each_gap_of_each_product_is_listed(db: Database) -> None:
    open_book(db)
    describe(db, BOSS, "CANDLE", Described(images=(IMAGE,)))
    put_product(db, BOSS, Product("SOAP", "Soap", "ROSE"), [CodeEntry("5901234123458")])
    assert gaps(db) == {
        "MUG": ["image: 0 images, 1 needed", "gtin: no GTIN"],
        "SOAP": ["image: 0 images, 1 needed", "gtin: 5901234123458 should end in 7, not 8"],
    }


def test_a_wrong_check_digit_is_refused_where_a_gtin_is_said_to_be_entered(db: Database) -> None:
    open_book(db)
    with pytest.raises(DomainError) as refused:
        put_product(db, BOSS, Product("SOAP", "Soap", "ROSE"), [CodeEntry("5901234123458", gtin=True)])
    assert refused.value.code == "bad_check_digit"


def test_a_bundle_without_contents_and_variants_that_say_nothing_are_gaps(db: Database) -> None:
    open_book(db)
    for sku in ("CANDLE", "SOAP", "MUG"):
        describe(db, BOSS, sku, Described(images=(IMAGE,)))
    set_needs(db, BOSS, "shop", {"gtin": False})
    with transaction(db, BOSS, "kit") as tx:
        row = {"sku": "MUG", "version": 1, "current": True, "at": 0.0, "actor": "x"}
        tx.connection.execute(insert(tables.kit).values(**row))
    put_product(db, BOSS, Product("MUG-2", "Mug two"), [])
    describe(db, BOSS, "MUG-2", Described(images=(IMAGE,), attributes={"family": "MUGS"}))
    assert gaps(db) == {
        "MUG": ["bundle: a bundle of nothing"],
        "MUG-2": ["variant: it is one of the family MUGS and says not which"],
    }
    with transaction(db, BOSS, "kit") as tx:
        part = {"kit_sku": "MUG", "version": 1, "sku": "CANDLE", "quantity": 2}
        tx.connection.execute(insert(tables.kit_component).values(**part))
    assert "MUG" not in gaps(db)


def test_each_channel_asks_for_what_it_needs(db: Database) -> None:
    open_book(db, channels=2)
    describe(db, BOSS, "CANDLE", Described(images=(IMAGE,)))
    set_needs(db, BOSS, "shop2", {"mapping": True, "title_max": 3, "attributes": ["material"]})
    assert "CANDLE" not in gaps(db)
    assert gaps(db, "shop2")["CANDLE"] == [
        "title: the title is 3 characters too long; 3 are allowed",
        "variant: no material",
        "mapping: channel shop2 has no word for it; map its listing",
    ]
    map_alias(db, BOSS, "C-1", "CANDLE", channel="shop2")
    assert not any(gap.startswith("mapping") for gap in gaps(db, "shop2")["CANDLE"])


def test_all_channels_are_reported_and_ready_products_counted(db: Database) -> None:
    open_book(db, channels=2)
    describe(db, BOSS, "CANDLE", Described(images=(IMAGE,)))
    with db.read() as connection:
        reports = report(connection)
        only = report(connection, "shop", ["CANDLE"])
    assert [(each.channel, each.products, each.ready) for each in reports] == [("shop", 3, 1), ("shop2", 3, 1)]
    assert only[0].gaps == ()
    assert {gap.kind for gap in reports[0].gaps} == {GapKind.IMAGE, GapKind.GTIN}


def test_needs_that_do_not_exist_are_refused(db: Database) -> None:
    open_book(db)
    for wrong in ({"colour": True}, {"title_max": "long"}):
        with pytest.raises(DomainError) as refused:
            set_needs(db, BOSS, "shop", wrong)
        assert refused.value.code == "invalid"
    with pytest.raises(DomainError), db.read() as connection:
        report(connection, "ebay")
    with pytest.raises(DomainError), db.read() as connection:
        report(connection, "shop", ["GHOST"])
