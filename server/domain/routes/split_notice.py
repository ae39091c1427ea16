"""What the buyer of a split order is told with each part: what is in it, what is not, what comes first and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One parcel: ``units`` by SKU, when it leaves and when it should arrive (seconds since the epoch)."""

    units: Mapping[str, int]
    leaves_at: float
    arrives_at: float | None = None


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A product as the buyer knows it."""

    sku: str
    title: str
    units: int


@dataclass(frozen=True, slots=True)
class Notice:
    """The words for one part; ``number`` counts from 1 in the order of arrival."""

    number: int
    of: int
    lines: tuple[NoticeLine, ...]
    rest: tuple[NoticeLine, ...]
    text: str


def notices(parts: Sequence[SplitPart], titles: Mapping[str, str]) -> tuple[Notice, ...]:
    """One notice per part, parallel to ``parts``; none for an order that is not split."""
    if len(parts) < 2:
        return ()
    arrival = sorted(range(len(parts)), key=lambda i: (_arrives(parts[i]), i))
    place = {index: number for number, index in enumerate(arrival, 1)}
    return tuple(_notice(i, parts, place, titles) for i in range(len(parts)))


def _notice(index: int, parts: Sequence[SplitPart], place: Mapping[int, int], titles: Mapping[str, str]) -> Notice:
    lines = _lines(parts[index].units, titles)
    rest: dict[str, int] = {}
    for other, part in enumerate(parts):
        if other != index:
            for sku, units in part.units.items():
                rest[sku] = rest.get(sku, 0) + units
    number, of = place[index], len(parts)
    others = _lines(rest, titles)
    text = (
        f"Your order comes in {of} parcels, because its items are in different warehouses. "
        f"This is parcel {number} of {of}: {_listed(lines)}. {_when(number, of)}: {_listed(others)}."
    )
    return Notice(number, of, lines, others, text)


def _when(number: int, of: int) -> str:
    if number == 1:
        return "It comes first, because it leaves soonest. The rest follows"
    if number == of:
        return "It comes last. What went before"
    return "The rest comes separately"


def _arrives(part: SplitPart) -> float:
    return part.arrives_at if part.arrives_at is not None else part.leaves_at


def _lines(units: Mapping[str, int], titles: Mapping[str, str]) -> tuple[NoticeLine, ...]:
    return tuple(NoticeLine(sku, titles.get(sku) or sku, n) for sku, n in units.items())


def _listed(lines: Sequence[NoticeLine]) -> str:
    return ", ".join(f"{line.units} x {line.title}" for line in lines)
