"""What people look at: the rules that hold, one SKU's numbers channel by channel, and every unit withheld (BUF-12)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from server.db import allocation as db_allocation
from server.db import publishing as db_publishing
from server.db import sites
from server.domain.errors import DomainError
from server.domain.sharing.allocation import Offer, Pool
from server.domain.sharing.allocation_rules import Rule
from server.domain.sharing.plans import concerned
from server.usecases.booking.reference import reference
from server.usecases.sharing import offering
from server.usecases.sharing.allocation import Outcome, described

_SOME = 500


@dataclass(frozen=True, slots=True)
class SkuView:
    """One product: its units, the rules that apply now, what each channel is to be told and what it was told last."""

    pool: Pool
    rules: tuple[Rule, ...]
    offers: Mapping[str, Offer]
    told: Mapping[str, int]


class Withheld(NamedTuple):
    """Units of a SKU that a rule keeps from these channels; ``owner`` made the rule."""

    sku: str
    channels: tuple[str, ...]
    units: int
    kind: str
    rule_id: int
    owner: str
    sentence: str


def rules_now(connection: Connection) -> list[Rule]:
    """Every rule that nobody ended, those before or after their dates too."""
    return db_allocation.rules(connection)


def look_at(connection: Connection, now: float, sku: str) -> SkuView:
    """One product as it is now; raise DomainError("not_found")."""
    ref = reference(connection, now)
    stand = offering.read_stand(connection, ref, [sku], now)
    if sku not in stand.pools:
        raise DomainError("not_found", f"there is no product {sku[:64]!r}")
    channels = sites.channels(connection)
    pool = stand.pools[sku]
    told = db_publishing.told(connection, [sku])
    return SkuView(
        pool=pool,
        rules=ref.allocation.applying(sku, pool.group),
        offers=stand.offers(ref.allocation, [sku], [row.code for row in channels])[sku],
        told={row.code: told[row.id, sku] for row in channels if (row.id, sku) in told},
    )


def withheld(connection: Connection, now: float, skus: Iterable[str] | None = None) -> Iterator[Withheld]:
    """Every unit that is there and not shown, by SKU and rule; of these SKUs, or of all."""
    ref = reference(connection, now)
    if skus is None:
        ruled = db_allocation.skus_of(connection, concerned([], ref.allocation.rules)) if ref.allocation.rules else []
        skus = sorted({*ruled, *ref.made_to_order})
    wanted = list(skus)
    codes = [row.code for row in sites.channels(connection)]
    for start in range(0, len(wanted), _SOME):
        stand = offering.read_stand(connection, ref, wanted[start : start + _SOME], now)
        known = [sku for sku in wanted[start : start + _SOME] if sku in stand.pools]
        for sku, offers in stand.offers(ref.allocation, known, codes).items():
            yield from _by_rule(sku, offers)


def _by_rule(sku: str, offers: Mapping[str, Offer]) -> Iterator[Withheld]:
    """Channels from which one rule keeps the same units, for the same reason, are one line."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for channel, offer in offers.items():
        for cut in offer.withheld:
            found.setdefault((cut.units, str(cut.kind), cut.rule_id, cut.owner, cut.sentence), []).append(channel)
    for (units, kind, rule_id, owner, sentence), channels in found.items():
        yield Withheld(sku, tuple(channels), units, kind, rule_id, owner, sentence)


def rule_shown(rule: Rule) -> dict[str, Any]:
    """A rule as JSON-ready values."""
    return {
        "id": rule.rule_id,
        "kind": rule.kind.value,
        "sku": rule.sku,
        "group": rule.group,
        "channel": rule.channel,
        "amount": rule.amount,
        "formula": msgspec.to_builtins(rule.formula),
        "window": str(rule.window) if rule.window else "",
        "owner": rule.owner,
        "reason": rule.note,
        "says": described(rule),
    }


def offer_shown(offer: Offer) -> dict[str, Any]:
    """A channel's number with the reasons for it."""
    return {
        "units": offer.units,
        "withheld": [cut._asdict() for cut in offer.withheld],
        "beyond": [cut._asdict() for cut in offer.beyond],
    }


def sku_shown(view: SkuView) -> dict[str, Any]:
    """One product as JSON-ready values."""
    channels = {c: offer_shown(o) | {"told": view.told.get(c)} for c, o in view.offers.items()}
    return {
        "sku": view.pool.sku,
        "group": view.pool.group,
        "available": view.pool.available,
        "used": dict(view.pool.used),
        "rules": [rule_shown(rule) for rule in view.rules],
        "channels": channels,
    }


def outcome_shown(outcome: Outcome) -> dict[str, Any]:
    """What a change did, or would do, as JSON-ready values."""
    return {
        "added": [rule_shown(rule) for rule in outcome.added],
        "ended": [rule_shown(rule) for rule in outcome.ended],
        "products": outcome.products,
        "changes": [
            {"sku": c.sku, "channel": c.channel, "before": c.before.units, "after": offer_shown(c.after)}
            for c in outcome.changes
        ],
        "over_allocated": [str(one) for one in outcome.excesses],
    }
