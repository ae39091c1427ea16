"""What was written is what is there: verify finds every way of changing the record (AUD-02)."""

import re
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from server.db import audit_chain
from server.db.transaction import Actor, Database, transaction
from server.usecases.record.audit_anchor import Anchor, Anchoring, append, read
from server.usecases.record.audit_verify import Fault, verify
from tests.book import BOSS, open_book, sell
from tests.tampering import faults, one, remake, tampered, verified


@pytest.fixture
def book(db: Database) -> Database:
    """A book with a little history: deliveries of goods, three orders."""
    open_book(db)
    for n in range(1, 4):
        sell(db, f"O-{n}", ("CANDLE", n), ("SOAP", 1))
    return db


def a_batch(db: Database) -> int:
    """A batch in the middle that has ledger rows."""
    query = "SELECT seq FROM batch WHERE EXISTS (SELECT 1 FROM ledger WHERE kind = 'reserve' AND id BETWEEN first_id"
    return int(one(db, f"{query} AND last_id) ORDER BY seq LIMIT 1"))


def anchor(db: Database) -> Anchor:
    with db.read() as connection:
        head = audit_chain.head(connection)
    return Anchor(head.seq, head.hash, "2026-11-21T12:00:00+00:00")


def in_batch(seq: int, key: str = "id") -> str:
    first, last = (f"(SELECT {end}_id FROM batch WHERE seq = {seq})" for end in ("first", "last"))
    return f"{key} >= {first} AND {key} <= {last}"


def test_an_honest_book_is_whole_and_its_head_is_told(book: Database) -> None:
    report = verified(book, anchor(book))
    assert report.whole
    assert report.findings == []
    assert report.batches == report.head.seq == report.anchored > 5
    assert report.events == one(book, "SELECT (SELECT count(*) FROM ledger) + (SELECT count(*) FROM audit)")
    assert len(report.head.hash) == 64


def test_an_empty_book_is_whole(db: Database) -> None:
    assert verified(db).whole


CHANGES = {
    "units": "UPDATE ledger SET d_reserved = d_reserved + 1 WHERE {}",
    "who moved it": "UPDATE ledger SET actor = 'nobody' WHERE {}",
    "why": "UPDATE ledger SET reason = 'lost' WHERE {}",
    "order": "UPDATE ledger SET order_id = 999 WHERE {}",
    "time": "UPDATE ledger SET at = at + 0.001 WHERE {}",
    "action": "UPDATE audit SET action = 'order.cancelled' WHERE {}",
    "who did it": "UPDATE audit SET actor = 'nobody' WHERE {}",
    "bench": "UPDATE audit SET bench = 'B9' WHERE {}",
    "a word of the detail": "UPDATE audit SET detail = '{{}}' WHERE {}",
    "a deleted move": "DELETE FROM ledger WHERE {}",
    "a deleted event": "DELETE FROM audit WHERE {}",
}


def test_one_past_record_that_was_changed_is_found_in_its_batch(book: Database) -> None:
    seq = a_batch(book)
    for what, statement in CHANGES.items():
        assert faults(book, statement.format(in_batch(seq))) == [("changed", seq)], what
    assert verified(book).whole, "every change was undone"


def test_what_a_batch_says_of_itself_cannot_be_changed(book: Database) -> None:
    seq = a_batch(book)
    for change in ("at = at + 1", "events = events + 1", "last_id = last_id + 1", "first_id = first_id + 1"):
        assert ("changed", seq) in faults(book, f"UPDATE batch SET {change} WHERE seq = {seq}"), change
    forged = f"UPDATE batch SET hash = 'x' WHERE seq = {seq}"
    assert faults(book, forged) == [("changed", seq), ("changed", seq + 1)]


def test_what_an_event_is_about_cannot_be_changed_or_taken_away(book: Database) -> None:
    seq = a_batch(book)
    mine = in_batch(seq, "audit_id")
    assert faults(book, f"UPDATE audit_subject SET ref = '999' WHERE {mine}") == [("changed", seq)]
    assert faults(book, f"DELETE FROM audit_subject WHERE {mine}") == [("changed", seq)]


def test_a_row_put_in_is_found_inside_a_batch_and_outside_all_of_them(book: Database) -> None:
    seq = a_batch(book)
    place = one(book, f"SELECT min(id) FROM ledger WHERE {in_batch(seq)}")
    row = "INSERT INTO audit (id, at, actor, action, detail) VALUES (:id, 1, 'x', 'order.paid', '{}')"
    assert faults(book, row, id=place) == [("changed", seq)]
    assert faults(book, row, id=90_000_000) == [("inserted", 0)]


def test_two_batches_that_changed_places_are_found(book: Database) -> None:
    seq = a_batch(book)
    swap = [f"UPDATE batch SET seq = {a} WHERE seq = {b}" for a, b in ((-1, seq), (seq, seq + 1), (seq + 1, -1))]
    assert ("changed", seq) in faults(book, *swap)


def without(where: str) -> list[str]:
    """Statements that take away the events of which this is true."""
    tables = (("audit_subject", "audit_id"), ("audit", "id"), ("ledger", "id"))
    return [f"DELETE FROM {table} WHERE {where.replace('KEY', key)}" for table, key in tables]


def test_a_batch_cut_out_of_the_middle_is_found_with_or_without_its_rows(book: Database) -> None:
    seq = a_batch(book)
    cut = f"DELETE FROM batch WHERE seq = {seq}"
    assert faults(book, *without(in_batch(seq, "KEY")), cut) == [("missing", seq)]
    found = faults(book, cut)
    assert found[0] == ("missing", seq)
    assert {fault for fault, _ in found[1:]} == {"inserted"}


