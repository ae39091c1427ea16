"""Exactly one purchase, although EasyPost knows no idempotency keys.

A shipment is made first, which costs nothing, and its id is kept under our key before it is bought; of several
processes the first to keep one wins, and the others buy that same shipment. EasyPost refuses to buy a shipment twice
and shows what was bought. So an answer that is lost, a 500 after the deed and a kill at any moment give one label, and
a shipment whose own answer was lost is never bought. The shipment by which prices were shown is the one that is bought,
at those prices, where it is of the very same parcel, not an hour old, and no other key has taken it (``quote:<id>``).

What is kept: ``id``, ``of`` (a digest of what was asked for), ``at`` (when it was made), ``asked`` (since when its
purchase may be carried out). A no to one asking does not undo the one before it, whose answer is still out. The code
for a second purchase (SHIPMENT.POSTAGE.EXISTS) is known from programs of others, not tried against EasyPost; nothing
depends on it, because after every refusal the shipment itself is looked at.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Denied, Throttled, Trouble, Unsettled
from server.carriers.easypost.api import SaysNo, about, ask, money, must, printable
from server.carriers.easypost.papers import label_of
from server.carriers.easypost.rating import code_of, meant, rate_for, shipment_of
from server.trade.shipping import BuyRequest, Purchased

RATES_HOLD = 3600.0
"""Seconds after which rates are asked for again before one is bought."""
SETTLES = 900.0
"""Seconds in which a purchase without an answer may still be carried out. Until then no other shipment is bought for
the same parcel with, say, another address."""
_TURNS = 5
_UNSURE = frozenset({"SHIPMENT.PURCHASE.IN_PROGRESS", "SHIPMENT.POSTAGE.TIMED_OUT", "SHIPMENT.POSTAGE.NO_RESPONSE"})
_VOID = frozenset({"submitted", "refunded", "not_applicable"})
_SHIPMENT, _OFFER = "shp:", "quote:"


@dataclass(frozen=True, slots=True)
class _Wanted:
    key: str
    body: Mapping[str, Any]
    service: str
    digest: str
    offer: str


def buy(line: Line, request: BuyRequest, key: str) -> Purchased:
    """The one label under this key; see the module. Raise a Trouble."""
    wanted = _wanted(line, request, key)
    for _ in range(_TURNS):
        kept = line.memory.get(wanted.key)
        there = _asked_for(line, kept)
        if there is not None and is_live(there):
            return purchased(line, there)
        record, shipment = _to_buy(line, wanted, kept, there)
        rate = rate_for(shipment, wanted.service)
        asked = {**record, "asked": line.now()}
        if line.memory.swap(wanted.key, record, asked) == asked:
            return _pay(line, wanted, record, asked, must(rate, "id"))
    raise Away("somebody else is buying this label at this moment", maybe_done=True)


def look_up(line: Line, key: str) -> Purchased | None:
    """What is bought under this key and not void; raise Unsettled where EasyPost may still be carrying it out."""
    kept = line.memory.get(_SHIPMENT + key)
    there = _asked_for(line, kept)
    if there is not None and is_live(there):
        return purchased(line, there)
    if there is not None and not there.get("postage_label") and _is_open(line, kept):
        raise Unsettled("EasyPost shows no label yet, and may still be buying it")
    return None


def kept_id(line: Line, key: str) -> str:
    """The id of the shipment that is kept under this key, "" for none."""
    return str((line.memory.get(_SHIPMENT + key) or {}).get("id", ""))


def is_live(shipment: Mapping[str, Any]) -> bool:
    """Whether its label is bought and not void; raise Away for a refund whose state is no word."""
    state = shipment.get("refund_status")
    if not isinstance(state, str | None):
        raise Away(f"expected the state of a refund in words, found {type(state).__name__}", maybe_done=True)
    return bool(shipment.get("postage_label")) and state not in _VOID


def purchased(line: Line, shipment: Mapping[str, Any]) -> Purchased:
    """A bought shipment with its label; raise Away where something of it is not there yet."""
    tracking = must(shipment, "tracking_code")
    if not (8 <= len(tracking) <= 40 and tracking.isascii() and " " not in tracking):
        raise Away(f"expected a tracking number of 8 to 40 characters, found {tracking[:40]!r}", maybe_done=True)
    rate = shipment.get("selected_rate")
    cost = money(rate.get("rate")) if isinstance(rate, dict) else None
    if not isinstance(rate, dict) or cost is None:
        raise Away("the label is bought, but EasyPost does not say for how much", maybe_done=True)
    return Purchased(
        tracking, code_of(rate), cost, must(rate, "currency")[:3], must(shipment, "id"), label_of(line, shipment)
    )


def _wanted(line: Line, request: BuyRequest, key: str) -> _Wanted:
    body, service = shipment_of(line.settings, request, request.reference), meant(line.settings, request.service)
    return _Wanted(_SHIPMENT + key, body, service, _digest([body, service]), request.quote_id)


def _digest(asked: Any) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _asked_for(line: Line, kept: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The shipment as EasyPost has it, if its purchase was ever asked for; raise Away while nobody can know."""
    if not kept or not kept.get("asked"):
        return None
    try:
        return about(line, "shipment", "GET", str(kept["id"]))
    except Trouble as trouble:
        raise Away(trouble.detail, maybe_done=True) from trouble


