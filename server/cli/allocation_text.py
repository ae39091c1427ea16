"""Allocation in lines for a terminal; what it is given is JSON-ready (see ``usecases.allocation_views``)."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.cli.refusal import one_line

Shown = Mapping[str, Any]
_SOME = 10
"""So many products are shown one by one; nobody reads a catalogue."""


def one_rule(rule: Shown) -> str:
    """Number, what it says, who made it and why."""
    why = f": {rule['reason']}" if rule["reason"] else ""
    return f"{rule['id']:>5}  {one_line(rule['says'])}  ({one_line(rule['owner'] + why)})"


def one_sku(sku: Shown) -> Iterator[str]:
    """Each channel's number, and under it every unit that makes it differ from what is available."""
    taken = ", ".join(f"{channel} took {units}" for channel, units in sku["used"].items())
    yield one_line(f"{sku['sku']}: {sku['available']} available{f'; {taken}' if taken else ''}")
    for channel, offer in sku["channels"].items():
        told = "never told" if offer["told"] is None else f"told {offer['told']}"
        yield f"{one_line(channel):<16} {offer['units']:>7}  {told}"
        yield from (f"    -{cut['units']:<6} {_because(cut)}" for cut in offer["withheld"])
        yield from (f"    +{cut['units']:<6} {_because(cut)}" for cut in offer["beyond"])


def one_withheld(line: Shown) -> str:
    """SKU, units, channels, rule, owner, why."""
    channels = ",".join(line["channels"])
    return f"{one_line(line['sku']):<20} {line['units']:>7}  {one_line(channels):<24} {_because(line)}"


def outcome_lines(outcome: Shown) -> Iterator[str]:
    """Rules that end and begin, then products with every channel's number before and after: the first of many."""
    yield from (f"ends:   {one_line(rule['says'])}" for rule in outcome["ended"])
    yield from (f"begins: {one_line(rule['says'])}" for rule in outcome["added"])
    over = outcome["over_allocated"]
    yield from (f"over:   {one_line(excess)}" for excess in over[:_SOME])
    if len(over) > _SOME:
        yield f"over:   and {len(over) - _SOME} more products"
    by_sku: dict[str, list[str]] = {}
    for change in outcome["changes"]:
        before, after = change["before"], change["after"]["units"]
        number = f"{before} -> {after}" if before != after else f"{after} stays"
        by_sku.setdefault(change["sku"], []).append(f"{change['channel']} {number}")
    if outcome["products"] > _SOME:
        yield f"{outcome['products']} products; the first {_SOME}:"
    for sku, numbers in list(by_sku.items())[:_SOME]:
        yield one_line(f"{sku}: {', '.join(numbers)}")


def _because(cut: Shown) -> str:
    rule = f"rule {cut['rule_id']} " if cut["rule_id"] else ""
    return one_line(f"{rule}{cut['kind']} by {cut['owner'] or 'nobody known'}: {cut['sentence']}")
