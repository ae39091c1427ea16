"""A simulated EasyPost: shipments, rates, purchases, refunds, trackers, SCAN forms and signed messages.

Beside the faults of every simulation (``faults``) it has levers of its own, also as POST /_/NAME in JSON:

    advance  {"tracking": "...", "status": "", "message": ""}  a step on the way, or this event
    refund   {"tracking": "...", "status": "rejected"}         what becomes of a refund
    refuse   {"postcode": "94107"}                             nobody delivers there
    parcels  {}                                                every label bought, and what was charged
"""

import base64
import hashlib
import hmac
import json
import time
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from server.simulated.carriers.easypost_book import (
    WAY,
    error,
    iso,
)
from server.simulated.carriers.easypost_desk import EasyPostDesk
from server.simulated.carriers.easypost_pickups import pickups
from server.simulated.platforms.base import Ask, Message, Said

KEY = "EZTK-simulated"
SECRET = "sch\u00f6nes Wetter"  # noqa: S105 - simulated; its letters show whether NFKD is kept to


class SimulatedEasyPost(EasyPostDesk):
    """One account of EasyPost's. Everything it was asked is in ``asked``."""

    KIND: ClassVar[str] = "easypost"
    HOST: ClassVar[str] = "easypost.test"
    SPOILT: ClassVar[Mapping[str, Any]] = {}

    # --- what a test or a person does ---

    def settings(self, base: str = "") -> dict[str, Any]:
        """See ``Simulated``."""
        return {"api_key": KEY, "webhook_secret": SECRET, "api_url": base or self.base()}

    def advance(self, tracking: str, status: str = "", message: str = "", at: float | None = None) -> Message:
        """A parcel's next step, or this event; its message is on the way, and returned."""
        with self.lock:
            tracker = self.with_number(tracking)["tracker"]
            done = len(tracker["tracking_details"])
            step = WAY[min(done, len(WAY) - 1)]
            told = (status, message or status) if status else step
            self.put_event(tracker, *told, self.now() if at is None else at)
            made = self.message("tracker.updated", tracker)
            self.outgoing.append(made)
            return made

    def refund(self, tracking: str, status: str) -> None:
        """The carrier has decided: refunded, rejected."""
        with self.lock:
            self.with_number(tracking)["refund_status"] = status

    def message(self, description: str, result: Mapping[str, Any], secret: str = SECRET) -> Message:
        """An event as EasyPost posts it; with another secret it is forged."""
        event = {"object": "Event", "id": self.new_id("evt"), "description": description, "mode": "test"}
        body = json.dumps(event | {"created_at": iso(self.now()), "result": result}).encode()
        key = unicodedata.normalize("NFKD", secret).encode()
        signed = "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-hmac-signature": signed}
        return Message(headers, body, self.now(), str(result.get("tracking_code", "")))

    # --- its API ---

    def route(self, ask: Ask) -> Said:
        """See ``Simulated``."""
        if self.slow:
            time.sleep(self.slow)
        parts = ask.path.strip("/").split("/")
        if parts[0] == "files":
            return self.file_of(parts[-1])
        expected = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
        if ask.headers.get("authorization") != expected:
            return self.denied(ask)
        with self.lock:
            # Labels are fetched from wherever the call came to.
            self._url = ask.url.partition("/v2/")[0]
            try:
                return self._routed(ask, parts[1:])
            except (KeyError, IndexError):
                return Said.of(error("NOT_FOUND", "The requested resource could not be found."), 404)
            except (ValueError, TypeError, AttributeError, ArithmeticError) as wrong:
                return Said.of(error("PARAMETER.INVALID", f"Wrong parameter type. {type(wrong).__name__}"), 422)

    def _routed(self, ask: Ask, parts: list[str]) -> Said:
        match (ask.method, *parts):
            case ("POST", "shipments"):
                return self.create(ask.json()["shipment"])
            case ("GET", "shipments", known):
                return Said.of(self.shipments[known])
            case ("POST", "shipments", known, "rerate"):
                self.shipments[known]["rates"] = self.rates_of(self.shipments[known])
                return Said.of(self.shipments[known])
            case ("POST", "shipments", known, "buy"):
                return self.buy(self.shipments[known], ask.json()["rate"]["id"])
            case ("GET", "shipments", known, "label"):
                return self.converted(self.shipments[known])
            case ("POST", "shipments", known, "refund"):
                return self.ask_refund(self.shipments[known])
            case ("GET", "trackers"):
                codes = {value for name, value in ask.query if name in ("tracking_codes[]", "tracking_code")}
                there = [s["tracker"] for s in self.shipments.values() if s["tracking_code"] in codes]
                return Said.of({"trackers": there, "has_more": False})
            case (_, "batches" | "pickups", *_):
                return pickups(self, ask, parts)
            case ("POST", "scan_forms"):
                return self.new_form([self.shipments[each["id"]] for each in ask.json()["shipments"]])
            case ("GET", "scan_forms", known):
                return Said.of(self.form_now(self.forms[known]))
        return Said.of(error("NOT_FOUND", "The requested resource could not be found."), 404)

    def too_many(self, ask: Ask) -> Said:  # noqa: ARG002
        """See ``Simulated``."""
        return Said.of(error("RATE_LIMITED", "Too many requests."), 429, retry_after="2")

    def denied(self, ask: Ask) -> Said:  # noqa: ARG002
        """See ``Simulated``."""
        return Said.of(error("APIKEY.INACTIVE", "This api key is no longer active."), 401)


def _advance(carrier: SimulatedEasyPost, told: Mapping[str, Any]) -> dict[str, Any]:
    said = carrier.advance(str(told["tracking"]), str(told.get("status", "")), str(told.get("message", "")))
    return {"status": json.loads(said.body)["result"]["status"]}


def _refund(carrier: SimulatedEasyPost, told: Mapping[str, Any]) -> dict[str, Any]:
    carrier.refund(str(told["tracking"]), str(told["status"]))
    return {"refund_status": told["status"]}


def _refuse(carrier: SimulatedEasyPost, told: Mapping[str, Any]) -> dict[str, Any]:
    carrier.refused.add(str(told["postcode"]))
    return {"refused": sorted(carrier.refused)}


def _parcels(carrier: SimulatedEasyPost, _told: Mapping[str, Any]) -> dict[str, Any]:
    with carrier.lock:
        bought = [s for s in carrier.shipments.values() if s["postage_label"]]
        shown = [
            {"tracking": s["tracking_code"], "refund": s["refund_status"], "reference": s["reference"]} for s in bought
        ]
    return {"parcels": shown, "charged": str(sum((cost for _, cost in carrier.charged), Decimal(0)))}


SimulatedEasyPost.CONTROLS = {"advance": _advance, "refund": _refund, "refuse": _refuse, "parcels": _parcels}
