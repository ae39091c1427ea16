"""Who wins the last unit: the policy, the order in which a batch is decided, and the sentences that say why.

The engine decides a batch in ``serve_order``; a shortfall on the shelf is settled in ``shortfall`` with the same ranks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from server.domain.errors import DomainError

WINDOW_MAX = 5.0
"""Seconds; a channel's call waits as long, and some hang up after 5."""
_NAMED = 3
"""Orders a sentence names before it counts the rest."""


class PolicyKind(StrEnum):
    """How orders are ranked where there is too little for all of them."""

    FIRST_COME = "first_come"
    CHANNEL_PRIORITY = "channel_priority"
    CUSTOMER_VALUE = "customer_value"


class Ask(NamedTuple):
    """An order that wants stock: ``units`` per SKU on the shelf, ``arrival`` in seconds, what its buyer is worth.

    ``value`` is the buyer's life-time value in minor units of one currency; 0 where nobody knows it.
    """

    ref: str
    units: Mapping[str, int]
    channel: str
    arrival: float
    value: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """The rule in force. ``channels`` are codes, the best first; one that is not named comes after all of them.

    ``window`` holds back orders for SKUs marked scarce, in seconds, so that a better one may still arrive.
    """

    kind: PolicyKind = PolicyKind.FIRST_COME
    channels: tuple[str, ...] = ()
    window: float = 0.0
    scarce: frozenset[str] = frozenset()
    """SKUs people marked: orders for them wait for the window."""
    version: int = 0
    places: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.window <= WINDOW_MAX:
            raise DomainError("invalid", f"window: expected 0 to {WINDOW_MAX:g} seconds, found {self.window:g}")
        twice = sorted({code for code in self.channels if self.channels.count(code) > 1})
        if twice:
            raise DomainError("invalid", f"channels: expected each once, found {', '.join(twice)} more than once")
        if self.kind is PolicyKind.CHANNEL_PRIORITY and not self.channels:
            raise DomainError("invalid", "channels: expected at least one for channel_priority, found none")
        object.__setattr__(self, "places", {code: place for place, code in enumerate(self.channels)})

    def rank(self, channel: str, value: int) -> int:
        """The lower the better; equal ranks are settled by arrival."""
        if self.kind is PolicyKind.CHANNEL_PRIORITY:
            return self.places.get(channel, len(self.channels))
        return -value if self.kind is PolicyKind.CUSTOMER_VALUE else 0

    def delay(self, skus: Iterable[str]) -> float:
        """Seconds for which an order is held back: none unless it touches a SKU marked scarce."""
        return self.window if self.window and any(sku in self.scarce for sku in skus) else 0.0


def policy_of(settings: Mapping[str, Any], version: int = 0) -> Policy:
    """Read one from JSON; raise DomainError("invalid") naming the key, what was expected and what was found."""
    odd = sorted(set(settings) - {"kind", "channels", "window", "scarce"})
    if odd:
        raise DomainError("invalid", f"expected kind, channels, window, scarce, found {', '.join(odd)}")
    kind = settings.get("kind", PolicyKind.FIRST_COME.value)
    if kind not in tuple(PolicyKind):
        raise DomainError("invalid", f"kind: expected {', '.join(PolicyKind)}, found {kind!r}")
    return Policy(
        PolicyKind(kind),
        tuple(settings.get("channels", ())),
        float(settings.get("window", 0)),
        frozenset(settings.get("scarce", ())),
        version,
    )


def serve_order(asks: Sequence[Ask], left: Mapping[str, int], policy: Policy) -> Sequence[int]:
    """Indices in the order in which to decide.

    Only orders that touch a SKU whose demand in this batch exceeds what is ``left`` change places, among themselves,
    by (rank, arrival); a tie keeps its place. Everybody else is served where it stands.
    """
    fought = scarce_skus(asks, left)
    if not fought:
        return range(len(asks))
    rivals = [i for i, ask in enumerate(asks) if not fought.isdisjoint(ask.units)]
    keyed = [(policy.rank(asks[i].channel, asks[i].value), asks[i].arrival, i) for i in rivals]
    keyed.sort()
    served = list(range(len(asks)))
    for place, (_, _, index) in zip(rivals, keyed, strict=True):
        served[place] = index
    return served


def scarce_skus(asks: Iterable[Ask], left: Mapping[str, int]) -> set[str]:
    """SKUs of which these orders together want more than there is."""
    wanted: dict[str, int] = {}
    for ask in asks:
        for sku, units in ask.units.items():
            wanted[sku] = wanted.get(sku, 0) + units
    return {sku for sku, units in wanted.items() if units > left.get(sku, 0)}


class Short(NamedTuple):
    """What an order lacked when its turn came."""

    sku: str
    wanted: int
    left: int


def why_lost(policy: Policy, loser: Ask, short: Sequence[Short], winners: Sequence[Ask]) -> str:
    """One sentence for the order that got nothing; ``winners`` took units of the same SKUs in the same batch."""
    lacking = "; ".join(f"{s.sku}: {s.wanted} wanted, {s.left} left" for s in short)
    skus = {s.sku for s in short}
    rivals = [w for w in winners if not skus.isdisjoint(w.units)]
    if not rivals:
        return f"{lacking} when order {loser.ref} came; {_rule(policy)}"
    better = [w for w in rivals if _beats(policy, w, loser)]
    if not better:
        return f"{lacking} for all of order {loser.ref}, and less was enough for {_names(rivals)}; {_rule(policy)}"
    return f"{lacking} after {_names(better)}; {_rule(policy)}: {_because(policy, better[0], loser)}"


def _beats(policy: Policy, one: Ask, other: Ask) -> bool:
    key = policy.rank(one.channel, one.value), one.arrival
    return key <= (policy.rank(other.channel, other.value), other.arrival)


def _rule(policy: Policy) -> str:
    version = f" (version {policy.version})" if policy.version else ""
    return f"policy {policy.kind.value.replace('_', ' ')}{version}"


def _because(policy: Policy, winner: Ask, loser: Ask) -> str:
    if policy.rank(winner.channel, winner.value) == policy.rank(loser.channel, loser.value):
        if winner.arrival == loser.arrival:
            return "equal in everything, and it stood before in the queue"
        equal = "" if policy.kind is PolicyKind.FIRST_COME else "equal in rank, and "
        return f"{equal}{loser.arrival - winner.arrival:.3f} s earlier"
    if policy.kind is PolicyKind.CHANNEL_PRIORITY:
        return f"{winner.channel} comes before {loser.channel}"
    return f"its buyer is worth {winner.value}, the other {loser.value}"


def _names(asks: Sequence[Ask]) -> str:
    named = ", ".join(f"{ask.ref} ({ask.channel})" for ask in asks[:_NAMED])
    return f"{named} and {len(asks) - _NAMED} more" if len(asks) > _NAMED else named
