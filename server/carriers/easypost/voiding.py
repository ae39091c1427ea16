"""Voiding a label: EasyPost asks its carrier for the money back, which takes up to 30 days."""

from collections.abc import Mapping
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away
from server.carriers.easypost.api import SaysNo, about, printable
from server.carriers.easypost.buying import kept_id
from server.trade.shipping import Shipment, Voiding, VoidState

_STATES: Mapping[str, tuple[VoidState, str]] = {
    "submitted": (VoidState.PENDING, "the carrier has the request and has not decided"),
    "refunded": (VoidState.VOIDED, "refunded"),
    "not_applicable": (VoidState.VOIDED, "billed when it is scanned, so nothing was paid"),
    "rejected": (VoidState.REFUSED, "the carrier refuses the refund"),
}


def void(line: Line, shipment: Shipment) -> Voiding:
    """Void a label. It is requested once: whoever asks again is told how the first request stands.

    Raise Throttled, Denied or Away.
    """
    known = shipment.shipment_id or kept_id(line, shipment.parcel_id)
    if not known:
        return Voiding(VoidState.REFUSED, "EasyPost voids by its shipment's id, and none is kept for this parcel")
    try:
        there = about(line, "shipment", "GET", known)
        number = printable(there.get("tracking_code"))
        if not there.get("postage_label"):
            raise Away(f"expected the label {shipment.tracking} in EasyPost's answer, found none")
        if number != shipment.tracking:
            what = f"expected number {shipment.tracking} on EasyPost's shipment {known}, found {number[:40]}"
            return Voiding(VoidState.REFUSED, what)
        if not there.get("refund_status"):
            there = about(line, "refund", "POST", known, "refund", body={})
    except SaysNo as refused:
        return Voiding(VoidState.REFUSED, refused.detail)
    return _state(there)


def _state(shipment: Mapping[str, Any]) -> Voiding:
    found = shipment.get("refund_status")
    state, words = _STATES.get(found if isinstance(found, str) else "", _STATES["submitted"])
    return Voiding(state, words)
