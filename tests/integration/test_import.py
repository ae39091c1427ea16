"""Files of products, stock and orders: twice the same changes nothing, and a bad row names itself."""

from pathlib import Path

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.usecases.masterdata import catalogue
from server.usecases.starting.importing import COLUMNS, ImportReport, Kind, Refused, import_file
from server.usecases.warehouse.goods import set_tracking
from tests.book import BOSS, count_rows, incidents_of, level, open_book, receive, sell

ROWS = 300
ORDER_HEADER = "order_id;sku;quantity;name;line1;city;country;postcode;note\n"


@pytest.fixture
def book(db: Database) -> Database:
    open_book(db)
    return db


def put(db: Database, folder: Path, kind: Kind, text: str) -> ImportReport:
    path = folder / f"{kind}.csv"
    path.write_bytes(text.encode())
    return import_file(db, BOSS, kind, path)


def test_a_product_takes_one_row_for_each_barcode(book: Database, tmp_path: Path) -> None:
    text = (
        "sku,name,variant,weight_grams,barcode,units,type\n"
        "PEN,Pen,BLUE,12,4012345678901,1,gtin\n"
        "PEN,Pen,BLUE,12,PEN-BOX,50,\n"
        '"INK","Ink, black",,,,,\n'
    )
    assert put(book, tmp_path, "products", text) == ImportReport(3, 0, ())
    assert put(book, tmp_path, "products", text) == ImportReport(0, 3, ())
    with book.read() as connection:
        catalog = catalogue.read_catalog(connection)
    assert [m.units for m in catalog.find("04012345678901")] == [1]
    assert [m.units for m in catalog.find("PEN-BOX")] == [50]
    assert catalog.products["INK"].name == "Ink, black"


def test_bad_rows_are_refused_by_line_and_reason_and_the_others_are_taken(book: Database, tmp_path: Path) -> None:
    text = (
        "sku,name,barcode,units,type\n"
        "A,Apple,,,\n"
        "B,Bad digit,4012345678902,1,gtin\n"
        "C,Command,PPC-OK,1,\n"
        "D,Taken,4006381333931,1,\n"
        "E,Few\n"
        "F,Half,F-1,2.5,\n"
        ",Nameless,,,\n"
        "A,Another apple,,,\n"
        "G,Good,G-1,1,\n"
    )
    report = put(book, tmp_path, "products", text)
    assert (report.taken, report.unchanged) == (2, 0)
    assert [refused.line for refused in report.refused] == [3, 4, 5, 6, 7, 8, 9]
    reasons = [refused.reason for refused in report.refused]
    assert reasons[0] == "barcode 4012345678902: expected a GTIN with the right check digit"
    assert "begin commands" in reasons[1]
    assert reasons[2].startswith("barcode 04006381333931 already means 1 of CANDLE")
    assert reasons[3:5] == ["expected 5 cells, found 2", "units: expected a whole number, found '2.5'"]
    assert reasons[6] == "A: expected what line 2 says, found something else"


def test_stock_is_an_absolute_count_of_the_building(book: Database, tmp_path: Path) -> None:
    text = "sku,site,on_hand,bin\nCANDLE,EAST,12,A-1\nSOAP,EAST,25,B-7\nSOAP,NORTH,1,\nNOPE,EAST,1,\nMUG,EAST,-1,\n"
    report = put(book, tmp_path, "stock", text)
    assert (report.taken, [r.line for r in report.refused]) == (2, [4, 5, 6])
    assert report.refused[0].reason == "there is no site 'NORTH'; there are: EAST"
    assert (level(book, "CANDLE"), level(book, "SOAP")) == ((12, 0), (25, 0))
    assert put(book, tmp_path, "stock", text).unchanged == 2


def test_an_import_below_what_was_promised_lets_the_last_order_go_and_says_so(book: Database, tmp_path: Path) -> None:
    sell(book, "S-1", ("CANDLE", 4))
    sell(book, "S-2", ("CANDLE", 3))
    text = "sku,site,on_hand\nCANDLE,EAST,5\n"
    assert put(book, tmp_path, "stock", text) == ImportReport(1, 0, ())
    assert level(book) == (5, 4)
    assert sold(book) == {"S-1": "ready", "S-2": "conflict"}
    [cause] = incidents_of(book, "stock_shortfall")
    assert cause.startswith("2 promised units of CANDLE at EAST are not there (stock list); gave way: order ")
    assert put(book, tmp_path, "stock", text) == ImportReport(0, 1, ())
    assert len(incidents_of(book, "stock_shortfall")) == 1


def test_stock_of_a_product_with_lots_is_counted_by_lot(book: Database, tmp_path: Path) -> None:
    set_tracking(book, BOSS, "MUG", lots=True)
    receive(book, "MUG", "EAST", 3, lot="L1")
    text = "sku,site,lot,on_hand\nMUG,EAST,,9\nMUG,EAST,L2,9\nMUG,EAST,L1,2\n"
    report = put(book, tmp_path, "stock", text)
    assert [r.reason for r in report.refused] == [
        "MUG is kept by lot: say which of L1",
        "MUG has no lot 'L2' at EAST; there are: L1",
    ]
    assert (report.taken, level(book, "MUG")) == (1, (2, 0))


