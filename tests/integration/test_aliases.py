"""A word is taught once: the order that waited for it and all later ones go on by themselves."""

import threading
from pathlib import Path

import pytest

from server.db import tables
from server.db.transaction import Actor, Database
from server.domain.errors import DomainError
from server.domain.masterdata.aliases import Alias
from server.domain.masterdata.catalog import Product
from server.domain.sales.orders import OrderStatus
from server.jobs import JOBS
from server.usecases.masterdata import aliases
from server.usecases.masterdata.catalogue import put_product
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.taken import Taken
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, count_rows, incidents_of, level, open_book, sell


def refusal(db: Database, text: str, sku: str, channel: str = "") -> DomainError:
    with pytest.raises(DomainError) as refused:
        aliases.map_alias(db, BOSS, text, sku, channel=channel)
    return refused.value


def test_after_mapping_once_the_held_order_and_all_later_ones_need_nothing_more(db: Database) -> None:
    open_book(db)
    held = sell(db, "S-1", ("LAV-OLD", 2))
    assert (held.status, held.reason) == (OrderStatus.ON_HOLD, "unknown_sku")
    done = aliases.map_alias(db, BOSS, "lav-old", "CANDLE", channel="shop")
    assert [(taken.order, taken.status) for taken in done.settled] == [(held.order, OrderStatus.READY)]
    assert level(db) == (10, 2)
    assert incidents_of(db, "unknown_sku") == []
    assert sell(db, "S-2", ("LAV-OLD", 3)).status is OrderStatus.READY
    assert level(db) == (10, 5)


def test_a_word_of_one_channel_means_nothing_on_another(db: Database) -> None:
    open_book(db, channels=2)
    waits = sell(db, "S-1", ("LAV", 1), channel="shop2")
    done = aliases.map_alias(db, BOSS, "LAV", "CANDLE", channel="shop")
    assert done.settled == ()
    assert sell(db, "S-1", ("LAV", 1), channel="shop2").status is waits.status is OrderStatus.ON_HOLD
    assert [t.order for t in aliases.map_alias(db, BOSS, "LAV", "SOAP", channel="shop2").settled] == [waits.order]
    assert level(db, "SOAP") == (10, 1)


def test_an_order_goes_on_only_when_its_last_word_is_known(db: Database) -> None:
    open_book(db)
    held = sell(db, "S-1", ("LAV", 1), ("ROSE", 1))
    assert aliases.map_alias(db, BOSS, "LAV", "CANDLE").settled == ()
    assert level(db) == (10, 0)
    assert [t.order for t in aliases.map_alias(db, BOSS, "ROSE", "SOAP").settled] == [held.order]
    assert (level(db), level(db, "SOAP")) == ((10, 1), (10, 1))


def test_two_words_for_one_product_in_one_order_are_summed(db: Database) -> None:
    open_book(db, candles=3)
    aliases.map_alias(db, BOSS, "LAV", "CANDLE")
    assert sell(db, "S-1", ("LAV", 1), ("CANDLE", 2)).status is OrderStatus.READY
    count_on_hand(db, BOSS, "CANDLE", "EAST", 6)
    assert sell(db, "S-2", ("LAV", 2), ("CANDLE", 2)).status is not OrderStatus.READY
    assert level(db) == (6, 3)


@pytest.mark.parametrize(
    ("first", "second"), [("shop", "shop"), ("", "shop"), ("shop", "")], ids=["same", "general first", "general last"]
)
def test_an_ambiguous_word_is_refused_at_save_and_changes_nothing(db: Database, first: str, second: str) -> None:
    open_book(db)
    aliases.map_alias(db, BOSS, "LAV", "CANDLE", channel=first)
    error = refusal(db, " lav ", "SOAP", second)
    assert (error.code, error.facts["sku"]) == ("ambiguous_alias", "CANDLE")
    assert count_rows(db, tables.alias) == 1


def test_the_sku_of_another_product_in_any_writing_is_refused(db: Database) -> None:
    open_book(db)
    assert refusal(db, "soap", "CANDLE").code == "ambiguous_alias"
    put_product(db, BOSS, Product("Größe-L", "Shirt"), [])
    assert refusal(db, "GRÖSSE-L", "CANDLE").code == "ambiguous_alias"


