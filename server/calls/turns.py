"""Who renews a token, and what those hear who waited for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from server.calls.troubles import Trouble


@dataclass(slots=True)
class Turns:
    """One thread at a time renews the token of a name. Who waited for one that failed meets the same trouble at once:
    a dead address would otherwise keep every bench for as long as all before it together.

    A token may need another one to be fetched, so a lock lets its holder in again.
    """

    _locks: dict[str, threading.RLock] = field(default_factory=dict)
    _failed: dict[str, tuple[Trouble]] = field(default_factory=dict)
    """What the last turn met; a new tuple each time, which tells two of the same trouble apart."""

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Our turn; raise the Trouble of the turn before, where that ended while we waited."""
        before = self._failed.get(name)
        with self._locks.setdefault(name, threading.RLock()):
            since = self._failed.get(name)
            if since is not None and since is not before:
                raise _again(since[0])
            try:
                yield
            except Trouble as trouble:
                self._failed[name] = (_again(trouble),)
                raise
            self._failed.pop(name, None)


def _again(trouble: Trouble) -> Trouble:
    """The same trouble for another thread, without the traceback of the first."""
    copy = trouble.__new__(type(trouble), *trouble.args)
    copy.__dict__.update(trouble.__dict__)
    return copy
