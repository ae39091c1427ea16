"""What adapters remember between calls: tokens, keys of their platforms. Never in a log, never in an answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Table, delete, select

from server.db import tables
from server.db.bulk import insert_rows
from server.db.dialect import insert_into
from server.db.together import Together
from server.db.transaction import Database, Transaction

_FRESH = 5.0


@dataclass(slots=True)
class ChannelMemory:
    """The memory of one channel. What was read is believed for some seconds: tokens are asked for at every call."""

    table: ClassVar[Table] = tables.channel_memory
    key_column: ClassVar[str] = "channel_id"

    db: Database
    writes: Together
    owner: int | str
    _read: dict[str, tuple[float, Any]] = field(default_factory=dict)

    def get(self, key: str) -> Any:
        """What was put under this key, None when nothing was."""
        return self.get_all([key]).get(key)

    def get_all(self, keys: Collection[str]) -> dict[str, Any]:
        """What was put under each of these keys, without those under which nothing was."""
        now, t = self.db.now(), self.table
        found = {key: self._read[key] for key in keys if key in self._read}
        found = {key: (at, value) for key, (at, value) in found.items() if 0 <= now - at < _FRESH}
        if unread := [key for key in keys if key not in found]:
            query = select(t.c.key, t.c.value).where(t.c[self.key_column] == self.owner, t.c.key.in_(unread))
            with self.db.read() as connection:
                kept = {row.key: row.value for row in connection.execute(query)}
            found |= {key: (now, kept.get(key)) for key in unread}
            self._read |= {key: found[key] for key in unread if self._believes(key)}
        return {key: value for key, (_, value) in found.items() if value is not None}

    def put(self, key: str, value: Any) -> None:
        """Keep a JSON value; None forgets."""
        self.put_all({key: value})

    def put_all(self, values: Mapping[str, Any]) -> None:
        """As ``put`` for several keys, all or none."""
        self.writes.do(lambda tx: self._write_all(tx, values))
        self._read |= {key: (self.db.now(), value) for key, value in values.items() if self._believes(key)}

    def swap(self, key: str, old: Any, new: Any) -> Any:
        """See ``Memory``: the row is locked, so that of several processes one wins."""
        kept = self.writes.do(lambda tx: self._swap(tx, key, old, new))
        self._read.pop(key, None)
        return kept

    def _believes(self, key: str) -> bool:  # noqa: ARG002
        return True

    def _swap(self, tx: Transaction, key: str, old: Any, new: Any) -> Any:
        t = self.table
        query = select(t.c.value).where(t.c[self.key_column] == self.owner, t.c.key == key).with_for_update()
        kept = tx.connection.execute(query).scalar()
        if kept != old:
            return kept
        if kept is not None or new is None:
            self._write_all(tx, {key: new})
            return new
        row = insert_into(tx.connection, t).values(key=key, value=new, at=tx.now, **{self.key_column: self.owner})
        tx.connection.execute(row.on_conflict_do_nothing())
        return tx.connection.execute(query).scalar()

    def _write_all(self, tx: Transaction, values: Mapping[str, Any]) -> None:
        t, own = self.table, {self.key_column: self.owner}
        gone = [key for key, value in values.items() if value is None]
        if gone:
            tx.connection.execute(delete(t).where(t.c[self.key_column] == self.owner, t.c.key.in_(gone)))
        kept = [{"key": key, "value": values[key], "at": tx.now, **own} for key in sorted(values.keys() - set(gone))]
        newer = "DO UPDATE SET value = excluded.value, at = excluded.at"
        insert_rows(tx.connection, t, kept, f"ON CONFLICT ({self.key_column}, key) {newer}")


class CarrierMemory(ChannelMemory):
    """The memory of one carrier account."""

    __slots__ = ()
    table: ClassVar[Table] = tables.carrier_memory
    key_column: ClassVar[str] = "carrier"

    def _believes(self, key: str) -> bool:
        # What was bought may have been bought by another process a moment ago.
        return key.startswith("token:")
