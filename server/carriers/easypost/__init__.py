"""EasyPost: many carriers behind one API, with the owner's own carrier accounts and at the prices EasyPost shows.

api    one call        rating   prices and units   buying   exactly one purchase   voiding   refunds
papers labels, forms   following  where a parcel is   leaving   SCAN forms            customs  over a border
fetching  a driver comes

Written from EasyPost's public pages, its client library and the answers recorded in that library's tests. Not tried
against EasyPost itself, for want of an account: how long a refused purchase keeps its rates, whether a ZPL label is
kept under ``label_url`` for every carrier (both ways are known here), and the codes named in ``buying``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from server.calls.line import Line, bound
from server.carriers import Account, Capabilities, Carrier
from server.carriers.easypost import buying, customs, fetching, following, leaving, voiding
from server.carriers.easypost.api import API, ask
from server.carriers.easypost.papers import HOSTS
from server.carriers.easypost.rating import quotes, shipment_of
from server.domain.errors import DomainError
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
)
from server.trade.words import Setting

SETTINGS: Sequence[Setting] = (
    Setting(name="api_key", help="your API key: EasyPost, Account Settings, API Keys", secret=True),
    Setting(name="webhook_secret", help="the secret you gave EasyPost for the webhook", secret=True, default=""),
    Setting(name="carrier_accounts", help="ids of your carrier accounts that are asked; all without", default=""),
    Setting(name="services", help="our services to EasyPost's", default=""),
    Setting(name="hazmat", help="EasyPost's word for dangerous goods; without, such parcels are refused", default=""),
    Setting(name="customs_signer", help="who signs for customs; without, no parcel crosses a border", default=""),
    Setting(name="eel_pfc", help="the exemption or AES number of exports from the US", default=customs.EXEMPT),
    Setting(name="scan_form_carrier", help="whose parcels go on a SCAN form", default=leaving.CARRIER),
    Setting(name="label_hosts", help="hosts that labels are fetched from", default=", ".join(HOSTS)),
    Setting(name="api_url", help="where EasyPost's API is", default=API),
)


@dataclass(frozen=True, slots=True)
class EasyPost:
    """See ``Carrier``."""

    line: Line

    def quote(self, consignment: Consignment) -> Sequence[Quote]:
        """A shipment shows all rates, and costs nothing while nobody buys it; by ``quote_id`` it may be bought."""
        body = shipment_of(self.line.settings, consignment, consignment.reference)
        made = ask(self.line, "quote", "POST", "/shipments", body=body)
        return list(quotes(made, buying.offer_of(made, body, self.line.now())))

    def buy(self, request: BuyRequest, idempotency_key: str) -> Purchased:
        """See ``buying``; safe without looking up first."""
        return buying.buy(self.line, request, idempotency_key)

    def look_up(self, idempotency_key: str) -> Purchased | None:
        """See ``buying``."""
        return buying.look_up(self.line, idempotency_key)

    def void(self, shipment: Shipment) -> Voiding:
        """See ``voiding``."""
        return voiding.void(self.line, shipment)

    def track(self, shipments: Sequence[Shipment]) -> Sequence[Seen]:
        """See ``following``."""
        return following.track(self.line, shipments)

    def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[Seen]:
        """See ``following``."""
        return following.hear(self.line, headers, body)

    def manifest(self, shipments: Sequence[Shipment], key: str, reference: str = "") -> HandedOver:
        """See ``leaving``."""
        return leaving.manifest(self.line, shipments, key, reference)

    def book_pickup(self, wish: PickupWish, key: str) -> Pickup:
        """See ``fetching``."""
        return fetching.book(self.line, wish, key)

    def cancel_pickup(self, key: str) -> Pickup:
        """See ``fetching``."""
        return fetching.cancel(self.line, key)


def capabilities(account: Account) -> Capabilities:
    """Everything but labels without internet; it is heard where a webhook's secret is set."""
    heard = any(account.settings.get(name) for name in ("webhook_secret", "webhook_secret_file"))
    forms = bool(account.settings.get("scan_form_carrier", leaving.CARRIER))
    can = Capabilities(quote=True, look_up=True, void=True, track=True, hear=heard, manifest=forms)
    return replace(can, customs=bool(account.settings.get("customs_signer")), pickup=True)


def carrier(account: Account, line: Line) -> Carrier:
    """The carrier of this package; raise DomainError("invalid") naming a setting that cannot work."""
    check(account.settings)
    return EasyPost(line)


def who(line: Line) -> str:
    """Whether EasyPost lets us in, asked with the cheapest call that every key may make."""
    ask(line, "trackers", "GET", "/trackers", query=[("page_size", "1")])
    return "EasyPost"


def check(settings: Mapping[str, Any]) -> None:
    """Raise DomainError("invalid") when the settings cannot work."""
    if not settings.get("api_key_file"):
        bound(settings, "api_key", "it, or api_key_file")
    own = urlsplit(str(settings.get("api_url") or API))
    local = own.hostname in ("127.0.0.1", "localhost", "::1")
    if not own.hostname or not (own.scheme == "https" or (own.scheme == "http" and local)):
        raise DomainError("invalid", "api_url: expected https://host, or http:// on this machine")
    for name in ("carrier_accounts", "label_hosts"):
        found = settings.get(name) or []
        if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
            raise DomainError("invalid", f'{name}: expected a list such as ["..."], found {found!r}')
    services = settings.get("services") or {}
    if not isinstance(services, dict) or not all(isinstance(v, str) and "." in v for v in services.values()):
        raise DomainError("invalid", 'services: expected a table such as { standard = "USPS.GroundAdvantage" }')
