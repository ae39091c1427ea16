"""Who gets which units, decided in memory over locked rows; the caller writes what was decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from server.domain.booking.kits import KitBook
from server.domain.booking.life import UNPROMISED, Due
from server.domain.booking.shelf import PLAIN, Shelf
from server.domain.booking.stock import Move, MoveKind
from server.domain.routes.routing import Need, Router, Routing
from server.domain.sharing.allocation import Allocation, Pool


class Demand(NamedTuple):
    """One order line: units of a SKU."""

    line_no: int
    sku: str
    quantity: int


class Claim(NamedTuple):
    """Units of one row that somebody has a right to."""

    sku: str
    site_id: int
    lot: str
    units: int


class Ask(NamedTuple):
    """Units per SKU as they were sold, kits not expanded; ``need`` is what routing weighs, None for the first site."""

    kind: MoveKind
    """HOLD for a checkout, RESERVE for an order."""
    units: Mapping[str, int]
    channel: str
    need: Need | None = None
    given: Sequence[Claim] = ()
    """What a checkout holds for it already: given back in the moment in which it is decided, to nobody else."""
    due: Due = UNPROMISED
    """What was promised: for so long its goods must be good."""


class Reserved(NamedTuple):
    """All of it, from these sites: one unless a split was allowed."""

    moves: Sequence[Move]
    site_ids: tuple[int, ...]
    routing: Routing | None = None


class Shortage(NamedTuple):
    """What the best site lacks: ``wanted`` units of ``sku`` where ``available`` are left."""

    sku: str
    wanted: int
    available: int


class Refused(NamedTuple):
    """Nothing is reserved. ``share``: there are units, but they are kept for other channels."""

    shortages: tuple[Shortage, ...]
    share: bool = False
    routing: Routing | None = None


Decision = Reserved | Refused


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decides besides the counters: cached by the server, changed by people.

    ``sites`` are the active ones in the order in which they are asked. ``claims`` are set only while some channel has
    a share or a protected amount.
    """

    sites: tuple[int, ...] = ()
    kits: KitBook = field(default_factory=KitBook)
    claims: Allocation | None = None
    router: Router | None = None
    load: Mapping[int, int] = field(default_factory=dict)
    now: float = 0.0


def merged(lines: Iterable[Demand]) -> dict[str, int]:
    """Units per SKU: two lines of one SKU are summed before anything is compared with the stock."""
    units: dict[str, int] = {}
    for _, sku, quantity in lines:
        units[sku] = units.get(sku, 0) + quantity
    return units


def decide(ask: Ask, shelf: Shelf, rules: Rules) -> Decision:
    """Take everything from one site that holds it all (RTE-06), from several where a split is allowed, or nothing.

    What was taken is gone from ``shelf``. Products made to order take nothing (SYN-14).
    """
    units = ask.units
    for claim in ask.given:
        shelf.give_back(*claim)
        shelf.count_use(claim.sku, ask.channel, -claim.units)
    shelf = shelf.seen_by(ask.channel, ask.due)
    if shelf.facts and any(shelf.facts.get(sku, PLAIN).made_to_order for sku in units):
        units = {sku: n for sku, n in units.items() if not shelf.facts.get(sku, PLAIN).made_to_order}
    if rules.claims is not None and (kept := _kept_for_others(units, ask.channel, shelf, rules)):
        return Refused(kept, share=True)
    if rules.router is not None and ask.need is not None and not rules.router.trivial:
        return _routed(ask, units, shelf, rules)
    for site_id in rules.sites:
        wanted = _at_site(units, site_id, shelf, rules.kits)
        for sku, n in wanted.items():
            if shelf.left(sku, site_id) < n:
                break
        else:
            return Reserved(_take(ask, wanted, site_id, shelf, rules), (site_id,))
    return Refused(_least_lacking(units, rules.sites, shelf, rules.kits))


def _at_site(units: Mapping[str, int], site_id: int, shelf: Shelf, kits: KitBook) -> Mapping[str, int]:
    """What lies on this site's shelves for it: pre-built kits first, components for the rest (KIT-04)."""
    if not kits or not any(kits.expands(sku) for sku in units):
        return units
    return kits.explode(units.items(), lambda sku: shelf.left(sku, site_id))


def _take(ask: Ask, wanted: Mapping[str, int], site_id: int, shelf: Shelf, rules: Rules) -> list[Move]:
    moves: list[Move] = []
    for sku, n in wanted.items():
        moves += shelf.take(ask.kind, sku, site_id, n)
        if rules.claims is not None and rules.claims.tracks(sku, shelf.facts.get(sku, PLAIN).category):
            shelf.count_use(sku, ask.channel, n)
    return moves


def _kept_for_others(units: Mapping[str, int], channel: str, shelf: Shelf, rules: Rules) -> tuple[Shortage, ...]:
    """What this channel may not take although it lies there (BUF-01, BUF-03)."""
    assert rules.claims is not None, "the caller has looked"  # noqa: S101
    short = []
    wanted = units
    if rules.kits:
        wanted = rules.kits.explode(units.items(), lambda sku: shelf.total(sku, rules.sites))
    for sku, n in wanted.items():
        group = shelf.facts.get(sku, PLAIN).category
        if not rules.claims.tracks(sku, group):
            continue
        left = shelf.total(sku, rules.sites)
        used = shelf.used.get(sku, {})
        limit = rules.claims.limit(Pool(sku, group, left, used), channel)
        if n > limit and left >= n:
            short.append(Shortage(sku, n, max(0, limit)))
    return tuple(short)


def _routed(ask: Ask, units: Mapping[str, int], shelf: Shelf, rules: Rules) -> Decision:
    """As the router says. Lines that share components may overrate a site: it is asked again without that site."""
    assert rules.router is not None and ask.need is not None, "the caller has looked"  # noqa: S101
    overrated: set[int] = set()

    def available(sku: str, site_id: int) -> int:
        if site_id in overrated:
            return 0
        return (
            rules.kits.sellable(lambda part: shelf.left(part, site_id), sku) if rules.kits else shelf.left(sku, site_id)
        )

    categories = {sku: shelf.facts.get(sku, PLAIN).category for sku in units}
    need = ask.need._replace(units=units, categories=categories)
    while True:
        routing = rules.router.choose(need, available, rules.now, rules.load)
        if not routing.parts:
            shortages = _least_lacking(units, rules.sites, shelf, rules.kits)
            return Refused(shortages, routing=routing)
        moves: list[Move] = []
        asked = [(part.site_id, _at_site(part.units, part.site_id, shelf, rules.kits)) for part in routing.parts]
        wrong = {site for site, wanted in asked if any(shelf.left(sku, site) < n for sku, n in wanted.items())}
        if wrong:
            overrated |= wrong
            continue
        for site_id, wanted in asked:
            moves += _take(ask, wanted, site_id, shelf, rules)
        return Reserved(moves, tuple(site for site, _ in asked), routing)


def _least_lacking(units: Mapping[str, int], sites: Iterable[int], shelf: Shelf, kits: KitBook) -> tuple[Shortage, ...]:
    best: tuple[Shortage, ...] | None = None
    for site_id in sites:
        wanted = _at_site(units, site_id, shelf, kits)
        short = tuple(
            Shortage(sku, n, left) for sku, n in sorted(wanted.items()) if (left := shelf.left(sku, site_id)) < n
        )
        if best is None or len(short) < len(best):
            best = short
    return best or tuple(Shortage(sku, n, 0) for sku, n in sorted(units.items()))
