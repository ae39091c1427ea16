"""A new rule set tried on past orders: what would have been different, and in what words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.domain.routes.routing_values import Routing


@dataclass(frozen=True, slots=True)
class Difference:
    """One order that would go another way."""

    order: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome for all orders tried; ``split_*`` and ``waiting_*`` count orders."""

    orders: int
    differences: tuple[Difference, ...]
    split_before: int
    split_after: int
    waiting_before: int
    waiting_after: int


def compare(pairs: Iterable[tuple[str, Routing, Routing]], codes: Mapping[int, str]) -> Trial:
    """Put decisions under the old and the new rules side by side; each pair has the order's number first."""
    listed = list(pairs)
    differences = [
        Difference(number, where, there)
        for number, old, new in listed
        if (where := in_short(old, codes)) != (there := in_short(new, codes))
    ]
    return Trial(
        len(listed),
        tuple(differences),
        split_before=sum(old.is_split for _, old, _ in listed),
        split_after=sum(new.is_split for _, _, new in listed),
        waiting_before=sum(not old.parts for _, old, _ in listed),
        waiting_after=sum(not new.parts for _, _, new in listed),
    )


def in_short(routing: Routing, codes: Mapping[int, str]) -> str:
    """ "EAST", "EAST by ground", "EAST (2 SOAP) + WEST (1 CANDLE)", or "waits: no_stock"."""
    if not routing.parts:
        return f"waits: {routing.refusal}"
    said = []
    for part in routing.parts:
        units = f" ({', '.join(f'{n} {sku}' for sku, n in part.units.items())})" if routing.is_split else ""
        service = f" by {part.service}" if part.service else ""
        said.append(f"{codes.get(part.site_id, str(part.site_id))}{units}{service}")
    return " + ".join(said)
