"""What a rule measures at a node for an order: one small function per kind, lower is better."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil

from server.domain.routes.calendars import Dispatch, next_dispatch
from server.domain.routes.geography import FARTHEST_KM, Place, haversine_km
from server.domain.routes.nodes import Node
from server.domain.routes.routing_rules import NEGATED, YES_NO, Rule, RuleKind, Tariff
from server.domain.routes.routing_values import Need

_DAY_HOURS = 24.0
NEVER = 1e9
"""Hours or days until a node that is closed for good ships something; finite, so that it can be stored."""
_MEMO_MAX = 5_000
Distances = dict[Place, dict[int, float]]
Memo = dict[tuple[int, str], tuple[float, Dispatch | None]]


@dataclass(slots=True)
class View:
    """One order in front of all nodes; figures that several rules ask for are worked out once."""

    need: Need
    now: float
    load: Mapping[int, int]
    available: Callable[[str, int], int]
    tariff: Tariff
    dispatches: Memo
    """Shared by all orders of a router: a node's next dispatch is the same until it has left."""
    distances: Distances
    """Kilometres by the buyer's place and node, shared too."""
    gives: dict[int, dict[str, int]] = field(default_factory=dict)
    """Units by SKU each node can give to this order."""

    def km(self, node: Node) -> float | None:
        """Kilometres to the buyer; None when nobody knows where the buyer is."""
        place = self.need.place
        if place is None:
            return None
        from_nodes = self.distances.get(place)
        if from_nodes is None:
            if len(self.distances) >= _MEMO_MAX:
                self.distances.clear()
            from_nodes = self.distances[place] = {}
        known = from_nodes.get(node.site_id)
        if known is None:
            known = FARTHEST_KM if node.place is None else haversine_km(node.place, place)
            from_nodes[node.site_id] = known
        return known

    def dispatch(self, node: Node, service: str) -> Dispatch | None:
        """When the parcel would leave; None when the node is closed for good."""
        key = (node.site_id, service)
        memo = self.dispatches.get(key)
        if memo is not None:
            asked, found = memo
            if found is not None and asked <= self.now <= found.same_until:
                return found
        found = next_dispatch(node.calendar, self.now, service, node.lead_days)
        if len(self.dispatches) > _MEMO_MAX:
            self.dispatches.clear()
        self.dispatches[key] = (self.now, found)
        return found

    def cost(self, node: Node, service: str) -> int:
        """Handling and carriage of one parcel, minor units."""
        band = self.tariff.band(node.site_id, service, self.km(node))
        return node.handling_cost + (band.cost if band else 0)


def _stock(view: View, node: Node, service: str) -> float:
    del service
    left = (view.available(sku, node.site_id) - units for sku, units in view.need.units.items())
    return -min(left, default=0)


def _completeness(view: View, node: Node, service: str) -> float:
    del service
    gives = view.gives.get(node.site_id, {})
    return sum(units - gives.get(sku, 0) for sku, units in view.need.units.items())


def _proximity(view: View, node: Node, service: str) -> float:
    del service
    return view.km(node) or 0.0


def _cost(view: View, node: Node, service: str) -> float:
    return view.cost(node, service)


def _speed(view: View, node: Node, service: str) -> float:
    dispatch = view.dispatch(node, service)
    if dispatch is None:
        return NEVER
    band = view.tariff.band(node.site_id, service, view.km(node))
    return (dispatch.at - view.now) / 3600 + (band.days * _DAY_HOURS if band else 0.0)


def _margin(view: View, node: Node, service: str) -> float:
    value = view.need.value
    return view.cost(node, service) + value * node.fee_basis_points / 10_000 - value


def _sla(view: View, node: Node, service: str) -> float:
    if view.need.ship_by is None:
        return 0.0
    dispatch = view.dispatch(node, service)
    return 0.0 if dispatch is not None and dispatch.at <= view.need.ship_by else 1.0


def _capacity(view: View, node: Node, service: str) -> float:
    del service
    return 1.0 if 0 < node.capacity_per_day <= view.load.get(node.site_id, 0) else 0.0


def _cut_off(view: View, node: Node, service: str) -> float:
    dispatch = view.dispatch(node, service)
    return NEVER if dispatch is None else dispatch.days


def _lead_time(view: View, node: Node, service: str) -> float:
    del view, service
    return node.lead_days


_K = RuleKind
_MEASURES: dict[RuleKind, Callable[[View, Node, str], float]] = {
    _K.STOCK: _stock,
    _K.COMPLETENESS: _completeness,
    _K.PROXIMITY: _proximity,
    _K.COST: _cost,
    _K.SPEED: _speed,
    _K.MARGIN: _margin,
    _K.SLA: _sla,
    _K.CAPACITY: _capacity,
    _K.CUT_OFF: _cut_off,
    _K.LEAD_TIME: _lead_time,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A rule made ready to be asked many times."""

    rule: Rule
    of: Callable[[View, Node, str], float]
    bound: float | None
    """The last measure that passes."""

    @classmethod
    def by(cls, rule: Rule) -> "Measure":
        """The measure of any rule but a restriction."""
        if rule.kind is RuleKind.PRIORITY:
            places = {site_id: i for i, site_id in enumerate(rule.nodes)}
            last = len(places)
            bound = last - 1.0 if rule.strict else None
            return cls(rule, lambda _view, node, _service: places.get(node.site_id, last), bound)
        if rule.kind is RuleKind.PINNED:
            pinned = frozenset(rule.nodes)
            return cls(rule, lambda _view, node, _service: 0.0 if node.site_id in pinned else 1.0, None)
        bound = -rule.limit if rule.limit is not None and rule.kind in NEGATED else rule.limit
        if bound is None and rule.strict and (rule.kind in YES_NO or rule.kind is RuleKind.CUT_OFF):
            bound = 0.0
        return cls(rule, _MEASURES[rule.kind], bound)

    def refuses(self, view: View, node: Node, service: str) -> bool:
        """Whether a strict rule keeps the order from the node."""
        return self.bound is not None and self.of(view, node, service) > self.bound

    def score(self, view: View, node: Node, service: str) -> float:
        """What the rule adds to its tier."""
        found = self.of(view, node, service)
        if self.bound is not None:
            found = 1.0 if found > self.bound else 0.0
        elif self.rule.step and found != NEVER:
            found = ceil(found / self.rule.step) * self.rule.step
        return found * self.rule.weight
