"""May another product go in the box?"""

import pytest

from server.domain.sales.substitution import Approval, Candidate, MatrixRule, approved, judge

ROSE, LAVENDER = Candidate("ROSE", "candles"), Candidate("LAVENDER", "candles")
RULES = [
    MatrixRule(1, "*", "*", Approval.ASK),
    MatrixRule(2, "candles", "*", Approval.AUTO),
    MatrixRule(3, "*", "amazon", Approval.NEVER),
    MatrixRule(4, "candles", "etsy", Approval.NEVER),
]


@pytest.mark.parametrize(
    ("category", "channel", "rule_id"),
    [("candles", "shop", 2), ("candles", "etsy", 4), ("candles", "amazon", 2), ("soap", "amazon", 3), ("soap", "x", 1)],
)
def test_the_rule_that_names_most_wins(category: str, channel: str, rule_id: int) -> None:
    assert judge(RULES, Candidate("A", category), Candidate("B", "other"), channel).rule_id == rule_id


def test_without_a_rule_nothing_is_substituted() -> None:
    ruling = judge([], LAVENDER, ROSE, "shop")
    assert (ruling.approval, ruling.rule_id) == (Approval.NEVER, None)
    assert ruling.why == "ROSE for LAVENDER: no rule permits it on shop"


@pytest.mark.parametrize("flag", ["regulated", "branded"])
def test_what_is_regulated_or_branded_never_goes_by_itself(flag: str) -> None:
    marked = Candidate("ROSE", "candles", frozenset({flag}))
    for ruling in (judge(RULES, LAVENDER, marked, "shop"), judge(RULES, marked, LAVENDER, "shop")):
        assert (ruling.approval, ruling.rule_id) == (Approval.ASK, 2)
        assert f"what is {flag} needs a supervisor" in ruling.why


def test_equal_rules_are_settled_by_the_stricter() -> None:
    twins = [MatrixRule(1, "candles", "*", Approval.AUTO), MatrixRule(2, "candles", "*", Approval.NEVER)]
    assert judge(twins, LAVENDER, ROSE, "shop").rule_id == 2


def test_a_supervisor_approves_only_what_a_rule_lets_one_approve() -> None:
    auto, ask, never = (judge(RULES, Candidate("A", c), ROSE, ch) for c, ch in CASES)
    assert (approved(auto, None), approved(ask, None), approved(never, None)) == (True, False, False)
    assert (approved(ask, "Ben"), approved(never, "Ben")) == (True, False)


CASES = [("candles", "shop"), ("soap", "shop"), ("soap", "amazon")]


def test_a_product_does_not_stand_in_for_itself() -> None:
    assert judge(RULES, ROSE, ROSE, "shop").approval is Approval.NEVER
