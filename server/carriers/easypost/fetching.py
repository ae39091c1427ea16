"""A driver comes and fetches: one visit is booked under one key, at the cheapest price EasyPost shows for it.

The visit's id is kept under ``pickup:<key>`` before it is bought, so that a lost answer books no second one. Several
parcels are named as a batch. Written from EasyPost's public pages on Pickup and Batch; not tried against EasyPost.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from server.calls.line import Line
from server.carriers.easypost.api import SaysNo, ask, money, must, printable, rows
from server.carriers.easypost.buying import kept_id
from server.carriers.easypost.rating import address
from server.trade.shipping import Pickup, PickupWish

_GONE = ("canceled", "cancelled")


def book(line: Line, wish: PickupWish, key: str) -> Pickup:
    """The visit under this key, booked now or before. Raise Throttled, Denied or Away; asking again is safe."""
    try:
        known = str(line.memory.get(_slot(key)) or "")
        there = _read(line, known) if known else None
        if there is None or printable(there.get("status")) in _GONE:
            there = _make(line, wish, key, known)
        if printable(there.get("status")) != "scheduled":
            there = _pay(line, there)
    except SaysNo as refused:
        return Pickup(state="refused", text=refused.detail)
    return _told(there)


def cancel(line: Line, key: str) -> Pickup:
    """Nobody comes under this key any more; cancelling again is harmless. Raise as ``book``."""
    known = str(line.memory.get(_slot(key)) or "")
    if not known:
        return Pickup(state="cancelled", text="nothing was booked")
    try:
        there = _read(line, known)
        if printable(there.get("status")) not in _GONE:
            there = ask(line, "pickup", "POST", f"/pickups/{known}/cancel", known=known)
    except SaysNo as refused:
        return Pickup(state="refused", text=refused.detail, reference=known)
    line.memory.put(_slot(key), None)
    return Pickup(state="cancelled", reference=must(there, "id"))


def _slot(key: str) -> str:
    return f"pickup:{key}"


def _read(line: Line, known: str) -> Mapping[str, Any]:
    return ask(line, "pickup", "GET", f"/pickups/{known}", known=known)


def _make(line: Line, wish: PickupWish, key: str, gone: str) -> Mapping[str, Any]:
    known = (each.shipment_id or kept_id(line, each.parcel_id) for each in wish.shipments)
    ids = [each for each in known if each]
    if not ids:
        raise SaysNo("none of these parcels has a label of EasyPost's", "")
    if len(ids) == 1:
        what: dict[str, Any] = {"shipment": {"id": ids[0]}}
    else:
        batch = ask(line, "batch", "POST", "/batches", body={"batch": {"shipments": [{"id": each} for each in ids]}})
        what = {"batch": {"id": must(batch, "id")}}
    body = {
        "address": address(wish.address, "the site"),
        "min_datetime": _iso(wish.earliest),
        "max_datetime": _iso(wish.latest),
        "instructions": wish.note,
        "reference": key,
        "is_account_address": False,
        **what,
    }
    made = ask(line, "pickup", "POST", "/pickups", body={"pickup": body})
    kept = line.memory.swap(_slot(key), gone or None, must(made, "id"))
    return made if kept == made["id"] else _read(line, str(kept))


def _pay(line: Line, visit: Mapping[str, Any]) -> Mapping[str, Any]:
    offers = _offers(visit)
    if not offers:
        said = "; ".join(printable(each.get("message")) for each in rows(visit, "messages"))
        raise SaysNo(f"no carrier comes then{f' ({said})' if said else ''}", "")
    _, rate = offers[0]
    known, chosen = must(visit, "id"), {"carrier": must(rate, "carrier"), "service": must(rate, "service")}
    return ask(line, "pickup", "POST", f"/pickups/{known}/buy", body=chosen, known=known)


def _offers(visit: Mapping[str, Any]) -> list[tuple[Decimal, Mapping[str, Any]]]:
    """What it costs by each carrier, the cheapest first; once it is bought only that one stands there."""
    found = ((money(rate.get("rate")), rate) for rate in rows(visit, "pickup_rates"))
    return sorted(((price, rate) for price, rate in found if price is not None), key=lambda offer: offer[0])


def _told(visit: Mapping[str, Any]) -> Pickup:
    offers = _offers(visit)
    price, rate = offers[0] if offers else (None, {})
    return Pickup(
        state="booked",
        reference=must(visit, "id"),
        confirmation=printable(visit.get("confirmation")),
        cost=price,
        currency=printable(rate.get("currency"))[:3],
    )


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
