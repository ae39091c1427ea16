"""What is proposed for a parcel that is late or lost depends on the channel, the value and the shelf (TRK-06)."""

from typing import Any

import pytest

from server.domain.errors import DomainError
from server.domain.tracking.alarms import Alarm
from server.domain.tracking.cases import TEMPLATES, Proposal, Remedy, propose, read_rules

NAMES = {"order": "S-1", "tracking": "PV1", "carrier": "City Bikes"}
OWN = read_rules(
    [
        {"alarm": "lost", "channel": "amazon", "remedy": "refund"},
        {"alarm": "lost", "value_below": 1_000, "remedy": "refund"},
    ]
)


def proposed(alarm: Alarm = Alarm.LOST, rules: Any = (), **facts: Any) -> Proposal:
    return propose(alarm, rules, **{"channel": "shop", "value": 2_000, "in_stock": True, "names": NAMES, **facts})


def test_lost_goods_are_sent_again_or_refunded_where_there_are_none() -> None:
    assert proposed().remedy is Remedy.REPLACEMENT
    assert proposed(in_stock=False).remedy is Remedy.REFUND
    assert "not in stock" in proposed(in_stock=False).why
    assert proposed(value=50_000).remedy is Remedy.CLAIM
    assert proposed(value=None).remedy is Remedy.REPLACEMENT


def test_the_company_s_own_rules_come_first_by_channel_and_value() -> None:
    assert proposed(rules=OWN, channel="amazon", value=90_000).remedy is Remedy.REFUND
    assert proposed(rules=OWN, value=999).remedy is Remedy.REFUND
    assert proposed(rules=OWN, value=1_000).remedy is Remedy.REPLACEMENT


def test_a_late_parcel_is_written_about_with_its_order_number_and_carrier() -> None:
    late = proposed(Alarm.SLIPPED)
    assert late.remedy is Remedy.TELL
    assert all(word in late.text for word in NAMES.values())
    assert set(TEMPLATES) == set(Remedy)


@pytest.mark.parametrize("alarm", Alarm)
def test_there_is_a_proposal_for_every_alarm(alarm: Alarm) -> None:
    assert "{" not in proposed(alarm).text


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"alarm": "lots", "remedy": "refund"}, "rule 1: alarm: expected .*lost.*, found 'lots'"),
        ({"alarm": "lost", "remedy": "wish"}, "remedy: expected .*refund.*, found 'wish'"),
        ({"alarm": "lost", "remedy": "refund", "value": 3}, "expected .*value_below.*, found value"),
        ({"alarm": "lost", "remedy": "refund", "value_from": -1}, "value_from: expected minor units, found '-1'"),
    ],
)
def test_a_rule_that_cannot_be_says_what_was_expected_and_found(rule: dict[str, Any], named: str) -> None:
    with pytest.raises(DomainError, match=named):
        read_rules([rule])
