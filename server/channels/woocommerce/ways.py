"""Three ways to say that a parcel left: which there is depends on the shop.

plugin        the Shipment Tracking plugin: tracking numbers without lines
fulfillments  WooCommerce 10 with the feature on: tracking numbers with lines
notes         always there: a note to the buyer, by mail
None has an idempotency key: each is asked what it has before it is told more.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Refused
from server.channels.woocommerce import carriers, fields
from server.channels.woocommerce.asking import ask, row_of, rows_of
from server.channels.woocommerce.parcels import Parcel

WAYS = ("plugin", "fulfillments", "notes")
NOTE = "Your parcel left with {carrier}. Tracking number: {tracking}"
_MARK = "_packproof_parcel"
_PROBED = "shipments_way"
_AGAIN = 24 * 3600.0


def way_of(line: Line) -> str:
    """The way of this shop: by setting, else asked for once a day."""
    fixed = str(line.settings.get("shipments") or "auto")
    if fixed != "auto":
        return fixed
    known = line.memory.get(_PROBED)
    if known and known["until"] > line.now():
        return str(known["way"])
    index = row_of(ask(line, "site", "GET", "/", query={"_fields": "namespaces,routes"}))
    way = _way_in(index.get("namespaces") or (), index.get("routes") or {})
    line.memory.put(_PROBED, {"way": way, "until": line.now() + _AGAIN})
    return way


def forget_way(line: Line) -> None:
    """The shop does not have it any more: it is asked again."""
    line.memory.put(_PROBED, None)


def _way_in(namespaces: Sequence[str], routes: Mapping[str, Any] | Sequence[str]) -> str:
    if "wc-shipment-tracking/v3" in namespaces:
        return "plugin"
    if any(route.startswith("/wc/v3/orders/") and route.endswith("/fulfillments") for route in routes):
        return "fulfillments"
    return "notes"


def trackings(line: Line, order_id: str) -> set[str]:
    """Tracking numbers that the plugin has of this order."""
    path = f"/wc-shipment-tracking/v3/orders/{order_id}/shipment-trackings"
    return {str(row.get("tracking_number")) for row in rows_of(ask(line, "shipments", "GET", path))}


def add_tracking(line: Line, order_id: str, parcel: Parcel, data: Mapping[str, Any]) -> None:
    """Tell the plugin."""
    provider = carriers.provider_of(line.settings, data)
    name = {"tracking_provider": provider} if provider else {
        "custom_tracking_provider": carriers.name_of(line.settings, data)
    }  # fmt: skip
    shipped = str(data.get("shipped_at") or fields.gmt(line.now()))[:10]
    path = f"/wc-shipment-tracking/v3/orders/{order_id}/shipment-trackings"
    body = {**name, "tracking_number": parcel.tracking, "date_shipped": shipped}
    row_of(ask(line, "shipments", "POST", path, body=body))


def fulfilments(line: Line, order_id: str) -> list[dict[str, Any]]:
    """What the shop has fulfilled of this order, deleted ones left out."""
    found = rows_of(ask(line, "shipments", "GET", f"/wc/v3/orders/{order_id}/fulfillments"))
    return [row for row in found if not row.get("date_deleted")]


def in_fulfilments(known: Sequence[Mapping[str, Any]], parcel: Parcel) -> bool:
    """Whether this parcel is one of them, by our mark or by its number."""
    said = [dict(fields.meta(row)) for row in known]
    return any(
        meta.get(_MARK) == parcel.key or (parcel.tracking and str(meta.get("_tracking_number")) == parcel.tracking)
        for meta in said
    )


def units_of(known: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Units by line id that left according to the shop."""
    units: Counter[str] = Counter()
    for row in known:
        items = dict(fields.meta(row)).get("_items")
        for item in items if row.get("is_fulfilled") and isinstance(items, list) else ():
            units[str(item.get("item_id"))] += int(item.get("qty") or 0)
    return units


def add_fulfilment(line: Line, order_id: str, parcel: Parcel, data: Mapping[str, Any]) -> None:
    """Tell the shop, which tells the buyer. Its code reads _shipment_provider, some of its pages _shipping_provider."""
    provider = carriers.key_of(line.settings, data)
    meta = {
        "_items": [{"item_id": int(line_id), "qty": units} for line_id, units in parcel.units.items()],
        "_tracking_number": parcel.tracking,
        "_shipment_provider": provider,
        "_shipping_provider": provider,
        _MARK: parcel.key,
    }
    body = {
        "status": "fulfilled",
        "is_fulfilled": True,
        "meta_data": [{"key": key, "value": value} for key, value in meta.items() if value != ""],
    }
    path = f"/wc/v3/orders/{order_id}/fulfillments"
    row_of(ask(line, "shipments", "POST", path, query={"notify_customer": "true"}, body=body))


def in_notes(line: Line, order_id: str, parcel: Parcel, text: str) -> bool:
    """Whether the buyer had a note of this parcel: by its number, or the very text where it has none."""
    path = f"/wc/v3/orders/{order_id}/notes"
    notes = rows_of(ask(line, "shipments", "GET", path, query={"type": "customer"}))
    whole = re.compile(rf"(?<![A-Za-z0-9]){re.escape(parcel.tracking)}(?![A-Za-z0-9])")
    said = [str(note.get("note") or "") for note in notes]
    return any(whole.search(each) for each in said) if parcel.tracking else text in said


def add_note(line: Line, order_id: str, text: str) -> None:
    """Tell the buyer."""
    body = {"note": text, "customer_note": True}
    row_of(ask(line, "shipments", "POST", f"/wc/v3/orders/{order_id}/notes", body=body))


def note_text(line: Line, parcel: Parcel, data: Mapping[str, Any]) -> str:
    """The note in the shop's own words."""
    pattern = str(line.settings.get("note_text") or NOTE)
    name = carriers.name_of(line.settings, data)
    return pattern.replace("{carrier}", name).replace("{tracking}", parcel.tracking or "-")


def gone(error: Refused) -> bool:
    """Whether the shop has no such way: a plugin was removed, or a feature switched off."""
    return "rest_no_route" in error.detail
