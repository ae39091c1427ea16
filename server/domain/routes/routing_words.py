"""A routing decision in sentences, from the stored decision and the rules it was made with."""

from collections.abc import Mapping, Sequence

from server.domain.routes.routing_rules import NEGATED, YES_NO, Rule, RuleKind, RuleSet
from server.domain.routes.routing_values import NodeScore, Refusal, Routing, Why

_K = RuleKind
_UNITS: dict[RuleKind, str] = {
    _K.STOCK: "{:.0f} left",
    _K.COMPLETENESS: "{:.0f} units missing",
    _K.PROXIMITY: "{:.0f} km",
    _K.COST: "cost {:.0f}",
    _K.SPEED: "{:.1f} h to the door",
    _K.MARGIN: "margin {:.0f}",
    _K.SLA: "late",
    _K.CAPACITY: "full today",
    _K.CUT_OFF: "leaves in {:.0f} days",
    _K.LEAD_TIME: "{:.0f} days of lead time",
    _K.PRIORITY: "place {:.0f} of the list",
    _K.PINNED: "not the pinned node",
}
_PASSED = {
    _K.SLA: "in time",
    _K.CAPACITY: "has room",
    _K.PINNED: "the pinned node",
}
_REFUSED = {
    Refusal.NO_NODE: "no active node may be asked",
    Refusal.NO_STOCK: "there is not enough stock",
    Refusal.BY_RULE: "the stock is there, and the rules keep the order from it",
    Refusal.SPLIT_REFUSED: "no node holds all of it, and this channel takes one shipment for an order",
}


def explain(routing: Routing, codes: Mapping[int, str], rules: RuleSet) -> tuple[str, ...]:
    """One sentence for the outcome, then one for every node: chosen first, then the rejected ones with the reason."""
    by_id = rules.by_id()
    said = [_outcome(routing, codes)]
    for score in routing.scored:
        figures = _figures(score, routing.columns, by_id)
        name = codes.get(score.site_id, f"node {score.site_id}")
        said.append(f"{name}: {_why(score, by_id)}{f' ({figures})' if figures else ''}")
    return tuple(said)


def _outcome(routing: Routing, codes: Mapping[int, str]) -> str:
    version = f"rule version {routing.rule_version}"
    if routing.refusal is not None:
        short = "; ".join(f"{s.sku}: {s.wanted} wanted, {s.available} available" for s in routing.shortages)
        return f"waits: {_REFUSED[routing.refusal]}{f' ({short})' if short else ''}; {version}"
    names = [
        f"{codes.get(p.site_id, str(p.site_id))} ({', '.join(f'{n} {sku}' for sku, n in p.units.items())})"
        for p in routing.parts
    ]
    return f"{'split over' if routing.is_split else 'ships from'} {' and '.join(names)}; {version}"


def _why(score: NodeScore, by_id: Mapping[str, Rule]) -> str:
    rule = by_id.get(score.rule_id)
    label = rule.label if rule else score.rule_id
    lacks = ", ".join(f"{s.wanted - s.available} {s.sku}" for s in score.lacks)
    sentences = {
        Why.CHOSEN: "chosen",
        Why.OUTSCORED: f'outscored in "{label}"',
        Why.RANK: "equal in everything; the chosen one comes first in the list of warehouses",
        Why.LACKS: f"lacks {lacks}" + (f'; "{label}" keeps some lines from it' if label else ""),
        Why.REFUSED: f'refused by "{label}"',
        Why.NO_SERVICE: "has no service this order may go by",
        Why.EXCLUDED: "not asked: another node was named, or it was tried already",
        Why.INACTIVE: "not active",
        Why.NOT_NEEDED: "not needed: the parts of others are enough",
    }
    return sentences[score.why]


def _figures(score: NodeScore, columns: Sequence[Sequence[str]], by_id: Mapping[str, Rule]) -> str:
    shown = []
    for rule_ids, value in zip(columns, score.scores, strict=False):
        rule = by_id.get(rule_ids[0]) if len(rule_ids) == 1 else None
        shown.append(_figure(rule, value) if rule else f"{'+'.join(rule_ids)} {value:g}")
    return ", ".join(shown)


def _figure(rule: Rule, value: float) -> str:
    measure = value / rule.weight
    if rule.kind in YES_NO:
        return _UNITS[rule.kind] if measure else _PASSED[rule.kind]
    if rule.limit is not None:
        word = "beyond" if measure else "within"
        return f"{word} {_UNITS[rule.kind].format(rule.limit)}"
    if rule.kind is RuleKind.PRIORITY:
        measure += 1
    return _UNITS[rule.kind].format(-measure if rule.kind in NEGATED else measure)
