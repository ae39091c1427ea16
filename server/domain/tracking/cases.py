"""What is proposed to the desk for a parcel that is late or lost, by channel and value: rules as data (TRK-06)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from server.domain.errors import DomainError
from server.domain.tracking.alarms import Alarm

ANY = "*"


class Remedy(StrEnum):
    """What may be done for the buyer.

    TELL         write to the buyer and wait
    REPLACEMENT  send the goods again; a refund where they are not in stock
    REFUND       give the money back
    CLAIM        ask the carrier first, then decide
    """

    TELL = "tell"
    REPLACEMENT = "replacement"
    REFUND = "refund"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class Rule:
    """The first rule that fits decides. ``channel`` is a code or "*"; values are minor units, None without a limit."""

    alarm: Alarm
    remedy: Remedy
    channel: str = ANY
    value_from: int = 0
    value_below: int | None = None


DEFAULT = (
    Rule(Alarm.LOST, Remedy.CLAIM, value_from=50_000),
    Rule(Alarm.LOST, Remedy.REPLACEMENT),
    Rule(Alarm.FAILED_DELIVERY, Remedy.TELL),
    Rule(Alarm.SLIPPED, Remedy.TELL),
    Rule(Alarm.STUCK, Remedy.CLAIM),
    Rule(Alarm.NEVER_SCANNED, Remedy.CLAIM),
)
"""Where the company has set none: what is worth 500 or more is asked after before it is sent again."""

TEMPLATES: Mapping[Remedy, str] = {
    Remedy.TELL: (
        "Your order {order} is taking longer than we promised. The parcel {tracking} is with {carrier}; we are watching"
        " it and write again as soon as we know more."
    ),
    Remedy.REPLACEMENT: (
        "The parcel {tracking} of your order {order} seems to be lost at {carrier}. We are sorry, and send the goods"
        " again at once, at our cost."
    ),
    Remedy.REFUND: (
        "The parcel {tracking} of your order {order} seems to be lost at {carrier}, and the goods are sold out. We are"
        " sorry, and refund you in full."
    ),
    Remedy.CLAIM: (
        "We have asked {carrier} to look for the parcel {tracking} of your order {order}, and write again within two"
        " working days."
    ),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the order desk may do; nothing is done by itself."""

    remedy: Remedy
    why: str
    text: str
    """To the buyer, without any personal data."""


def propose(
    alarm: Alarm,
    rules: Sequence[Rule],
    *,
    channel: str,
    value: int | None,
    in_stock: bool,
    names: Mapping[str, str],
) -> Proposal:
    """The remedy for a parcel. ``value`` in minor units, None where nobody knows: it counts as nothing.

    ``names`` has order, tracking and carrier for the text.
    """
    worth = value or 0
    rule = next((rule for rule in (*rules, *DEFAULT) if _fits(rule, alarm, channel, worth)), None)
    remedy = rule.remedy if rule else Remedy.TELL
    why = f"the rule for {alarm.value.replace('_', ' ')} on {rule.channel if rule else ANY}"
    if remedy is Remedy.REPLACEMENT and not in_stock:
        remedy, why = Remedy.REFUND, f"{why}; the goods are not in stock"
    return Proposal(remedy, why, TEMPLATES[remedy].format(**names))


def read_rules(given: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Rules as they are set and kept; raise DomainError("invalid") naming the rule, what was expected and found."""
    return tuple(_rule(number, each) for number, each in enumerate(given, 1))


def _fits(rule: Rule, alarm: Alarm, channel: str, worth: int) -> bool:
    reaches = rule.value_from <= worth and (rule.value_below is None or worth < rule.value_below)
    return rule.alarm is alarm and rule.channel in (ANY, channel) and reaches


def _rule(number: int, given: Mapping[str, Any]) -> Rule:
    names = {"alarm", "remedy", "channel", "value_from", "value_below"}
    odd = sorted(set(given) - names)
    if odd:
        raise DomainError("invalid", f"rule {number}: expected {', '.join(sorted(names))}, found {', '.join(odd)[:80]}")
    for name, known in (("alarm", Alarm), ("remedy", Remedy)):
        if given.get(name) not in set(known):
            found = str(given.get(name))[:40]
            raise DomainError("invalid", f"rule {number}: {name}: expected {', '.join(known)}, found {found!r}")
    limits = {name: given.get(name) for name in ("value_from", "value_below") if given.get(name) is not None}
    for name, value in limits.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise DomainError("invalid", f"rule {number}: {name}: expected minor units, found {str(value)[:40]!r}")
    channel = str(given.get("channel") or ANY)
    return Rule(
        Alarm(given["alarm"]),
        Remedy(given["remedy"]),
        channel,
        int(limits.get("value_from") or 0),
        limits.get("value_below"),
    )