def test_a_new_product_cannot_take_over_a_word_of_another(db: Database) -> None:
    open_book(db)
    aliases.map_alias(db, BOSS, "lav-7", "CANDLE", channel="shop")
    with pytest.raises(DomainError) as refused:
        put_product(db, BOSS, Product("LAV-7", "Lamp"), [])
    assert refused.value.code == "ambiguous_alias"
    assert count_rows(db, tables.product, tables.product.c.sku == "LAV-7") == 0


def test_two_people_who_teach_two_meanings_at_once_leave_one(db: Database) -> None:
    open_book(db)
    start, codes = threading.Barrier(2), list[str]()

    def teach(sku: str) -> None:
        start.wait()
        try:
            aliases.map_alias(db, Actor(sku), "X1", sku, channel="shop" if sku == "SOAP" else "")
            codes.append("saved")
        except DomainError as error:
            codes.append(error.code)

    people = [threading.Thread(target=teach, args=(sku,)) for sku in ("SOAP", "CANDLE")]
    for person in people:
        person.start()
    for person in people:
        person.join(30)
    assert sorted(codes) == ["ambiguous_alias", "saved"]
    assert count_rows(db, tables.alias) == 1


@pytest.mark.parametrize("bad", ["", "  ", "a\x00b", "a\nb", "x" * 121, "ß" * 100])
def test_what_cannot_be_a_word_is_refused(db: Database, bad: str) -> None:
    open_book(db)
    assert refusal(db, bad, "CANDLE").code == "invalid"


def test_unknown_products_and_channels_are_named(db: Database) -> None:
    open_book(db)
    assert refusal(db, "X", "GHOST").code == "unknown_sku"
    assert "there are: shop" in refusal(db, "X", "CANDLE", "ebay").detail


def test_the_worker_settles_an_order_whose_product_was_added_later(db: Database) -> None:
    open_book(db)
    sell(db, "S-1", ("VASE", 1))
    other = sell(db, "S-2", ("GHOST", 1))
    put_product(db, BOSS, Product("VASE", "Vase"), [])
    assert aliases.tick in [job.run for job in JOBS]
    aliases.tick(db)
    o = tables.order
    assert count_rows(db, o, o.c.held_because == "unknown_sku") == 1
    assert sell(db, "S-2", ("GHOST", 1)).order == other.order


def test_an_order_cancelled_meanwhile_stays_cancelled(db: Database) -> None:
    open_book(db)
    held: Taken = sell(db, "S-1", ("LAV", 1))
    cancel_order(db, BOSS, held.order_id)
    assert aliases.map_alias(db, BOSS, "LAV", "CANDLE").settled == ()
    assert level(db) == (10, 0)


def test_a_forgotten_word_means_nothing_to_later_orders(db: Database) -> None:
    open_book(db)
    aliases.map_alias(db, BOSS, "LAV", "CANDLE")
    assert sell(db, "S-1", ("LAV", 1)).status is OrderStatus.READY
    assert aliases.unmap_alias(db, BOSS, "lav") == "CANDLE"
    assert sell(db, "S-2", ("LAV", 1)).status is OrderStatus.ON_HOLD
    with pytest.raises(DomainError, match="means nothing"):
        aliases.unmap_alias(db, BOSS, "lav")


def test_the_same_word_again_is_no_change(db: Database) -> None:
    open_book(db)
    assert aliases.map_alias(db, BOSS, "LAV", "CANDLE").changed
    assert not aliases.map_alias(db, BOSS, "lav", "CANDLE").changed


def test_a_file_of_words_is_saved_whole_or_not_at_all(db: Database, tmp_path: Path) -> None:
    open_book(db)
    path = tmp_path / "words.csv"
    path.write_text("text,sku,channel,kind\nB00X,CANDLE,shop,listing\nb00x,SOAP,shop,\n", encoding="utf-8")
    with pytest.raises(DomainError) as refused:
        aliases.map_many(db, BOSS, aliases.aliases_of(path))
    assert refused.value.code == "ambiguous_alias"
    assert count_rows(db, tables.alias) == 0
    held = sell(db, "S-1", ("B00X", 1))
    done = aliases.map_many(db, BOSS, [Alias("B00X", "CANDLE", "shop"), Alias("B00Y", "SOAP")])
    assert [t.order for t in done.settled] == [held.order]
