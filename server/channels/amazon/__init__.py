"""Amazon by the Selling Partner API: Orders 2026-01-01, Listings Items 2021-08-01, Feeds 2021-06-30, Orders v0.

The files: setup (settings, limits), api (sign-in and calls), shapes and reading (an order), orders (which changed),
queue (notifications by SQS), listed (what is on sale), stock and feeds (numbers), shipping, cancelling.
"""

from collections.abc import Mapping, Sequence

from server.calls.line import Line
from server.calls.troubles import Refused
from server.channels.amazon.cancelling import tell_cancels
from server.channels.amazon.listed import listings, live_stock
from server.channels.amazon.orders import changed_orders, order, who
from server.channels.amazon.reading import read_order
from server.channels.amazon.setup import (
    ACK_WITHIN,
    AT_ONCE,
    BULK,
    LIMITS,
    NAME,
    SETTINGS,
    SETTLES,
    SHOWN_MOST,
    check,
    poll,
    tells,
)
from server.channels.amazon.shipping import tell_shipments
from server.channels.amazon.stock import tell_stock
from server.domain.errors import DomainError
from server.trade.words import Answer, Heard, Word, failed

__all__ = [
    "ACK_WITHIN",
    "AT_ONCE",
    "BULK",
    "LIMITS",
    "NAME",
    "SETTINGS",
    "SETTLES",
    "SHOWN_MOST",
    "changed_orders",
    "check",
    "greeting",
    "heard",
    "listings",
    "live_stock",
    "order",
    "poll",
    "read_order",
    "tell",
    "tells",
    "who",
]

_TELLERS = {"stock": tell_stock, "shipment": tell_shipments, "cancel": tell_cancels}


def tell(line: Line, words: Sequence[Word]) -> list[Answer]:
    """See Channel. Amazon asks for no acknowledgement, and its orders cannot be split there."""
    teller = _TELLERS.get(words[0].kind) if words else None
    if teller is None:
        return [failed(Refused(f"{word.kind}: Amazon cannot be told this")) for word in words]
    return teller(line, words)


def greeting(line: Line, query: Mapping[str, str]) -> str:  # noqa: ARG001
    """See Platform: Amazon never calls."""
    raise DomainError("not_found", "Amazon sends its notifications to a queue, and calls nobody")


def heard(line: Line, headers: Mapping[str, str], body: bytes) -> Heard:  # noqa: ARG001
    """See Platform: Amazon never calls."""
    raise DomainError("not_found", "Amazon sends its notifications to a queue, and calls nobody")
