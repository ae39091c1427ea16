"""The library's values in ours: money without floats, labels that are labels, times with their zone."""

import base64
import binascii
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from printing.documents import CarrierLabel
from server.calls.troubles import Refused
from server.trade.money import digits
from server.trade.shipping import Quote, Seen

_WORDS_MAX = 400


class Price(NamedTuple):
    """Money as a carrier said it."""

    amount: Decimal
    currency: str


def price(amount: Any, currency: Any) -> Price | None:
    """Money with the digits of its currency; None where it is none."""
    letters = str(currency or "").upper()
    try:
        found = Decimal(str(amount))
    except InvalidOperation:
        return None
    if len(letters) != 3 or not found.is_finite() or found < 0 or found >= 10**9:
        return None
    return Price(found.quantize(Decimal(1).scaleb(-digits(letters))), letters)


def quotes(rates: Iterable[Any], allowed: Sequence[str] | None) -> list[Quote]:
    """What the carrier would take it for, without services that are not allowed and without prices that are none."""
    found = []
    for rate in rates:
        cost = price(rate.total_charge, rate.currency)
        if cost is None or (allowed is not None and rate.service not in allowed):
            continue
        meta = rate.meta or {}
        found.append(
            Quote(
                service=rate.service,
                price=cost.amount,
                currency=cost.currency,
                name=plain(str(meta.get("service_name") or rate.service).replace("_", " ")),
                days=int(rate.transit_days) if rate.transit_days is not None else None,
                guaranteed=bool(meta.get("usps_guaranteed_delivery")),
            )
        )
    return found


def paid(details: Any, raw: Any) -> Price | None:
    """What a label cost: what the library read, or where it does not look, what the carrier wrote beside it."""
    for read in (_ups_paid, _usps_paid, _fedex_paid):
        try:
            if (found := read(raw)) is not None:
                return found
        except (AttributeError, IndexError, KeyError, TypeError):
            continue
    rate = getattr(details, "selected_rate", None)
    return price(rate.total_charge, rate.currency) if rate is not None else None


def _ups_paid(raw: Any) -> Price | None:
    results = raw["ShipmentResponse"]["ShipmentResults"]
    ours, listed = results.get("NegotiatedRateCharges") or {}, results.get("ShipmentCharges") or {}
    for charge in (
        ours.get("TotalChargesWithTaxes") or ours.get("TotalCharge"),
        listed.get("TotalChargesWithTaxes") or listed.get("TotalCharges"),
    ):
        if charge:
            return price(charge["MonetaryValue"], charge["CurrencyCode"])
    return None


def _usps_paid(raw: Any) -> Price | None:
    told = raw[0]["labelMetadata"]
    extras = [each.get("price") or 0 for name in ("extraServices", "fees") for each in told.get(name) or ()]
    return price(math.fsum(float(each) for each in (told["postage"], *extras)), "USD")


def _fedex_paid(raw: Any) -> Price | None:
    shipment = raw["output"]["transactionShipments"][0]
    rate = shipment["completedShipmentDetail"]["shipmentRating"]["shipmentRateDetails"][0]
    return price(rate["totalNetCharge"], rate["currency"])


def label(encoded: Any) -> CarrierLabel | None:
    """The label in base64 (or bare ZPL); None where it is no label that a printer could take."""
    text = str(encoded or "").strip()
    try:
        data = text.encode() if text.startswith("^XA") else base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return None
    if data.lstrip()[:5] == b"%PDF-":
        return CarrierLabel("pdf", data)
    return CarrierLabel("zpl", data) if b"^XA" in data[:2000] and b"^XZ" in data else None


def sentences(messages: Iterable[Any]) -> str:
    """What the carrier said, one sentence after the other, fit to be written down."""
    told = [f"{each.message or ''} ({each.code})" if each.code else str(each.message or "") for each in messages]
    return plain("; ".join(dict.fromkeys(told))) or "the carrier said nothing"


def refused(messages: Iterable[Any]) -> Refused:
    """The carrier's no, in its own words."""
    return Refused(sentences(messages))


def plain(text: str) -> str:
    """Without control characters, and of bounded length."""
    return "".join(c if c.isprintable() else " " for c in text)[:_WORDS_MAX].strip()


def seen(carrier: str, tracking: str, details: Any, raw: Any) -> list[Seen]:
    """Everything a carrier says of one parcel. Its times are read from what it wrote: the library takes the local
    time of each place for UTC."""
    events = list(details.events or ())
    written = _EVENTS.get(carrier, lambda _: ())(raw)
    facts: Sequence[Mapping[str, Any]] = written if len(written) == len(events) else [{}] * len(events)
    found = []
    for place, (event, fact) in enumerate(zip(events, facts, strict=True)):
        at = _zoned(fact.get("at")) or _zoned(event.timestamp) or _zoned(event.date)
        if at is None:
            continue
        found.append(
            Seen(
                tracking=tracking,
                at=at,
                code=plain(str(fact.get("code") or event.code or event.status or "")),
                words=plain(str(event.description or "")),
                where=plain(str(event.location or "")),
                eta=_zoned(f"{details.estimated_delivery}T23:59:59") if place == 0 else None,
            )
        )
    return found


def _zoned(text: Any) -> float | None:
    try:
        found = datetime.fromisoformat(str(text))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _ups_events(raw: Any) -> list[Mapping[str, Any]]:
    rows = raw[0][1]["trackResponse"]["shipment"][0]["package"][0].get("activity") or []
    return [{"at": _ups_time(row), "code": (row.get("status") or {}).get("type")} for row in rows]


def _ups_time(row: Mapping[str, Any]) -> str | None:
    day, hour = str(row.get("gmtDate") or ""), str(row.get("gmtTime") or "").replace(":", "")
    if len(day) != 8 or len(hour) != 6:
        return None
    return f"{day[:4]}-{day[4:6]}-{day[6:]}T{hour[:2]}:{hour[2:4]}:{hour[4:]}+00:00"


def _usps_events(raw: Any) -> list[Mapping[str, Any]]:
    return [{"at": row.get("GMTTimestamp")} for row in raw[0][1].get("trackingEvents") or []]


_EVENTS: Mapping[str, Callable[[Any], Sequence[Mapping[str, Any]]]] = {"ups": _ups_events, "usps": _usps_events}
