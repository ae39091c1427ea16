"""A simulated Shopify shop: one GraphQL endpoint, tokens that end, points that run out, and signed webhooks."""

import base64
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from server.simulated.platforms.base import Ask, Message, Said, Simulated
from server.simulated.platforms.market import Item, Market, Sale, Shipment
from server.simulated.platforms.shopify.changing import Changes, level_of, uninstalled_at
from server.simulated.platforms.shopify.graphql import Answering, Args, Document, Reader, Wrong, connection
from server.simulated.platforms.shopify.keys import Keys
from server.simulated.platforms.shopify.showing import (
    PLACE,
    PLACES,
    gid,
    order,
    parcel,
    place,
    sale_of,
    stamp,
    status_of,
    thing,
    variant,
    where,
)

API = "/admin/api/2026-10/graphql.json"
TOKENS = "/admin/oauth/access_token"
SHOP = "simulated.myshopify.com"
POINTS, POINTS_A_SECOND, QUESTION_MAX = 2000.0, 100.0, 1000.0
SCOPES = "write_orders,read_products,write_inventory,read_locations,write_merchant_managed_fulfillment_orders"
_TOPICS = {"created": "orders/create", "updated": "orders/updated", "cancelled": "orders/cancelled"}


@lru_cache(256)
def _document(text: str) -> Document:
    return Reader(text).document()


