"""The path of an order that stock did not reach for."""

from typing import Any

import pytest

from server.domain.errors import DomainError
from server.domain.sales.losing import DEFAULT_PATH, Chances, ChannelRules, Passed, Step, channel_rules, path

NOON = 1_700_000_000.0
EVERY = (Step.OTHER_LOCATION, Step.INBOUND, Step.BACKORDER, Step.SUBSTITUTE, Step.CANCEL)


@pytest.mark.parametrize(
    ("chances", "step", "why"),
    [
        (Chances(elsewhere="WEST has 2 of CANDLE"), Step.OTHER_LOCATION, "WEST has 2 of CANDLE"),
        (Chances(inbound_at=NOON), Step.INBOUND, "goods are due 2023-11-14 22:13 UTC"),
        (Chances(backorder=True), Step.BACKORDER, "the channel permits backorders"),
        (Chances(substitute="ROSE for CANDLE by rule 4"), Step.SUBSTITUTE, "ROSE for CANDLE by rule 4"),
        (Chances(), Step.CANCEL, "the path says cancel"),
    ],
)
def test_each_step_is_taken_when_those_before_it_cannot(chances: Chances, step: Step, why: str) -> None:
    outcome = path(chances, EVERY)
    assert (outcome.step, outcome.why) == (step, why)
    assert [p.step for p in outcome.passed] == list(EVERY[: EVERY.index(step)])


def test_the_configured_order_decides_not_the_list_of_steps() -> None:
    both = Chances(elsewhere="WEST has it", backorder=True)
    assert path(both, (Step.BACKORDER, Step.OTHER_LOCATION)).step is Step.BACKORDER


def test_every_step_that_was_passed_says_why() -> None:
    late = Chances(inbound_at=NOON + 60, ship_by=NOON, unapproved="ROSE for CANDLE: refused by rule 1")
    assert path(late, EVERY).passed == (
        Passed(Step.OTHER_LOCATION, "no other site has all of it"),
        Passed(Step.INBOUND, "goods are due 2023-11-14 22:14 UTC, after it must leave (2023-11-14 22:13 UTC)"),
        Passed(Step.BACKORDER, "the channel permits neither backorders nor overselling"),
        Passed(Step.SUBSTITUTE, "ROSE for CANDLE: refused by rule 1"),
    )


def test_a_channel_that_forbids_backorders_goes_on_to_cancel() -> None:
    assert path(Chances(backorder=False), (Step.BACKORDER, Step.CANCEL)).step is Step.CANCEL


def test_a_path_that_ends_without_an_answer_is_cancelled_and_asks_nobody() -> None:
    outcome = path(Chances(), (Step.INBOUND,))
    assert (outcome.step, outcome.why) == (Step.CANCEL, "no step of the path could be taken")


def test_overselling_is_used_only_as_far_as_it_is_permitted_and_each_use_is_counted() -> None:
    some = path(Chances(oversell=3, lacking=2), EVERY)
    assert (some.step, some.oversold) == (Step.BACKORDER, 2)
    assert some.detail()["oversold"] == 2
    more = path(Chances(oversell=1, lacking=2), EVERY)
    assert more.step is Step.CANCEL
    assert more.passed[2].why == "2 units are lacking, and the channel may oversell 1 more"
    assert path(Chances(oversell=3, lacking=2, backorder=True), EVERY).oversold == 0


def test_nothing_is_permitted_until_someone_switches_it_on() -> None:
    assert channel_rules({}) == ChannelRules(DEFAULT_PATH, backorder=False, oversell=0, cancel_limit=None)
    assert path(Chances(), ChannelRules().path).step is Step.ASK


def test_what_a_channel_permits_is_read_from_its_settings() -> None:
    read = channel_rules({"path": ["inbound", "cancel"], "backorder": True, "oversell": 5, "cancel_limit": 250})
    assert read == ChannelRules((Step.INBOUND, Step.CANCEL), True, 5, 250)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"backorders": True}, "expected path, backorder, oversell, cancel_limit, cancel_days, found backorders"),
        ({"path": ["wish"]}, "path: expected some of other_location, inbound, backorder, substitute, cancel, ask"),
        ({"path": []}, "path: expected some of"),
        ({"path": [["ask"]]}, "path: expected some of"),
        ({"path": ["ask", "cancel"]}, "path: nothing is tried after cancel or ask, found ask, cancel"),
        ({"path": ["inbound", "inbound"]}, "path: expected each step once, found inbound, inbound"),
        ({"backorder": "yes"}, "backorder: expected true or false, found 'yes'"),
        ({"oversell": -1}, "oversell: expected 0 to 1000000, found -1"),
        ({"oversell": True}, "oversell: expected 0 to 1000000, found True"),
        ({"cancel_limit": 2.5}, "cancel_limit: expected 1 to 10000, found 2.5"),
        ({"cancel_days": 0}, "cancel_days: expected 1 to 365, found 0"),
    ],
)
def test_a_wrong_setting_says_what_was_expected_and_what_was_found(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DomainError) as refused:
        channel_rules(settings)
    assert refused.value.detail.startswith(sentence)
