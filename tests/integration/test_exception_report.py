"""Every day has its exception report, also one without a row; each row says what was, what is, and why."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, update

from server.cli.exceptions_text import csv_of, exposure_lines, launch_lines, lines_of
from server.cli.group import packproof
from server.db import tables
from server.db.exposure import Exposure, Window
from server.db.transaction import Database, transaction
from server.domain.errors import DomainError
from server.usecases.overview import exceptions
from server.usecases.overview.exceptions import launch_report
from server.usecases.sales.policies import set_channel_rules
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, count_rows, open_book, publish, sell

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0
URL = "http://127.0.0.1:9"


def opened(db: Database) -> Database:
    db.now = lambda: NOON
    open_book(db, url=URL)
    return db


@pytest.fixture
def book(sqlite_db: Database) -> Database:
    return opened(sqlite_db)


@pytest.fixture
def either(db: Database) -> Database:
    return opened(db)


def later(db: Database, days: float) -> None:
    at = NOON + days * DAY
    db.now = lambda: at


def deviation(db: Database, **more: object) -> None:
    row = {"channel_id": 1, "ref": "9", "channel_sku": "=CANDLE", "sku": "CANDLE", "state": "open", "cause": "edited"}
    row |= {"told": 10, "live": 12, "version": 1, "orders": ["A-1"], "first_at": NOON, "seen_at": NOON} | more
    with transaction(db, BOSS, "test") as tx:
        tx.connection.execute(insert(tables.deviation).values(**row))


def test_a_day_without_a_row_has_a_report_of_three_empty_sections(either: Database) -> None:
    later(either, 3)
    exceptions.tick(either)
    exceptions.tick(either)
    report = exceptions.exceptions(either, date(2026, 11, 24))
    assert report["counts"] == {"deltas": 0, "locations": 0, "short": 0}
    assert next(iter(lines_of(report))) == "exceptions of 2026-11-24"
    assert count_rows(either, tables.exception_report) == 1
    with pytest.raises(DomainError, match="no exception report of 2026-11-20"):
        exceptions.exceptions(either, date(2026, 11, 20))


def test_days_on_which_no_server_ran_are_made_up_for(book: Database) -> None:
    later(book, 1)
    exceptions.tick(book)
    later(book, 4)
    exceptions.tick(book)
    days = [date(2026, 11, 22) + timedelta(days=n) for n in range(4)]
    assert [exceptions.exceptions(book, day)["day"] for day in days] == [day.isoformat() for day in days]


def test_each_section_names_what_was_what_is_and_why(either: Database) -> None:
    count_on_hand(either, BOSS, "SOAP", "EAST", 7, reason="shelf was short")
    set_channel_rules(either, BOSS, "shop", {"oversell": 5})
    sell(either, "O-1", ("MUG", 2))
    deviation(either, open_key="1:9")
    deviation(either, ref="8", first_at=NOON - 3 * DAY, closed_at=NOON - 2 * DAY, state="closed")
    report = exceptions.exceptions(either)
    (delta,) = report["deltas"]
    assert (delta["channel"], delta["before"], delta["after"], delta["orders"]) == ("shop", 10, 12, ["A-1"])
    assert delta["because"] == "changed on the channel's side, not by us"
    assert {(row["site"], row["sku"], row["difference"]) for row in report["locations"]} >= {("EAST", "SOAP", -3)}
    assert [(row["sku"], row["units"]) for row in report["short"] if row["units"]] == [("MUG", 2)]
    rows = list(csv.DictReader(csv_of(report)))
    assert rows[0] | {"section": "deltas", "listing": "'=CANDLE", "orders": "A-1"} == rows[0]
    assert len(rows) == sum(report["counts"].values())
    assert len([line for line in lines_of(report) if line.startswith("  ")]) >= len(rows)


def test_a_paused_channel_differs_on_purpose(book: Database) -> None:
    publish(book)
    with transaction(book, BOSS, "test") as tx:
        listing = {"channel_id": 1, "ref": "9", "channel_sku": "CANDLE", "sku": "CANDLE", "data": {}, "live": 3}
        tx.connection.execute(insert(tables.listing).values(**listing, seen_at=NOON))
        tx.connection.execute(update(tables.channel).values(active=False))
    (delta,) = exceptions.exceptions(book)["deltas"]
    assert (delta["cause"], delta["before"], delta["after"]) == ("paused", 10, 3)


def test_a_launch_is_measured_by_what_was_promised_sold_and_shipped(either: Database) -> None:
    sell(either, "O-1", ("CANDLE", 4))
    sell(either, "O-2", ("SOAP", 1))
    publish(either)
    with transaction(either, BOSS, "test") as tx:
        tx.connection.execute(
            update(tables.order).where(tables.order.c.channel_order_id == "O-2").values(status="shipped")
        )
        tx.connection.execute(update(tables.order).where(tables.order.c.status != "shipped").values(ship_by=NOON - 1))
    with either.read() as connection:
        report = launch_report(connection, "shop", NOON - DAY, NOON)
    (row,) = report.rows
    assert (row.warehouse, row.orders, row.sold, row.shipped, row.overdue) == ("EAST", 2, 5, 1, 4)
    assert report.sell_through("") == 5 / 20
    assert list(launch_lines(report))[1].split() == ["-", "EAST", "2", "5", "0", "1", "4", "0", "%", "25", "%"]


def test_what_left_by_the_ship_by_of_its_channel_counts_as_on_time_and_a_late_parcel_makes_its_order_late(
    book: Database,
) -> None:
    noon = datetime.fromtimestamp(NOON, UTC).isoformat()
    for order, units in (("IN-TIME", 2), ("LATE", 3), ("NO-LIMIT", 4)):
        taken = sell(book, order, ("CANDLE", units), ship_by=None if order == "NO-LIMIT" else noon)
        with transaction(book, BOSS, "test") as tx:
            for nth in (1, 2):
                left = NOON + 60 if (order, nth) == ("LATE", 2) else NOON - 60
                parcel = {"id": f"{order}-{nth}", "order_id": taken.order_id, "site_id": 1, "carrier": "ups"}
                parcel |= {"service": "standard", "purchase": "bought", "state": "handed_over"}
                tx.connection.execute(insert(tables.parcel).values(**parcel))
                tx.connection.execute(insert(tables.parcel_track).values(parcel_id=parcel["id"], handed_at=left))
    with transaction(book, BOSS, "test") as tx:
        tx.connection.execute(update(tables.order).values(status="shipped"))
    with book.read() as connection:
        (row,) = launch_report(connection, "shop", NOON - DAY, NOON + DAY).rows
    assert (row.shipped, row.due, row.on_time, row.punctual) == (9, 5, 2, 0.4)


def test_exposure_and_shipments_are_shown_by_channel() -> None:
    found = {1: Exposure(Window(3, 0.5, 1.25, 2.0), Window(9, 1, 2, 3))}
    lines = list(exposure_lines({1: "shop", 2: "new"}, found, {1: (5, 1, 0)}))
    assert lines[1].split() == ["shop", "24", "h", "3", "0.50", "s", "1.25", "s", "2.00", "s"]
    assert lines[3:] == [
        "  shop: shipments confirmed 5, pending 1, failed 0",
        "  new: shipments confirmed 0, pending 0, failed 0",
    ]


def test_the_commands_print_the_report_the_launch_and_the_exposure(sqlite_db: Database, tmp_path: Path) -> None:
    open_book(sqlite_db, url=URL)
    sell(sqlite_db, "O-1", ("CANDLE", 4))
    settings = tmp_path / "server.toml"
    settings.write_text(f'data_dir = "{tmp_path}"\n', encoding="utf-8")

    def said(*words: str) -> list[str]:
        answer = CliRunner().invoke(packproof, ["report", *words, "--config", str(settings)])
        assert answer.exit_code == 0, answer.output
        return answer.output.splitlines()

    assert said("exceptions")[1] == "numbers that differed by channel: 0"
    assert said("exceptions", "--csv")[0].startswith("section,channel,site,sku")
    assert said("launch", "shop")[1].split()[:4] == ["-", "EAST", "1", "4"]
    assert said("exposure")[-1] == "  shop: shipments confirmed 0, pending 0, failed 0"
