"""Whatever the rules and the stock, routing keeps its promises; checked against what is obvious."""

from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.routes.geography import FARTHEST_KM, haversine_km
from server.domain.routes.nodes import Node
from server.domain.routes.routing import Need, Refusal, Router, Why
from server.domain.routes.routing_rules import Band, Rule, RuleKind, RuleSet, Scope

SKUS, SITES = ("A", "B", "C"), (1, 2, 3, 4, 5)
K = RuleKind
PLACES = st.tuples(st.floats(-60, 60), st.floats(-180, 180))
SCOPES = st.builds(
    Scope,
    channels=st.sampled_from([frozenset(), frozenset({"shop"}), frozenset({"amazon"})]),
    services=st.sampled_from([frozenset(), frozenset(), frozenset({"air"})]),
    skus=st.frozensets(st.sampled_from(SKUS), max_size=1),
)
RULES = st.builds(
    Rule,
    rule_id=st.uuids().map(str),
    kind=st.sampled_from([k for k in K if k is not K.COMPLETENESS]),
    tier=st.integers(1, 3),
    scope=SCOPES,
    nodes=st.lists(st.sampled_from(SITES), min_size=1, max_size=3, unique=True).map(tuple),
    weight=st.sampled_from([0.0, 1.0, 2.5]),
    step=st.sampled_from([0.0, 10.0, 500.0]),
    limit=st.sampled_from([None, 0.0, 3.0, 1000.0]),
    strict=st.booleans(),
    permits=st.sampled_from([(), (), ("sea",), ("air", "sea")]),
    forbids=st.sampled_from([(), ("air",), ("sea",)]),
)
NODES = st.lists(
    st.builds(
        Node,
        site_id=st.sampled_from(SITES),
        code=st.just("N"),
        rank=st.integers(0, 2),
        active=st.sampled_from([True, True, True, False]),
        place=st.none() | PLACES,
        capacity_per_day=st.integers(0, 2),
        lead_days=st.integers(0, 3),
        handling_cost=st.integers(0, 3),
        services=st.sampled_from([frozenset(), frozenset(), frozenset({"sea"})]),
    ),
    max_size=5,
    unique_by=lambda node: node.site_id,
)
STOCK = st.dictionaries(st.tuples(st.sampled_from(SKUS), st.sampled_from(SITES)), st.integers(-1, 4))
NEEDS = st.builds(
    Need,
    units=st.dictionaries(st.sampled_from(SKUS), st.integers(1, 4), min_size=1),
    channel=st.sampled_from(["shop", "amazon"]),
    country=st.just("US"),
    postcode=st.just("02108"),
    categories=st.just({}),
    only=st.just(frozenset()),
    place=st.none() | PLACES,
    ship_by=st.none() | st.floats(1e9, 1.001e9),
    service=st.sampled_from(["air", "sea"]),
    split_allowed=st.booleans(),
    value=st.integers(0, 100),
    not_from=st.frozensets(st.sampled_from(SITES), max_size=1),
)
BANDS = (Band(500, 1, 5), Band(21_000, 5, 50))
WORLDS: dict[str, Any] = {
    "nodes": NODES,
    "rules": st.lists(RULES, max_size=5, unique_by=lambda r: r.rule_id),
    "stock": STOCK,
    "need": NEEDS,
    "load": st.dictionaries(st.sampled_from(SITES), st.integers(0, 3)),
}


