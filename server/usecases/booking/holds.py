"""What becomes of checkout holds (RSV-03): confirmed, released, expired. The group commit places them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, select, update

from server import wire
from server.db import hold_rows, tables
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.booking.reservation import Ask, Refused
from server.domain.booking.stock import Move, MoveKind
from server.domain.errors import DomainError
from server.usecases.booking.deciding import decide_all
from server.usecases.booking.hold_batch import Held, held_lines
from server.usecases.booking.reference import reference
from server.usecases.booking.stock import Posting, post, write_down

_h = tables.hold


def confirm_hold(db: Database, actor: Actor, channel_id: int, key: str) -> Held:
    """The buyer has paid: the hold does not end any more and waits for its order.

    One that expired is checked against the stock again: held anew, or refused. Raise DomainError("not_found"),
    "hold_ended" for one that was released or refused.
    """

    def once() -> Held:
        with transaction(db, actor, "confirm_hold") as tx:
            row = _locked(tx, channel_id, key)
            if row.state == "expired":
                return _again(tx, row)
            if row.state in {"confirmed", "used"}:
                return Held(key, row.state, row.answer)
            if row.state != "held":
                raise DomainError("hold_ended", f"hold {key} is {row.state}: nothing is kept for it")
            return _set(tx, row, "confirmed")

    return again(once)


def release_hold(db: Database, actor: Actor, channel_id: int, key: str) -> Held:
    """The buyer left: the units are for sale again; a second time changes nothing.

    Raise DomainError("not_found"), and "hold_used" when an order has taken the units.
    """

    def once() -> Held:
        with transaction(db, actor, "release_hold") as tx:
            row = _locked(tx, channel_id, key)
            if row.state == "used":
                raise DomainError("hold_used", f"hold {key} became an order; cancel the order instead")
            if row.state not in {"held", "confirmed"}:
                return Held(key, row.state, row.answer)
            _give_back(tx, [row], MoveKind.UNHOLD)
            return _set(tx, row, "released")

    return again(once)


def expire_holds(db: Database, limit: int = 500) -> int:
    """End the holds whose time is over and return how many."""
    with db.read() as connection:
        due = connection.execute(hold_rows.expired(db.now(), limit)).scalars().all()
    if not due:
        return 0

    def once() -> int:
        with transaction(db, Actor("clock"), "expire_holds") as tx:
            rows = hold_rows.lock(tx, due, state="held")
            rows = [row for row in rows if row.expires_at <= tx.now]
            _give_back(tx, rows, MoveKind.EXPIRE)
            for row in rows:
                _set(tx, row, "expired")
            return len(rows)

    return again(once)


def expiry(db: Database) -> bool | float | None:
    """A step of the worker's: True when there may be more to end now, else the seconds until the next hold ends."""
    if expire_holds(db):
        return True
    ends = next_expiry(db)
    return None if ends is None else max(0.0, ends - db.now())


def next_expiry(db: Database) -> float | None:
    """When the next hold ends, in seconds since the epoch."""
    with db.read() as connection:
        found = connection.execute(hold_rows.next_expiry()).scalar()
    return float(found) if found is not None else None


def find_hold(db: Database, channel_id: int, key: str) -> Held:
    """The hold as it is now; raise DomainError("not_found")."""
    with db.read() as connection:
        row = connection.execute(select(_h).where(_h.c.channel_id == channel_id, _h.c.key == key)).first()
    if row is None:
        raise DomainError("not_found", f"there is no hold {key[:40]!r}")
    now = msgspec.json.decode(row.answer) | {"state": row.state}
    return Held(key, row.state, msgspec.json.encode(now).decode())


def _locked(tx: Transaction, channel_id: int, key: str) -> Row[Any]:
    query = select(_h).where(_h.c.channel_id == channel_id, _h.c.key == key).with_for_update()
    row = tx.connection.execute(query).first()
    if row is None:
        raise DomainError("not_found", f"there is no hold {key[:40]!r}")
    return row


def _set(tx: Transaction, row: Row[Any], state: str, **columns: Any) -> Held:
    said = {"hold": row.key, "state": state}
    if columns.get("expires_at") is not None:
        said["expires_at"] = wire.instant(columns["expires_at"])
    answer = msgspec.json.encode(said).decode()
    tx.connection.execute(update(_h).where(_h.c.id == row.id).values(state=state, answer=answer, **columns))
    tx.note(f"hold.{state}", {"hold": row.key}, hold=row.id)
    return Held(row.key, state, answer)


def _again(tx: Transaction, row: Row[Any]) -> Held:
    ref = reference(tx.connection, tx.now)
    units: dict[str, int] = {}
    for line in hold_rows.lines(tx.connection, [row.id]):
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    [decision] = decide_all(tx, ref, [Ask(MoveKind.HOLD, units, ref.channel_code(row.channel_id))])
    if isinstance(decision, Refused):
        return _set(tx, row, "refused")
    hold_rows.replace_lines(tx, row.id, held_lines(row.id, decision.moves))
    write_down(tx, [Posting(decision.moves, hold_id=row.id, channel_id=row.channel_id, reason="held again")])
    return _set(tx, row, "confirmed")


def _give_back(tx: Transaction, rows: Sequence[Row[Any]], kind: MoveKind) -> None:
    lines: dict[int, list[Move]] = {}
    for line in hold_rows.lines(tx.connection, [row.id for row in rows]):
        move = Move(kind, line.sku, line.site_id, 0, 0, -line.quantity, 0, line.lot)
        lines.setdefault(line.hold_id, []).append(move)
    channels = {row.id: row.channel_id for row in rows}
    post(tx, [Posting(moves, hold_id=h, channel_id=channels[h]) for h, moves in lines.items()])
