"""Each night: what a channel changed by itself."""

from typing import Any

import pytest
from sqlalchemy import update

from server.db import tables
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.usecases.masterdata import drift
from server.usecases.masterdata.aliases import map_alias, unmap_alias
from server.usecases.masterdata.drift import Drift
from server.usecases.masterdata.drift_facts import Listing, Statement
from tests.book import BOSS, count_rows, incidents_of, open_book

MIA = Actor("Mia")
HULL = {"name": "East", "lines": ["1 Quay"], "city": "Hull", "country": "GB"}
DAY = 86_400.0


def tell(db: Database, *listings: tuple[str, str, str], **more: Any) -> None:
    said = tuple(Listing(id=word, sku=sku, price=price, currency="GBP") for word, sku, price in listings)
    drift.take_statement(db, MIA, "shop", Statement(listings=said, **more))


def compared(db: Database) -> Drift:
    return drift.compare_channel(db, drift.NIGHT, "shop")


def sentences(changes: Any) -> list[str]:
    return [change.sentence for change in changes]


def test_every_changed_mapping_price_and_address_is_listed_and_opens_one_incident(db: Database) -> None:
    open_book(db)
    tell(db, ("B1", "CANDLE", "9.90"), ("B2", "SOAP", "4"), ship_from={"EAST": HULL})
    assert compared(db).theirs == ()
    tell(db, ("B1", "SOAP", "9.9"), ("B2", "SOAP", "5"), ship_from={"EAST": HULL | {"city": "Leeds"}})
    assert sentences(compared(db).theirs) == [
        "address of EAST was East, 1 Quay, Hull, GB, is East, 1 Quay, Leeds, GB",
        "mapping of b1 was CANDLE, is SOAP",
        "price of b2 was 4.00 GBP, is 5.00 GBP",
    ]
    [cause] = incidents_of(db, "channel_drift")
    assert cause.startswith("channel shop: 3 changes that nobody here made: address of EAST was")
    assert compared(db).theirs == ()
    assert len(incidents_of(db, "channel_drift")) == 1


def test_a_night_without_drift_opens_nothing(db: Database) -> None:
    open_book(db)
    tell(db, ("B1", "CANDLE", "9.90"))
    compared(db)
    tell(db, ("b1 ", "CANDLE", "9.9"))
    assert compared(db).silent == 0
    assert incidents_of(db, "channel_drift") == []


def test_what_the_channel_shows_is_compared_with_what_we_mean(db: Database) -> None:
    open_book(db)
    map_alias(db, MIA, "B1", "SOAP", channel="shop")
    map_alias(db, MIA, "seller-soap", "SOAP", channel="shop")
    tell(db, ("B1", "seller-soap", ""))
    assert compared(db).disagree == ()
    tell(db, ("B1", "CANDLE", ""))
    assert sentences(compared(db).disagree) == ["mapping of b1 was SOAP, is CANDLE"]


def test_a_change_made_here_says_by_whom_and_is_not_silent(db: Database) -> None:
    open_book(db)
    map_alias(db, MIA, "B1", "SOAP", channel="shop")
    compared(db)
    unmap_alias(db, BOSS, "B1", channel="shop")
    map_alias(db, MIA, "B2", "SOAP", channel="shop")
    drifted = compared(db)
    assert sentences(drifted.ours) == [
        "mapping of b1 is gone; it was SOAP (the boss)",
        "mapping of b2 appeared: SOAP (Mia)",
    ]
    assert drifted.silent == 0


def test_a_mapping_that_was_changed_behind_the_programs_back_is_silent(db: Database) -> None:
    open_book(db)
    map_alias(db, MIA, "B1", "SOAP", channel="shop")
    compared(db)
    with transaction(db, BOSS, "tamper") as tx:
        tx.connection.execute(update(tables.alias).values(sku="CANDLE"))
    assert sentences(compared(db).ours) == ["mapping of b1 was SOAP, is CANDLE"]
    assert incidents_of(db, "channel_drift")


def test_a_catalogue_is_told_in_several_messages(db: Database) -> None:
    open_book(db)
    tell(db, ("B1", "CANDLE", ""))
    tell(db, ("B2", "SOAP", ""), more=True)
    compared(db)
    tell(db, ("B2", "SOAP", ""))
    assert sentences(compared(db).theirs) == ["mapping of b1 is gone; it was CANDLE"]


def test_all_channels_are_compared_once_a_night(db: Database) -> None:
    open_book(db, channels=2)
    a = tables.audit
    night = 20_000 * DAY
    for hour, nights in ((1, 0), (2, 1), (3, 1), (26, 2)):
        db.now = lambda at=night + hour * 3600: at  # type: ignore[misc]
        drift.tick(db)
        assert count_rows(db, a, a.c.action == "drift.compared") == 2 * nights


def test_the_last_comparison_can_be_read_again(db: Database) -> None:
    open_book(db)
    with db.read() as connection:
        assert drift.last_drift(connection, "shop") is None
    tell(db, ("B1", "CANDLE", "1"))
    compared(db)
    tell(db, ("B1", "CANDLE", "2"))
    compared(db)
    with db.read() as connection:
        last = drift.last_drift(connection, "shop")
    assert last is not None
    assert last["counts"] == {"theirs": 1, "ours": 0, "disagree": 0}
    assert [drift.sentence(change) for change in last["theirs"]] == ["price of b1 was 1.00 GBP, is 2.00 GBP"]


def test_hostile_words_are_refused_and_nothing_is_kept(db: Database) -> None:
    open_book(db)
    for bad in ("", "a\x00", "x" * 121):
        with pytest.raises(DomainError) as refused:
            tell(db, (bad, "CANDLE", "1"))
        assert refused.value.code == "malformed"
    with pytest.raises(DomainError):
        drift.take_statement(db, MIA, "ebay", Statement(listings=()))
    assert count_rows(db, tables.mapping_snapshot) == 0
