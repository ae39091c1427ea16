"""What a carrier's adapter answers, looked at in one place before anybody believes it or writes it down.

A label that was paid for must never be lost because its answer has an odd form: what can be kept is brought into the
form of our tables, and what cannot leaves the purchase in doubt, which is looked up and told to a person.
"""

import traceback
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import structlog

from printing.documents import CarrierLabel
from server.calls.troubles import Away, Trouble
from server.domain.errors import DomainError
from server.trade.shipping import Purchased

COST_MAX = Decimal(10) ** 12
SERVICE_MAX = 64
SHIPMENT_MAX = 2000
_CENTS = Decimal("0.0001")
"""No currency of ISO 4217 has a smaller part."""

T = TypeVar("T")
log = structlog.get_logger("carriers")


def heard(carrier_code: str, call: Callable[[], T]) -> T:
    """What the carrier answers; raise its Trouble or DomainError, or Away(maybe_done) where its adapter breaks.

    Only the kind of such an error and its place are logged: its words may hold a buyer's address or a secret.
    """
    try:
        return call()
    except (Trouble, DomainError):
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        kind, where = type(error).__name__, f"{last.filename}:{last.lineno}"
        log.error("the adapter of a carrier broke", carrier=carrier_code, error=kind, where=where)
        raise Away(f"what it answered could not be read ({kind})", maybe_done=True) from error


def sound(said: object) -> Purchased:
    """A purchase as it can be kept; raise Away(maybe_done) naming what cannot be, with what was expected and found."""
    if not isinstance(said, Purchased):
        raise _odd("a purchase", type(said).__name__)
    if not (_text(said.tracking, 40) and len(said.tracking) >= 8 and said.tracking.isascii()):
        raise _odd("a tracking number of 8 to 40 printable characters", said.tracking)
    if not (_text(said.currency, 3) and said.currency.isascii() and said.currency.isalpha()):
        raise _odd("a currency of three letters", said.currency)
    if said.shipment_id and not _text(said.shipment_id, SHIPMENT_MAX):
        raise _odd(f"an id of at most {SHIPMENT_MAX} printable characters", said.shipment_id)
    service = "".join(c for c in str(said.service) if c.isprintable())[:SERVICE_MAX]
    return Purchased(said.tracking, service, _cost(said.cost), said.currency, said.shipment_id, _label(said.label))


def _cost(cost: object) -> Decimal:
    if not isinstance(cost, Decimal) or not cost.is_finite() or not 0 <= cost < COST_MAX:
        raise _odd("a cost", cost)
    exponent = cost.as_tuple().exponent
    return cost.quantize(_CENTS) if isinstance(exponent, int) and not -4 <= exponent <= 0 else cost


def _label(label: object) -> CarrierLabel | None:
    if label is None:
        return None
    if not isinstance(label, CarrierLabel) or not _text(label.format, 8) or not isinstance(label.data, bytes):
        raise _odd("a label with its format", type(label).__name__)
    return label


def _text(found: object, most: int) -> bool:
    return isinstance(found, str) and 0 < len(found) <= most and found.isprintable()


def _odd(expected: str, found: object) -> Away:
    return Away(f"expected {expected}, found {str(found)[:40]!r}", maybe_done=True)
