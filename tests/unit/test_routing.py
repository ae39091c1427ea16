"""Which node ships an order, and what is said about the others."""

from dataclasses import replace

from server.domain.routes.nodes import Node
from server.domain.routes.routing import Need, Part, Refusal, Router, Routing, Short, Why
from server.domain.routes.routing_rules import Rule, RuleKind, RuleSet, Scope

K = RuleKind
EAST, WEST, STORE = Node(1, "EAST", 0), Node(2, "WEST", 1), Node(3, "STORE", 2)
NODES = [EAST, WEST, STORE]
COST = Rule("cost", K.COST)


def rules(*listed: Rule) -> RuleSet:
    return RuleSet(7, "test", listed)


def choose(need: Need, stock: dict[tuple[str, int], int], *listed: Rule, nodes: list[Node] | None = None) -> Routing:
    router = Router.of(NODES if nodes is None else nodes, rules(*listed))
    return router.choose(need, lambda sku, site: stock.get((sku, site), 0), 1_000_000.0, {})


def stocked(*skus: str, units: int = 9) -> dict[tuple[str, int], int]:
    return {(sku, node.site_id): units for sku in skus for node in NODES}


def why(routing: Routing) -> dict[int, tuple[Why, str]]:
    return {score.site_id: (score.why, score.rule_id) for score in routing.scored}


def test_without_rules_or_with_one_node_the_engine_may_go_by_rank_itself() -> None:
    assert Router.of(NODES, rules()).trivial
    assert Router.of([EAST, replace(WEST, active=False)], rules(COST)).trivial
    assert not Router.of(NODES, rules(COST)).trivial


def test_one_node_is_not_trivial_while_something_could_be_refused() -> None:
    assert not Router.of([EAST], rules(Rule("ban", K.RESTRICTION))).trivial
    assert not Router.of([EAST], rules(Rule("late", K.SLA, strict=True))).trivial
    assert not Router.of([replace(EAST, services=frozenset({"ground"}))], rules()).trivial


def test_the_trivial_way_takes_the_first_by_rank_that_holds_everything() -> None:
    routing = choose(Need({"A": 2}), {("A", 1): 1, ("A", 2): 2, ("A", 3): 9})
    assert routing.parts == (Part(2, {"A": 2}),)
    assert routing.rule_version == 7


def test_an_inactive_node_ships_nothing() -> None:
    routing = choose(Need({"A": 1}), stocked("A"), nodes=[replace(EAST, active=False), WEST, STORE])
    assert routing.parts[0].site_id == 2


def test_every_node_gets_a_reason() -> None:
    stock = {("A", 1): 9, ("A", 2): 9, ("A", 3): 1}
    nodes = [replace(EAST, handling_cost=5), WEST, STORE, Node(4, "OLD", 3, active=False)]
    routing = choose(Need({"A": 2}), stock, COST, nodes=nodes)
    assert why(routing) == {
        2: (Why.CHOSEN, ""),
        1: (Why.OUTSCORED, "cost"),
        3: (Why.LACKS, ""),
        4: (Why.INACTIVE, ""),
    }
    assert next(s for s in routing.scored if s.site_id == 3).lacks == (Short("A", 2, 1),)
    assert routing.columns == (("cost",),)


def test_equal_nodes_go_by_the_warehouse_list_then_by_id() -> None:
    routing = choose(Need({"A": 1}), stocked("A"), COST, nodes=[replace(STORE, rank=1), WEST, replace(EAST, rank=9)])
    assert [s.site_id for s in routing.scored] == [2, 3, 1]
    assert why(routing)[3] == (Why.RANK, "")


def test_a_priority_list_for_some_orders_comes_before_the_rank() -> None:
    west_first = Rule("west", K.PRIORITY, nodes=(2, 3), scope=Scope(postcodes=("9",)))
    assert choose(Need({"A": 1}, postcode="90001"), stocked("A"), west_first).parts[0].site_id == 2
    assert choose(Need({"A": 1}, postcode="02108"), stocked("A"), west_first).parts[0].site_id == 1
    missing = {k: v for k, v in stocked("A").items() if k[1] != 2}
    assert choose(Need({"A": 1}, postcode="90001"), missing, west_first).parts[0].site_id == 3


def test_a_pinned_node_wins_over_cost() -> None:
    pin = Rule("pin", K.PINNED, nodes=(3,), strict=True, scope=Scope(channels=frozenset({"amazon"})))
    nodes = [EAST, WEST, replace(STORE, handling_cost=10_000)]
    routing = choose(Need({"A": 1}, channel="amazon"), stocked("A"), COST, pin, nodes=nodes)
    assert routing.parts[0].site_id == 3
    assert why(routing)[1] == (Why.REFUSED, "pin")
    assert choose(Need({"A": 1}, channel="shop"), stocked("A"), COST, pin, nodes=nodes).parts[0].site_id == 1


