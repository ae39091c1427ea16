"""Fifty-two orders, each routed by hand under six rule sets."""

import pytest

from server.domain.routes.geography import haversine_km
from server.domain.routes.routing import Router
from tests.routing_cases import SETS, SITES, WORLD, Case, cases, nodes, rule_set, said

CASES = cases()
ROUTERS = {name: Router.of(nodes(), rule_set(name)) for name in SETS}


def test_there_are_at_least_fifty_orders_and_every_one_says_what_each_rule_set_does() -> None:
    assert len(CASES) >= 50
    assert len(SETS) == 6
    assert all(all(case.expected.values()) for case in CASES)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("case", CASES, ids=lambda c: f"order-{c.number}")
def test_the_order_goes_where_it_was_worked_out_by_hand(case: Case, name: str) -> None:
    routing = ROUTERS[name].choose(case.need, case.available, case.now, case.load)
    expected = case.expected[name]
    place, _, service = expected.partition(" by ") if not expected.startswith("waits") else (expected, "", "")
    assert said(routing) == place
    if routing.parts:
        assert {part.service for part in routing.parts} == {service or case.need.service}


def test_the_kilometres_worked_out_on_a_map_are_those_the_rules_measure() -> None:
    by_id = {node.site_id: node for node in nodes()}
    for name, buyer in WORLD["buyer"].items():
        for code, km in buyer["km"].items():
            place = by_id[SITES[code]].place
            assert place is not None
            assert haversine_km(place, tuple(buyer["place"])) == pytest.approx(km, rel=0.02, abs=2), (name, code)
