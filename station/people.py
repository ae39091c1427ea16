"""Who may do what at a bench."""

from collections.abc import Iterable

from server.domain.people import Role
from server.wire import PersonCard

PACKS = frozenset({Role.PACKER, Role.SUPERVISOR, Role.ADMIN})
LOADS = frozenset({Role.DOCK, Role.SUPERVISOR, Role.ADMIN})


def may_pack(person: PersonCard) -> bool:
    """Whether this person may open orders."""
    return not PACKS.isdisjoint(person.roles)


def may_load(person: PersonCard) -> bool:
    """Whether this person may load vehicles."""
    return not LOADS.isdisjoint(person.roles)


def by_badge(people: Iterable[PersonCard], digest: str) -> PersonCard | None:
    """The person with this badge; works with no server in sight."""
    return next((p for p in people if digest and p.badge_digest == digest), None)


def by_id(people: Iterable[PersonCard], person_id: int) -> PersonCard | None:
    """The card of this person; None when they do not work here (any more)."""
    return next((p for p in people if p.person_id == person_id), None)
