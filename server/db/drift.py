"""What channels told of us and what was held last night: rows of ``mapping_snapshot``.

``listing`` is {"told": {...}, "seen": {...}, "ours": {...}}, each from a subject (mapping, price, address) to a value:
what the channel said last, and what it and we held when the two nights were last compared.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select

from server.db import tables
from server.db.bulk import insert_rows
from server.db.transaction import Transaction
from server.domain.masterdata.drift import Facts, Key, Subject

_t = tables.mapping_snapshot
_SITE = "@"
"""Before the code of a site, so that it is no channel's word."""

Sides = dict[str, dict[Key, str]]
TOLD, SEEN, OURS = "told", "seen", "ours"


def sides(connection: Connection, channel_id: int) -> Sides:
    """The facts of each side for one channel."""
    found: Sides = {TOLD: {}, SEEN: {}, OURS: {}}
    for row in connection.execute(select(_t.c.code, _t.c.listing).where(_t.c.channel_id == channel_id)):
        for side, facts in row.listing.items():
            for subject, value in facts.items():
                found[side][_key(Subject(subject), row.code)] = value
    return found


def write(tx: Transaction, channel_id: int, now: Mapping[str, Facts]) -> None:
    """Replace everything that is held for one channel."""
    tx.connection.execute(delete(_t).where(_t.c.channel_id == channel_id))
    listings: dict[str, dict[str, dict[str, str]]] = {}
    for side, facts in now.items():
        for key, value in facts.items():
            listings.setdefault(_code(key), {}).setdefault(side, {})[key.subject.value] = value
    rows = [
        {"channel_id": channel_id, "code": code, "listing": listing, "at": tx.now}
        for code, listing in sorted(listings.items())
    ]
    insert_rows(tx.connection, _t, rows)


def _code(key: Key) -> str:
    return f"{_SITE}{key.key}" if key.subject is Subject.ADDRESS else key.key


def _key(subject: Subject, code: str) -> Key:
    return Key(subject, code.removeprefix(_SITE) if subject is Subject.ADDRESS else code)
