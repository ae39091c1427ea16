"""The facts of a night: what a channel told, what we hold, and what each means to the other (SKU-06)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from server.db import aliases, catalogue, sites, tables
from server.domain.errors import DomainError
from server.domain.masterdata.aliases import alias_key
from server.domain.masterdata.drift import Facts, Key, Subject, address_fact, price_fact

_SOME = 2000
"""Words that one statement asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One of a channel's listings: its own id, the SKU it shows there, and the price."""

    id: str
    sku: str
    price: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a channel holds of us; ``ship_from`` are addresses by our site's code.

    It replaces what was told before, or adds to it when ``more``: a large catalogue is told in several messages.
    """

    listings: tuple[Listing, ...]
    ship_from: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    more: bool = False


def told(said: Statement) -> dict[Key, str]:
    """The facts in a channel's words; raise DomainError("malformed")."""
    facts: dict[Key, str] = {}
    for listing in said.listings:
        key = _word(listing.id)
        facts[Key(Subject.MAPPING, key)] = _word(listing.sku, folded=False)
        if listing.price:
            facts[Key(Subject.PRICE, key)] = price_fact(_plain(listing.price)[:32], _plain(listing.currency)[:8])
    for site, parts in said.ship_from.items():
        facts[Key(Subject.ADDRESS, _word(site, folded=False)[:64])] = _plain(address_fact(parts))[:500]
    return facts


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _word(text: str, *, folded: bool = True) -> str:
    found = alias_key(text) if folded else text.strip()
    if not found or not found.isprintable() or len(found) > aliases.CODE_MAX:
        expected = f"expected 1 to {aliases.CODE_MAX} printable characters"
        raise DomainError("malformed", f"listings: {expected}, found {text[:40]!r}")
    return found


def ours(connection: Connection, channel_id: int) -> dict[Key, str]:
    """What we hold of this channel."""
    facts = {Key(Subject.MAPPING, row.code): row.sku for row in aliases.all_of(connection, channel_id)}
    sites_here = {Key(Subject.ADDRESS, s.code): address_fact(s.address) for s in sites.all_sites(connection)}
    return facts | {key: address for key, address in sites_here.items() if address}


def made_here(connection: Connection, after: int) -> dict[Key, str]:
    """Who changed what we hold since this event, as the audit says: later changes win."""
    a = tables.audit
    mine = a.c.action.in_(("alias.mapped", "alias.unmapped")) | a.c.action.like("site.%")
    who: dict[Key, str] = {}
    for row in connection.execute(select(a.c.actor, a.c.detail).where(a.c.id > after, mine).order_by(a.c.id)):
        if text := row.detail.get("text"):
            who[Key(Subject.MAPPING, alias_key(text))] = row.actor
        elif code := row.detail.get("code"):
            who[Key(Subject.ADDRESS, code)] = row.actor
    return who


def meant(connection: Connection, channel_id: int, said: Facts) -> dict[Key, str]:
    """What we mean by each of the channel's words, and where our sites are."""
    words = [key for key in said if key.subject is Subject.MAPPING]
    found = {key: value for key, value in ours(connection, channel_id).items() if key.subject is Subject.ADDRESS}
    means = _skus(connection, channel_id, [key.key for key in words])
    return found | {key: means[key.key] for key in words if key.key in means}


def shown(connection: Connection, channel_id: int, said: Facts) -> dict[Key, str]:
    """The SKU of ours that the channel shows; its own writing of it counts as ours where we know that."""
    skus = _skus(connection, channel_id, [v for key, v in said.items() if key.subject is Subject.MAPPING])
    return {key: skus.get(v, v) if key.subject is Subject.MAPPING else v for key, v in said.items()}


def _skus(connection: Connection, channel_id: int, texts: Iterable[str]) -> dict[str, str]:
    asked, found = sorted(set(texts)), dict[str, str]()
    for start in range(0, len(asked), _SOME):
        some = asked[start : start + _SOME]
        renamed = aliases.resolve(connection, {(channel_id, text) for text in some})
        products = catalogue.known(connection, some)
        found |= {text: text for text in some if text in products}
        found |= {text: sku for (_, text), sku in renamed.items()}
    return found
