"""What adapters remember between calls: tokens, keys of their platforms. Never in a log, never in an answer."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Table, delete, select

from server.db import tables
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
        at, value = self._read.get(key, (-_FRESH, None))
        if not 0 <= self.db.now() - at < _FRESH:
            t = self.table
            with self.db.read() as connection:
                query = select(t.c.value).where(t.c[self.key_column] == self.owner, t.c.key == key)
                value = connection.execute(query).scalar()
            if self._believes(key):
                self._read[key] = (self.db.now(), value)
        return value

    def put(self, key: str, value: Any) -> None:
        """Keep a JSON value; None forgets."""
        self.writes.do(lambda tx: self._write(tx, key, value))
        if self._believes(key):
            self._read[key] = (self.db.now(), value)

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
            self._write(tx, key, new)
            return new
        row = insert_into(tx.connection, t).values(key=key, value=new, at=tx.now, **{self.key_column: self.owner})
        tx.connection.execute(row.on_conflict_do_nothing())
        return tx.connection.execute(query).scalar()

    def _write(self, tx: Transaction, key: str, value: Any) -> None:
        t, own = self.table, {self.key_column: self.owner}
        if value is None:
            tx.connection.execute(delete(t).where(t.c[self.key_column] == self.owner, t.c.key == key))
            return
        row = insert_into(tx.connection, t).values(key=key, value=value, at=tx.now, **own)
        newer = {"value": value, "at": tx.now}
        tx.connection.execute(row.on_conflict_do_update(index_elements=[self.key_column, "key"], set_=newer))


class CarrierMemory(ChannelMemory):
    """The memory of one carrier account."""

    __slots__ = ()
    table: ClassVar[Table] = tables.carrier_memory
    key_column: ClassVar[str] = "carrier"

    def _believes(self, key: str) -> bool:
        # What was bought may have been bought by another process a moment ago.
        return key.startswith("token:")
