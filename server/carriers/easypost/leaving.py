"""SCAN forms: one paper whose barcode tells the postal service that all parcels on it are there.

EasyPost's rules: no refunded label, one origin, one carrier account, a label is on one form only, and a form is never
changed. Only parcels of the carrier in the setting ``scan_form_carrier`` (USPS) are put on one; others want none.
The form's id is kept under ``form:<key>``. Where the answer was lost, EasyPost refuses a second form for the same
labels, and the first one stands in the shipments themselves.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Trouble
from server.carriers.easypost.api import SaysNo, about, ask, must, printable
from server.carriers.easypost.buying import is_live, kept_id
from server.carriers.easypost.papers import form_of
from server.carriers.easypost.rating import meant
from server.trade.shipping import HandedOver, Shipment

CARRIER = "USPS"


def manifest(line: Line, shipments: Sequence[Shipment], key: str, reference: str = "") -> HandedOver:
    """One form for what leaves now, or how the form ``reference`` stands.

    Raise Throttled, Denied or Away; Refused for a reference that EasyPost does not know.
    """
    of = str(line.settings.get("scan_form_carrier", CARRIER))
    those = [each for each in shipments if of and meant(line.settings, each.service).startswith(f"{of}.")]
    known = reference or str(line.memory.get(_slot(key)) or "")
    if known:
        form = _form(line, known)
    elif not those:
        return HandedOver(state="closed", text="no parcel of these wants a form")
    else:
        try:
            form = _make(line, those)
        except SaysNo as refused:
            found = _sifted(line, those, refused.detail)
            if isinstance(found, HandedOver):
                return found
            form = found
    return _answer(line, key, form, those)


def _make(line: Line, shipments: Sequence[Shipment]) -> Mapping[str, Any]:
    body = {"shipments": [{"id": _id_of(line, each)} for each in shipments]}
    return ask(line, "form", "POST", "/scan_forms", body=body)


def _form(line: Line, known: str) -> Mapping[str, Any]:
    return ask(line, "form", "GET", f"/scan_forms/{known}", known=known)


def _sifted(line: Line, shipments: Sequence[Shipment], why: str) -> Mapping[str, Any] | HandedOver:
    """Look at each: void ones stay off, those on a form show it, the rest goes on a form; ``why`` not all at once."""
    good: list[Shipment] = []
    forms: set[str] = set()
    for each in shipments:
        there = _looked_at(line, each)
        form = there.get("scan_form")
        if isinstance(form, dict) and printable(form.get("id")):
            forms.add(printable(form["id"]))
        elif is_live(there):
            good.append(each)
    out = tuple(each.tracking for each in shipments)
    if good:
        try:
            return _make(line, good)
        except SaysNo as refused:
            return HandedOver(state="refused", text=refused.detail, left_out=out)
    if len(forms) == 1:
        return _form(line, next(iter(forms)))
    return HandedOver(state="refused", text=f"every label is void or on another form already: {why}", left_out=out)


def _looked_at(line: Line, shipment: Shipment) -> Mapping[str, Any]:
    try:
        return about(line, "shipment", "GET", _id_of(line, shipment))
    except SaysNo:
        return {}


def _id_of(line: Line, shipment: Shipment) -> str:
    return shipment.shipment_id or kept_id(line, shipment.parcel_id)


def _slot(key: str) -> str:
    return f"form:{key}"


def _answer(line: Line, key: str, form: Mapping[str, Any], shipments: Sequence[Shipment]) -> HandedOver:
    reference, codes = must(form, "id"), form.get("tracking_codes")
    on_it = codes if isinstance(codes, list) else []
    out = tuple(each.tracking for each in shipments if each.tracking not in on_it)
    if form.get("status") == "failed":
        # Asked again, a new form is made.
        line.memory.put(_slot(key), None)
        return HandedOver(state="refused", text=printable(form.get("message")) or "the form failed", left_out=out)
    line.memory.swap(_slot(key), None, reference)
    if form.get("status") != "created":
        return HandedOver(state="pending", reference=reference, left_out=out)
    try:
        paper = form_of(line, printable(form.get("form_url")))
    except Trouble as trouble:
        what = f"the form is made, its paper is not here yet: {trouble.detail}"
        return HandedOver(state="pending", reference=reference, text=what, left_out=out)
    return HandedOver(state="closed", reference=reference, paper=paper, left_out=out)