class Shopify(Simulated):
    """See Simulated. In ``asked`` and for faults a request's path ends with # and the name of its operation."""

    KIND = "shopify"
    HOST = SHOP
    known_carrier: ClassVar[str] = "ups"
    lines_partial: ClassVar[bool] = True
    cancels: ClassVar[bool] = True
    refunds: ClassVar[str] = "#Refund"
    SPOILT: ClassVar[Mapping[str, Any]] = {"currencyCode": 7}

    def __init__(self, now: Callable[[], float], seed: int = 1) -> None:
        super().__init__(now, seed)
        self.changes = Changes(self.market)
        self.keys = Keys(now)
        self.points, self.points_at = POINTS, now()
        self.scopes = SCOPES
        self.market.moved.append(self._moved)

    def make_market(self, now: Callable[[], float], seed: int) -> Market:
        """Order ids are numbers of thirteen digits; people see #1001."""
        return Market(now, seed, ref_of=lambda number: str(5_500_000_000_000 + number))

    def settings(self, base: str = "") -> dict[str, Any]:
        """An app of the shop's own, which signs in with its client credentials."""
        return {
            "shop": SHOP,
            "api_url": base or self.base(),
            "client_id": self.keys.client_id,
            "client_secret": self.keys.client_secret,
            "location_id": PLACE,
        }

    def gone(self, sku: str) -> None:
        """Take a listing off sale."""
        self.changes.off_sale.add(self.market.item(sku).ref)

    def pos(self, *wanted: tuple[str, int]) -> Sale:
        """A till sells: the order arrives fulfilled."""
        sale = self.market.sell(*wanted, extra={"source": "pos"})
        units = {line.line_id: line.quantity for line in sale.lines}
        at = self.now()
        self.market.ship(
            sale.ref,
            Shipment(ref=sale.ref, carrier="", service="", tracking="", units=units, shipped_at=at, told_at=at),
        )
        return sale

    def uninstall(self) -> None:
        """The merchant takes the app out: its tokens are worth nothing, and it hears of it."""
        self.keys.revoke()
        self.outgoing.append(self.signed("app/uninstalled", uninstalled_at(self.now())))

    # --- answers ------------------------------------------------------------------------------------------------

    def answer(self, ask: Ask) -> Said:
        """See Simulated."""
        return super().answer(replace(ask, path=f"{ask.path}#{_operation(ask)}"))

    def route(self, ask: Ask) -> Said:
        """See Simulated."""
        path = ask.path.partition("#")[0]
        if path == TOKENS and ask.method == "POST":
            return self.keys.grant(ask)
        if path != API or ask.method != "POST":
            return Said.of({"errors": "Not Found"}, 404)
        if not self.keys.good(ask.headers.get("x-shopify-access-token", "")):
            return self.denied(ask)
        try:
            body = ask.json()
        except ValueError:
            return Said.of({"errors": "Bad Request"}, 400)
        return self._asked(body)

    def too_many(self, ask: Ask) -> Said:
        """See Simulated: as often with status 200."""
        if ask.path.startswith(TOKENS) or len(self.asked) % 2:
            return super().too_many(ask)
        return self._throttled(POINTS_A_SECOND, 0.0)

    def denied(self, ask: Ask) -> Said:  # noqa: ARG002
        """See Simulated."""
        return Said.of({"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}, 401)

    def _asked(self, body: Any) -> Said:
        try:
            document = _document(body["query"])
            kind, defaults, selection = document.operations[
                body.get("operationName") or next(iter(document.operations))
            ]
            answering = Answering(document, defaults | (body.get("variables") or {}))
            requested = answering.cost(selection) + (10 if kind == "mutation" else 0)
            if requested > QUESTION_MAX:
                raise Wrong(f"Query cost is {requested:.0f}, which exceeds {QUESTION_MAX:.0f}", "MAX_COST_EXCEEDED")
            if self.limited and requested > self._left():
                return self._throttled(requested, self._left())
            root = self.changes.fields() if kind == "mutation" else self._root()
            data = answering.answer({"__typename": kind.title()} | root, selection)
        except Wrong as error:
            return Said.of({"errors": [{"message": str(error), "extensions": {"code": error.code}}]})
        except (KeyError, TypeError, AttributeError) as error:
            return Said.of({"errors": [{"message": repr(error), "extensions": {"code": "variableMismatch"}}]})
        actual = answering.objects + (10 if kind == "mutation" else 0)
        self.points = self._left() - (actual if self.limited else 0)
        return Said.of({"data": data, "extensions": {"cost": self._cost(requested, actual)}})

    def _root(self) -> dict[str, Any]:
        return {
            "shop": {"name": "Simulated shop", "myshopifyDomain": SHOP, "id": gid("Shop", 1)},
            "currentAppInstallation": {"accessScopes": [{"handle": name} for name in self.scopes.split(",")]},
            "locations": connection([where(number) for number in PLACES]),
            "orders": self._orders,
            "order": lambda args: self._found(args, order),
            "fulfillmentOrder": self._place,
            "fulfillment": self._parcel,
            "productVariants": connection(self._variants()),
            "nodes": lambda args: [self._thing(id_) for id_ in args["ids"]],
        }

    def _orders(self, args: Args) -> Any:
        """Filters: as much of the search syntax as stands in our documents, and no more."""
        query = str(args.get("query") or "")
        since = re.search(r"updated_at:>='([^']+)'", query)
        at = datetime.fromisoformat(since[1]).timestamp() if since else 0.0
        sales = self.market.since(at)
        if "status:open" in query.replace("fulfillment_status", ""):
            sales = [sale for sale in sales if sale.status == "open" and not sale.shipped]
        if "NOT fulfillment_status:fulfilled" in query:
            sales = [sale for sale in sales if status_of(sale) != "FULFILLED"]
        keys: dict[str, Callable[[Sale], Any]] = {
            "ID": lambda sale: [int(sale.ref)],
            "UPDATED_AT": lambda sale: [sale.changed_at, int(sale.ref)],
        }
        key = keys[str(args["sortKey"])]
        shown = [_Later(sale, self.market) for sale in sorted(sales, key=key)]
        return connection(shown, lambda later: key(later.sale))(args)

    def _found(self, args: Args, show: Callable[[Market, Sale], Any]) -> Any:
        sale = self.market.sales.get(str(args["id"]).rpartition("/")[2])
        return None if sale is None else show(self.market, sale)

    def _place(self, args: Args) -> Any:
        number = str(args["id"]).rpartition("/")[2]
        sale = sale_of(self.market, number)
        return None if sale is None else place(self.market, sale, number)

    def _parcel(self, args: Args) -> Any:
        number = str(args["id"]).rpartition("/")[2]
        found = [(s, each) for s in self.market.sales.values() for each in s.shipments if each.ref == number]
        return parcel(*found[0]) if found else None

    def _variants(self) -> list[Any]:
        with self.market.lock:
            items = [item for item in self.market.items.values() if item.ref not in self.changes.off_sale]
        return [variant(item, level_of(self.changes, item.ref)) for item in items]

    def _thing(self, id_: str) -> Any:
        ref = id_.rpartition("/")[2]
        item = None if ref in self.changes.off_sale else self.market.items.get(ref)
        return None if item is None else thing(item, level_of(self.changes, ref))

    # --- points -------------------------------------------------------------------------------------------------

    def _left(self) -> float:
        now = self.now()
        self.points = min(POINTS, self.points + (now - self.points_at) * POINTS_A_SECOND)
        self.points_at = now
        return self.points

    def _cost(self, requested: float, actual: float | None) -> dict[str, Any]:
        left = self.points if self.limited else POINTS
        status = {"maximumAvailable": POINTS, "currentlyAvailable": left, "restoreRate": POINTS_A_SECOND}
        return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}

    def _throttled(self, requested: float, left: float) -> Said:
        cost = self._cost(requested, None)
        cost["throttleStatus"]["currentlyAvailable"] = left
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return Said.of({"errors": [error], "extensions": {"cost": cost}})

    # --- webhooks -----------------------------------------------------------------------------------------------

    def messages_of(self, what: str, sale: Sale) -> list[Message]:
        """See Simulated."""
        return [self.signed(_TOPICS[what], _rest(sale), sale.ref)]

    def signed(self, topic: str, said: Any, about: str = "") -> Message:
        """A message as the shop sends it."""
        body = json.dumps(said, ensure_ascii=False).encode()
        mac = hmac.new(self.keys.client_secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            "x-shopify-hmac-sha256": base64.b64encode(mac).decode(),
            "x-shopify-shop-domain": SHOP,
            "x-shopify-api-version": "2026-10",
            "x-shopify-webhook-id": str(uuid.UUID(int=self.market.random.getrandbits(128))),
            "x-shopify-event-id": str(uuid.UUID(int=self.market.random.getrandbits(128))),
            "x-shopify-triggered-at": str(stamp(self.now())),
        }
        return Message(headers, body, self.now(), about)

    def _moved(self, item: Item) -> None:
        body = {
            "inventory_item_id": int(item.ref),
            "location_id": int(PLACE),
            "available": item.quantity,
            "updated_at": stamp(self.now()),
            "admin_graphql_api_id": gid("InventoryLevel", f"{item.ref}?inventory_item_id={item.ref}"),
        }
        self.outgoing.append(self.signed("inventory_levels/update", body))


class _Later:
    """An order that is made into an object only when its page is shown."""

    def __init__(self, sale: Sale, market: Market) -> None:
        self.sale, self._market = sale, market

    def __call__(self) -> dict[str, Any]:
        return order(self._market, self.sale)


def _rest(sale: Sale) -> dict[str, Any]:
    """An order in a webhook's body: the legacy form, of which only the id counts."""
    return {
        "id": int(sale.ref),
        "admin_graphql_api_id": gid("Order", sale.ref),
        "name": f"#{sale.number}",
        "note": sale.note or None,
        "email": sale.buyer["email"],
        "updated_at": stamp(sale.changed_at),
        "line_items": [{"id": int(line.line_id), "sku": line.sku, "quantity": line.quantity} for line in sale.lines],
    }


def _operation(ask: Ask) -> str:
    try:
        return str(ask.json().get("operationName") or "")
    except (ValueError, AttributeError):
        return ""


PLATFORM = Shopify
