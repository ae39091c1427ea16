"""A channel at a platform: added silently, its credentials checked, its places named as our sites."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, update

from server.calls.troubles import Denied, Refused, Trouble
from server.channels import Platform, platform_of
from server.db import channel_states, sites, tables
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError, Unavailable
from server.trade.words import Account
from server.usecases.connecting.keeping import connecting, keep, live_since, locked, platform_channel, platforms
from server.usecases.starting.sites import add_channel
from server.usecases.talking import access
from server.usecases.talking.lines import Lines

NOT_OURS = ""
"""What a place of theirs means where none of our stock is."""


def platform_kind(kind: str) -> Platform:
    """The platform of this kind; raise DomainError("not_found") naming those there are."""
    found = platform_of(kind)
    if found is None:
        raise DomainError("not_a_platform", f"expected one of {', '.join(platforms())}, found {kind!r}")
    return found


def completed(platform: Platform, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with their defaults; raise DomainError("invalid") naming one that must be given."""
    found: dict[str, Any] = {}
    for each in platform.SETTINGS:
        file = f"{each.name}_file"
        if given.get(file):
            found[file] = given[file]
        elif each.name in given:
            found[each.name] = given[each.name]
        elif each.default:
            found[each.name] = each.default
        elif each.default is None:
            raise DomainError("invalid", f"{each.name}: expected {each.help}, found nothing")
    return found


def begin(db: Database, actor: Actor, kind: str, code: str, settings: Mapping[str, Any], *, name: str = "") -> None:
    """Add the channel, not live; one that is there and of this kind gets these settings instead, and stays as it is.

    Raise DomainError("invalid" | "taken").
    """
    platform_kind(kind).check(settings)
    with db.read() as connection:
        row = sites.channel(connection, code)
    if row is None:
        add_channel(db, actor, code, name or platform_kind(kind).NAME, settings, kind=kind, active=False)
        return
    if row.kind != kind:
        raise DomainError("taken", f"there is a channel {code} already, of the kind {row.kind}; choose another code")
    with transaction(db, actor, "change_channel") as tx:
        row = locked(tx, code)
        _forget_tokens(tx, row, settings)
        tx.connection.execute(
            update(tables.channel).where(tables.channel.c.id == row.id).values(settings=dict(settings))
        )
        keep(tx, row, account=None)
        tx.note("channel.changed", {"code": code, "active": row.active}, channel=code)


def _forget_tokens(tx: Transaction, row: Row[Any], settings: Mapping[str, Any]) -> None:
    """New credentials: what the old ones gave is worth nothing. A refresh token that was renewed meanwhile is kept
    unless the one in the settings is another: it would be the only one that still works."""
    t = tables.channel_memory
    changed = {name for name in {*row.settings, *settings} if row.settings.get(name) != settings.get(name)}
    if not changed:
        return
    old = t.c.key.startswith("token:")
    if any(name.startswith("refresh_token") for name in changed):
        old |= t.c.key.contains("refresh")
    tx.connection.execute(delete(t).where(t.c.channel_id == row.id, old))


def check_account(db: Database, actor: Actor, lines: Lines, code: str) -> Account:
    """Ask the platform who we are there, and keep what it says.

    Raise DomainError("denied") when it does not let us in, Unavailable when it cannot be asked.
    """
    with db.read() as connection:
        row, platform = platform_channel(connection, code)
    try:
        account = platform.who(lines.of(row.id, row.code, row.kind, row.settings))
    except Denied as trouble:
        raise DomainError("denied", f"{platform.NAME} does not let us in: {trouble.detail}") from trouble
    except Refused as trouble:
        raise DomainError("refused", f"{platform.NAME} does not say who we are: {trouble.detail}") from trouble
    except Trouble as trouble:
        raise Unavailable(f"{platform.NAME} cannot be asked: {trouble.detail}; try again") from trouble
    with transaction(db, actor, "check_account") as tx:
        row = locked(tx, code)
        shown = {"name": account.name, "places": dict(account.places), "at": tx.now}
        keep(tx, row, account=shown, places=_still(connecting(row).get("places", {}), account))
        channel_states.note(tx, row.id, expires_at=account.expires_at)
        access.let_in(tx, row.id, what="all")
        tx.note("channel.account", {"account": account.name, "places": len(account.places)}, channel=code)
    return account


def _still(kept: Mapping[str, str], account: Account) -> dict[str, str]:
    return {place: site for place, site in kept.items() if place in account.places}


def name_places(db: Database, actor: Actor, code: str, meant: Mapping[str, str]) -> None:
    """Say which of our sites each of the account's places is; "" where none of our stock is.

    Raise DomainError("not_found") for a place or site that is not there.
    """
    with transaction(db, actor, "name_places") as tx:
        row = locked(tx, code)
        there = connecting(row).get("account", {}).get("places", {})
        for place, site in meant.items():
            if place not in there:
                known = ", ".join(f"{ref} ({name})" for ref, name in there.items()) or "none"
                raise DomainError("not_found", f"{code} has no place {place[:60]!r}; there are: {known}")
            if site != NOT_OURS:
                sites.by_code(tx.connection, site)
        keep(tx, row, places={**connecting(row).get("places", {}), **meant})
        tx.note("channel.places", {"places": dict(meant)}, channel=code)


def obvious_places(db: Database, code: str) -> dict[str, str]:
    """What the account's places must mean where nothing else can be: one place there, one site here."""
    with db.read() as connection:
        row, _ = platform_channel(connection, code)
        ours = [site.code for site in sites.all_sites(connection) if site.active]
    there = list(connecting(row).get("account", {}).get("places", {}))
    unnamed = [place for place in there if place not in connecting(row).get("places", {})]
    return {unnamed[0]: ours[0]} if len(there) == len(ours) == len(unnamed) == 1 else {}


def is_live(db: Database, code: str) -> bool:
    """Whether it ever went live; raise DomainError("not_found")."""
    with db.read() as connection:
        row, _ = platform_channel(connection, code)
    return live_since(row) is not None
