"""Allocation rules: what each kind wants, and when the next one turns."""

from datetime import UTC, datetime
from typing import Any

import pytest

from server.domain.errors import DomainError
from server.domain.sharing.allocation_rules import Kind, Rule, check_rule, next_change, read_percent, spoken_percent
from server.domain.sharing.buffers import Formula
from server.domain.sharing.windows import Window


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Kind.SHARE, {"channel": "amazon", "units": 30}),
        (Kind.SHARE, {"channel": "amazon", "units": 0}),
        (Kind.RESERVE, {"channel": "shop", "percent": 1000}),
        (Kind.EQUAL, {"channel": "ebay", "group": "candles"}),
        (Kind.SHARED, {"channel": "ebay", "sku": "CANDLE"}),
        (Kind.BUFFER, {"percent": 1000}),
        (Kind.DYNAMIC, {"formula": Formula()}),
        (Kind.CAP, {"channel": "etsy", "units": 5}),
        (Kind.WITHDRAW, {"channel": "etsy", "units": 5}),
        (Kind.HOLD_BACK, {"units": 5}),
    ],
)
def test_every_kind_has_a_rule_that_is_taken(kind: Kind, fields: dict[str, Any]) -> None:
    rule = Rule(1, kind, **fields)
    assert check_rule(rule) is rule


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (Kind.SHARE, {"units": 30}, "a share rule: expected the channel it is for, found none"),
        (Kind.SHARE, {"channel": "amazon"}, "expected either units or a percentage, found none"),
        (Kind.SHARE, {"channel": "amazon", "units": 3, "percent": 4}, "expected either units or a percentage"),
        (Kind.SHARE, {"channel": "amazon", "units": -1}, "from 0 to 1000000000 units"),
        (Kind.BUFFER, {"percent": 10_001}, "0 to 100 %, found 100.01 %"),
        (Kind.WITHDRAW, {"channel": "etsy", "percent": 100}, "expected a number of units, found 1 %"),
        (Kind.WITHDRAW, {"units": 5}, "expected the channel it is for"),
        (Kind.HOLD_BACK, {"units": 5, "channel": "etsy"}, "expected no channel"),
        (Kind.EQUAL, {"channel": "etsy", "units": 5}, "expected no amount, found 5 units"),
        (Kind.CAP, {"units": 5, "sku": "A", "group": "B"}, "expected a SKU or a group, found 'A' and 'B'"),
        (Kind.BUFFER, {"units": 5, "window": Window("x")}, "expected a local time"),
        (Kind.DYNAMIC, {"formula": Formula(least=2, most=1)}, "least"),
    ],
)
def test_a_rule_that_makes_no_sense_says_what_was_expected(kind: Kind, fields: dict[str, Any], expected: str) -> None:
    with pytest.raises(DomainError, match=expected):
        check_rule(Rule(1, kind, **fields))


def test_a_percentage_is_read_and_spoken_exactly() -> None:
    assert [read_percent(t) for t in ("10", "12.5%", " 33.33 % ", "0", "100")] == [1000, 1250, 3333, 0, 10_000]
    assert [spoken_percent(p) for p in (1000, 1250, 3333, 0, 10_000, 5)] == ["10", "12.5", "33.33", "0", "100", "0.05"]


@pytest.mark.parametrize("text", ["-1", "100.01", "ten", "", "12.345", "nan", "inf", "1e999999"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(DomainError, match="expected 0 to 100 %"):
        read_percent(text)


def test_a_percentage_part_is_rounded_down_or_up_as_asked() -> None:
    tenth = Rule(1, Kind.BUFFER, percent=1000)
    assert (tenth.part(15), tenth.part(15, up=True), tenth.part(50, up=True)) == (1, 2, 5)


def test_one_unit_is_spoken_in_the_singular() -> None:
    assert [Rule(1, Kind.CAP, units=n).amount for n in (0, 1, 2)] == ["0 units", "1 unit", "2 units"]


def test_the_next_change_is_the_nearest_edge_still_to_come() -> None:
    day = datetime(2026, 11, 27, tzinfo=UTC).timestamp()
    rules = [
        Rule(1, Kind.BUFFER, units=1),
        Rule(2, Kind.BUFFER, units=2, window=Window("2026-11-27", "2026-11-30")),
        Rule(3, Kind.BUFFER, units=3, window=Window(ends="2026-11-28")),
    ]
    assert next_change(rules, day - 1) == day
    assert next_change(rules, day) == day + 86_400
    assert next_change(rules, day + 86_400) == day + 3 * 86_400
    assert next_change(rules, day + 3 * 86_400) is None
