"""What a checkout may ask for, read and checked before anything is locked."""

import hashlib

import msgspec

from server.db.transaction import Actor
from server.domain.errors import DomainError
from server.usecases.booking.hold_batch import PlaceHold

TTL, TTL_MAX = 900.0, 86_400.0
"""Seconds: what a checkout gets, and the most it may ask for."""
QUANTITY_MAX = 1_000_000
LINES_MAX = 500


class HoldLine(msgspec.Struct, forbid_unknown_fields=True):
    """One line of a wish."""

    sku: str
    quantity: int


class HoldWish(msgspec.Struct):
    """The documented body of a hold."""

    key: str
    lines: list[HoldLine]
    ttl_seconds: float = TTL


class HoldWishes(msgspec.Struct):
    """The documented body of a batch."""

    holds: list[HoldWish]


class HoldKey(msgspec.Struct):
    """The documented body of everything else: which hold is meant."""

    key: str


_read_one, _read_many = msgspec.json.Decoder(HoldWish).decode, msgspec.json.Decoder(HoldWishes).decode
_read_key = msgspec.json.Decoder(HoldKey).decode


def read_wish(body: bytes) -> HoldWish:
    """Decode a body; raise DomainError("malformed") naming the field."""
    try:
        return _read_one(body)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DomainError("malformed", f"hold: {error}") from error


def read_wishes(body: bytes) -> list[HoldWish]:
    """As ``read_wish`` for {"holds": [...]}."""
    try:
        return _read_many(body).holds
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DomainError("malformed", f"holds: {error}") from error


def read_key(body: bytes) -> str:
    """As ``read_wish`` for {"key": ...}."""
    try:
        return _read_key(body).key
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DomainError("malformed", f"hold: {error}") from error


def command(channel_id: int, wish: HoldWish, actor: Actor) -> PlaceHold:
    """Check a wish; raise DomainError("malformed") for a key, a quantity or a time that cannot be."""
    key = wish.key
    if not 0 < len(key) <= 120 or not key.isprintable():
        raise DomainError("malformed", f"key: expected 1 to 120 printable characters, found {key[:40]!r}")
    if not 0 < wish.ttl_seconds <= TTL_MAX:
        raise DomainError("malformed", f"ttl_seconds: expected up to {TTL_MAX:g}, found {wish.ttl_seconds:g}")
    if not 0 < len(wish.lines) <= LINES_MAX:
        raise DomainError("malformed", f"lines: expected 1 to {LINES_MAX}, found {len(wish.lines)}")
    units: dict[str, int] = {}
    for line in wish.lines:
        if not 0 < line.quantity <= QUANTITY_MAX:
            raise DomainError("malformed", f"quantity: expected 1 to {QUANTITY_MAX}, found {line.quantity}")
        if not 0 < len(line.sku) <= 64 or not line.sku.isprintable():
            raise DomainError("malformed", f"sku: expected 1 to 64 printable characters, found {line.sku[:40]!r}")
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    said = f"{sorted(units.items())}{wish.ttl_seconds:g}"
    return PlaceHold(channel_id, key, units, wish.ttl_seconds, hashlib.sha256(said.encode()).hexdigest(), actor)
