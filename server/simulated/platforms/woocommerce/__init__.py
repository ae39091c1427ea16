"""A simulated WooCommerce shop: wc/v3 on a WordPress of its own, with the ways of telling a shipment that ``way`` says.

https takes Basic, plain http OAuth 1.0a, as the real one. Of the fulfilments (WooCommerce 10) and of the Shipment
Tracking plugin there is no description here: they answer as their documentation shows them.
"""

import base64
import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from server.simulated.platforms.base import Ask, Message, Said, Simulated
from server.simulated.platforms.market import Item, Market, Sale
from server.simulated.platforms.woocommerce import hooks, orders, products, shipments, views
from server.simulated.platforms.woocommerce.errors import Problem, no_route
from server.simulated.platforms.woocommerce.signing import signed_by

_HOST_RATE = 5
"""Calls a second that the host stands where ``limited``: WooCommerce itself has no limit."""

_Answer = Callable[["WooCommerce", Ask, list[str]], Said]
_ROUTES: tuple[tuple[str, str, _Answer], ...] = (
    ("GET", r"/", views.index),
    ("GET", r"/wc/v3/orders", orders.many),
    ("GET", r"/wc/v3/orders/(\d+)", orders.one),
    ("PUT", r"/wc/v3/orders/(\d+)", orders.change),
    ("GET", r"/wc/v3/orders/(\d+)/refunds", orders.refunds),
    ("POST", r"/wc/v3/orders/(\d+)/refunds", orders.refund),
    ("GET", r"/wc/v3/orders/(\d+)/notes", shipments.notes),
    ("POST", r"/wc/v3/orders/(\d+)/notes", shipments.note),
    ("GET", r"/wc/v3/orders/(\d+)/fulfillments", shipments.fulfilments),
    ("POST", r"/wc/v3/orders/(\d+)/fulfillments", shipments.fulfil),
    ("GET", r"/wc-shipment-tracking/v3/orders/(\d+)/shipment-trackings", shipments.trackings),
    ("POST", r"/wc-shipment-tracking/v3/orders/(\d+)/shipment-trackings", shipments.track),
    ("GET", r"/wc/v3/products", products.many),
    ("POST", r"/wc/v3/products/batch", products.batch),
    ("GET", r"/wc/v3/products/(\d+)/variations", products.variations),
    ("POST", r"/wc/v3/products/(\d+)/variations/batch", products.batch),
    ("GET", r"/wc/v3/webhooks", hooks.many),
    ("POST", r"/wc/v3/webhooks", hooks.make),
    ("PUT", r"/wc/v3/webhooks/(\d+)", hooks.change),
)