def sold(db: Database) -> dict[str, str]:
    t = tables.order
    with db.read() as connection:
        return {row.channel_order_id: row.status for row in connection.execute(select(t))}


def test_a_file_of_orders_imported_twice_is_each_order_once(sqlite_db: Database, tmp_path: Path) -> None:
    open_book(sqlite_db, candles=ROWS)
    path = tmp_path / "orders.csv"
    rows = "".join(f"S-{n};CANDLE;1;Zoë {n};Road 1;Town;DE;{n};\n" for n in range(ROWS))
    path.write_text(ORDER_HEADER + rows, encoding="utf-8")
    progress: list[tuple[int, int]] = []
    report = import_file(sqlite_db, BOSS, "orders", path, lambda done, total: progress.append((done, total)))
    assert report == ImportReport(ROWS, 0, (), "csv")
    assert (progress[0], progress[-1], len(progress)) == ((1, ROWS), (ROWS, ROWS), ROWS)
    assert import_file(sqlite_db, BOSS, "orders", path) == ImportReport(0, ROWS, ())
    assert (count_rows(sqlite_db, tables.order), level(sqlite_db)) == (ROWS, (ROWS, ROWS))


def test_the_lines_of_an_order_belong_together_wherever_they_stand(book: Database, tmp_path: Path) -> None:
    text = ORDER_HEADER + (
        'S-1;CANDLE;2;"Zoe;\nQuill";Road 1;Town;DE;1;\nS-2;SOAP;nine;Yan;Road 2;Town;DE;1;\nS-1;SOAP;1;;;;;;\n'
    )
    report = put(book, tmp_path, "orders", "\ufeff" + text)
    assert report == ImportReport(2, 0, (Refused(4, "quantity: expected a whole number, found 'nine'"),), "csv")
    assert (level(book, "CANDLE"), level(book, "SOAP")) == ((10, 2), (10, 1))


def test_a_changed_order_in_a_later_file_is_refused_and_a_person_hears(book: Database, tmp_path: Path) -> None:
    put(book, tmp_path, "orders", ORDER_HEADER + "S-1;CANDLE;2;Zoe;Road 1;Town;DE;1;\n")
    report = put(book, tmp_path, "orders", ORDER_HEADER + "S-1;CANDLE;5;Zoe;Road 1;Town;DE;1;\n")
    assert "another content" in report.refused[0].reason
    assert (level(book), len(incidents_of(book, "duplicate_order"))) == ((10, 2), 1)


def test_hostile_cells_are_only_text(book: Database, tmp_path: Path) -> None:
    for kind in COLUMNS:
        header = sorted(COLUMNS[kind][0])
        for cell in ("=cmd()", "'; DROP TABLE stock; --", "\x1b[2J", "a\x00b", "\u202e", "9" * 5000, '"', "٣"):
            quoted = '"' + cell.replace('"', '""') + '"'
            report = put(book, tmp_path, kind, ",".join(header) + "\n" + ",".join([quoted] * len(header)) + "\n")  # type: ignore[arg-type]
            assert report.taken + len(report.refused) == 1, (kind, cell)
            assert all(r.reason.isprintable() for r in report.refused), (kind, cell)
    assert (level(book, "CANDLE"), level(book, "SOAP")) == ((10, 0), (10, 0))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "expected the columns name, sku, found none"),
        (b"sku,nam\nA,B\n", "expected the columns name, found sku, nam"),
        (b"sku,name,barcod\nA,B,C\n", "there is no column 'barcod'; did you mean barcode?"),
        (b"sku,name,sku\nA,B,C\n", "expected the column sku once, found it 2 times"),
        (b"sku,name\nA,\xe4\n", "expected UTF-8, found another encoding at byte 11"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    sqlite_db: Database, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes(content)
    with pytest.raises(DomainError) as refused:
        import_file(sqlite_db, BOSS, "products", path)
    assert refused.value.detail == f"{path}: {sentence}"


def test_a_missing_file_says_so(sqlite_db: Database, tmp_path: Path) -> None:
    with pytest.raises(DomainError, match="No such file"):
        import_file(sqlite_db, BOSS, "products", tmp_path / "nope.csv")


def test_orders_that_name_no_channel_go_to_the_one_that_was_asked_for(book: Database, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(ORDER_HEADER + "S-1;CANDLE;1;Zoe;Road 1;Town;DE;1;\n", encoding="utf-8")
    assert import_file(book, BOSS, "orders", path, channel="shop").taken == 1
    assert import_file(book, BOSS, "orders", path, channel="shop").unchanged == 1
    assert import_file(book, BOSS, "orders", path).taken == 1
    with pytest.raises(DomainError, match="there is no channel 'shoop'"):
        import_file(book, BOSS, "orders", path, channel="shoop")
    assert level(book, "CANDLE") == (10, 2)
