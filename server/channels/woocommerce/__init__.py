"""WooCommerce, REST API wc/v3: shops on their owners' own hosts. One module a matter; none imports another channel.

Base of everything: {site_url}/wp-json. There is no published rate limit: the host's PHP workers are the limit, so that
few calls are in flight at once, and LIMITS only keeps us from flooding a host.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from server.calls.line import Line, bound
from server.calls.pace import Limit
from server.calls.troubles import Refused, Trouble
from server.channels.woocommerce.asking import ask, row_of
from server.channels.woocommerce.cancels import cancel, refund
from server.channels.woocommerce.hearing import heard
from server.channels.woocommerce.hooks import keep_hooks
from server.channels.woocommerce.listing import listings, live_stock
from server.channels.woocommerce.orders import changed_orders, order
from server.channels.woocommerce.reading import read_order
from server.channels.woocommerce.shipping import ship
from server.channels.woocommerce.stock import write_stock
from server.channels.woocommerce.ways import WAYS
from server.domain.errors import DomainError
from server.trade.words import Account, Answer, Setting, Word, failed

__all__ = [
    "ACK_WITHIN", "AT_ONCE", "BULK", "LIMITS", "NAME", "SETTINGS", "SETTLES", "SHOWN_MOST", "changed_orders", "check",
    "greeting", "heard", "listings", "live_stock", "order", "poll", "read_order", "tell", "tells", "who",
]  # fmt: skip

NAME = "WooCommerce"
SETTINGS = (
    Setting(name="site_url", help="The shop's address, with https where it has it.", example="https://shop.example"),
    Setting(
        name="consumer_key",
        help="WooCommerce > Settings > Advanced > REST API > Add key, permissions Read/Write. Begins with ck_.",
        secret=True,
        example="ck_0123456789abcdef0123456789abcdef01234567",
    ),
    Setting(name="consumer_secret", help="Shown once, beside the key. Begins with cs_.", secret=True, example="cs_..."),
    Setting(
        name="webhook_secret",
        help="The secret of the shop's webhooks (Settings > Advanced > Webhooks); without it nothing is heard.",
        secret=True,
        default="",
    ),
    Setting(
        name="old_webhook_secret", help="The one before, until every webhook has the new one.", secret=True, default=""
    ),
    Setting(
        name="delivery_url",
        help="Our own address for the shop's webhooks: missing ones are made, given-up ones switched on again.",
        default="",
        example="https://packing.example/channels/shop/webhook",
    ),
    Setting(
        name="open_statuses",
        help="Order statuses that want shipping or payment, with those of plugins: the first look begins with them.",
        default="pending,processing,on-hold",
    ),
    Setting(
        name="shipments",
        help="auto | plugin (Shipment Tracking) | fulfillments (WooCommerce 10) | notes (a note to the buyer).",
        default="auto",
    ),
    Setting(
        name="note_text",
        help="The note to the buyer where the shop can do no better; {carrier} and {tracking} are filled in.",
        default="",
        example="Your parcel left with {carrier}. Tracking number: {tracking}",
    ),
    Setting(
        name="gateway_refunds",
        help="yes: a cancelled part of an order is paid back through the shop's payment gateway. It moves money.",
        default="no",
    ),
    Setting(
        name="carriers", help="Our carrier codes to the shop's names, a table.", default="", example='{van = "Us"}'
    ),
)
_HOST = Limit(20.0, 40.0)
LIMITS: Mapping[str, Limit] = dict.fromkeys(
    ("site", "orders", "refunds", "products", "stock", "shipments", "cancels", "webhooks"), _HOST
)
BULK: Mapping[str, int] = {"stock": 100}
AT_ONCE = 2
POLL = 60.0
ACK_WITHIN: float | None = None
SETTLES = 60.0
SHOWN_MOST: int | None = None


def check(settings: Mapping[str, Any]) -> None:
    """Raise DomainError("invalid") naming the setting, what was expected and what was found."""
    site = urlsplit(bound(settings, "site_url", "http(s)://host[/path]"))
    if site.scheme not in {"http", "https"} or not site.hostname or site.query or site.fragment or site.username:
        raise DomainError("invalid", "site_url: expected http(s)://host[/path] and nothing more")
    for name in ("consumer_key", "consumer_secret"):
        if not settings.get(f"{name}_file"):
            bound(settings, name, "the key from WooCommerce > Settings > Advanced > REST API")
    _one_of(settings, "shipments", ("auto", *WAYS))
    _one_of(settings, "gateway_refunds", ("no", "yes"))
    carriers = settings.get("carriers") or {}
    if not isinstance(carriers, Mapping) or not all(isinstance(name, str) and name for name in carriers.values()):
        raise DomainError("invalid", "carriers: expected a table of our carrier codes to the shop's names")
    if settings.get("delivery_url"):
        url = urlsplit(str(settings["delivery_url"]))
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise DomainError("invalid", "delivery_url: expected http(s)://host/path")
        if not settings.get("webhook_secret_file"):
            bound(settings, "webhook_secret", "the secret that the webhooks are to be signed with")


def tells(settings: Mapping[str, Any]) -> bool:
    """Always: its REST API takes stock, shipments and cancels with the keys that reading needs."""
    return bool(settings.get("site_url"))


def poll(settings: Mapping[str, Any]) -> float:  # noqa: ARG001
    """See Platform."""
    return POLL


def greeting(line: Line, query: Mapping[str, str]) -> str:  # noqa: ARG001
    """Raise DomainError("not_found"): a shop pings by POST, see ``heard``."""
    raise DomainError("not_found", "WooCommerce never asks by GET")


def who(line: Line) -> Account:
    """The shop's name. Its webhooks are looked after on the way, because it gives them up without a word."""
    ask(line, "orders", "GET", "/wc/v3/orders", query={"per_page": "1", "_fields": "id"})
    name = str(row_of(ask(line, "site", "GET", "/", query={"_fields": "name"})).get("name") or "")
    keep_hooks(line)
    return Account(name=name or str(line.settings["site_url"]))


def tell(line: Line, words: Sequence[Word]) -> list[Answer]:
    """Tell the shop; see the module of each kind. It asks for no acknowledgement and knows no split."""
    match words[0].kind if words else "":
        case "stock":
            return write_stock(line, words)
        case "shipment":
            return [_tried(ship, line, word) for word in words]
        case "cancel":
            return [_tried(cancel, line, word) for word in words]
        case "refund":
            return [_tried(refund, line, word) for word in words]
        case _:
            return [failed(Refused(f"WooCommerce takes no {word.kind}")) for word in words]


def _tried(go: Any, line: Line, word: Word) -> Answer:
    try:
        found: Answer = go(line, word)
    except Trouble as trouble:
        return failed(trouble)
    except DomainError as error:
        return failed(Refused(error.detail))
    return found


def _one_of(settings: Mapping[str, Any], name: str, known: Sequence[str]) -> None:
    found = str(settings.get(name) or known[0])
    if found not in known:
        raise DomainError("invalid", f"{name}: expected one of {', '.join(known)}, found {found[:40]!r}")
