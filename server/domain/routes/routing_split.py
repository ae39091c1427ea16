"""The fewest parcels that hold an order together, when no single node does."""

from collections.abc import Mapping, Sequence

Gives = tuple[int, Mapping[str, int]]
"""A node's id and the units by SKU it can give."""


def split(wanted: Mapping[str, int], ranked: Sequence[Gives], parts_max: int = 0) -> list[tuple[int, dict[str, int]]]:
    """Nodes with the units each ships, none when they do not suffice together or need more than ``parts_max`` parcels.

    ``ranked`` comes best first. Two parcels are found whenever two suffice, and of all pairs the one with the best
    first node, then the best second; beyond two, the node that adds most is taken next. A line stays whole where one of
    the chosen nodes holds it whole.
    """
    chosen = _pair(wanted, ranked) or _greedy(wanted, ranked)
    if not chosen or (parts_max and len(chosen) > parts_max):
        return []
    return _share(wanted, chosen)


def fill(wanted: Mapping[str, int], ranked: Sequence[Gives]) -> list[tuple[int, dict[str, int]]]:
    """The best node gives all it has, then the next, until it is enough; none when it is never enough."""
    left = {sku: units for sku, units in wanted.items() if units}
    parts: list[tuple[int, dict[str, int]]] = []
    for site_id, gives in ranked:
        taken = {sku: n for sku, units in left.items() if (n := min(units, gives.get(sku, 0))) > 0}
        if taken:
            parts.append((site_id, taken))
            left = {sku: rest for sku, units in left.items() if (rest := units - taken.get(sku, 0))}
        if not left:
            return parts
    return []


def _pair(wanted: Mapping[str, int], ranked: Sequence[Gives]) -> list[Gives]:
    lines = list(wanted.items())
    for i, first in enumerate(ranked):
        rest = [(sku, gap) for sku, units in lines if (gap := units - first[1].get(sku, 0)) > 0]
        for second in ranked[i + 1 :]:
            gives = second[1]
            if all(gives.get(sku, 0) >= gap for sku, gap in rest):
                return [first, second]
    return []


def _greedy(wanted: Mapping[str, int], ranked: Sequence[Gives]) -> list[Gives]:
    left = dict(wanted)
    chosen: list[Gives] = []
    pool = list(ranked)
    while left:
        adds = [_adds(left, gives) for _, gives in pool]
        best = max(adds, default=(0, 0))
        if best[1] == 0:
            return []
        node = pool.pop(adds.index(best))
        chosen.append(node)
        left = {sku: rest for sku, units in left.items() if (rest := units - node[1].get(sku, 0)) > 0}
    return _without_idle(wanted, chosen)


def _adds(left: Mapping[str, int], gives: Mapping[str, int]) -> tuple[int, int]:
    """Lines it finishes, units it adds."""
    finished = sum(gives.get(sku, 0) >= units for sku, units in left.items())
    return finished, sum(min(units, gives.get(sku, 0)) for sku, units in left.items())


def _without_idle(wanted: Mapping[str, int], chosen: list[Gives]) -> list[Gives]:
    """Leave out whoever the later ones made needless."""
    for node in list(chosen):
        others = [other for other in chosen if other is not node]
        if all(sum(gives.get(sku, 0) for _, gives in others) >= units for sku, units in wanted.items()):
            chosen = others
    return chosen


def _share(wanted: Mapping[str, int], chosen: Sequence[Gives]) -> list[tuple[int, dict[str, int]]]:
    parts: dict[int, dict[str, int]] = {site_id: {} for site_id, _ in chosen}
    for sku, units in wanted.items():
        whole = next((site_id for site_id, gives in chosen if gives.get(sku, 0) >= units), None)
        left = units
        for site_id, gives in chosen:
            n = min(left, gives.get(sku, 0)) if whole in (None, site_id) else 0
            if n > 0:
                parts[site_id][sku] = n
                left -= n
    return [(site_id, units) for site_id, units in parts.items() if units]
