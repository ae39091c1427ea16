"""When a channel is told of a parcel: its own policy (SBK-02)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from server.domain.errors import DomainError

KEY = "tell_at"
"""Of ``channel.policy``."""


class TellAt(StrEnum):
    """The moment that counts for a channel.

    MANIFEST      the parcel left on a closed load; the default, because it is then surely gone
    LABEL         its label was scanned on its box
    CARRIER_SCAN  its carrier scanned it for the first time
    """

    MANIFEST = "manifest"
    LABEL = "label"
    CARRIER_SCAN = "carrier_scan"


def tell_at(policy: Mapping[str, Any] | None) -> TellAt:
    """The moment a policy names; the default where it names none, or one of another version."""
    said = (policy or {}).get(KEY)
    return TellAt(said) if said in set(TellAt) else TellAt.MANIFEST


def read_tell_at(text: str) -> TellAt:
    """As a person writes it; raise DomainError("invalid") with what there is."""
    said = text.strip().lower().replace("-", "_")
    if said not in set(TellAt):
        raise DomainError("invalid", f"tell-at: expected {', '.join(TellAt)}, found {text[:40]!r}")
    return TellAt(said)


def is_due(when: TellAt, *, ready: bool, handed_over: bool, scanned: bool) -> bool:
    """Whether a live parcel is to be told of. Nothing that has left stays untold but for the carrier's own scan."""
    if when is TellAt.CARRIER_SCAN:
        return scanned
    return handed_over or (when is TellAt.LABEL and ready)
