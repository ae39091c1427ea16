"""A new rule set tried on the past."""

from server.domain.routes.routing import Router
from server.domain.routes.routing_trial import Difference, compare
from tests.routing_cases import CODES, cases, nodes, rule_set


def test_every_difference_is_listed_and_nothing_else() -> None:
    old, new = Router.of(nodes(), rule_set("nearest")), Router.of(nodes(), rule_set("house"))
    listed = [
        (c.number, old.choose(c.need, c.available, c.now, c.load), new.choose(c.need, c.available, c.now, c.load))
        for c in cases()
    ]
    trial = compare(listed, CODES)
    assert trial.orders == len(listed)
    by_order = {d.order: d for d in trial.differences}
    assert by_order["6"] == Difference("6", "CHI by standard", "SOUTH by standard")
    assert by_order["48"].after == "waits: by_rule"
    assert by_order["50"] == Difference("50", "WEST by express", "WEST by sea")
    assert by_order["42"].after == "DAL (2 CANDLE) by standard + SOUTH (1 CANDLE) by standard"
    assert "1" not in by_order
    assert (trial.waiting_before, trial.waiting_after) == (2, 3)
    assert (trial.split_before, trial.split_after) == (2, 2)
