"""A NUL, which PostgreSQL does not keep, is refused at the database's door on both engines, in words for people."""

from pathlib import Path

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.nul import SAID
from server.db.transaction import Database, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.usecases.record.incidents import close_incident, open_incident
from server.usecases.starting.importing import ImportReport, Refused, import_file
from tests.book import BOSS, count_rows, open_book, sell


@pytest.fixture
def book(db: Database) -> Database:
    open_book(db)
    return db


def detail_of(db: Database, action: str) -> list[dict[str, object]]:
    t = tables.audit
    with db.read() as connection:
        return list(connection.execute(select(t.c.detail).where(t.c.action == action).order_by(t.c.id)).scalars())


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\\\x00", "ends\x00"])
def test_no_audit_row_with_a_nul_is_written_and_nothing_else_of_its_transaction(book: Database, text: str) -> None:
    before = count_rows(book, tables.audit)
    with pytest.raises(DomainError) as refused, transaction(book, BOSS, "test") as tx:
        open_incident(tx, IncidentType.LOW_STOCK, "fine")
        tx.note("test.noted", {"deep": [{"why": text}]})
    assert (refused.value.code, refused.value.detail) == ("malformed", SAID)
    assert (count_rows(book, tables.audit), count_rows(book, tables.incident)) == (before, 0)


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "\\x00", "\u2400", "u0000"])
def test_text_about_a_nul_is_only_text(book: Database, text: str) -> None:
    with transaction(book, BOSS, "test") as tx:
        tx.note("test.noted", {"why": text})
    assert detail_of(book, "test.noted") == [{"why": text}]


def test_a_persons_words_with_a_nul_are_refused_and_change_nothing(book: Database) -> None:
    with transaction(book, BOSS, "test") as tx:
        number = open_incident(tx, IncidentType.LOW_STOCK, "fine")
    assert number is not None
    with pytest.raises(DomainError, match="without NUL"):
        close_incident(book, BOSS, number, "looked\x00")
    assert count_rows(book, tables.incident, tables.incident.c.state == "open") == 1


def test_a_cell_with_a_nul_is_named_by_line_and_column_and_the_other_rows_are_taken(
    book: Database, tmp_path: Path
) -> None:
    path = tmp_path / "stock.csv"
    path.write_bytes(b"sku,site,on_hand,bin\nSOAP,EAST,20,A\x00\nCANDLE,EAST,20,A\nSOAP,E\x00,20,A\n")
    assert import_file(book, BOSS, "stock", path) == ImportReport(
        1,
        0,
        (
            Refused(2, r"bin: expected text without NUL characters, found 'A\x00'"),
            Refused(4, r"site: expected text without NUL characters, found 'E\x00'"),
        ),
    )


def test_an_order_with_a_nul_in_its_buyers_words_is_taken_all_the_same(book: Database) -> None:
    ship_to = {"name": "Zoe\x00", "lines": ["7 Hidden\x00 Lane"], "city": "X", "postcode": "94107", "country": "US"}
    sell(book, "S-1", ("SOAP", 1), ship_to=ship_to, note="x\x00")
    with book.read() as connection:
        assert connection.execute(select(tables.recipient.c.address)).scalar_one()["name"] == "Zoe\x00"
