"""Small works of many threads in one transaction: while one is written, the next ones gather.

An embedded database writes one transaction at a time, and each waits for the disk. A work that fails does not take the
others with it: then each is done alone.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction, turn_to_write

T = TypeVar("T")


@dataclass(slots=True)
class _Entry:
    work: Callable[[Transaction], Any]
    done: bool = False
    value: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class Together:
    """Safe from any thread. A work may be done twice, the first time rolled back: it looks before it writes."""

    db: Database
    actor: Actor
    action: str
    _waiting: list[_Entry] = field(default_factory=list)
    _mutex: threading.Lock = field(default_factory=threading.Lock)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def do(self, work: Callable[[Transaction], T]) -> T:
        """What ``work(tx)`` returns, after the commit; raise what it raises."""
        entry = _Entry(work)
        with self._mutex:
            self._waiting.append(entry)
        with self._writing:
            if not entry.done:
                with turn_to_write(self.db.engine):
                    with self._mutex:
                        mine, self._waiting = self._waiting, []
                    self._write(mine)
        if entry.error is not None:
            raise entry.error
        value: T = entry.value
        return value

    def _write(self, entries: list[_Entry]) -> None:
        try:
            again(lambda: self._once(entries))
        except Exception as error:
            if len(entries) == 1:
                entries[0].error = error
            else:
                for entry in entries:
                    self._write([entry])
        except BaseException as error:
            # Whoever ends this thread does not end those that wait for it: they hear that nothing was written.
            for entry in entries:
                entry.error = error
            raise
        finally:
            for entry in entries:
                entry.done = True

    def _once(self, entries: list[_Entry]) -> None:
        with transaction(self.db, self.actor, self.action) as tx:
            for entry in entries:
                entry.value = entry.work(tx)
