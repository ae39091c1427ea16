"""A parcel left: the buyer hears of it once, and the order is completed when nothing more is to come."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Refused
from server.channels.woocommerce import fields, ways
from server.channels.woocommerce.asking import ask, row_of
from server.channels.woocommerce.carriers import name_of
from server.channels.woocommerce.orders import fetch, with_refunds
from server.channels.woocommerce.parcels import Parcel, key_of, parcels_of, record
from server.channels.woocommerce.reading import CLOSED, handed_over, wanted
from server.trade.words import Answer, Word


@dataclass(frozen=True, slots=True)
class _Left:
    """``theirs``: units by line id that the shop itself says left."""

    parcel: Parcel
    known: bool
    theirs: Counter[str]


def ship(line: Line, word: Word) -> Answer:
    """Each step is taken only where the shop does not show it already, so that any try may be the last.

    The order is read before every try: it says what is open, and what an earlier try did. Raise Trouble.
    """
    data, name = word.data, name_of(line.settings, word.data)
    order_id = str(data["order_id"])
    raw = fetch(line, order_id, "shipments")
    if raw is None:
        raise Refused(f"order {order_id[:40]}: the shop has none under this number")
    parcel = _parcel(line, word)
    recorded = any(each.key == parcel.key for each in parcels_of(raw))
    if raw.get("status") in CLOSED and not recorded and not handed_over(raw):
        raise Refused(f"order {order_id}: it is {raw['status']}")
    try:
        # Recorded only after the buyer was told: what is on record is told.
        left = _Left(parcel, True, Counter()) if recorded else _said(line, word, raw, parcel)
    except Refused as error:
        if not ways.gone(error):
            raise
        ways.forget_way(line)
        raise Away("the shop has another way to tell of shipments now") from error
    return _recorded(line, raw, left, name, recorded)


def _said(line: Line, word: Word, raw: Mapping[str, Any], parcel: Parcel) -> _Left:
    """The buyer knows of it: through what the shop has for that."""
    order_id, way, theirs = fields.identity(raw), ways.way_of(line), Counter[str]()
    if way == "fulfillments":
        known = ways.fulfilments(line, order_id)
        others = [row for row in known if not ways.in_fulfilments([row], parcel)]
        theirs, there = ways.units_of(known), len(others) < len(known)
        fitting = _fitting(raw, parcel, ways.units_of(others))
        if there or fitting.units:
            if not there:
                ways.add_fulfilment(line, order_id, fitting, word.data)
                theirs += Counter(fitting.units)
            return _Left(fitting, there, theirs)
    fitting = _fitting(raw, parcel, theirs)
    if way == "plugin" and parcel.tracking:
        there = parcel.tracking in ways.trackings(line, order_id)
        if not there:
            ways.add_tracking(line, order_id, parcel, word.data)
        return _Left(fitting, there, theirs)
    # Another box of what left already, or a parcel without a number, is no fulfilment and no tracking.
    text = ways.note_text(line, parcel, word.data)
    there = word.tried and ways.in_notes(line, order_id, parcel, text)
    if not there:
        ways.add_note(line, order_id, text)
    return _Left(fitting, there, theirs)


def _recorded(line: Line, raw: dict[str, Any], left: _Left, name: str, recorded: bool) -> Answer:
    """The order knows what left, and is completed when that is all. Another parcel may be told at the same moment."""
    body: dict[str, Any] = {} if recorded else {"meta_data": [record(left.parcel, name)]}
    if _all_left(raw, left.parcel, left.theirs):
        body["status"] = "completed"
    if not body:
        return Answer("told before")
    path = f"/wc/v3/orders/{fields.identity(raw)}"
    now = row_of(ask(line, "shipments", "PUT", path, body=body))
    if now.get("status") != "completed" and _all_left(with_refunds(line, now), left.parcel, left.theirs):
        row_of(ask(line, "shipments", "PUT", path, body={"status": "completed"}))
    return Answer("told" if not left.known else "told before, now on record")


def _parcel(line: Line, word: Word) -> Parcel:
    units: Counter[str] = Counter()
    for row in word.data.get("lines") or ():
        line_id, count = str(row.get("line_id") or ""), int(row.get("quantity") or 0)
        if not line_id.isascii() or not line_id.isdigit() or count < 1:
            raise Refused("lines: expected the shop's own line numbers and units from 1")
        units[line_id] += count
    key = key_of(str(word.data.get("parcel_id") or word.id))
    return Parcel(key, str(word.data.get("tracking_number") or ""), dict(units), float(int(line.now())))


def _fitting(raw: Mapping[str, Any], parcel: Parcel, theirs: Counter[str]) -> Parcel:
    """The parcel with no more of a line than is open: a kit in several boxes is all in the first."""
    left = _left_of(raw, parcel, theirs)
    lines = {fields.identity(row): wanted(raw, row) for row in fields.rows(raw, "line_items")}
    if unknown := parcel.units.keys() - lines.keys():
        raise Refused(f"lines: the order has no line {min(unknown)[:40]}")
    units = {line_id: min(count, lines[line_id] - left[line_id]) for line_id, count in parcel.units.items()}
    fits = {line_id: count for line_id, count in units.items() if count > 0}
    return Parcel(parcel.key, parcel.tracking, fits, parcel.at)


def _left_of(raw: Mapping[str, Any], parcel: Parcel, theirs: Counter[str]) -> Counter[str]:
    """Units by line id that left in other parcels, by whichever account knows more."""
    ours: Counter[str] = Counter()
    for each in parcels_of(raw):
        if each.key != parcel.key:
            ours.update(each.units)
    return ours | theirs


def _all_left(raw: Mapping[str, Any], parcel: Parcel, theirs: Counter[str]) -> bool:
    if raw.get("status") == "completed" or raw.get("status") in CLOSED:
        return False
    mine = next((each.units for each in parcels_of(raw) if each.key == parcel.key), parcel.units)
    left = (_left_of(raw, parcel, Counter()) + Counter(mine)) | theirs
    return all(left[fields.identity(row)] >= wanted(raw, row) for row in fields.rows(raw, "line_items"))
