"""The simulated EasyPost's drivers: a visit shows prices, is bought once, and can be cancelled."""

from collections.abc import Mapping
from typing import Any

from server.simulated.carriers.easypost_book import error
from server.simulated.carriers.easypost_desk import EasyPostDesk
from server.simulated.platforms.base import Ask, Said

_PRICES = (("UPS", "Same-day Pickup", "9.30"), ("UPS", "Future-day Pickup", "5.10"))


def pickups(desk: EasyPostDesk, ask: Ask, parts: list[str]) -> Said:
    """Everything below /batches and /pickups."""
    match (ask.method, *parts):
        case ("POST", "batches"):
            ids = [desk.shipments[each["id"]]["id"] for each in ask.json()["batch"]["shipments"]]
            return Said.of({"id": desk.new_id("batch"), "state": "created", "num_shipments": len(ids)}, 201)
        case ("POST", "pickups"):
            return _new(desk, ask.json()["pickup"])
        case ("POST", "pickups", known, "buy" | "cancel" as what):
            return _change(desk.pickups[known], what, ask.json() if what == "buy" else {})
    return Said.of(desk.pickups[parts[1]])


def _new(desk: EasyPostDesk, told: Mapping[str, Any]) -> Said:
    """POST /pickups."""
    if not (told.get("shipment") or told.get("batch")) or told["min_datetime"] >= told["max_datetime"]:
        return Said.of(error("PICKUP.INVALID_PARAMS", "A pickup needs parcels and a time."), 422)
    known = desk.new_id("pickup")
    rates = [{"id": desk.new_id("pickuprate"), "carrier": c, "service": s, "rate": r, "currency": "USD"}
             for c, s, r in _PRICES]  # fmt: skip
    desk.pickups[known] = {
        "id": known, "object": "Pickup", "status": "unknown", "confirmation": None, "pickup_rates": rates,
        "messages": [], "reference": told.get("reference"), "instructions": told.get("instructions"),
        "min_datetime": told["min_datetime"], "max_datetime": told["max_datetime"],
    }  # fmt: skip
    return Said.of(desk.pickups[known], 201)


def _change(pickup: dict[str, Any], what: str, told: Mapping[str, Any]) -> Said:
    """POST /pickups/{id}/buy and /cancel."""
    if what == "cancel":
        return Said.of(pickup.__ior__({"status": "canceled"}))
    if pickup["status"] != "unknown":
        return Said.of(error("PICKUP.INVALID", "This pickup has already been purchased."), 422)
    rate = next(r for r in pickup["pickup_rates"] if (r["carrier"], r["service"]) == (told["carrier"], told["service"]))
    number = f"WTC{pickup['id'][-6:].upper()}"
    return Said.of(pickup.__ior__({"status": "scheduled", "confirmation": number, "pickup_rates": [rate]}))
