"""The record as evidence: who did what, at which bench, with which scans; on a file without any buyer's data."""

import csv
import io
import json
import re
from typing import Any

import pytest
from sqlalchemy import text

from server.db.audit_chain import snapshot
from server.db.audit_events import Span
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.usecases.record import audit_export as export
from server.usecases.record.audit_export import COLUMNS, Format, cell, moment
from server.usecases.record.audit_package import package
from server.usecases.sales.cancel import cancel_order
from tests.book import open_book, sell
from tests.floor import SOAP, Dock, Floor, one_engine

BUYER = ("Zoe", "Quill", "Hidden", "94107", "415 555 0100")
# A hash or a request id may hold any five digits by chance.
HASH = re.compile(r"[0-9a-f]{16,}(-[0-9a-f]+)?")


def lines(db: Database, form: Format = Format.JSON, **which: Any) -> list[Any]:
    out = io.StringIO(newline="")
    with snapshot(db) as connection:
        span = which.get("span", export.EVER)
        if "ref" in which:
            rows = export.of_ref(connection, which["ref"], span)
        else:
            rows = export.of_sku(connection, which["sku"], span) if "sku" in which else export.of_span(connection, span)
        written = export.write(rows, out, form)
    text_out = out.getvalue()
    in_words = HASH.sub("", text_out)
    assert not [word for word in BUYER if word in in_words]
    found = (
        [json.loads(line) for line in text_out.splitlines()]
        if form is Format.JSON
        else [*csv.DictReader(io.StringIO(text_out, newline=""))]
    )
    assert len(found) == written
    return found


