"""One worker's steps of telling a channel, each when a test wants it: what is due, claimed, told and written down."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from server.db import jobs
from server.db.jobs import Job
from server.db.transaction import Actor, Database, transaction
from server.trade.words import Answer
from server.usecases.talking import telling
from server.usecases.talking.lines import Lines
from server.usecases.talking.telling import Call, Ended

WORKER = Actor("worker")


def due(db: Database) -> Sequence[Row[Any]]:
    """The channels to which something may be sent now."""
    with db.read() as connection:
        return jobs.due(connection, db.now())


def claim(db: Database, channel_id: int, calls: int) -> list[Call]:
    """Take rows of one channel for up to so many calls; none where it may be told nothing now."""
    with transaction(db, WORKER, "claim") as tx:
        return telling.claim_in(tx, [(row, calls) for row in due(db) if row.id == channel_id])


def tell(db: Database, lines: Lines, call: Call) -> None:
    """Call the channel, and write down what became of each row."""
    ended = telling.made(db, lines, call)
    with transaction(db, WORKER, "deliver") as tx:
        telling.report_in(tx, [ended])


def tell_due(db: Database, lines: Lines, channel_id: int) -> int:
    """Tell everything of a channel that is due now, one call after another; how many rows."""
    told = 0
    while calls := claim(db, channel_id, 1):
        for call in calls:
            tell(db, lines, call)
            told += len(call.group)
    return told


def report(db: Database, group: Sequence[Job], answers: Sequence[Answer], before: Mapping[str, str]) -> None:
    """Write down that these rows were answered so, whether or not anybody called."""
    with transaction(db, WORKER, "deliver") as tx:
        telling.report_in(tx, [Ended(Call(group, before, ()), answers, tx.now)])
