"""Carrier accounts as an administrator keeps them: added, changed, checked, retired. A code never changes its provider,
because the labels it bought are tracked and voided through it."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from server import carriers
from server.calls.clients import new_client
from server.calls.line import Forgetful, Line
from server.calls.pace import Pace
from server.calls.troubles import Denied, Refused, Trouble
from server.carriers import Account, Capabilities
from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError, Unavailable
from server.usecases.booking.reference import raise_version
from server.usecases.shipping.accounts import TIMEOUT, account, accounts, client_of, line_of

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_t = tables.carrier_account


def overview(connection: Connection) -> dict[str, tuple[Account, Capabilities | None, bool]]:
    """Every account by its code: what it can do (None where its settings cannot work) and whether it lets us in."""
    denied = set(connection.execute(select(_t.c.code).where(_t.c.denied_at.is_not(None))).scalars())
    found: dict[str, tuple[Account, Capabilities | None, bool]] = {}
    for code, each in accounts(connection).items():
        try:
            can: Capabilities | None = carriers.capabilities(each)
        except DomainError:
            can = None
        found[code] = (each, can, code not in denied)
    return found


def put_account(
    db: Database,
    actor: Actor,
    code: str,
    provider: str,
    settings: Mapping[str, Any],
    *,
    name: str = "",
    max_grams: int | None = None,
) -> Account:
    """Add a carrier, or give one that is there new settings; what is left empty stays as it was.

    Settings that cannot work are refused before anything is written. Raise DomainError("invalid" | "taken").
    """
    if not _CODE.fullmatch(code):
        raise DomainError("invalid", f"code: expected 1 to 32 of a-z, 0-9, '.', '_' and '-', found {code[:60]!r}")
    if max_grams is not None and max_grams <= 0:
        raise DomainError("invalid", f"max-grams: expected a weight above 0 g, found {max_grams}")
    with transaction(db, actor, "put_carrier") as tx:
        before = accounts(tx.connection).get(code)
        if before is not None and before.provider != provider:
            raise DomainError("taken", f"there is a carrier {code} already, of {before.provider}; choose another code")
        fresh = Account(code, name or (before.name if before else code), provider, max_grams, dict(settings))
        if before is not None and max_grams is None:
            fresh = Account(code, fresh.name, provider, before.max_grams, dict(settings), before.active)
        _tried(fresh)
        if before is not None and dict(before.settings) != dict(settings):
            # What the old credentials gave is worth nothing.
            memory = tables.carrier_memory
            tx.connection.execute(delete(memory).where(memory.c.carrier == code, memory.c.key.startswith("token:")))
        _write(tx, fresh)
        # Names only: what they hold may be secret.
        facts = {"code": code, "provider": provider, "name": fresh.name, "settings": sorted(settings)}
        tx.note("carrier.changed" if before else "carrier.added", facts, carrier=code)
    return fresh


def set_active(db: Database, actor: Actor, code: str, *, active: bool) -> None:
    """Take new parcels with a carrier, or none; those it has are tracked and voided all the same.

    Raise DomainError("unknown_carrier").
    """
    with transaction(db, actor, "carrier_active") as tx:
        found = account(tx.connection, code)
        if found.active == active:
            return
        _write(tx, Account(found.code, found.name, found.provider, found.max_grams, found.settings, active))
        tx.note("carrier.activated" if active else "carrier.retired", {"code": code}, carrier=code)


def check(db: Database, actor: Actor, code: str) -> str:
    """As ``ask_who`` for an account that is kept; what came of it is kept with it. Raise what ``ask_who`` raises."""
    with db.read() as connection:
        found = account(connection, code)
    try:
        called = ask_who(db, found)
    except DomainError as error:
        if error.code == "denied":
            _checked(db, actor, code, denied=True)
        raise
    _checked(db, actor, code, denied=False)
    return called


def ask_who(db: Database, found: Account) -> str:
    """Ask the carrier, at no cost, whether it lets us in; what it calls us, "" where there is nobody to ask.

    Raise DomainError("invalid" | "denied" | "refused"), Unavailable where it cannot be asked.
    """
    carriers.capabilities(found)
    line = line_of(db, found, client_of(db))
    carriers.carrier(found, line)
    try:
        return carriers.who(found, line)
    except Denied as trouble:
        raise DomainError("denied", f"{found.name} does not let us in: {trouble.detail}") from trouble
    except Refused as trouble:
        raise DomainError("refused", f"{found.name} does not say who we are: {trouble.detail}") from trouble
    except Trouble as trouble:
        raise Unavailable(f"{found.name} cannot be asked: {trouble.detail}; try again") from trouble


def _checked(db: Database, actor: Actor, code: str, *, denied: bool) -> None:
    with transaction(db, actor, "check_carrier") as tx:
        since = func.coalesce(_t.c.denied_at, tx.now) if denied else None
        tx.connection.execute(update(_t).where(_t.c.code == code).values(denied_at=since, checked_at=tx.now))
        tx.note("carrier.checked", {"code": code, "denied": denied}, carrier=code)


def _tried(fresh: Account) -> None:
    """Raise DomainError("invalid") for settings that cannot work; nobody is called."""
    carriers.capabilities(fresh)
    with new_client(TIMEOUT) as client:
        line = Line(fresh.code, fresh.settings, client, lambda: 0.0, Pace({}, lambda: 0.0), Forgetful())
        carriers.carrier(fresh, line)


def _write(tx: Transaction, fresh: Account) -> None:
    row = {
        "code": fresh.code,
        "name": fresh.name,
        "provider": fresh.provider,
        "settings": dict(fresh.settings),
        "max_grams": fresh.max_grams,
        "active": fresh.active,
        "denied_at": None,
        "checked_at": None,
    }
    put = insert_into(tx.connection, _t).values(**row)
    newer = {name: value for name, value in row.items() if name != "code"}
    tx.connection.execute(put.on_conflict_do_update(index_elements=["code"], set_=newer))
    raise_version(tx)