def test_the_whole_life_of_an_order_has_an_event_for_each_step_with_person_and_bench(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    label = bench.pack(number, SOAP)
    dock = Dock.at(floor.bench("D1"))
    dock.scan(label.tracking)
    dock.bench.close_load(dock.load.load_id, 1)
    rows = lines(floor.db, ref=number)
    steps = {row["what"]: (row["who"], row.get("bench", "")) for row in rows}
    packer, loader = ("Packer Person", "B1"), ("Dock Person", "D1")
    assert steps["order.new"] == steps["order.ready"] == ("the boss", "")
    for step in ("order.packing", "session.opened", "bench.scan", "label.intent", "label.bought", "parcel.ready"):
        assert steps[step] == packer, step
    assert steps["order.packed"] == packer
    for step in ("dock.scan", "parcel.loaded", "order.shipped"):
        assert steps[step] == loader, step
    assert steps["stock.reserve"][0] == "the boss"
    assert steps["stock.ship"][0] == "Dock Person"
    events = [row for row in rows if "event" in row]
    assert all(row["batch"] > 0 and row["who"] for row in events)
    shipped = next(row for row in rows if row["what"] == "stock.ship")
    assert (shipped["on_hand"], shipped["reserved"], shipped["order"], shipped["site"]) == (-1, -1, number, "EAST")


def test_a_cancelled_order_says_who_gave_its_units_back(floor: Floor) -> None:
    number = floor.order(("SOAP", 2))
    cancel_order(floor.db, Actor("the desk", "D9"), floor.order_id(number), "changed their mind")
    rows = {row["what"]: row for row in lines(floor.db, ref=number)}
    assert (rows["order.cancelled"]["who"], rows["order.cancelled"]["bench"]) == ("the desk", "D9")
    assert (rows["stock.release"]["who"], rows["stock.release"]["reserved"]) == ("the desk", -2)


def test_a_package_tells_who_packed_checked_and_loaded_it_and_every_scan(floor: Floor) -> None:
    bench = floor.bench("B1")
    label = bench.pack(floor.order(("SOAP", 1)), SOAP)
    dock = Dock.at(floor.bench("D1"))
    dock.scan(label.tracking)
    with floor.db.read() as connection:
        told = package(connection, label.tracking.lower())
        with pytest.raises(DomainError, match="no parcel"):
            package(connection, "PCL9999999")
    assert [(h.what, h.who, h.bench) for h in told.hands] == [
        ("packed", "Packer Person", "B1"),
        ("labelled", "Packer Person", "B1"),
        ("checked", "Packer Person", "B1"),
        ("loaded", "Dock Person", "D1"),
    ]
    scans = [(s.who, s.where, s.what.split()[0]) for s in told.scans]
    assert ("Packer Person", "B1", "bench.scan") in scans
    assert ("Dock Person", "D1", "dock.scan") in scans
    assert all(s.at > 0 for s in told.scans)
    assert len(list(told.lines())) == 1 + len(told.hands) + len(told.scans)


@one_engine
def test_what_was_read_off_a_carriers_label_is_not_handed_out(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    bench.open(number)
    bench.scan("[)>01 Zoe Quill 7 Hidden Lane 94107")
    bench.scan(SOAP)
    bench.send()
    scans = [row["detail"]["raw"] for row in lines(floor.db, ref=number) if row["what"] == "bench.scan"]
    assert scans == ["(35 characters, not shown)", SOAP]


def test_a_product_and_a_span_of_time_are_handed_out_with_every_event_in_order(db: Database) -> None:
    now = 1_800_000_000.0
    db.now = lambda: now
    open_book(db)
    number = sell(db, "O-1", ("CANDLE", 2), ("SOAP", 1)).order
    now += 3600
    sell(db, "O-2", ("CANDLE", 1))
    candle = lines(db, sku="CANDLE")
    moves = [(r["what"], r.get("on_hand", 0), r.get("reserved", 0)) for r in candle if r["what"].startswith("stock.")]
    assert [move for move in moves if move[0] != "stock.bin"] == [
        ("stock.count", 10, 0),
        ("stock.reserve", 0, 2),
        ("stock.reserve", 0, 1),
    ]
    assert [row["event"] for row in candle] == sorted(row["event"] for row in candle)
    first = lines(db, sku="CANDLE", span=Span(0, now))
    assert first == candle[: len(first)]
    assert len(first) == len(candle) - 1
    hour = lines(db, span=Span(now, now + 1))
    assert {row["order"] for row in hour} == {str(int(number) + 1)}
    assert [row["what"] for row in hour] == ["order.new", "order.ready", "stock.reserve"]
    everything = lines(db, span=export.EVER)
    with db.read() as connection:
        counted = connection.execute(text("SELECT (SELECT count(*) FROM ledger) + (SELECT count(*) FROM audit)"))
        assert len(everything) == counted.scalar_one()


@one_engine
def test_csv_holds_no_formula_and_no_control_character(db: Database) -> None:
    evil = ("=HYPERLINK(1)", "+1", "-2+3", "@SUM", " =1", "＝1", "\t=1", "two\nlines\x1b[2J")
    for reason in evil:
        with transaction(db, Actor(reason), "test") as tx:
            tx.note("test.noted", {"said": reason}, sku="X")
    rows = lines(db, Format.CSV, span=export.EVER)
    assert list(rows[0]) == list(COLUMNS)
    assert [row["who"] for row in rows[:4]] == ["'=HYPERLINK(1)", "'+1", "'-2+3", "'@SUM"]
    for row in rows:
        assert not [value for value in row.values() if value.lstrip().startswith(("=", "+", "-", "@", "＝"))]
        assert all(value.isprintable() for value in row.values())
    assert json.loads(rows[0]["detail"]) == {"said": "=HYPERLINK(1)"}
    assert cell(-3) == -3, "a number is no formula"


@pytest.mark.parametrize("written", ["yesterday", "", "2026-13-01", "99999-01-01"])
def test_a_time_that_cannot_be_read_says_what_was_expected(written: str) -> None:
    with pytest.raises(DomainError, match="expected a date or time such as"):
        moment(written)


def test_what_nobody_knows_is_not_found(sqlite_db: Database) -> None:
    with pytest.raises(DomainError, match="not_found"):
        lines(sqlite_db, sku="NOPE")
