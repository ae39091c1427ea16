"""What nothing can ask for any more is let go: ids of old messages, inbox rows long done, numbers told long ago,
pictures of labels that their parcels have, old keys of purchases, the way of parcels that arrived long ago, and of
those that were never ours.

Orders, shipments, cancels, the ledger and the record stay. Of each number a channel was told the newest stays too: what
it was told last is compared with what it shows. Of each parcel the events that its state follows from stay.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
)

from server.db import tables
from server.db.transaction import Actor, Database, transaction
from server.domain.tracking.status import Status

DAY = 86_400.0
MESSAGES_DAYS = 30
"""Signed messages are refused after five minutes by their own time; an id kept longer protects nothing."""
INBOX_DAYS = 90
"""A platform that tells of an older order again makes a new row, and the order is looked at once more."""
NUMBERS_DAYS = 400
"""A year and a month: the record of an inspection."""

PICTURES_DAYS = 1
"""A provider keeps a label until its parcel has it, which is at once, or after a night in which all was down."""

PURCHASES_DAYS = 90
"""What a provider keeps of a purchase guards its parcel against a second one, and finds it again to void it: nobody
asks for a label of an older parcel, and no void is asked after for longer than 30 days."""
_PURCHASES = ("shp:", "quote:", "bought:", "form:", "pickup:")
"""What begins such a key; a parcel's id, or another key of ours, follows."""

JOURNEYS_DAYS = 400
"""Since the newest event of a parcel that was delivered; as long as the numbers that were told."""
JOURNEYS_SPAN = 60
"""Days before that, in which they are looked for: what is older was let go before, and need not be looked through."""

STRANGERS_DAYS = 30
"""What was said of a number is looked at for a week, and after that no parcel of ours is waited for."""

MOST = 2_000
"""Rows in one transaction: nobody waits for a purge."""

_WORKER = Actor("worker")
_c, _d, _i, _m = tables.carrier_memory, tables.delivery, tables.inbox, tables.seen_webhook
_e, _t = tables.tracking_event, tables.parcel_track
_begun = tables.label_intent


def purge(db: Database) -> bool | None:
    """Let go of one handful from each table; True while there may be more."""
    now = db.now()
    # What is old is looked for beforehand, so that no writer waits for the look.
    with db.read() as connection:
        old = {
            _m: _keys(connection, _m, _m.c.at < now - MESSAGES_DAYS * DAY),
            _i: _keys(connection, _i, (_i.c.state == "done") & (_i.c.done_at < now - INBOX_DAYS * DAY)),
            _d: _keys(connection, _d, _told_long_ago(now - NUMBERS_DAYS * DAY)),
            _c: _keys(connection, _c, _pictures_and_purchases(now)),
            _e: [
                *_keys(connection, _e, _on_the_way_long_ago(now - JOURNEYS_DAYS * DAY)),
                *_keys(connection, _e, _of_strangers(now - STRANGERS_DAYS * DAY)),
            ],
        }
    if not any(old.values()):
        return None
    with transaction(db, _WORKER, "purge") as tx:
        for table, keys in old.items():
            if keys:
                tx.connection.execute(_by_key(table), [{f"old_{name}": row[name] for name in row} for row in keys])
        tx.note("record.purged", {table.name: len(keys) for table, keys in old.items() if keys})
    return True if any(len(keys) >= MOST for keys in old.values()) else None


def _told_long_ago(before: float) -> ColumnElement[bool]:
    newer = _d.alias()
    same = (newer.c.channel_id == _d.c.channel_id) & (newer.c.kind == _d.c.kind) & (newer.c.key == _d.c.key)
    return (_d.c.kind == "stock") & (_d.c.at < before) & exists().where(same & (newer.c.id > _d.c.id))


def _pictures_and_purchases(now: float) -> ColumnElement[bool]:
    """A purchase in doubt stays for as long as the doubt: what is kept of it may be all that is known."""
    open_one = or_(*(_c.c.key == literal(prefix) + _begun.c.parcel_id for prefix in _PURCHASES))
    bought = or_(*(_c.c.key.startswith(prefix) for prefix in _PURCHASES)) & ~exists().where(open_one)
    pictures = _c.c.key.startswith("picture:") & (_c.c.at < now - PICTURES_DAYS * DAY)
    return pictures | (bought & (_c.c.at < now - PURCHASES_DAYS * DAY))


def _on_the_way_long_ago(before: float) -> ColumnElement[bool]:
    """All but the first scan, tries at the door, the delivery and the newest: a late event must not undo a delivery."""
    turns = [_e.c.at != moment for moment in (_t.c.first_scan_at, _t.c.since, _t.c.delivered_at, _t.c.last_at)]
    # Nearly every event is settled; by an index on that all of them would be looked through.
    settled = func.coalesce(_e.c.settle_at, 0.0) == 0.0
    between = settled & (_e.c.status != Status.ATTEMPTED.value) & and_(*turns)
    long_ago = (_t.c.last_at < before) & (_t.c.last_at >= before - JOURNEYS_SPAN * DAY)
    arrived = (_t.c.status == Status.DELIVERED.value) & long_ago
    return _e.c.id.in_(select(_e.c.id).join(_t, _t.c.parcel_id == _e.c.parcel_id).where(arrived, between))


def _of_strangers(before: float) -> ColumnElement[bool]:
    """What no parcel of ours took in: its number is nobody's here, or whoever said it may not speak of that parcel."""
    settled = func.coalesce(_e.c.settle_at, 0.0) == 0.0
    return _e.c.parcel_id.is_(None) & settled & (_e.c.received_at < before)


def _keys(connection: Connection, table: Table, old: ColumnElement[bool]) -> list[Mapping[str, Any]]:
    columns = table.primary_key.columns
    return [dict(row._mapping) for row in connection.execute(select(*columns).where(old).limit(MOST))]


def _by_key(table: Table) -> Delete:
    # An inbox row that was heard again meanwhile stays, and so does an event that is looked at anew.
    still: dict[Table, list[ColumnElement[bool]]] = {_i: [_i.c.state == "done"], _e: [_e.c.settle_at.is_(None)]}
    same = [column == bindparam(f"old_{column.name}") for column in table.primary_key.columns]
    return delete(table).where(*same, *still.get(table, []))
