"""Rule sets as an administrator writes them, with their mistakes."""

from typing import Any

import pytest

from server.domain.errors import DomainError
from server.domain.routes.routing_rules import Band, Rule, RuleKind, Scope, Tariff
from server.domain.routes.routing_rules_data import read_rule_set

SITES = {"EAST": 1, "WEST": 2}


def one(**row: Any) -> Rule:
    return read_rule_set({"rules": [{"id": "r", "kind": "cost"} | row]}, SITES).rules[0]


def test_a_full_rule_is_read() -> None:
    when = {"channels": ["amazon"], "countries": ["us"], "postcodes": ["967"], "skus": ["A"], "value_from": 100}
    rule = one(kind="pinned", tier=3, name="To the east", nodes=["EAST"], when=when, starts="2026-11-27T00:00:00+01:00")
    assert rule == Rule(
        "r",
        RuleKind.PINNED,
        3,
        "To the east",
        Scope(frozenset({"amazon"}), frozenset({"US"}), ("967",), skus=frozenset({"A"}), value_from=100),
        (1,),
        strict=True,
        starts=1795734000.0,
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"kind": "nearest"}, "rules[0].kind: expected one of stock, completeness, proximity, cost"),
        ({"wieght": 2}, "found 'wieght' (did you mean weight?)"),
        ({"id": ""}, "rules[0].id: expected 1 to 64 characters, found ''"),
        ({"weight": -1}, "rules[0].weight: expected a number from 0, found -1"),
        ({"weight": True}, "rules[0].weight: expected a number from 0, found True"),
        ({"weight": float("nan")}, "expected a number from 0, found nan"),
        ({"tier": 1.5}, "rules[0].tier: expected a whole number, found 1.5"),
        ({"kind": "pinned"}, "rules[0].nodes: expected at least one node for pinned, found none"),
        ({"kind": "pinned", "nodes": ["MARS"]}, "rules[0].nodes: expected one of EAST, WEST, found 'MARS'"),
        ({"strict": True}, "rules[0].limit: expected a number (cost at most so much) for a strict rule, found none"),
        ({"kind": "margin", "strict": True}, "(margin at least so much)"),
        ({"strict": "yes"}, "rules[0].strict: expected true or false, found 'yes'"),
        ({"permits": ["sea"]}, "permits and forbids belong to a restriction, found them on cost"),
        ({"when": {"skus": "A"}}, "rules[0].when.skus: expected a list of texts, found 'A'"),
        ({"when": {"sku": ["A"]}}, "did you mean skus?"),
        ({"when": ["A"]}, "rules[0].when: expected a table, found ['A']"),
        ({"when": {"postcodes": ["-"]}}, "rules[0].when.postcodes: expected the beginnings of postcodes"),
        ({"starts": "2026-11-27"}, "rules[0].starts: expected a time like 2026-11-27T00:00:00+01:00"),
    ],
)
def test_a_mistake_names_its_place_what_was_expected_and_what_was_found(row: dict[str, Any], words: str) -> None:
    with pytest.raises(DomainError) as refused:
        one(**row)
    assert refused.value.code == "bad_rule"
    assert words in refused.value.detail


def test_two_rules_do_not_share_an_id() -> None:
    with pytest.raises(DomainError, match="found 'r' more than once"):
        read_rule_set({"rules": [{"id": "r", "kind": "cost"}, {"id": "r", "kind": "speed"}]}, SITES)


def test_lists_and_bands_are_checked_too() -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"rules": {}},
        {"rules": ["x"]},
        {"bands": [{"km": "far"}]},
        {"bands": [{"km": 1, "node": "X"}]},
    )
    for data in wrong:
        with pytest.raises(DomainError) as refused:
            read_rule_set(data, SITES)
        assert refused.value.code == "bad_rule"


def test_the_most_special_tariff_counts_and_the_last_line_has_no_end() -> None:
    general, far = Band(100, 1, 5), Band(500, 2, 9)
    express, own = Band(100, 1, 20, "express"), Band(100, 1, 3, "", 1)
    tariff = Tariff.of((far, general, express, own))
    assert tariff.band(2, "standard", 100) == general
    assert tariff.band(2, "standard", 101) == far
    assert tariff.band(2, "standard", 9000) == far
    assert tariff.band(2, "express", 50) == express
    assert tariff.band(1, "express", 50) == own
    assert tariff.band(2, "standard", None) == far
    assert Tariff.of(()).band(1, "", 5) is None
