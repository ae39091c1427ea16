"""A platform shows another number than it was told: why, and what is to be done about it (REC-02, REC-05)."""

from dataclasses import dataclass
from enum import StrEnum

UNCOUNTED = 999_999_999
"""The live number of a listing that its platform sells without counting: more than any shelf has."""


class Cause(StrEnum):
    """Why a listing does not show what it should. One row of the exception report names one of them."""

    GONE = "gone"
    NOT_MAPPED = "not_mapped"
    PAUSED = "paused"
    LATE = "late"
    REFUSED = "refused"
    WAITING = "waiting"
    MAPPING = "mapping"
    SALE_NOT_IN = "sale_not_in"
    SHARED = "shared"
    NOT_APPLIED = "not_applied"
    EDITED = "edited"
    UNCOUNTED = "uncounted"

    @property
    def sentence(self) -> str:
        """For people."""
        return _SENTENCES[self]


_SENTENCES = {
    Cause.GONE: "the listing is gone there",
    Cause.NOT_MAPPED: "nobody has said which product this listing is",
    Cause.PAUSED: "the channel is paused, or told in batches: its numbers wait on purpose",
    Cause.LATE: "our stock has moved since; the new number has not been worked out yet",
    Cause.REFUSED: "the channel refuses the number again and again",
    Cause.WAITING: "the number waits: the channel did not take it yet",
    Cause.MAPPING: "the listing is new, or means another product than when it was told last",
    Cause.SALE_NOT_IN: "an order that we have not taken in yet",
    Cause.SHARED: "two listings are the same product and show different numbers",
    Cause.NOT_APPLIED: "the channel took the number and still shows the old one",
    Cause.EDITED: "changed on the channel's side, not by us",
    Cause.UNCOUNTED: "the channel does not count it any more and never runs out: switch counting on there",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one listing at one moment; numbers are units.

    ``told`` is the newest number for the channel, None when it was never told; ``state`` that of its outbox row: sent |
    waiting | parked, empty without one. ``version`` is that of ``told``; ``agreed`` the last one that the listing was
    seen to show, with the SKU that it meant then. ``shown_before``: numbers that were there before the last push.
    """

    live: int | None
    sku: str | None
    told: int | None = None
    state: str = ""
    version: int = 0
    agreed: tuple[str, int] | None = None
    shown_before: frozenset[int] = frozenset()
    others: tuple[int | None, ...] = ()
    """Live numbers of the other listings of this SKU."""
    unseen_orders: tuple[str, ...] = ()
    """Orders of this SKU that the platform has and our book has not, or not as they are."""
    moved_here: bool = False
    """Its counters moved, or a rule changed, and the fan-out has not seen it."""
    on_purpose: bool = False
    """The channel is paused, or its numbers go in batches and it is not their time."""


def cause_of(facts: Facts) -> Cause:
    """The first of these that holds: what explains more stands before what explains less."""
    if facts.live is None:
        return Cause.GONE
    if facts.sku is None:
        return Cause.NOT_MAPPED
    if facts.live == UNCOUNTED:
        return Cause.UNCOUNTED
    if facts.on_purpose:
        return Cause.PAUSED
    if facts.moved_here:
        return Cause.LATE
    if facts.state == "parked":
        return Cause.REFUSED
    if facts.state == "waiting":
        return Cause.WAITING
    if facts.told is None or (facts.agreed is not None and facts.agreed[0] != facts.sku):
        return Cause.MAPPING
    if facts.unseen_orders:
        return Cause.SALE_NOT_IN
    if facts.agreed is None:
        return Cause.NOT_APPLIED if facts.live in facts.shown_before else Cause.MAPPING
    if any(other != facts.live for other in facts.others):
        return Cause.SHARED
    if facts.agreed[1] < facts.version and facts.live in facts.shown_before:
        return Cause.NOT_APPLIED
    return Cause.EDITED


class Remedy(StrEnum):
    """What is done about it.

    PUSH    our number is told again
    WAIT    something else is under way that ends it, and has an alarm of its own
    PERSON  somebody must decide
    """

    PUSH = "push"
    WAIT = "wait"
    PERSON = "person"


_UNDER_WAY = frozenset({Cause.PAUSED, Cause.LATE, Cause.REFUSED, Cause.WAITING, Cause.SALE_NOT_IN})
_OWED = frozenset({Cause.MAPPING, Cause.NOT_APPLIED})
"""The channel was to have this number anyway: telling it again decides nothing."""

TRIES_MAX = 3
"""Numbers told again in vain until a person must look."""


class Fixing(StrEnum):
    """How far rules may correct a channel: always lower it and raise it within a tolerance; always both; never."""

    WITHIN = "within"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class FixRule:
    """``tolerance``: units by which a channel's number may be raised without a person.

    A number that is too high sells what is not there: each minute costs, so it is lowered at once. One that is too low
    may be somebody's intention, or a sale that we do not know: raising it beyond some units is a decision.
    """

    fixing: Fixing = Fixing.WITHIN
    tolerance: int = 5

    def remedy(self, cause: Cause, told: int | None, live: int | None, tries: int, certain: bool) -> Remedy:
        """``certain``: everything that the platform sold until now is in the book; without it nothing is raised."""
        if cause in _UNDER_WAY:
            return Remedy.WAIT
        if cause in (Cause.GONE, Cause.NOT_MAPPED) or live is None or self.fixing is Fixing.NEVER:
            return Remedy.PERSON
        if tries >= TRIES_MAX:
            return Remedy.PERSON
        if told is not None and live > told:
            return Remedy.PUSH
        if not certain:
            return Remedy.WAIT
        if cause in _OWED or told is None or self.fixing is Fixing.ALWAYS:
            return Remedy.PUSH
        return Remedy.PUSH if told - live <= self.tolerance else Remedy.PERSON
