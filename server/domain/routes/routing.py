"""Which node ships an order: rules in tiers, scored, with a reason for every node that was not chosen.

Deterministic: the same order, stock, load, time and rules give the same answer. A node that holds everything beats any
split unless a rule says otherwise; ties are settled by the nodes' rank, then by their id.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from server.domain.routes.nodes import Node
from server.domain.routes.routing_limits import Limits, applies
from server.domain.routes.routing_measures import Distances, Measure, Memo, View
from server.domain.routes.routing_rules import Rule, RuleKind, RuleSet, Tariff
from server.domain.routes.routing_split import fill, split
from server.domain.routes.routing_values import Need, NodeScore, Part, Refusal, Routing, Short, Why

__all__ = ["Need", "NodeScore", "Part", "Refusal", "Router", "Routing", "Short", "Why"]

Available = Callable[[str, int], int]
_GEOGRAPHIC = frozenset({RuleKind.PROXIMITY, RuleKind.COST, RuleKind.SPEED, RuleKind.MARGIN})
_Compared = tuple[tuple[float, ...], int, Node, str]
"""Scores, position in the list of nodes, the node, the service it would use."""


@dataclass(frozen=True, slots=True)
class Router:
    """Nodes and rules made ready; build one per version and ask it for every order."""

    nodes: tuple[Node, ...]
    """By rank, then id."""
    version: int
    plain: bool
    """No rules, or one active node and nothing to refuse: the first by rank that holds everything ships it."""
    trivial: bool
    """Plain, and no channel splits orders: the caller may go by rank itself."""
    wants_place: bool
    """Whether any rule asks how far it is; otherwise no postcode needs to be looked up."""
    wants_load: bool
    """Whether any rule asks how many orders a node has today."""
    wants_value: bool
    limits: Limits
    strict: tuple[Measure, ...]
    tiers: tuple[tuple[Measure, ...], ...]
    completeness: tuple[Rule, ...]
    tariff: Tariff
    _dispatches: Memo = field(default_factory=dict, compare=False, repr=False)
    _distances: Distances = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, nodes: Iterable[Node], rules: RuleSet, splitting: bool = False) -> "Router":
        """Sort and compile. ``splitting``: some channel allows an order to come in parts."""
        listed = tuple(sorted(nodes, key=lambda n: (n.rank, n.site_id)))
        ordered = sorted(rules.rules, key=lambda r: r.tier)
        limits = Limits.of(ordered, any(node.services for node in listed))
        measured = [Measure.by(r) for r in ordered if r.kind is not RuleKind.RESTRICTION]
        strict = tuple(m for m in measured if m.rule.strict and m.rule.kind is not RuleKind.PINNED)
        scoring = [m for m in measured if not m.rule.strict and m.rule.weight]
        one_node = sum(n.active for n in listed) <= 1
        plain = not (limits.any or strict) and (one_node or not rules.rules)
        kinds = {r.kind for r in rules.rules}
        numbers = sorted({m.rule.tier for m in scoring})
        return cls(
            nodes=listed,
            version=rules.version,
            plain=plain,
            trivial=plain and (one_node or not splitting),
            wants_place=bool(kinds & _GEOGRAPHIC),
            wants_load=RuleKind.CAPACITY in kinds and any(n.capacity_per_day for n in listed),
            wants_value=RuleKind.MARGIN in kinds
            or any(r.scope.value_from is not None or r.scope.value_below is not None for r in rules.rules),
            limits=limits,
            strict=strict,
            tiers=tuple(tuple(m for m in scoring if m.rule.tier == n) for n in numbers),
            completeness=tuple(r for r in ordered if r.kind is RuleKind.COMPLETENESS),
            tariff=Tariff.of(rules.bands),
        )

    def lawful(self) -> "Router":
        """What even a supervisor cannot override: restrictions and services, nothing else."""
        limits = Limits((), self.limits.restrictions, self.limits.services_differ)
        return replace(self, plain=False, trivial=False, limits=limits, strict=(), tiers=(), completeness=())

    def choose(self, need: Need, available: Available, now: float, load: Mapping[int, int]) -> Routing:
        """The node or nodes that ship ``need``, or a refusal that says what is short.

        ``available(sku, site_id)`` are units that may be promised; ``load`` is how many orders a node has today.
        """
        if self.plain and not (need.only or need.not_from):
            quick = self._first_in_rank(need, available)
            if quick is not None:
                return quick
        view = View(need, now, load, available, self.tariff, self._dispatches, self._distances)
        return _Choice(self, view).made()

    def _first_in_rank(self, need: Need, available: Available) -> Routing | None:
        for node in self.nodes:
            site_id = node.site_id
            if node.active and all(available(sku, site_id) >= n for sku, n in need.units.items()):
                return Routing(
                    (Part(site_id, need.units, need.service),), asked=need.service, rule_version=self.version
                )
        return None


class _Choice:
    """One decision being made."""

    def __init__(self, router: Router, view: View) -> None:
        self.router, self.view, self.need = router, view, view.need
        self.blocks = router.limits.seen_by(view.need, view.now)
        self.strict = tuple(m for m in router.strict if applies(m.rule, view.need, view.now))
        tiers = (tuple(m for m in tier if applies(m.rule, view.need, view.now)) for tier in router.tiers)
        self.tiers = tuple(tier for tier in tiers if tier)
        self.out: list[NodeScore] = []
        self.whole: list[tuple[int, Node]] = []
        self.some: list[tuple[int, Node]] = []

    def made(self) -> Routing:
        """Look at every node, then compare those that can ship it whole, or else split or refuse."""
        self._sort_nodes()
        completeness = [r for r in self.router.completeness if applies(r, self.need, self.view.now)]
        early = self.need.split_allowed and any(not r.weight for r in completeness)
        if not early:
            ranked = self._compare(self.whole)
            if ranked:
                return self._one(ranked)
        # Nodes that hold everything and were refused by a rule are named already.
        ranked = self._compare([*self.whole, *self.some] if early else self.some)
        if self.need.split_allowed and ranked:
            gives = [(node.site_id, self.view.gives[node.site_id]) for _, _, node, _ in ranked]
            parts_max = min((r.parts for r in completeness if r.parts), default=0)
            shares = fill(self.need.units, gives) if early else split(self.need.units, gives, parts_max)
            if shares and not (parts_max and len(shares) > parts_max):
                return self._parts(ranked, shares)
        return self._refused(ranked)

    def _sort_nodes(self) -> None:
        need, available = self.need, self.view.available
        units = need.units
        for place, node in enumerate(self.router.nodes):
            site_id = node.site_id
            if not node.active:
                self.out.append(NodeScore(site_id, Why.INACTIVE))
                continue
            if site_id in need.not_from or (need.only and site_id not in need.only):
                self.out.append(NodeScore(site_id, Why.EXCLUDED))
                continue
            blocked = self.blocks.at(node)
            if len(blocked) == len(units) and blocked:
                rule_id = next(iter(blocked.values()))
                self.out.append(NodeScore(site_id, Why.REFUSED if rule_id else Why.NO_SERVICE, rule_id))
                continue
            gives = {sku: max(0, min(n, available(sku, site_id))) for sku, n in units.items() if sku not in blocked}
            self.view.gives[site_id] = gives
            if gives == units:
                self.whole.append((place, node))
            elif any(gives.values()):
                self.some.append((place, node))
            else:
                self.out.append(self._lacking(node))

    def _compare(self, nodes: list[tuple[int, Node]]) -> list[_Compared]:
        """Nodes that no rule refuses, best first; the others are noted."""
        found: list[_Compared] = []
        view = self.view
        for place, node in nodes:
            service = self.blocks.service(node, self.need.units)
            if service is None:
                if view.gives[node.site_id] == self.need.units:
                    self.out.append(NodeScore(node.site_id, Why.NO_SERVICE))
                    continue
                service = self.need.service
            refusing = next((m.rule for m in self.strict if m.refuses(view, node, service)), None)
            if refusing is not None:
                self.out.append(NodeScore(node.site_id, Why.REFUSED, refusing.rule_id))
                continue
            scores = tuple([sum([m.score(view, node, service) for m in tier]) for tier in self.tiers])
            found.append((scores, place, node, service))
        found.sort(key=_by_score)
        return found

    def _one(self, ranked: list[_Compared]) -> Routing:
        scores, _, node, service = ranked[0]
        scored = [NodeScore(node.site_id, Why.CHOSEN, "", scores)]
        scored += [self._lost(scores, other) for other in ranked[1:]]
        scored += [self._lacking(node) for _, node in self.some]
        return self._answer((Part(node.site_id, self.need.units, service),), scored)

    def _lost(self, best: tuple[float, ...], other: _Compared) -> NodeScore:
        scores, _, node, _ = other
        for tier, mine, theirs in zip(self.tiers, scores, best, strict=True):
            if mine != theirs:
                return NodeScore(node.site_id, Why.OUTSCORED, tier[0].rule.rule_id, scores)
        return NodeScore(node.site_id, Why.RANK, "", scores)

    def _lacking(self, node: Node, scores: tuple[float, ...] = ()) -> NodeScore:
        gives, blocked = self.view.gives[node.site_id], self.blocks.at(node)
        lacks = tuple(Short(s, n, gives.get(s, 0)) for s, n in self.need.units.items() if gives.get(s, 0) < n)
        return NodeScore(node.site_id, Why.LACKS, next(iter(blocked.values()), ""), scores, lacks)

    def _parts(self, ranked: list[_Compared], shares: list[tuple[int, dict[str, int]]]) -> Routing:
        compared = {node.site_id: (scores, node) for scores, _, node, _ in ranked}
        parts: list[Part] = []
        for site_id, units in shares:
            service = self.blocks.service(compared[site_id][1], units)
            if service is None:
                return self._refused(ranked)
            parts.append(Part(site_id, units, service))
        chosen = {part.site_id for part in parts}
        scored = [NodeScore(part.site_id, Why.CHOSEN, "", compared[part.site_id][0]) for part in parts]
        others = [other for other in ranked if other[2].site_id not in chosen]
        if len(parts) == 1:
            scored += [self._lost(scored[0].scores, other) for other in others]
        else:
            scored += [NodeScore(node.site_id, Why.NOT_NEEDED, "", scores) for scores, _, node, _ in others]
        return self._answer(tuple(parts), scored)

    def _refused(self, ranked: list[_Compared]) -> Routing:
        """Nothing is routed; the shortages are those over all nodes, or of the best node when a split is refused."""
        units = self.need.units
        open_to = [self.view.gives[node.site_id] for _, _, node, _ in ranked]
        together = {sku: sum(gives.get(sku, 0) for gives in open_to) for sku in units}
        short = tuple(Short(sku, n, together[sku]) for sku, n in units.items() if together[sku] < n)
        scored = [self._lacking(node, scores) for scores, _, node, _ in ranked]
        if not short and ranked:
            least = min(scored, key=lambda s: sum(lack.wanted - lack.available for lack in s.lacks))
            refusal = Refusal.BY_RULE if self.need.split_allowed else Refusal.SPLIT_REFUSED
            return self._answer((), scored, least.lacks, refusal)
        return self._answer((), scored, short, self._word(short))

    def _word(self, short: tuple[Short, ...]) -> Refusal:
        asked = [n for n in self.router.nodes if n.active and not self._excluded(n)]
        if not asked:
            return Refusal.NO_NODE
        available = self.view.available
        total = all(sum(max(0, available(s.sku, n.site_id)) for n in asked) >= s.wanted for s in short)
        return Refusal.BY_RULE if total else Refusal.NO_STOCK

    def _excluded(self, node: Node) -> bool:
        only = self.need.only
        return node.site_id in self.need.not_from or bool(only and node.site_id not in only)

    def _answer(
        self,
        parts: tuple[Part, ...],
        scored: list[NodeScore],
        shortages: tuple[Short, ...] = (),
        refusal: Refusal | None = None,
    ) -> Routing:
        columns = tuple(tuple(m.rule.rule_id for m in tier) for tier in self.tiers)
        return Routing(parts, (*scored, *self.out), shortages, self.router.version, refusal, columns, self.need.service)


def _by_score(compared: _Compared) -> tuple[tuple[float, ...], int]:
    return compared[0], compared[1]