@settings(max_examples=300, deadline=None)
@given(**WORLDS)
def test_a_decision_keeps_every_promise(
    nodes: list[Node], rules: list[Rule], stock: dict[tuple[str, int], int], need: Need, load: dict[int, int]
) -> None:
    router = Router.of(nodes, RuleSet(3, "", tuple(rules), BANDS))
    routing = router.choose(need, lambda sku, site: stock.get((sku, site), 0), 1e9, load)
    assert (not routing.parts) == (routing.refusal is not None)
    taken: dict[str, int] = {}
    for part in routing.parts:
        node = next(n for n in nodes if n.site_id == part.site_id)
        assert node.active
        assert node.site_id not in need.not_from
        assert not node.services or part.service in node.services
        for sku, units in part.units.items():
            assert 0 < units <= stock.get((sku, part.site_id), 0)
            taken[sku] = taken.get(sku, 0) + units
            assert not any(_bans(rule, need, node, sku, part.service) for rule in rules)
    if routing.parts:
        assert taken == dict(need.units)
        assert len({p.site_id for p in routing.parts}) == len(routing.parts)
        assert need.split_allowed or len(routing.parts) == 1
    if not router.trivial:
        assert sorted(score.site_id for score in routing.scored) == sorted(node.site_id for node in nodes)
        chosen = {score.site_id for score in routing.scored if score.why is Why.CHOSEN}
        assert chosen == {part.site_id for part in routing.parts}


def _bans(rule: Rule, need: Need, node: Node, sku: str, service: str) -> bool:
    """Said again in the plainest words."""
    if rule.scope.channels and need.channel not in rule.scope.channels:
        return False
    if rule.scope.skus and sku not in rule.scope.skus:
        return False
    if rule.kind is not K.RESTRICTION or (rule.nodes and node.site_id not in rule.nodes):
        return False
    if rule.scope.services and service not in rule.scope.services:
        return False
    if not rule.permits and not rule.forbids:
        return True
    return service in rule.forbids or bool(rule.permits and service not in rule.permits)


@settings(max_examples=150, deadline=None)
@given(**WORLDS)
def test_the_same_question_has_the_same_answer_whatever_was_asked_before(
    nodes: list[Node], rules: list[Rule], stock: dict[tuple[str, int], int], need: Need, load: dict[int, int]
) -> None:
    rule_set = RuleSet(3, "", tuple(rules), BANDS)
    used = Router.of(nodes, rule_set)

    def ask(router: Router, now: float) -> object:
        return router.choose(need, lambda sku, site: stock.get((sku, site), 0), now, load)

    for now in (1e9, 1e9 + 90_000, 1e9 - 40_000, 1e9 + 5):
        assert ask(used, now) == ask(Router.of(list(reversed(nodes)), rule_set), now)


@settings(max_examples=200, deadline=None)
@given(nodes=NODES, stock=STOCK, need=NEEDS, by_distance=st.booleans())
def test_with_soft_rules_only_an_order_waits_exactly_when_stock_does_not_suffice(
    nodes: list[Node], stock: dict[tuple[str, int], int], need: Need, by_distance: bool
) -> None:
    nodes = [Node(n.site_id, n.code, n.rank, active=n.active, place=n.place) for n in nodes]
    rule = Rule("r", K.PROXIMITY if by_distance else K.STOCK)
    routing = Router.of(nodes, RuleSet(1, "", (rule,))).choose(need, lambda s, n: stock.get((s, n), 0), 1e9, {})
    asked = [n for n in nodes if n.active and n.site_id not in need.not_from]

    def enough(some: tuple[Node, ...]) -> bool:
        return all(sum(max(0, stock.get((sku, n.site_id), 0)) for n in some) >= u for sku, u in need.units.items())

    fewest = next((k for k in range(1, len(asked) + 1) if any(map(enough, combinations(asked, k)))), None)
    if fewest == 1:
        assert len(routing.parts) == 1
        if by_distance and need.place is not None:
            whole = [n for n in asked if enough((n,))]
            assert _km(next(n for n in asked if n.site_id == routing.parts[0].site_id), need) == min(
                _km(n, need) for n in whole
            )
    elif fewest is None:
        assert routing.refusal in (Refusal.NO_STOCK, Refusal.NO_NODE)
    elif not need.split_allowed:
        assert routing.refusal is Refusal.SPLIT_REFUSED
    elif fewest == 2:
        assert len(routing.parts) == 2
    else:
        assert len(routing.parts) >= fewest


def _km(node: Node, need: Need) -> float:
    assert need.place is not None
    return FARTHEST_KM if node.place is None else haversine_km(node.place, need.place)