def test_a_soft_pin_is_left_when_the_node_is_empty() -> None:
    pin = Rule("pin", K.PINNED, nodes=(3,))
    assert choose(Need({"A": 1}), stocked("A"), pin).parts[0].site_id == 3
    assert choose(Need({"A": 1}), {("A", 1): 1}, pin).parts[0].site_id == 1


def test_an_empty_pinned_node_makes_the_order_wait_and_says_that_a_rule_does() -> None:
    pin = Rule("pin", K.PINNED, nodes=(3,), strict=True)
    routing = choose(Need({"A": 1}), {("A", 1): 5}, pin)
    assert (routing.parts, routing.refusal) == ((), Refusal.BY_RULE)
    assert routing.shortages == (Short("A", 1, 0),)


def test_of_two_pins_the_lower_tier_has_the_line() -> None:
    first = Rule("first", K.PINNED, tier=1, nodes=(2,), strict=True)
    second = Rule("second", K.PINNED, tier=2, nodes=(3,), strict=True)
    assert choose(Need({"A": 1}), stocked("A"), second, first).parts[0].site_id == 2


def test_a_pinned_line_splits_the_order_where_a_split_is_allowed() -> None:
    pin = Rule("ice", K.PINNED, nodes=(3,), strict=True, scope=Scope(skus=frozenset({"ICE"})))
    stock = stocked("ICE") | {("A", 1): 9}
    routing = choose(Need({"ICE": 1, "A": 1}, split_allowed=True), stock, pin)
    assert {part.site_id: part.units for part in routing.parts} == {1: {"A": 1}, 3: {"ICE": 1}}
    refused = choose(Need({"ICE": 1, "A": 1}), stock, pin)
    assert refused.refusal is Refusal.SPLIT_REFUSED


def test_a_restricted_sku_never_goes_by_a_service_it_may_not() -> None:
    ground = Rule(
        "no air",
        K.RESTRICTION,
        forbids=("air",),
        scope=Scope(countries=frozenset({"US"}), postcodes=("967",), skus=frozenset({"TORCH"})),
    )
    need = Need({"TORCH": 1}, country="US", postcode="96701", service="air")
    assert choose(need, stocked("TORCH"), ground).refusal is Refusal.BY_RULE
    assert choose(need._replace(service="sea"), stocked("TORCH"), ground).parts[0].service == "sea"
    assert choose(need._replace(postcode="02108"), stocked("TORCH"), ground).parts[0].service == "air"


def test_a_detour_to_a_permitted_service_does_not_end_in_one_another_rule_forbids() -> None:
    permits = Rule("permits", K.RESTRICTION, permits=("express", "sea"), scope=Scope(skus=frozenset({"TORCH"})))
    forbids = Rule("no express", K.RESTRICTION, scope=Scope(services=frozenset({"express"})))
    routing = choose(Need({"TORCH": 1}, service="air"), stocked("TORCH"), permits, forbids)
    assert routing.parts[0].service == "sea"


def test_a_node_that_does_not_offer_the_service_is_passed_over() -> None:
    nodes = [replace(EAST, services=frozenset({"ground"})), WEST]
    routing = choose(Need({"A": 1}, service="air"), stocked("A"), COST, nodes=nodes)
    assert routing.parts[0].site_id == 2
    assert why(routing)[1] == (Why.NO_SERVICE, "")


def test_two_lines_whose_services_exclude_each_other_do_not_share_a_parcel() -> None:
    battery = Rule("ground only", K.RESTRICTION, permits=("ground",), scope=Scope(skus=frozenset({"B"})))
    ice = Rule("air only", K.RESTRICTION, permits=("air",), scope=Scope(skus=frozenset({"I"})))
    routing = choose(Need({"B": 1, "I": 1}, service="air"), stocked("B", "I"), battery, ice)
    assert routing.parts == ()
    assert why(routing)[1][0] is Why.NO_SERVICE


def test_a_split_takes_the_fewest_parcels_and_keeps_lines_whole() -> None:
    stock = {("A", 1): 1, ("B", 2): 1, ("C", 3): 1, ("A", 3): 1, ("B", 3): 0}
    routing = choose(Need({"A": 1, "B": 1, "C": 1}, split_allowed=True), stock, COST)
    assert {p.site_id: dict(p.units) for p in routing.parts} == {2: {"B": 1}, 3: {"A": 1, "C": 1}}
    assert why(routing)[1] == (Why.NOT_NEEDED, "")


def test_a_rule_may_limit_the_parcels() -> None:
    stock = {("A", 1): 1, ("B", 2): 1, ("C", 3): 1}
    need = Need({"A": 1, "B": 1, "C": 1}, split_allowed=True)
    assert len(choose(need, stock, COST).parts) == 3
    assert choose(need, stock, COST, Rule("two", K.COMPLETENESS, parts=2)).refusal is Refusal.BY_RULE


