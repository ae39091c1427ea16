"""From what somebody says of a parcel to the one vocabulary; what nobody explained stays as it was said (TRK-02)."""

import re
from typing import NamedTuple

from server.domain.tracking.status import Status
from server.domain.tracking.vocabulary import CODES, PHRASES

_BROAD = frozenset({Status.IN_TRANSIT, Status.EXCEPTION, Status.UNKNOWN})
"""Codes of this meaning are used for many things; the words beside them may say which."""
_FINER = frozenset(
    {
        *(Status.ACCEPTED, Status.ARRIVED, Status.OUT_FOR_DELIVERY, Status.ATTEMPTED, Status.AVAILABLE_FOR_PICKUP),
        *(Status.DELAYED, Status.EXCEPTION, Status.RETURNING, Status.LOST, Status.DAMAGED),
    }
)
"""What words may make of a broad code. Never an end: that a parcel has arrived is not read out of a sentence against
its code."""
_GUARD = frozenset(
    {
        *("not", "unable", "cannot", "failed", "sender", "shipper", "agent", "return", "returned", "carrier"),
        *("courier", "partner", "facility", "hub", "depot", "tomorrow", "expected", "scheduled"),
    }
)
"""A sentence that begins with "delivered" and holds one of these says something else."""
_LONGEST = max(len(phrase.split()) for phrase in PHRASES)
_NO_CODES = frozenset({"", "unknown"})
KEY_MAX = 80


class Meaning(NamedTuple):
    """The status, and where it is UNKNOWN the key under which a person may explain it once for all parcels."""

    status: Status
    key: str = ""


def normalise(provider: str, code: str, words: str) -> Meaning:
    """What ``code`` and ``words`` of a provider mean; any text is understood or UNKNOWN, never an error."""
    said, code = fold(words), "" if fold(code) in _NO_CODES else code
    known = CODES.get(provider.lower(), {}).get(code.strip().lower()) or _phrase(fold(code))
    if known is not None and known not in _BROAD:
        return Meaning(known)
    told = _phrase(said)
    if known is not None:
        return Meaning(told if told in _FINER else known)
    if told is not None and not code.strip():
        return Meaning(told)
    if told is not None and told in _FINER | {Status.LABEL_CREATED, Status.IN_TRANSIT, Status.DELIVERED}:
        return Meaning(told)
    return Meaning(Status.UNKNOWN, key_of(code, words))


def key_of(code: str, words: str) -> str:
    """What an unknown status is called: its code, or its words without numbers, as they name places and parcels."""
    if code.strip():
        return f"code {' '.join(code.lower().split())}"[:KEY_MAX]
    plain = " ".join(word for word in fold(words).split() if not any(c.isdigit() for c in word))
    return f"words {plain}"[:KEY_MAX].strip()


def fold(text: str) -> str:
    """Lower case, single spaces, no punctuation: "InTransit", "IN_TRANSIT" and "In transit." are one."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:400])
    return " ".join(re.sub(r"[^\w]|_", " ", apart).lower().split())


def _phrase(said: str) -> Status | None:
    words = said.split()
    for length in range(min(_LONGEST, len(words)), 0, -1):
        found = PHRASES.get(" ".join(words[:length]))
        if found is not None:
            guarded = found in (Status.DELIVERED, Status.RETURNED) and not _GUARD.isdisjoint(words[length:])
            return None if guarded else found
    return None
