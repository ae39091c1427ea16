"""The carriers of this company, and the line to each: one in a process, so that limits and tokens are counted once."""

import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import httpx
from sqlalchemy import Connection, Engine, select

from server import carriers
from server.calls.clients import new_client
from server.calls.line import Line
from server.calls.pace import Pace
from server.carriers import BUILT_IN, Account, Capabilities, Carrier
from server.db import tables
from server.db.memory import CarrierMemory
from server.db.together import Together
from server.db.transaction import Actor, Database
from server.domain.errors import DomainError

TIMEOUT = httpx.Timeout(8.0, connect=3.0)
_t = tables.carrier_account


def accounts(connection: Connection) -> Mapping[str, Account]:
    """Every account by its code, also those that take no new parcels; the built-in ones first."""
    rows = connection.execute(select(_t).order_by(_t.c.code))
    ours = {
        row.code: Account(row.code, row.name, row.provider, row.max_grams, row.settings, bool(row.active))
        for row in rows
    }
    return {**BUILT_IN, **ours}


def account(connection: Connection, code: str) -> Account:
    """The account with this code; raise DomainError("unknown_carrier") naming those there are."""
    known = accounts(connection)
    if code not in known:
        what = f"there is no carrier {code!r}; there are {', '.join(known)}"
        raise DomainError("unknown_carrier", what, says="no_carrier", carrier=code[:40])
    return known[code]


def name_of(connection: Connection, code: str) -> str:
    """What buyers call it; somebody else's warehouse may use a carrier that we do not."""
    found = accounts(connection).get(code)
    return found.name if found else code


def may_allot(found: Account) -> bool:
    """Whether numbers of this carrier may be given out beforehand."""
    try:
        return found.active and carriers.capabilities(found).allot
    except DomainError:
        return False


@dataclass(frozen=True, slots=True)
class Counter:
    """Where parcels are handed in: an account, what its carrier can do, and the carrier itself."""

    account: Account
    can: Capabilities
    carrier: Carrier

    @property
    def words(self) -> str:
        """Whose words its scans are in, as tracking looks them up."""
        return self.can.words or self.account.provider


@dataclass(slots=True)
class _Lines:
    """The lines of one database in this process; an account whose settings changed gets a new one."""

    db: Database
    client: httpx.Client = field(default_factory=partial(new_client, TIMEOUT))
    _made: dict[str, Counter] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def counter(self, found: Account) -> Counter:
        with self._lock:
            kept = self._made.get(found.code)
            if kept is None or kept.account != found:
                made = carriers.carrier(found, line_of(self.db, found, self.client))
                kept = self._made[found.code] = Counter(found, carriers.capabilities(found), made)
            return kept


_lines: weakref.WeakKeyDictionary[Engine, _Lines] = weakref.WeakKeyDictionary()
_making = threading.Lock()


def counter_of(db: Database, code: str) -> Counter:
    """The counter of this account; its carrier is called outside any transaction.

    Raise DomainError("unknown_carrier" | "invalid").
    """
    with db.read() as connection:
        found = account(connection, code)
    return _lines_of(db).counter(found)


def call_through(db: Database, client: httpx.Client) -> None:
    """From now on this process calls the carriers of this database through ``client``: a proxy, or a simulation."""
    with _making:
        _lines[db.engine] = _Lines(db, client)


def client_of(db: Database) -> httpx.Client:
    """The client through which this process calls the carriers of this database."""
    return _lines_of(db).client


def line_of(db: Database, found: Account, client: httpx.Client) -> Line:
    """A line to this account for one errand, with the memory of all its lines."""
    memory = CarrierMemory(db, Together(db, Actor("carriers"), "remember"), found.code)
    return Line(found.code, found.settings, client, db.now, Pace({}, db.now), memory)


def _lines_of(db: Database) -> _Lines:
    with _making:
        found = _lines.get(db.engine)
        if found is None:
            found = _lines[db.engine] = _Lines(db)
        return found
