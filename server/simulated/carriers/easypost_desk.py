"""The simulated EasyPost's desk: shipments, purchases, refunds, files and SCAN forms."""

import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from server.simulated.carriers.easypost_book import (
    SERVICES,
    error,
    iso,
    price,
    tracking_number,
    zone,
    zpl,
)
from server.simulated.platforms.base import Said, Simulated


class EasyPostDesk(Simulated):
    """What EasyPost keeps. Every charge is in ``charged``; the levers are plain attributes."""

    def __init__(self, now: Callable[[], float], seed: int = 1) -> None:
        super().__init__(now, seed)
        self.faults.spare = ()
        self.lock = threading.RLock()
        self.shipments: dict[str, dict[str, Any]] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.pickups: dict[str, dict[str, Any]] = {}
        self.charged: list[tuple[str, Decimal]] = []
        """(tracking number, dollars) of every purchase."""
        self.refunds: list[str] = []
        """The tracking number of every request for a refund."""
        self.refused: set[str] = set()
        """Postcodes nobody delivers to: rates are shown, the purchase is refused."""
        self.bad_labels = 0
        """So many labels are cut off."""
        self.form_asks = 0
        """How often a new form is still "creating" when it is asked after."""
        self.failing_forms = 0
        self.slow = 0.0
        """Seconds before every answer."""
        self.refund_status = "submitted"
        """What a refund is at first."""
        self._serial = 0
        self._url = self.base()

    def live(self) -> list[dict[str, Any]]:
        """Every shipment with a label that is bought and not void."""
        with self.lock:
            void = ("submitted", "refunded", "not_applicable")
            return [s for s in self.shipments.values() if s["postage_label"] and s["refund_status"] not in void]

    def create(self, told: Mapping[str, Any]) -> Said:
        """POST /shipments."""
        wrong = [
            (f"{side}.{name}", "cannot be blank")
            for side in ("from_address", "to_address")
            for name in ("street1", "zip", "country")
            if not told.get(side, {}).get(name)
        ]
        if not float(told.get("parcel", {}).get("weight") or 0) > 0:
            wrong.append(("parcel.weight", "must be greater than 0"))
        ends = {str(told.get(side, {}).get("country")) for side in ("from_address", "to_address")}
        if len(ends) == 2 and not (told.get("customs_info") or {}).get("customs_items"):
            wrong.append(("customs_info", "is required for international shipments"))
        if wrong:
            return Said.of(error("SHIPMENT.INVALID_PARAMS", "Unable to create shipment.", *wrong), 422)
        known = self.new_id("shp")
        accounts = told.get("carrier_accounts") or [s.account for s in SERVICES]
        made = {
            "id": known, "object": "Shipment", "mode": "test", "reference": told.get("reference"),
            "from_address": dict(told["from_address"]), "to_address": dict(told["to_address"]),
            "parcel": dict(told["parcel"]), "options": dict(told.get("options") or {}), "messages": [],
            "customs_info": told.get("customs_info"),
            "created_at": iso(self.now()), "tracking_code": None, "postage_label": None, "selected_rate": None,
            "tracker": None, "refund_status": None, "scan_form": None, "carrier_accounts": list(accounts),
        }  # fmt: skip
        made["rates"] = self.rates_of(made)
        self.shipments[known] = made
        return Said.of(made, 201)

    def rates_of(self, shipment: dict[str, Any]) -> list[dict[str, Any]]:
        """What each service would take it for; who will not says so in ``messages``."""
        ounces = Decimal(str(shipment["parcel"]["weight"]))
        zones = zone(shipment["from_address"]["zip"], shipment["to_address"]["zip"])
        asked = [s for s in SERVICES if s.account in shipment["carrier_accounts"]]
        too_heavy = {s.carrier for s in asked if ounces > s.most_ounces}
        words = "the parcel is too heavy"
        shipment["messages"] = [{"carrier": c, "type": "rate_error", "message": words} for c in sorted(too_heavy)]
        return [
            {
                "id": self.new_id("rate"), "object": "Rate", "service": s.name, "carrier": s.carrier, "currency": "USD",
                "rate": price(s, ounces, zones), "delivery_days": s.days, "est_delivery_days": s.days,
                "delivery_date": None, "delivery_date_guaranteed": s.guaranteed, "shipment_id": shipment["id"],
                "carrier_account_id": s.account,
            }
            for s in asked if s.carrier not in too_heavy
        ]  # fmt: skip

    def buy(self, shipment: dict[str, Any], rate_id: str) -> Said:
        """POST /shipments/{id}/buy."""
        if shipment["postage_label"]:
            return Said.of(error("SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment."), 422)
        rate = next(each for each in shipment["rates"] if each["id"] == rate_id)
        if shipment["to_address"]["zip"] in self.refused:
            return Said.of(error("SHIPMENT.POSTAGE.FAILURE", "Unable to deliver to this address."), 422)
        self._serial += 1
        number = tracking_number(rate["carrier"], self._serial)
        kind = "application/zpl" if shipment["options"].get("label_format") == "ZPL" else "image/png"
        url = f"{self._url}/files/{shipment['id']}.{'zpl' if 'zpl' in kind else 'png'}"
        shipment |= {
            "tracking_code": number,
            "selected_rate": rate,
            "postage_label": {"label_url": url, "label_file_type": kind, "label_zpl_url": None},
            "tracker": {
                "id": self.new_id("trk"), "object": "Tracker", "tracking_code": number, "status": "unknown",
                "status_detail": "unknown", "carrier": rate["carrier"], "shipment_id": shipment["id"],
                "updated_at": iso(self.now()), "tracking_details": [],
                "est_delivery_date": iso(self.now() + rate["delivery_days"] * 86_400),
            },
        }  # fmt: skip
        self.charged.append((number, Decimal(rate["rate"])))
        return Said.of(shipment)

    def converted(self, shipment: dict[str, Any]) -> Said:
        """GET /shipments/{id}/label: the label as ZPL."""
        shipment["postage_label"]["label_zpl_url"] = f"{self._url}/files/{shipment['id']}.zpl"
        return Said.of(shipment)

    def ask_refund(self, shipment: dict[str, Any]) -> Said:
        """POST /shipments/{id}/refund."""
        if not shipment["postage_label"]:
            return Said.of(error("SHIPMENT.REFUND.UNAVAILABLE", "This shipment has no postage."), 422)
        if shipment["scan_form"]:
            return Said.of(error("SHIPMENT.REFUND.UNAVAILABLE", "The label is on a SCAN form."), 422)
        shipment["refund_status"] = self.refund_status
        self.refunds.append(shipment["tracking_code"])
        return Said.of(shipment)

    def file_of(self, name: str) -> Said:
        """A label or a form; nobody asks for a key."""
        known, _, kind = name.partition(".")
        with self.lock:
            if kind == "pdf" and known in self.forms:
                return Said(200, b"%PDF-1.4\n% a SCAN form\n%%EOF\n", {"content-type": "application/pdf"})
            if known not in self.shipments or kind != "zpl":
                return Said(404, b"")
            label = zpl(self.shipments[known])
            if self.bad_labels:
                self.bad_labels -= 1
                label = label[: len(label) // 2]
        return Said(200, label, {"content-type": "application/zpl"})

    # --- trackers and forms ---

    def with_number(self, tracking: str) -> dict[str, Any]:
        """The shipment with this tracking number."""
        return next(s for s in self.shipments.values() if s["tracking_code"] == tracking)

    def put_event(self, tracker: dict[str, Any], status: str, message: str, at: float) -> None:
        """Something happens to a parcel."""
        place = {"city": "PORTLAND", "state": "OR", "country": "US", "zip": "97201"}
        tracker["tracking_details"].append(
            {"message": message, "status": status, "datetime": iso(at), "tracking_location": place}
        )
        tracker |= {"status": status, "updated_at": iso(self.now())}

    def new_form(self, shipments: list[dict[str, Any]]) -> Said:
        """POST /scan_forms."""
        for each in shipments:
            if each["refund_status"] or not each["postage_label"]:
                return Said.of(error("SCAN_FORM.INVALID", "A refunded shipment cannot be added."), 422)
            if each["scan_form"]:
                return Said.of(error("SCAN_FORM.INVALID", "A shipment is on another ScanForm."), 422)
        if len({(s["from_address"]["zip"], s["selected_rate"]["carrier_account_id"]) for s in shipments}) != 1:
            return Said.of(error("SCAN_FORM.INVALID", "All shipments must have the same origin and account."), 422)
        known = self.new_id("sf")
        codes = [s["tracking_code"] for s in shipments]
        form = {"id": known, "object": "ScanForm", "tracking_codes": codes, "message": None, "form_url": None}
        self.forms[known] = form | {"status": "creating", "asks": self.form_asks}
        for each in shipments:
            each["scan_form"] = {"id": known, "object": "ScanForm"}
        return Said.of(self.form_now(self.forms[known]))

    def form_now(self, form: dict[str, Any]) -> dict[str, Any]:
        """GET /scan_forms/{id}: a form is made while it is asked after."""
        if form["status"] == "creating" and form["asks"] <= 0:
            failed, self.failing_forms = self.failing_forms > 0, max(0, self.failing_forms - 1)
            url = None if failed else f"{self._url}/files/{form['id']}.pdf"
            form |= {"status": "failed" if failed else "created", "form_url": url}
            if failed:
                form["message"] = "USPS does not take the form."
                for each in self.shipments.values():
                    if (each["scan_form"] or {}).get("id") == form["id"]:
                        each["scan_form"] = None
        form["asks"] -= 1
        return form

    def new_id(self, kind: str) -> str:
        """Another id."""
        self._serial += 1
        return f"{kind}_{self._serial:032x}"