def tail_cut(from_seq: int) -> list[str]:
    """As a careful forger does it: rows, batches and head all fit."""
    first = f"(SELECT min(first_id) FROM batch WHERE seq >= {from_seq})"
    head = ", ".join(f"{c} = (SELECT {c} FROM batch WHERE seq = {from_seq - 1})" for c in ("hash", "last_id"))
    batches = f"DELETE FROM batch WHERE seq >= {from_seq}"
    return [*without(f"KEY >= {first}"), batches, f"UPDATE chain_head SET seq = {from_seq - 1}, {head}"]


def test_the_head_must_be_the_end_of_the_chain(book: Database) -> None:
    assert [fault for fault, _ in faults(book, "UPDATE chain_head SET seq = seq - 1")] == ["head"]
    assert [fault for fault, _ in faults(book, "UPDATE chain_head SET last_id = 3")] == ["head"]


def test_a_cut_of_the_newest_batches_is_found_by_an_anchor_and_by_nothing_else(book: Database) -> None:
    kept = anchor(book)
    cut = tail_cut(kept.seq - 1)
    assert faults(book, *cut) == [], "the chain that is left is a good chain"
    with tampered(book, *cut) as connection:
        (found,) = verify(connection, [kept]).findings
    assert (found.fault, found.seq) == (Fault.CUT, kept.seq - 1)
    assert found.sentence == (
        f"batches {kept.seq - 1} to {kept.seq} are cut off: batch {kept.seq} was there at 2026-11-21T12:00:00+00:00"
    )


def test_a_chain_made_anew_from_a_forged_row_is_found_by_an_anchor(book: Database) -> None:
    first = anchor(book)._replace(seq=2, hash=one(book, "SELECT hash FROM batch WHERE seq = 2"))
    kept = anchor(book)
    with tampered(book, f"UPDATE ledger SET actor = 'nobody' WHERE {in_batch(a_batch(book))}") as connection:
        remake(connection)
        assert verify(connection).whole, "every hash fits"
        report = verify(connection, [first, kept])
    assert [(f.fault.value, f.seq) for f in report.findings] == [("anchor", kept.seq)]
    assert "batch 2 still is what it was" in report.findings[0].sentence


def test_what_several_servers_commit_at_once_is_one_chain(book: Database) -> None:
    def note(n: int) -> None:
        for _ in range(20):
            with transaction(book, Actor(f"server {n}"), "test") as tx:
                tx.note("test.noted", {"n": n, "odd": {"3": [0.1, 1e22, None, "ü\u2028"]}}, order=n, sku="CANDLE")

    threads = [threading.Thread(target=note, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verified(book, anchor(book)).whole


def test_a_clock_of_whole_seconds_makes_the_same_chain(db: Database) -> None:
    db.now = lambda: 1_800_000_000
    open_book(db)
    assert verified(db).whole


COLUMN = {"ledger": "actor", "audit": "actor", "audit_subject": "ref", "batch": "at"}


def test_the_database_itself_refuses_to_change_the_record(book: Database) -> None:
    sqlite = book.engine.dialect.name == "sqlite"
    last = "INSERT OR REPLACE INTO {0} SELECT * FROM {0}" if sqlite else "TRUNCATE {0} CASCADE"
    for table, column in COLUMN.items():
        before = one(book, f"SELECT count(*) FROM {table}")
        for statement in ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", last):
            with book.engine.connect() as connection, pytest.raises(DatabaseError, match="only grows"):
                connection.execute(text(statement.format(table, column)))
        assert one(book, f"SELECT count(*) FROM {table}") == before > 0


def test_the_worker_anchors_once_a_minute_and_when_a_load_was_closed(book: Database, tmp_path: Path) -> None:
    now = 1_800_000_000.0
    book.now = lambda: now
    path, job = tmp_path / "audit-anchors", Anchoring(tmp_path)
    job(book)
    job(book)
    assert read(path).anchors == (anchor(book)._replace(at="2027-01-15T08:00:00+00:00"),)
    sell(book, "O-9", ("SOAP", 1))
    job(book)
    assert len(read(path).anchors) == 1, "it is not time yet"
    now += 61
    job(book)
    assert len(read(path).anchors) == 2
    with transaction(book, BOSS, "test") as tx:
        tx.connection.execute(
            text(
                "INSERT INTO load (number, id, site_id, carrier, opened_at, closed_at)"
                " SELECT 1, 'L1', id, 'own-van', 1, 2 FROM site"
            )
        )
        tx.note("load.closed", load="L1")
    job(book)
    found = read(path).anchors
    assert len(found) == 3
    assert verified(book, *found).anchored == found[-1].seq
    now += 61
    job(book)
    assert len(read(path).anchors) == 3, "nothing happened since"
    assert re.fullmatch(r"(\d+ [0-9a-f]{64} \S+\n){3}", path.read_text())


def test_a_line_that_a_power_cut_tore_spoils_neither_the_next_nor_those_before(tmp_path: Path) -> None:
    path = tmp_path / "audit-anchors"
    first, second = Anchor(7, "a" * 64, "x"), Anchor(9, "b" * 64, "y")
    append(path, first)
    with path.open("a") as file:
        file.write("8 abc")
    append(path, second)
    assert read(path) == ((first, second), (2,))
    assert read(tmp_path / "none") == ((), ())
