"""Etsy, Open API v3 (https://developers.etsy.com). Imports server.calls, server.trade and the domain only.

An order is a receipt, its lines are transactions. There is no call that cancels or refunds, and none that ships a
part: those words are refused with what a person can do instead.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Refused
from server.channels.etsy.inventory import UNITS_MOST, listings, live_stock
from server.channels.etsy.orders import changed_orders, order
from server.channels.etsy.receipts import read_order
from server.channels.etsy.settings import LIMITS, SETTINGS, check
from server.channels.etsy.shipping import shipments
from server.channels.etsy.sign_in import who
from server.channels.etsy.signing import greeting, heard
from server.channels.etsy.stock import numbers
from server.trade.words import Answer, Word, failed

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

NAME = "Etsy"
BULK: Mapping[str, int] = {"stock": 20, "shipment": 1}
"""Etsy has no bulk write: each listing of a batch costs a read and a write."""
AT_ONCE = 2
POLL = 60.0
"""1,440 of the day's 10,000 calls. A paid order is pushed, so only what changes later waits for it."""
ACK_WITHIN: float | None = None
SETTLES = 60.0
SHOWN_MOST: int | None = UNITS_MOST


def tells(settings: Mapping[str, Any]) -> bool:  # noqa: ARG001
    """Every connected shop can be told of stock and shipments."""
    return True


def poll(settings: Mapping[str, Any]) -> float:  # noqa: ARG001
    """See Platform."""
    return POLL


def tell(line: Line, words: Sequence[Word]) -> Sequence[Answer]:
    """Tell Etsy these words, all of one kind; see Channel."""
    match words[0].kind if words else "":
        case "stock":
            return numbers(line, words)
        case "shipment":
            return shipments(line, words)
        case "cancel":
            return [failed(Refused("Etsy takes no cancel over its API: cancel it on etsy.com")) for _ in words]
        case kind:
            return [failed(Refused(f"Etsy is told stock and shipments, not {kind}")) for _ in words]
