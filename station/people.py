"""Who may do what at a bench."""

from collections.abc import Iterable

from server.domain.people import Role
from server.wire import PersonCard

PACKS = frozenset({Role.PACKER, Role.SUPERVISOR, Role.ADMIN})
LOADS = frozenset({Role.DOCK, Role.SUPERVISOR, Role.ADMIN})
SUPERVISES = frozenset({Role.SUPERVISOR, Role.ADMIN})


def may_pack(person: PersonCard) -> bool:
    """Whether this person may open orders."""
    return not PACKS.isdisjoint(person.roles)


def may_load(person: PersonCard) -> bool:
    """Whether this person may load vehicles."""
    return not LOADS.isdisjoint(person.roles)


def may_supervise(person: PersonCard) -> bool:
    """Whether this person may release orders, and take them from other benches."""
    return not SUPERVISES.isdisjoint(person.roles)


def by_badge(people: Iterable[PersonCard], digest: str, today: str = "") -> PersonCard | None:
    """The person with this badge, or to whom it is lent for this day; works with no server in sight."""
    own, lent = next((p for p in people if digest and p.badge_digest == digest), None), lent_to(people, digest)
    return own or (lent if lent and lent.day_badge_day == today else None)


def lent_to(people: Iterable[PersonCard], digest: str) -> PersonCard | None:
    """To whom this badge is lent, on whatever day."""
    return next((p for p in people if digest and p.day_badge_digest == digest), None)


def by_id(people: Iterable[PersonCard], person_id: int) -> PersonCard | None:
    """The card of this person; None when they do not work here (any more)."""
    return next((p for p in people if p.person_id == person_id), None)
