"""The carrier that the product meets: checked before the library, read with suspicion after it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.carriers import Account
from server.carriers.karrio import answers, bodies, usps
from server.carriers.karrio.checks import check
from server.carriers.karrio.choices import Choices, services_of
from server.carriers.karrio.gateway import Answer, Gateway, Prepared
from server.carriers.karrio.library import library, provider
from server.carriers.karrio.once import Purchases
from server.domain.errors import DomainError
from server.trade.customs import lacking
from server.trade.shipping import (
    BuyRequest,
    Consignment,
    HandedOver,
    Pickup,
    PickupWish,
    Purchased,
    Quote,
    Seen,
    Shipment,
    Voiding,
    VoidState,
)

_SERVICE_MAX = 64
_VOIDED = re.compile(r"\b(already|previously) (been )?(voided|cancell?ed)\b", re.IGNORECASE)
_BUT = re.compile(r"\b(not?|cannot|or|but|unable|never|fail\w*|none)\b|n['\u2019]t\b", re.IGNORECASE)


@dataclass(slots=True)
class Karrio:
    """One account at one carrier. Safe from any thread."""

    account: Account
    choices: Choices
    gateway: Gateway
    purchases: Purchases = field(init=False)

    def __post_init__(self) -> None:
        self.purchases = Purchases(self.gateway.line)

    def quote(self, consignment: Consignment) -> Sequence[Quote]:
        """Every service that takes this parcel; raise Refused where the parcel or the carrier says no."""
        self._check(consignment)
        allowed = self._allowed(consignment)
        answer = self.gateway.send(self.gateway.prepare("quote", bodies.rates(consignment, self.choices)))
        rates = list(answer.details or ())
        if self.choices.carrier == "usps":
            rates = usps.own_box(rates, consignment)
        if not rates and _errors(answer.messages):
            raise answers.refused(_errors(answer.messages))
        return [each for each in answers.quotes(rates, allowed) if len(each.service) <= _SERVICE_MAX]

    def buy(self, request: BuyRequest, idempotency_key: str) -> Purchased:
        """Buy a label, once under this key; see ``once.py`` for what happens when its answer is lost."""
        self._check(request)
        self._check_service(request)
        number = self.gateway.line.settings.get("account_number")
        body = bodies.label(request, self.choices, str(number).strip() if number else None)
        mend = (lambda found: usps.mended(found, request)) if self.choices.carrier == "usps" else None
        prepared = self.gateway.prepare("buy", body, mend)
        earlier = self.purchases.begin(idempotency_key)
        if earlier is not None:
            return earlier
        purchased = self._bought(prepared, request, idempotency_key)
        self.purchases.done(idempotency_key, purchased)
        return purchased

    def look_up(self, idempotency_key: str) -> Purchased | None:
        """These carriers cannot be asked, so it is what we wrote down. Raise Away with ``maybe_done`` where an answer
        was lost: nobody knows."""
        return self.purchases.find(idempotency_key)

    def void(self, shipment: Shipment) -> Voiding:
        """Void a label; a carrier that says it is void already has voided it."""
        answer = self.gateway.send(self.gateway.prepare("void", bodies.cancel(shipment)))
        text = answers.sentences(answer.messages) if answer.messages else ""
        said = " ".join(str(each.message or "") for each in answer.messages)
        if getattr(answer.details, "success", False) or _void_before(said):
            self.purchases.forget(shipment.parcel_id)
            return Voiding(VoidState.VOIDED, text or f"{self.choices.carrier} confirmed it")
        return Voiding(VoidState.REFUSED, text or f"{self.choices.carrier} did not confirm it and said nothing")

    def track(self, shipments: Sequence[Shipment]) -> Sequence[Seen]:
        """What the carrier knows, parcel by parcel: one that cannot be read does not hide the others."""
        found: list[Seen] = []
        last: Refused | None = None
        for shipment in shipments:
            try:
                found += self._seen(shipment)
            except Refused as error:
                last = error
        if last is not None and not found and len(shipments) == 1:
            raise last
        return found

    def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[Seen]:  # noqa: ARG002
        """Nobody is heard here: ``capabilities`` says so."""
        raise DomainError("bad_signature", "expected no messages of this carrier")

    def manifest(self, shipments: Sequence[Shipment], key: str, reference: str = "") -> HandedOver:
        """The carrier's closing form of these parcels (USPS: PS 5630). Asked twice, a carrier refuses the second: a
        label stands on one form only."""
        numbers = [each.tracking for each in shipments]
        if not numbers:
            raise Refused("expected at least one parcel on a closing form, found none")
        if not self.choices.origin.get("postcode"):
            raise Refused("origin: expected the address for closing forms in the settings, found none")
        answer = self.gateway.send(
            self.gateway.prepare("manifest", bodies.manifest(numbers, self.choices.origin, reference or key))
        )
        return self._closed(answer, numbers, shipments)

    def book_pickup(self, wish: PickupWish, key: str) -> Pickup:  # noqa: ARG002
        """``capabilities`` says that no driver is ordered here."""
        return Pickup(state="refused", text=f"order the driver of {self.choices.carrier} at its own place")

    def cancel_pickup(self, key: str) -> Pickup:  # noqa: ARG002
        """Nothing was booked from here."""
        return Pickup(state="cancelled")

    def _check(self, consignment: Consignment) -> None:
        check(self.choices.carrier, consignment, self.account.max_grams, library().units.Country.__members__)
        missing = lacking(consignment.customs) if consignment.crosses and self.choices.abroad else ""
        if missing:
            raise Refused(missing)

    def _allowed(self, consignment: Consignment) -> tuple[str, ...] | None:
        allowed = self.choices.services_for(consignment)
        if consignment.hazmat and not allowed:
            raise Refused(f"dangerous goods: no service of {self.account.code} may take them (hazmat_services)")
        return allowed

    def _check_service(self, request: BuyRequest) -> None:
        allowed = self._allowed(request)
        if allowed is None:
            allowed = services_of(provider(self.choices.carrier))
        if request.service not in allowed:
            kind = " for dangerous goods" if request.hazmat else ""
            raise Refused(f"service{kind}: expected one of {', '.join(allowed)}"[:300] + f", found {request.service!r}")

    def _bought(self, prepared: Prepared, request: BuyRequest, key: str) -> Purchased:
        try:
            answer = self.gateway.send(prepared)
            if answer.details is None:
                raise _not_bought(answer)
            return _purchased(answer, request)
        except Away as error:
            if error.maybe_done:
                self.purchases.unsure(key, error.detail)
            else:
                self.purchases.forget(key)
            raise
        except (Refused, Denied, Throttled):
            self.purchases.forget(key)
            raise

    def _seen(self, shipment: Shipment) -> list[Seen]:
        answer = self.gateway.send(self.gateway.prepare("track", bodies.tracking(shipment)))
        return [
            each
            for details in answer.details or ()
            for each in answers.seen(self.choices.carrier, shipment.tracking, details, answer.raw)
        ]

    def _closed(self, answer: Answer, numbers: Sequence[str], shipments: Sequence[Shipment]) -> HandedOver:
        if answer.details is None:
            return HandedOver(state="refused", text=answers.sentences(answer.messages))
        for shipment in shipments:
            self.purchases.forget(shipment.parcel_id)
        meta: Mapping[str, Any] = answer.details.meta or {}
        on_it = {str(each) for each in meta.get("trackingNumbers") or numbers}
        return HandedOver(
            state="closed",
            reference=str(meta.get("manifestNumber") or ""),
            paper=answers.label(answer.details.doc.manifest),
            left_out=tuple(each for each in numbers if each not in on_it),
        )


def _void_before(said: str) -> bool:
    """Whether a carrier says that a label is void since before. What has a no or an or in it is read by a person:
    "already picked up, cannot be voided" has the same words."""
    return bool(_VOIDED.search(said)) and not _BUT.search(said)


def _errors(messages: Sequence[Any]) -> list[Any]:
    return [each for each in messages if str(each.level or "error").lower() not in ("warning", "info", "note")]


def _not_bought(answer: Answer) -> Trouble:
    """No label in the answer: refused where the carrier says why, else nobody knows."""
    said = _errors(answer.messages)
    unread = not said or any("SHIPPING_SDK" in str(each.code) for each in said)
    if answer.taken and (unread or answer.status // 100 != 2):
        return Away("the carrier answered without a label and without a reason", maybe_done=True)
    return answers.refused(said)


def _purchased(answer: Answer, request: BuyRequest) -> Purchased:
    """Raise Away with ``maybe_done`` for a label that was bought and cannot be used; it names its number."""
    found = answer.details
    numbers = (found.meta or {}).get("tracking_numbers") or [found.tracking_number]
    tracking = str(numbers[0] or "").replace(" ", "")
    label, cost = answers.label(found.docs.label), answers.paid(found, answer.raw)
    if not (8 <= len(tracking) <= 40 and tracking.isascii() and tracking.isprintable()):
        raise Away("a label was bought, and its tracking number cannot be read", maybe_done=True)
    if label is None or cost is None:
        lacks = "its picture" if label is None else "its price"
        raise Away(f"label {tracking} was bought, and {lacks} cannot be read: void it by hand", maybe_done=True)
    own = (tracking, request.service, cost.amount, cost.currency, str(found.shipment_identifier or ""))
    return Purchased(*own, label=label)
