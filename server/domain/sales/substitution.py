"""May another product go in the box? A matrix by category and channel; regulated and branded never go by themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ANY = "*"
NEVER_BY_ITSELF = frozenset({"regulated", "branded"})
"""Product flags: whatever the matrix says, a person approves (RTE-10)."""


class Approval(StrEnum):
    """NEVER: refused. ASK: a supervisor approves, by name. AUTO: the rule approves."""

    NEVER = "never"
    ASK = "ask"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class MatrixRule:
    """One cell: products of a category sold on a channel; ``*`` is any."""

    rule_id: int
    category: str
    channel: str
    approval: Approval


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that may stand in for another, with its own category and flags."""

    sku: str
    category: str = ""
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer, the rule it comes from (None: none fits), and a sentence."""

    approval: Approval
    rule_id: int | None
    why: str


def judge(rules: Iterable[MatrixRule], original: Candidate, substitute: Candidate, channel: str) -> Ruling:
    """What the matrix says of ``substitute`` in place of ``original``.

    The rule that names most wins, the category before the channel, then the stricter, then the older. The category is
    that of the product which was sold. Without a rule nothing is substituted.
    """
    pair = f"{substitute.sku} for {original.sku}"
    if substitute.sku == original.sku:
        return Ruling(Approval.NEVER, None, f"{pair}: a product is no substitute of itself")
    fitting = [r for r in rules if r.category in {ANY, original.category} and r.channel in {ANY, channel}]
    if not fitting:
        return Ruling(Approval.NEVER, None, f"{pair}: no rule permits it on {channel}")
    rule = min(fitting, key=_narrowest)
    flagged = sorted(NEVER_BY_ITSELF & (original.flags | substitute.flags))
    if rule.approval is Approval.AUTO and flagged:
        why = f"{pair}: rule {rule.rule_id} permits it, but what is {' and '.join(flagged)} needs a supervisor"
        return Ruling(Approval.ASK, rule.rule_id, why)
    return Ruling(rule.approval, rule.rule_id, f"{pair}: {_SAYS[rule.approval]} by rule {rule.rule_id}")


_STRICT = (Approval.NEVER, Approval.ASK, Approval.AUTO)
_SAYS = {Approval.NEVER: "refused", Approval.ASK: "a supervisor approves", Approval.AUTO: "approved"}


def _narrowest(rule: MatrixRule) -> tuple[bool, bool, int, int]:
    return rule.category == ANY, rule.channel == ANY, _STRICT.index(rule.approval), rule.rule_id


def approved(ruling: Ruling, supervisor: str | None) -> bool:
    """Whether it may go in the box: by the rule itself, or by the named supervisor where the rule lets one."""
    return ruling.approval is Approval.AUTO or (ruling.approval is Approval.ASK and bool(supervisor))
