"""What we keep in the shop's order of each parcel, under a key of its own.

WooCommerce keeps no shipped quantities (but for the fulfilments of version 10): without this nobody could say what is
still to come. One key a parcel, so that two parcels told at the same moment never overwrite each other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.channels.woocommerce import fields

KEY = "_packproof_shipment_"
_PLUGIN = "_wc_shipment_tracking_items"


@dataclass(frozen=True, slots=True)
class Parcel:
    """``units`` by line id; ``at``: when the shop was told."""

    key: str
    tracking: str
    units: Mapping[str, int]
    at: float


def key_of(parcel_id: str) -> str:
    """The meta key of this parcel."""
    return KEY + re.sub(r"[^A-Za-z0-9_-]", "-", parcel_id)[:100]


def parcels_of(raw: Mapping[str, Any]) -> tuple[Parcel, ...]:
    """Every parcel the order has on record; what somebody broke by hand counts as none."""
    found = (_parcel(key, value) for key, value in fields.meta(raw) if key.startswith(KEY))
    return tuple(parcel for parcel in found if parcel is not None)


def record(parcel: Parcel, carrier: str) -> dict[str, Any]:
    """The meta entry to write."""
    lines = [{"line_id": int(line_id), "quantity": units} for line_id, units in parcel.units.items()]
    value = {"tracking_number": parcel.tracking, "carrier": carrier, "at": int(parcel.at), "lines": lines}
    return {"key": parcel.key, "value": value}


def tracking_of(raw: Mapping[str, Any]) -> frozenset[str]:
    """Tracking numbers that the order itself shows: ours, and those of the Shipment Tracking plugin."""
    theirs = (
        item.get("tracking_number")
        for key, value in fields.meta(raw)
        if key == _PLUGIN and isinstance(value, list)
        for item in value
        if isinstance(item, Mapping)
    )
    return frozenset(str(each) for each in (*theirs, *(parcel.tracking for parcel in parcels_of(raw))) if each)


def _parcel(key: str, value: Any) -> Parcel | None:
    try:
        units = {str(row["line_id"]): int(row["quantity"]) for row in value["lines"]}
        return Parcel(key, str(value["tracking_number"]), units, float(value["at"]))
    except (TypeError, KeyError, ValueError):
        return None
