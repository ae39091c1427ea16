"""What a platform sells of us is read, page by page, and each thing gets the product it means where that is certain."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from server.calls.line import Line
from server.calls.troubles import Denied, Refused, Throttled, Trouble
from server.channels import Platform
from server.db import aliases, catalogue, listings, stale, tables
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError, Unavailable
from server.domain.masterdata.aliases import Alias, AliasKind
from server.trade.words import Listing
from server.usecases.connecting.keeping import connecting, locked, platform_channel
from server.usecases.connecting.proposing import Known, Proposal, gtin_key, propose
from server.usecases.connecting.resending import tell_again
from server.usecases.masterdata.aliases import map_many
from server.usecases.talking.lines import Lines

PATIENCE = 120.0
"""Seconds in all for which an import waits for a platform that is too busy for one page."""
_SOME = 500
_k = tables.product_code


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found: every listing with what it means, and how many are not on sale there any more."""

    proposals: tuple[Proposal, ...]
    not_ours: frozenset[str]
    gone: int

    @property
    def mapped(self) -> list[Proposal]:
        """Listings that mean a product."""
        return [each for each in self.proposals if each.sku is not None]

    @property
    def doubtful(self) -> list[Proposal]:
        """Listings that mean a product and look like another."""
        return [each for each in self.mapped if each.candidates]

    @property
    def open(self) -> list[Proposal]:
        """Listings of which somebody must say what they are."""
        return [each for each in self.proposals if each.sku is None and each.listing.ref not in self.not_ours]


def import_listings(
    db: Database, actor: Actor, lines: Lines, code: str, wait: Callable[[float], None] = time.sleep
) -> Imported:
    """Read all listings of a channel, map those that are certain and keep what people said of the others.

    What is new goes out by itself, once the channel is live. Raise DomainError("denied"), Unavailable.
    """
    with db.read() as connection:
        row, platform = platform_channel(connection, code)
    found = read_all(lines.of(row.id, row.code, row.kind, row.settings), platform, wait)
    with db.read() as connection:
        kept = {each.ref: each for each in listings.all_of(connection, row.id)}
        known = known_of(connection, row.id, found)
    foreign = frozenset(connecting(row).get("not_ours", ()))
    proposals = [_proposed(each, known, kept.get(each.ref), foreign) for each in found]
    proposals = _taught(db, actor, code, proposals)
    gone = _keep(db, actor, code, proposals)
    return Imported(tuple(proposals), foreign, gone)


def read_all(line: Line, platform: Platform, wait: Callable[[float], None] = time.sleep) -> list[Listing]:
    """Every listing, over all pages; a page that the platform has no time for is asked for again."""
    found: dict[str, Listing] = {}
    cursor, patience = "", PATIENCE
    while True:
        try:
            page = platform.listings(line, cursor)
        except Denied as trouble:
            raise DomainError("denied", f"{platform.NAME} does not let us in: {trouble.detail}") from trouble
        except Refused as trouble:
            raise DomainError("refused", f"{platform.NAME} does not show its listings: {trouble.detail}") from trouble
        except Trouble as trouble:
            pause = max(1.0, trouble.after if isinstance(trouble, Throttled) else 2.0)
            patience -= pause
            if patience < 0:
                raise Unavailable(f"{platform.NAME} does not show its listings: {trouble.detail}") from trouble
            wait(pause)
            continue
        found |= {each.ref: each for each in page.listings}
        if not page.cursor or page.cursor == cursor:
            return list(found.values())
        cursor, patience = page.cursor, PATIENCE


def known_of(connection: Connection, channel_id: int, found: Sequence[Listing]) -> Known:
    """What we know about these listings' numbers."""
    skus: set[str] = set()
    gtins: dict[str, set[str]] = {}
    taught: dict[str, str] = {}
    for start in range(0, len(found), _SOME):
        some = found[start : start + _SOME]
        skus |= catalogue.known(connection, {each.sku.strip() for each in some if each.sku.strip()})
        keys = sorted({key for each in some if (key := gtin_key(each))})
        query = select(_k.c.code, _k.c.sku).where(_k.c.code.in_(keys), _k.c.units == 1)
        for code, sku in connection.execute(query):
            gtins.setdefault(code, set()).add(sku)
        asked = {(channel_id, each.sku) for each in some if each.sku}
        taught |= {name: sku for (_, name), sku in aliases.resolve(connection, asked).items()}
    return Known(frozenset(skus), {code: frozenset(named) for code, named in gtins.items()}, taught)


def _proposed(listing: Listing, known: Known, kept: Row[Any] | None, foreign: frozenset[str]) -> Proposal:
    if listing.ref in foreign:
        return Proposal(listing, why="somebody said that it is none of ours")
    fresh = propose(listing, known)
    if kept is None or kept.sku is None:
        return fresh
    if kept.channel_sku != listing.sku and fresh.by in {"sku", "alias"} and fresh.sku != kept.sku:
        # Without a product it would keep selling its last number: it stays what it was until somebody says otherwise.
        why = f"it means {kept.sku}, and is now called {listing.sku}"
        return Proposal(listing, str(kept.sku), "kept", why, tuple(sorted({str(kept.sku), str(fresh.sku)})))
    return Proposal(listing, str(kept.sku), "kept")


def _taught(db: Database, actor: Actor, code: str, proposals: Sequence[Proposal]) -> list[Proposal]:
    """Orders name a product by the channel's SKU: where that is not ours it is taught, or nothing is mapped."""
    wanted = {p.listing.sku: p for p in proposals if p.by == "gtin" and p.listing.sku and p.listing.sku != p.sku}
    refused = _teach(db, actor, [Alias(name, str(p.sku), code, AliasKind.SKU) for name, p in wanted.items()])
    return [
        replace(p, sku=None, by="", why=refused[p.listing.sku], candidates=(str(p.sku),))
        if p.by == "gtin" and p.listing.sku in refused
        else p
        for p in proposals
    ]


def _teach(db: Database, actor: Actor, asked: Sequence[Alias]) -> Mapping[str, str]:
    """Why each alias that could not be taught was refused; the others are saved."""
    if not asked:
        return {}
    try:
        map_many(db, actor, asked)
    except DomainError as error:
        if len(asked) == 1:
            return {asked[0].text: error.detail}
        half = len(asked) // 2
        return {**_teach(db, actor, asked[:half]), **_teach(db, actor, asked[half:])}
    return {}


def _keep(db: Database, actor: Actor, code: str, proposals: Sequence[Proposal]) -> int:
    with transaction(db, actor, "import_listings") as tx:
        row = locked(tx, code)
        before = {each.ref: each for each in listings.all_of(tx.connection, row.id)}
        means = {p.listing.ref: p.sku for p in proposals if p.sku is not None}
        listings.put(tx, row.id, [p.listing for p in proposals], means)
        gone = listings.drop_unseen(tx, row.id, tx.now)
        cause = tx.note("channel.listings", {"listings": len(proposals), "mapped": len(means)}, channel=code)
        moved = {sku for ref, sku in means.items() if ref not in before or before[ref].sku != sku or before[ref].gone}
        tell_again(tx, row.id, moved, cause)
        stale.mark(tx, moved, cause)
        return gone