class WooCommerce(Simulated):
    """See the module. ``gone`` refs are in the bin: nothing shows or takes them."""

    KIND: ClassVar[str] = "woocommerce"
    HOST: ClassVar[str] = "woo.example"
    known_carrier: ClassVar[str] = "ups"
    lines_partial: ClassVar[bool] = True
    cancels: ClassVar[bool] = True
    refunds: ClassVar[str] = "/refunds"
    SPOILT: ClassVar[Mapping[str, Any]] = {"line_items": "none"}

    def __init__(self, now: Callable[[], float], seed: int = 1) -> None:
        super().__init__(now, seed)
        self.way = "fulfillments"
        """fulfillments | plugin | notes."""
        self.key, self.secret = "ck_" + "5" * 40, "cs_" + "7" * 40
        self.webhook_secret = "whsec of the shop / Größe"  # noqa: S105 - of a simulation
        self.binned: set[str] = set()
        self.parents: dict[str, str] = {}
        """Variable products: id to name."""
        self.nonces: set[str] = set()
        self.calls: deque[float] = deque()
        self.ids = 500_000
        self.hooks = [hooks.hook(self, topic, "https://packproof.example/hooks") for topic in hooks.TOPICS]
        self.market.moved.append(self._moved)

    def make_market(self, now: Callable[[], float], seed: int) -> Market:
        """Orders are posts: plain numbers."""
        return Market(now, seed, number_from=7001)

    def settings(self, base: str = "") -> dict[str, Any]:
        """See Simulated."""
        return {
            "site_url": base or self.base(),
            "consumer_key": self.key,
            "consumer_secret": self.secret,
            "webhook_secret": self.webhook_secret,
        }

    def next_id(self) -> int:
        """The next id of anything but products and orders."""
        self.ids += 1
        return self.ids

    def gone(self, sku: str) -> None:
        """Put the product into the bin."""
        self.binned.add(self.market.item(sku).ref)

    def offer_variation(self, parent: int, sku: str, quantity: int, option: str = "Large", **more: Any) -> Item:
        """Put a variation on sale; its variable product comes with it."""
        self.parents.setdefault(str(parent), f"Product {parent}")
        extra = {"parent": str(parent), "option": option}
        return self.market.offer(sku, quantity, ref=str(900_000 + len(self.market.items)), extra=extra, **more)

    def route(self, ask: Ask) -> Said:
        """See Simulated."""
        if self.limited and self._too_fast():
            return self.too_many(ask)
        path = "/" + ask.path.partition("/wp-json")[2].strip("/")
        if path != "/" and not signed_by(ask, self.key, self.secret, self.now(), self.nonces):
            return self.denied(ask)
        try:
            for method, pattern, answer in _ROUTES:
                if method == ask.method and (found := re.fullmatch(pattern, path)):
                    with self.market.lock:
                        return answer(self, ask, list(found.groups()))
        except Problem as problem:
            return problem.said()
        return no_route()

    def denied(self, ask: Ask) -> Said:  # noqa: ARG002
        """See Simulated."""
        return Problem("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401).said()

    def broken(self, ask: Ask) -> Said:  # noqa: ARG002
        """PHP died."""
        page = "<p>There has been a critical error on this website.</p>"
        return Said.of({"code": "internal_server_error", "message": page, "data": {"status": 500}}, 500)

    def messages_of(self, what: str, sale: Sale) -> list[Message]:
        """A new order is told twice: as created and as updated, with the same body."""
        orders.refunds_by_hand(self, sale)
        topics = ("order.created", "order.updated") if what == "created" else ("order.updated",)
        body = json.dumps(views.order(self, sale), ensure_ascii=False).encode()
        return [message for topic in topics for message in self._sent(topic, body, sale.ref)]

    def _moved(self, item: Item) -> None:
        body = json.dumps(views.product(self, self.market.items[item.ref]), ensure_ascii=False).encode()
        self.outgoing.extend(self._sent("product.updated", body, ""))

    def _sent(self, topic: str, body: bytes, about: str) -> list[Message]:
        sent = []
        for each in self.hooks:
            if each["topic"] != topic or each["status"] != "active":
                continue
            signature = base64.b64encode(hmac.new(each["secret"].encode(), body, hashlib.sha256).digest()).decode()
            resource, _, event = topic.partition(".")
            headers = {
                "content-type": "application/json",
                "x-wc-webhook-source": f"{self.base()}/",
                "x-wc-webhook-topic": topic,
                "x-wc-webhook-resource": resource,
                "x-wc-webhook-event": event,
                "x-wc-webhook-signature": signature,
                "x-wc-webhook-id": str(each["id"]),
                "x-wc-webhook-delivery-id": hashlib.md5(  # noqa: S324 - as WordPress makes it
                    f"{each['id']}/{self.next_id()}".encode()
                ).hexdigest(),
            }
            sent.append(Message(headers, body, due=self.now(), about=about))
        return sent

    def _too_fast(self) -> bool:
        now = self.now()
        while self.calls and self.calls[0] <= now - 1:
            self.calls.popleft()
        self.calls.append(now)
        return len(self.calls) > _HOST_RATE


PLATFORM = WooCommerce
