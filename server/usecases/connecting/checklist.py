"""What must be done before a channel goes live (LCH-03): some items are looked up, some a person confirms."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from server.db import listings, routing
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.usecases.connecting.keeping import connecting, keep, locked, platform_channel
from server.usecases.connecting.mapping import unmapped

CONFIRMED = {
    "numbers": "the numbers it would be told were looked at: `packproof channels dry-run {code}`",
    "allocation": "its shares, buffers and caps were looked at: `packproof allocate show`",
    "routing": "the people who ship approve which sites serve it: `packproof route rules`",
    "service": "customer service knows what is cancelled, split or sent later: `packproof conflict channel {code}`",
}
"""What nobody can look up: somebody says that it was done."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item; ``says`` is what was found, ``fix`` what to do while it is open."""

    name: str
    done: bool
    says: str
    fix: str = ""


def checklist(connection: Connection, code: str) -> list[Item]:
    """Every item, in the order in which they are best done; raise DomainError("not_found" | "not_a_platform")."""
    row, _ = platform_channel(connection, code)
    return [_account(row), _places(row), *_listings(connection, row), _rules(connection), _services(row), *_people(row)]


def still_open(items: list[Item]) -> list[Item]:
    """Those that keep it from going live."""
    return [item for item in items if not item.done]


def confirm(db: Database, actor: Actor, code: str, name: str, *, done: bool = True) -> None:
    """A person says that an item is done, or is not after all; kept with who and when.

    Raise DomainError("not_found") for an item that is looked up, or is none.
    """
    names = ("services", *CONFIRMED)
    if name not in names:
        raise DomainError("not_found", f"expected one of {', '.join(names)}, found {name[:40]!r}")
    with transaction(db, actor, "checklist") as tx:
        row = locked(tx, code)
        said = {key: value for key, value in connecting(row).get("confirmed", {}).items() if key != name}
        if done:
            said[name] = {"by": actor.name, "at": tx.now}
        keep(tx, row, confirmed=said)
        tx.note("channel.checklist", {"item": name, "done": done}, channel=code)


def _account(row: Row[Any]) -> Item:
    account = connecting(row).get("account")
    if account:
        return Item("credentials", True, f"we are {account['name']} there")
    return Item("credentials", False, "not checked", f"packproof channels add {row.kind} {row.code}")


def _places(row: Row[Any]) -> Item:
    there = connecting(row).get("account", {}).get("places", {})
    named = connecting(row).get("places", {})
    missing = [place for place in there if place not in named]
    if not missing:
        ours = ", ".join(f"{there[place]} is {site or 'not ours'}" for place, site in named.items() if place in there)
        return Item("places", bool(connecting(row).get("account")), ours or "it knows no places of ours")
    says = ", ".join(f"{place} ({there[place]})" for place in missing)
    return Item(
        "places", False, f"nobody said what {says} is", f"packproof channels place {row.code} {missing[0]} SITE"
    )


def _listings(connection: Connection, row: Row[Any]) -> Iterator[Item]:
    there = [each for each in listings.all_of(connection, row.id) if not each.gone]
    if not there:
        yield Item("listings", False, "none were imported", f"packproof channels import {row.code}")
        return
    left = unmapped(connection, row)
    says = f"{len(there)} listings, {len(left)} without a product" if left else f"{len(there)} listings"
    yield Item("listings", not left, says, f"packproof channels listings {row.code} --unmapped" if left else "")


def _rules(connection: Connection) -> Item:
    # With one site there is nothing to decide.
    alone = sum(node.active for node in routing.nodes(connection)) == 1
    there = routing.active_row(connection) is not None
    says = "one site ships everything" if alone else "there are rules" if there else "several sites and no rules"
    return Item("rules", alone or there, says, "" if alone or there else "packproof route rules")


def _services(row: Row[Any]) -> Item:
    known = (row.policy or {}).get("services") or {}
    says = f"services mapped: {len(known)}" if known else "none of its services is mapped"
    if known or "services" not in connecting(row).get("confirmed", {}):
        fix = f"packproof conflict service {row.code} WORDS CARRIER SERVICE (or --done services)"
        return Item("services", bool(known), says, "" if known else fix)
    return Item("services", True, "its words for services are taken as they come")


def _people(row: Row[Any]) -> Iterator[Item]:
    said = connecting(row).get("confirmed", {})
    for name, text in CONFIRMED.items():
        what = text.format(code=row.code)
        if name in said:
            yield Item(name, True, f"{said[name]['by']} said so")
        else:
            yield Item(name, False, what, f"packproof channels checklist {row.code} --done {name}")
