"""What a person writes down, in a file or over HTTP, and the rules it means.

A plan says everything that is ruled for one SKU, one group or all products: it takes the place of every rule of that
scope which holds at the same times (always, or within the same dates).
"""

from typing import Any

import msgspec

from server.domain.errors import DomainError
from server.domain.sharing.allocation_rules import Kind, Rule, check_rule, read_percent
from server.domain.sharing.buffers import Formula
from server.domain.sharing.windows import Window

Amount = int | str
""" 30 units, or "10 %"."""


class ChannelPlan(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What holds for one channel; at most one of share, reserve, equal and shared."""

    share: Amount | None = None
    reserve: Amount | None = None
    equal: bool = False
    shared: bool = False
    buffer: Amount | None = None
    dynamic: Formula | None = None
    cap: Amount | None = None
    withdraw_below: int | None = None


class Plan(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One scope; neither ``sku`` nor ``group`` means every product. Dates are local times of ``zone``."""

    sku: str = ""
    group: str = ""
    starts: str = ""
    ends: str = ""
    zone: str = ""
    reason: str = ""
    hold_back: int | None = None
    buffer: Amount | None = None
    dynamic: Formula | None = None
    cap: Amount | None = None
    channels: dict[str, ChannelPlan] = {}


class PlanFile(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One or more plans; ``over_allocation`` lets their parts exceed the stock (BUF-05)."""

    plan: list[Plan]
    over_allocation: bool = False


class RuleWish(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One rule. ``amount``: units, or text with a percent sign."""

    kind: Kind
    sku: str = ""
    group: str = ""
    channel: str = ""
    amount: Amount | None = None
    formula: Formula | None = None
    starts: str = ""
    ends: str = ""
    zone: str = ""
    reason: str = ""


def read_plan_file(text: bytes) -> PlanFile:
    """A plan in TOML; raise DomainError("invalid") that names the field."""
    try:
        return msgspec.toml.decode(text, type=PlanFile)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise DomainError("invalid", f"the plan: {error}") from error


def rule_of(wish: RuleWish, owner: str, zone: str) -> Rule:
    """The rule that was wished for, checked; ``zone`` where none was named. Its id is 0."""
    formula = wish.formula
    if wish.kind is Kind.DYNAMIC and formula is None:
        formula = Formula()
    window = Window(wish.starts, wish.ends, wish.zone or zone) if wish.starts or wish.ends else None
    if len(wish.reason) > 255 or not (wish.reason.isprintable() or not wish.reason):
        raise DomainError("invalid", f"reason: expected at most 255 printable characters, found {wish.reason[:40]!r}")
    return check_rule(
        Rule(
            rule_id=0,
            kind=wish.kind,
            sku=wish.sku,
            group=wish.group,
            channel=wish.channel,
            window=window,
            formula=formula if wish.kind is Kind.DYNAMIC else None,
            owner=owner[:120],
            note=wish.reason,
            **_amount(wish.amount),
        )
    )


def rules_of(plan: Plan, owner: str, zone: str) -> list[Rule]:
    """Every rule of a plan."""
    found = [(kind, "", amount) for kind, amount in _parts(plan, {"hold_back": Kind.HOLD_BACK})]
    for channel, told in plan.channels.items():
        parts = _parts(told, _CHANNEL_KINDS)
        if sum(kind in {Kind.SHARE, Kind.RESERVE, Kind.EQUAL, Kind.SHARED} for kind, _ in parts) > 1:
            raise DomainError("invalid", f"{channel}: expected one of share, reserve, equal and shared, found several")
        found += [(kind, channel, amount) for kind, amount in parts]
    return [rule_of(_wish(plan, kind, channel, amount), owner, zone) for kind, channel, amount in found]


_CHANNEL_KINDS = {
    "share": Kind.SHARE,
    "reserve": Kind.RESERVE,
    "equal": Kind.EQUAL,
    "shared": Kind.SHARED,
    "withdraw_below": Kind.WITHDRAW,
}
_BOTH_KINDS = {"buffer": Kind.BUFFER, "dynamic": Kind.DYNAMIC, "cap": Kind.CAP}
_Part = Amount | Formula | bool


def _parts(told: Plan | ChannelPlan, kinds: dict[str, Kind]) -> list[tuple[Kind, _Part]]:
    named = [(kind, getattr(told, name)) for name, kind in (kinds | _BOTH_KINDS).items()]
    return [(kind, value) for kind, value in named if value is not None and value is not False]


def _wish(plan: Plan, kind: Kind, channel: str, value: _Part) -> RuleWish:
    return RuleWish(
        kind=kind,
        sku=plan.sku,
        group=plan.group,
        channel=channel,
        amount=value if not isinstance(value, bool | Formula) else None,
        formula=value if isinstance(value, Formula) else None,
        starts=plan.starts,
        ends=plan.ends,
        zone=plan.zone,
        reason=plan.reason,
    )


def _amount(amount: Amount | None) -> dict[str, Any]:
    """As units or as a percentage."""
    if isinstance(amount, str):
        text = amount.strip()
        if text.isascii() and text.isdecimal() and len(text) <= 10:
            return {"units": int(text)}
        if not text.endswith("%"):
            raise DomainError("invalid", f'expected units (30) or a percentage ("10 %"), found {text[:40]!r}')
        return {"percent": read_percent(text)}
    return {"units": amount} if amount is not None else {}
