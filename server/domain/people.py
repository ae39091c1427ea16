"""Who may do what."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is trusted with; a person can hold several."""

    PACKER = "packer"
    DOCK = "dock"
    SUPERVISOR = "supervisor"
    DESK = "desk"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in by badge or password."""

    person_id: int
    name: str
    roles: frozenset[Role]


def badge_digest(text: str) -> str:
    """What is stored and compared instead of a badge's own text (SHA-256, hex)."""
    return hashlib.sha256(f"badge:{text.strip().upper()}".encode()).hexdigest()