def test_only_a_rule_splits_an_order_that_one_node_holds_whole() -> None:
    stock = {("A", 1): 1, ("A", 2): 1, ("B", 2): 1}
    need = Need({"A": 1, "B": 1}, split_allowed=True)
    nodes = [EAST, replace(WEST, handling_cost=900)]
    assert [p.site_id for p in choose(need, stock, COST, nodes=nodes).parts] == [2]
    early = Rule("early", K.COMPLETENESS, weight=0)
    assert [p.site_id for p in choose(need, stock, COST, early, nodes=nodes).parts] == [1, 2]
    assert [p.site_id for p in choose(need._replace(split_allowed=False), stock, COST, early, nodes=nodes).parts] == [2]


def test_a_strict_limit_refuses_and_a_soft_one_puts_behind() -> None:
    lead = [replace(EAST, lead_days=5), replace(WEST, handling_cost=1)]
    strict = Rule("soon", K.LEAD_TIME, limit=2, strict=True)
    assert why(choose(Need({"A": 1}), stocked("A"), strict, nodes=lead))[1] == (Why.REFUSED, "soon")
    soft = Rule("soon", K.LEAD_TIME, limit=2)
    assert choose(Need({"A": 1}), stocked("A"), soft, nodes=lead).parts[0].site_id == 2
    assert choose(Need({"A": 1}), {("A", 1): 1}, soft, nodes=lead).parts[0].site_id == 1


def test_a_store_may_keep_its_last_units_for_its_own_customers() -> None:
    keep = Rule("keep 3", K.STOCK, limit=3, strict=True)
    assert choose(Need({"A": 6}), stocked("A"), keep).parts
    refused = choose(Need({"A": 7}), stocked("A"), keep)
    assert (refused.refusal, why(refused)[1]) == (Refusal.BY_RULE, (Why.REFUSED, "keep 3"))


def test_a_dated_rule_counts_inside_its_window_only() -> None:
    pin = Rule("sale", K.PINNED, nodes=(3,), starts=1_000_000.0, ends=1_000_100.0)
    router = Router.of(NODES, rules(pin))
    at = [router.choose(Need({"A": 1}), lambda s, n: 9, now, {}).parts[0].site_id for now in (999_999, 1e6, 1_000_100)]
    assert at == [1, 3, 1]


def test_a_named_node_and_one_that_failed_are_obeyed() -> None:
    need = Need({"A": 1})
    assert choose(need._replace(only=frozenset({3})), stocked("A")).parts[0].site_id == 3
    assert choose(need._replace(not_from=frozenset({1})), stocked("A")).parts[0].site_id == 2
    nowhere = choose(need._replace(only=frozenset({99})), stocked("A"))
    assert (nowhere.refusal, why(nowhere)[1]) == (Refusal.NO_NODE, (Why.EXCLUDED, ""))


def test_a_node_nobody_has_placed_is_the_farthest_and_a_buyer_nobody_can_find_is_near_to_all() -> None:
    nodes = [EAST, replace(WEST, place=(0.0, 0.0))]
    near = Rule("near", K.PROXIMITY)
    assert choose(Need({"A": 1}, place=(10.0, 10.0)), stocked("A"), near, nodes=nodes).parts[0].site_id == 2
    assert choose(Need({"A": 1}), stocked("A"), near, nodes=nodes).parts[0].site_id == 1
    assert Router.of(nodes, rules(near)).wants_place
    assert not Router.of(nodes, rules(Rule("stock", K.STOCK))).wants_place


def test_negative_stock_gives_nothing() -> None:
    routing = choose(Need({"A": 2}, split_allowed=True), {("A", 1): -3, ("A", 2): 1}, COST)
    assert (routing.refusal, routing.shortages) == (Refusal.NO_STOCK, (Short("A", 2, 1),))


def test_where_some_channel_splits_the_caller_may_not_go_by_rank_itself() -> None:
    router = Router.of(NODES, rules(), splitting=True)
    stock = {("A", 1): 1, ("A", 2): 2, ("A", 3): 9}
    assert not router.trivial

    def sent(need: Need) -> list[int]:
        return [p.site_id for p in router.choose(need, lambda s, n: stock.get((s, n), 0), 0.0, {}).parts]

    assert sent(Need({"A": 2}, split_allowed=True)) == [2]
    assert sent(Need({"A": 10}, split_allowed=True)) == [1, 3]
    assert sent(Need({"A": 10})) == []


def test_what_remains_for_a_supervisor_to_obey_are_restrictions() -> None:
    pin = Rule("pin", K.PINNED, nodes=(1,), strict=True)
    late = Rule("late", K.LEAD_TIME, limit=0, strict=True)
    ban = Rule("ban", K.RESTRICTION, nodes=(2,))
    nodes = [EAST, WEST, replace(STORE, lead_days=9)]
    lawful = Router.of(nodes, rules(pin, late, ban)).lawful()

    def may(site: int) -> bool:
        return bool(lawful.choose(Need({"A": 1}, only=frozenset({site})), lambda s, n: 9, 0.0, {}).parts)

    assert [may(1), may(2), may(3)] == [True, False, True]
    assert not lawful.trivial
