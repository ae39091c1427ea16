"""The nightly compare over real days, on a moved clock: one of them has twenty-five hours (SKU-06)."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.transaction import Actor, Database
from server.jobs import JOBS
from server.usecases.masterdata.drift import take_statement
from server.usecases.masterdata.drift_facts import Listing, Statement
from server.usecases.record.incidents import close_incident
from server.usecases.starting.sites import add_channel, add_site
from tests.book import BOSS, SECRET

MIA, HOUSE = Actor("Mia"), ZoneInfo("America/Los_Angeles")
[COMPARE] = [job for job in JOBS if job.name == "nightly compare"]


class Days:
    """A house in Oakland whose clock goes as it is told to; ``shop`` is at fault now and then, ``quiet`` never."""

    def __init__(self, db: Database) -> None:
        self.db, self.at = db, datetime(2026, 10, 25, 1, tzinfo=HOUSE)
        db.now = self.now
        add_site(db, BOSS, "EAST", "East", time_zone="America/Los_Angeles")
        for code in ("shop", "quiet"):
            add_channel(db, BOSS, code, code.title(), {"secret": SECRET})
            self.says(code, B1="CANDLE", B2="SOAP")

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.at.timestamp()

    def says(self, channel: str, **mapped: str) -> None:
        """The channel says what its words mean."""
        listings = tuple(Listing(id=word, sku=sku) for word, sku in mapped.items())
        take_statement(self.db, MIA, channel, Statement(listings=listings))

    def go(self, day: int, hour: int = 12) -> None:
        """The worker's job every hour until this day in the house's own time; day 0 is 25 October."""
        end = datetime(2026, 10, 25, hour, tzinfo=HOUSE) + timedelta(days=day)
        while self.at < end:
            self.at = (self.at.astimezone(ZoneInfo("UTC")) + timedelta(hours=1)).astimezone(HOUSE)
            COMPARE.run(self.db)

    def nights(self, channel: str) -> list[tuple[str, list[str]]]:
        """(day, what changed at the channel) of each comparison that was written down."""
        a, s = tables.audit, tables.audit_subject
        query = select(a.c.at, a.c.detail).join(s, s.c.audit_id == a.c.id)
        query = query.where(a.c.action == "drift.compared", s.c.kind == "channel", s.c.ref == channel)
        with self.db.read() as connection:
            rows = connection.execute(query.order_by(a.c.id)).all()
        return [(f"{_here(row.at):%m-%d %H}", [_changed(one) for one in row.detail["theirs"]]) for row in rows]

    def incidents(self) -> list[int]:
        """Open ones, by id."""
        t = tables.incident
        with self.db.read() as connection:
            return list(connection.execute(select(t.c.id).where(t.c.state == "open").order_by(t.c.id)).scalars())


def _here(at: float) -> datetime:
    return datetime.fromtimestamp(at, HOUSE)


def _changed(one: dict[str, Any]) -> str:
    return f"{one['key']}: {one['before']} -> {one['after']}"


@pytest.fixture
def days(db: Database) -> Days:
    return Days(db)


def test_each_night_of_a_week_lists_what_changed_since_the_last_and_nothing_else(days: Days) -> None:
    days.go(2)
    days.says("shop", B1="SOAP", B2="SOAP")
    days.go(5)
    days.says("shop", B1="SOAP", B2="MUG")
    days.go(9)
    # The clocks go back in the night to 1 November: that day has 25 hours and one comparison.
    every = ["10-25", "10-26", "10-27", "10-28", "10-29", "10-30", "10-31", "11-01", "11-02", "11-03"]
    assert [night for night, _ in days.nights("shop")] == [f"{day} 02" for day in every]
    assert [changes for _, changes in days.nights("shop")] == [
        *([], [], [], ["b1: CANDLE -> SOAP"]),
        *([], [], ["b2: SOAP -> MUG"]),
        *([], [], []),
    ]
    assert days.nights("quiet") == [(f"{day} 02", []) for day in every]


def test_a_server_that_was_off_for_three_nights_compares_once_when_it_is_back(days: Days) -> None:
    days.go(1)
    days.says("shop", B1="SOAP", B2="SOAP")
    days.at += timedelta(days=3)
    days.go(5)
    nights = [("10-25", []), ("10-26", []), ("10-29", ["b1: CANDLE -> SOAP"]), ("10-30", [])]
    assert [(night[:5], changes) for night, changes in days.nights("shop")] == nights


def test_drift_that_goes_on_is_one_incident_until_somebody_has_looked(days: Days) -> None:
    days.go(1)
    days.says("shop", B1="SOAP", B2="SOAP")
    days.go(2)
    [first] = days.incidents()
    days.says("shop", B1="MUG", B2="SOAP")
    days.go(3)
    assert days.incidents() == [first]
    close_incident(days.db, BOSS, first, "asked the shop")
    days.go(6)
    assert days.incidents() == []
    days.says("shop", B1="CANDLE", B2="SOAP")
    days.go(7)
    assert len(days.incidents()) == 1
