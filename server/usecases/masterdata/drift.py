"""Each night: what a channel holds of us, against the night before and against our own book (SKU-06)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from server.channels import caller_of
from server.db import drift as rows
from server.db import sites, tables
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.masterdata.drift import Change, compare, disagreements
from server.typed import learnt
from server.usecases.masterdata.daily import once_a_day
from server.usecases.masterdata.drift_facts import Statement, made_here, meant, ours, shown, told
from server.usecases.outward import webhooks
from server.usecases.record import incidents

NIGHT = Actor("nightly compare")
HOUR = 2
SHOWN_MAX = 500
"""Changes that one comparison writes down; it counts all."""
_ANSWER = '{"listings": "taken"}'


@dataclass(frozen=True, slots=True)
class Drift:
    """One comparison: what changed at the channel, what changed here, and where the two disagree now."""

    channel: str
    theirs: tuple[Change, ...]
    ours: tuple[Change, ...]
    disagree: tuple[Change, ...]

    @property
    def silent(self) -> int:
        """Changes and disagreements that nobody here made."""
        return sum(not change.by for change in (*self.theirs, *self.ours)) + len(self.disagree)


def take_statement(db: Database, actor: Actor, channel: str, said: Statement) -> None:
    """Keep what a channel says it holds; it replaces what it said before and waits for the next comparison."""
    with transaction(db, actor, "take_statement") as tx:
        row = _channel(tx.connection, channel)
        _lock(tx, row)
        held = rows.sides(tx.connection, row.id)
        before = held[rows.TOLD] if said.more else {}
        rows.write(tx, row.id, held | {rows.TOLD: before | told(said)})


def take_webhook(db: Database, actor: Actor, channel: str, headers: Mapping[str, str], body: bytes) -> str:
    """The same from a signed message. Raise DomainError("bad_signature" | "malformed" | "not_found")."""
    with db.read() as connection:
        row = webhooks.sender(connection, channel)
    caller_of(row.kind).verify(row.settings, headers, body)
    try:
        said = msgspec.json.decode(body, type=learnt(Statement))
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DomainError("malformed", f"listings: {error}") from error
    take_statement(db, actor, channel, said)
    return _ANSWER


def compare_channel(db: Database, actor: Actor, channel: str) -> Drift:
    """Compare now, remember this as the last night, and open one incident when anything drifted silently."""
    with transaction(db, actor, "compare_channel") as tx:
        row = _channel(tx.connection, channel)
        _lock(tx, row)
        held, mine = rows.sides(tx.connection, row.id), ours(tx.connection, row.id)
        last = last_drift(tx.connection, row.code)
        said, seen = held[rows.TOLD], held[rows.SEEN]
        drift = Drift(
            row.code,
            compare(seen, said) if seen else (),
            compare(held[rows.OURS], mine, made_here(tx.connection, last["id"])) if last else (),
            disagreements(meant(tx.connection, row.id, said), shown(tx.connection, row.id, said)),
        )
        rows.write(tx, row.id, {rows.TOLD: said, rows.SEEN: said, rows.OURS: mine})
        _say(tx, drift)
        return drift


def compare_all(db: Database, actor: Actor = NIGHT) -> list[Drift]:
    """Compare every active channel, each in a transaction of its own."""
    with db.read() as connection:
        codes = [row.code for row in sites.channels(connection)]
    return [compare_channel(db, actor, code) for code in codes]


def tick(db: Database) -> None:
    """The worker's share: once a night."""
    once_a_day(db, NIGHT, "drift_night", HOUR, lambda: compare_all(db))


def last_drift(connection: Connection, channel: str) -> Mapping[str, Any] | None:
    """The last comparison of a channel as it was written down; None before the first."""
    a, s = tables.audit, tables.audit_subject
    mine = (s.c.kind == "channel") & (s.c.ref == channel) & (a.c.action == "drift.compared")
    query = (
        select(a.c.id, a.c.at, a.c.detail).join(s, s.c.audit_id == a.c.id).where(mine).order_by(a.c.id.desc()).limit(1)
    )
    row = connection.execute(query).first()
    return {"id": row.id, "at": row.at, **row.detail} if row else None


def sentence(change: Mapping[str, Any]) -> str:
    """A change as it was written down, for people."""
    return msgspec.convert(change, learnt(Change)).sentence


def _say(tx: Transaction, drift: Drift) -> None:
    parts = {"theirs": drift.theirs, "ours": drift.ours, "disagree": drift.disagree}
    detail: dict[str, Any] = {name: [_noted(c) for c in some[:SHOWN_MAX]] for name, some in parts.items()}
    detail["counts"] = {name: len(some) for name, some in parts.items()}
    tx.note("drift.compared", {"channel": drift.channel, **detail}, channel=drift.channel)
    key = f"drift:{drift.channel}"
    if drift.silent:
        examples = "; ".join(c.sentence for c in (*drift.theirs, *drift.ours, *drift.disagree) if not c.by)[:300]
        cause = f"channel {drift.channel}: {drift.silent} changes that nobody here made: {examples}"
        incidents.open_incident(tx, IncidentType.CHANNEL_DRIFT, cause, once_key=key)


def _noted(change: Change) -> dict[str, Any]:
    return asdict(change) | {"subject": change.subject.value}


def _channel(connection: Connection, code: str) -> Row[Any]:
    row = sites.channel(connection, code)
    if row is None:
        raise DomainError("not_found", f"there is no channel {code[:40]!r}")
    return row


def _lock(tx: Transaction, channel: Row[Any]) -> None:
    """A statement and a comparison of one channel never cross."""
    c = tables.channel
    tx.connection.execute(select(c.c.id).where(c.c.id == channel.id).with_for_update(key_share=True)).all()