def _is_open(line: Line, kept: Mapping[str, Any]) -> bool:
    """Whether what was asked for may still be carried out, for all that EasyPost shows."""
    return bool(kept.get("asked")) and line.now() - kept["asked"] < SETTLES


def _to_buy(
    line: Line, wanted: _Wanted, kept: Mapping[str, Any] | None, there: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What is kept now and a shipment that may be bought: the same as before wherever it can be."""
    void = there is not None and bool(there.get("postage_label"))
    if kept and not void and kept["of"] == wanted.digest:
        return kept, _with_rates(line, kept, there)
    if kept and not void and _is_open(line, kept):
        raise Away("a purchase with other particulars was not answered and may still be carried out", maybe_done=True)
    at, made = (None if kept else _offered(line, wanted)) or _made(line, wanted)
    record = {"id": must(made, "id"), "of": wanted.digest, "at": at, "asked": None}
    # Who loses this swap loses the next one too, and buys what the winner keeps.
    line.memory.swap(wanted.key, kept, record)
    return record, made


def offer_of(shipment: Mapping[str, Any], body: Mapping[str, Any], now: float) -> str:
    """How this shipment is named as an offer: its id, what was asked for, and when."""
    known = printable(shipment.get("id"))
    return f"{known}/{_digest(body)}/{now:.0f}" if known else ""


def _made(line: Line, wanted: _Wanted) -> tuple[float, Mapping[str, Any]]:
    return line.now(), _free(lambda: ask(line, "shipment", "POST", "/shipments", body=wanted.body))


def _offered(line: Line, wanted: _Wanted) -> tuple[float, Mapping[str, Any]] | None:
    """The shipment that was offered, and when; None where another must be made: its parcel is not this one as it is
    now, its prices are old, or it was bought under another key."""
    known, _, rest = wanted.offer.partition("/")
    digest, _, at = rest.partition("/")
    if digest != _digest(wanted.body) or not at.isdecimal() or line.now() - float(at) >= RATES_HOLD:
        return None
    if line.memory.swap(_OFFER + known, None, wanted.key) != wanted.key:
        return None
    try:
        there = _free(lambda: about(line, "shipment", "GET", known))
    except SaysNo:
        return None
    return None if there.get("postage_label") else (float(at), there)


def _with_rates(line: Line, kept: Mapping[str, Any], there: Mapping[str, Any] | None) -> Mapping[str, Any]:
    known = str(kept["id"])
    if line.now() - kept["at"] < RATES_HOLD:
        return there if there is not None else _free(lambda: about(line, "shipment", "GET", known))
    return _free(lambda: about(line, "shipment", "POST", known, "rerate"))


def _free(call: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """A call that costs nothing: whatever became of it, nothing was bought by it."""
    try:
        return call()
    except Away as away:
        raise Away(away.detail) from away


def _pay(line: Line, wanted: _Wanted, before: Mapping[str, Any], asked: Mapping[str, Any], rate_id: str) -> Purchased:
    """Buy, once it is kept that it is ``asked`` for; where this certainly bought nothing, what was kept ``before``."""
    try:
        bought = about(line, "buy", "POST", str(asked["id"]), "buy", body={"rate": {"id": rate_id}})
    except SaysNo as refused:
        there = _asked_for(line, asked)
        if there is not None and is_live(there):
            return purchased(line, there)
        if refused.code in _UNSURE:
            raise Away(refused.detail, maybe_done=True) from refused
        line.memory.swap(wanted.key, asked, before)
        raise
    except (Denied, Throttled, Away) as trouble:
        if not (isinstance(trouble, Away) and trouble.maybe_done):
            line.memory.swap(wanted.key, asked, before)
        raise
    if not bought.get("postage_label"):
        raise Away("EasyPost says that it is bought and shows no label yet", maybe_done=True)
    return purchased(line, bought)
