"""A decision explains itself, also years later."""

from dataclasses import replace

from server.domain.routes.routing import Router
from server.domain.routes.routing_words import explain
from tests.routing_cases import CODES, cases, nodes, rule_set


def sentences(number: int, name: str) -> tuple[str, ...]:
    case, rules = cases()[number - 1], rule_set(name, version=4)
    routing = Router.of(nodes(), rules).choose(case.need, case.available, case.now, case.load)
    return explain(routing, CODES, rules)


def test_the_chosen_node_comes_first_and_every_other_says_where_it_lost() -> None:
    assert sentences(44, "house") == (
        "ships from SOUTH (2 CANDLE); rule version 4",
        "SOUTH: chosen (in time+has room 0, 2000 km, cost 1150)",
        'CHI: outscored in "cost" (in time+has room 0, 2000 km, cost 1400)',
        'DAL: outscored in "zone" (in time+has room 0, 3000 km, cost 1400)',
        'WEST: outscored in "zone" (in time+has room 0, 4000 km, cost 1480)',
        'EAST: outscored in "in time" (in time+has room 1, 1000 km, cost 800)',
    )


def test_ties_shortages_and_refusals_have_words() -> None:
    assert "WEST: equal in everything; the chosen one comes first in the list of warehouses (7 left)" in sentences(
        1, "balance"
    )
    assert sentences(43, "nearest")[:2] == (
        "waits: there is not enough stock (CANDLE: 2 wanted, 1 available); rule version 4",
        "EAST: lacks 1 CANDLE (15 km)",
    )
    assert sentences(41, "margin")[0] == (
        "waits: no node holds all of it, and this channel takes one shipment for an order "
        "(SOAP: 1 wanted, 0 available); rule version 4"
    )
    assert 'WEST: refused by "same day from EAST"' in sentences(48, "house")
    assert sentences(40, "cheapest")[0] == "split over EAST (1 CANDLE) and WEST (1 SOAP); rule version 4"


def test_a_speed_a_margin_and_a_limit_are_told_in_their_units() -> None:
    assert "WEST: chosen (73.5 h to the door)" in sentences(16, "fastest")
    assert "SOUTH: chosen (margin 8850)" in sentences(7, "margin")
    case, rules = cases()[0], rule_set("nearest")
    soft = replace(rules, rules=(replace(rules.rules[0], limit=500.0),))
    routing = Router.of(nodes(), soft).choose(case.need, case.available, case.now, {})
    assert "EAST: chosen (within 500 km)" in explain(routing, CODES, soft)
    assert 'CHI: outscored in "near" (beyond 500 km)' in explain(routing, CODES, soft)
