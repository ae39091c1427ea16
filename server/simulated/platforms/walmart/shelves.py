"""Items, stock and feeds of the simulated Walmart Marketplace."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Item
from server.simulated.platforms.walmart.parts import NODE, PARTNER, WalmartMarket, refused

PAGE_MAX = 50
FEED_BYTES = 5 * 1024 * 1024


@dataclass(slots=True)
class Feed:
    """A file of numbers. ``failed``: SKU to why, once it was worked through at ``due``."""

    feed_id: str
    name: str
    kind: str
    at: float
    due: float
    rows: list[tuple[str, int]]
    failed: dict[str, str] = field(default_factory=dict)
    done: bool = False
    broken: str = ""


class Shelves:
    """The parts under /v3/items, /v3/inventory, /v3/inventories and /v3/feeds."""

    def __init__(self, market: WalmartMarket, now: Callable[[], float], random: Random) -> None:
        self._market, self._now, self._random = market, now, random
        self.gone: set[str] = set()
        self._by_sku: dict[str, Item] = {}
        self.feeds: list[Feed] = []
        self.feed_seconds = 0.0
        """How long a feed takes by the platform's clock; the real one takes minutes."""
        self.listed_after = 0.0
        """Seconds until a feed is among those that are listed."""

    def work(self) -> None:
        """Work through the feeds that are due, in the order in which they came."""
        with self._market.lock:
            for feed in self.feeds:
                if not feed.done and self._now() >= feed.due:
                    self._worked(feed)

    def items(self, ask: Ask) -> Said:
        """GET /v3/items."""
        limit = int(ask.one("limit", "20"))
        begin = 0 if ask.one("nextCursor", "*") == "*" else int(ask.one("nextCursor").rpartition("-")[2])
        shown = self._on_sale()
        said: dict[str, Any] = {
            "ItemResponse": [_item(item) for item in shown[begin : begin + limit]],
            "totalItems": len(shown),
        }
        if begin + limit < len(shown):
            said["nextCursor"] = f"AoE-{begin + limit}"
        return Said.of(said)

    def inventory(self, ask: Ask) -> Said:
        """GET and PUT /v3/inventory."""
        item = self._item(ask.one("sku"))
        if item is None or ask.one("shipNode", NODE) != NODE:
            return refused(404, "CONTENT_NOT_FOUND.GMP_INVENTORY_API", "the SKU was not found")
        amount = item.quantity + self._reserved(item)
        if ask.method == "PUT":
            body = ask.json()
            amount = body["quantity"]["amount"]
            if body["sku"] != item.sku or not isinstance(amount, int) or amount < 0:
                return refused(400, "INVALID_REQUEST_CONTENT.GMP_INVENTORY_API", "quantity: expected 0 or more")
            self._put_in(item, amount)
        return Said.of({"sku": item.sku, "quantity": {"unit": "EACH", "amount": amount}})

    def inventories(self, ask: Ask, sku: str) -> Said:
        """GET /v3/inventories, GET and PUT /v3/inventories/{sku}."""
        if not sku:
            return self._all(ask)
        item = self._item(sku)
        if item is None:
            return refused(404, "CONTENT_NOT_FOUND.GMP_INVENTORY_API", "the SKU was not found")
        if ask.method == "PUT":
            rows = ask.json()["inventories"]["nodes"]
            for row in rows:
                self._put_in(item, int(row["inputQty"]["amount"]))
            return Said.of({"sku": sku, "nodes": [{"shipNode": row["shipNode"], "status": "Success"} for row in rows]})
        return Said.of(self._shown(item))

    def upload(self, ask: Ask) -> Said:
        """POST /v3/feeds."""
        if len(ask.body) > FEED_BYTES:
            return refused(413, "PAYLOAD_TOO_LARGE", "the file is too big")
        kind = ask.one("feedType")
        found = re.match(r"multipart/form-data; boundary=(\S+)", ask.headers.get("content-type", ""))
        part = ask.body.split(b"--" + found[1].encode())[1] if found else b""
        head, _, rest = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="file"; filename="([^"]+)"', head)
        if kind not in {"inventory", "MP_INVENTORY"} or name is None:
            return refused(400, "INVALID_REQUEST_PARAM.GMP_FEED_API", "feedType or file")
        feed_id = f"{uuid.UUID(int=self._random.getrandbits(128)).hex.upper()}@AUoBAQA"
        now = self._now()
        feed = Feed(feed_id, name[1].decode(), kind, now, now + self.feed_seconds, [])
        try:
            feed.rows = _rows(kind, json.loads(rest.removesuffix(b"\r\n")))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            feed.broken = f"{error}"
        self.feeds.append(feed)
        self.work()
        return Said.of({"feedId": feed_id})

    def feed_list(self, ask: Ask) -> Said:
        """GET /v3/feeds: the newest first."""
        begin, limit = int(ask.one("offset", "0")), int(ask.one("limit", "50"))
        there = [feed for feed in reversed(self.feeds) if feed.at + self.listed_after <= self._now()]
        shown = [self._listed(feed) for feed in there][begin : begin + limit]
        said = {"totalResults": len(there), "offset": begin, "limit": limit, "results": {"feed": shown}}
        return Said.of(said)

    def feed_status(self, ask: Ask, feed_id: str) -> Said:
        """GET /v3/feeds/{feedId}."""
        feed = next((feed for feed in self.feeds if feed.feed_id == feed_id), None)
        if feed is None:
            return refused(404, "CONTENT_NOT_FOUND.GMP_FEED_API", "no such feed")
        begin, limit = int(ask.one("offset", "0")), int(ask.one("limit", "50"))
        said = {"feedId": feed_id, "offset": begin, "limit": limit} | self._counts(feed)
        if feed.broken:
            error = {"type": "DATA_ERROR", "code": "ERR_INT_DATA_01", "description": feed.broken}
            said["ingestionErrors"] = {"ingestionError": [error]}
        if ask.one("includeDetails") == "true":
            rows = list(enumerate(feed.rows))[begin : begin + limit]
            said["itemDetails"] = {"itemIngestionStatus": [_ingested(feed, nth, sku) for nth, (sku, _) in rows]}
        return Said.of(said)

    def _worked(self, feed: Feed) -> None:
        feed.done = True
        for sku, amount in feed.rows:
            item = self._item(sku)
            if item is None:
                feed.failed[sku] = "the SKU was not found"
            elif amount < 0:
                feed.failed[sku] = "amount: expected 0 or more"
            else:
                self._put_in(item, amount)

    def _put_in(self, item: Item, amount: int) -> None:
        """What a seller puts in counts what is sold and has not left."""
        with self._market.lock:
            self._market.write(item.ref, max(0, amount - self._reserved(item)))

    def _reserved(self, item: Item) -> int:
        return self._market.reserved[item.ref]

    def _all(self, ask: Ask) -> Said:
        limit = int(ask.one("limit", "10"))
        if not 1 <= limit <= PAGE_MAX:
            return refused(400, "INVALID_REQUEST_PARAM.GMP_INVENTORY_API", "limit: expected 1 to 50")
        begin = int(ask.one("nextCursor", "NTVm-0").rpartition("-")[2])
        shown = self._on_sale()
        meta: dict[str, Any] = {"totalCount": len(shown)}
        if begin + limit < len(shown):
            meta["nextCursor"] = f"NTVm-{begin + limit}"
        rows = [self._shown(item) for item in shown[begin : begin + limit]]
        return Said.of({"meta": meta, "elements": {"inventories": rows}})

    def _shown(self, item: Item) -> dict[str, Any]:
        reserved = self._reserved(item)
        node = {
            "shipNode": NODE,
            "inputQty": _each(item.quantity + reserved),
            "availToSellQty": _each(item.quantity),
            "reservedQty": _each(reserved),
        }
        return {"sku": item.sku, "nodes": [node]}

    def _item(self, sku: str) -> Item | None:
        with self._market.lock:
            if len(self._by_sku) != len(self._market.items):
                self._by_sku = {item.sku: item for item in self._market.items.values()}
        return None if sku in self.gone else self._by_sku.get(sku)

    def _on_sale(self) -> list[Item]:
        return [item for item in self._market.items.values() if item.sku not in self.gone]

    def _listed(self, feed: Feed) -> dict[str, Any]:
        named = {"feedId": feed.feed_id, "feedSource": "MARKETPLACE_PARTNER", "feedType": feed.kind}
        times = {"feedDate": round(feed.at * 1000), "modifiedDtm": round(feed.at * 1000)}
        return named | {"partnerId": PARTNER, "fileName": feed.name} | self._counts(feed) | times

    def _counts(self, feed: Feed) -> dict[str, Any]:
        status = "ERROR" if feed.broken else "PROCESSED" if feed.done else "INPROGRESS"
        rows, failed = len(feed.rows), len(feed.failed)
        return {
            "feedStatus": status,
            "itemsReceived": rows,
            "itemsSucceeded": rows - failed if feed.done else 0,
            "itemsFailed": failed,
            "itemsProcessing": 0 if feed.done else rows,
        }


def _rows(kind: str, body: dict[str, Any]) -> list[tuple[str, int]]:
    """Spec 1.4 (inventory) or 1.5 (MP_INVENTORY); raise KeyError and the like."""
    if kind == "inventory":
        if body["InventoryHeader"]["version"] != "1.4":
            raise ValueError("version")
        return [(row["sku"], int(row["quantity"]["amount"])) for row in body["Inventory"]]
    if body["inventoryHeader"]["version"] != "1.5" or any(
        node["shipNode"] != NODE for row in body["inventory"] for node in row["shipNodes"]
    ):
        raise ValueError("version or shipNode")
    return [(row["sku"], int(row["shipNodes"][0]["quantity"]["amount"])) for row in body["inventory"]]


def _ingested(feed: Feed, nth: int, sku: str) -> dict[str, Any]:
    state = "DATA_ERROR" if sku in feed.failed else "SUCCESS" if feed.done else "INPROGRESS"
    said: dict[str, Any] = {"martId": 0, "sku": sku, "wpid": "", "index": nth, "ingestionStatus": state}
    if sku in feed.failed:
        error = {"type": "DATA_ERROR", "code": "ERR_EXT_DATA_0101119", "description": feed.failed[sku]}
        said["ingestionErrors"] = {"ingestionError": [error]}
    return said


def _item(item: Item) -> dict[str, Any]:
    return {
        "mart": "WALMART_US",
        "sku": item.sku,
        "condition": "New",
        "wpid": f"0R{item.ref}",
        "upc": item.gtin[-12:],
        "gtin": item.gtin,
        "productName": item.title or item.sku,
        "productType": "Home Other",
        "price": {"currency": "USD", "amount": item.cents / 100},
        "publishedStatus": "PUBLISHED",
        "lifecycleStatus": "ACTIVE",
    }


def _each(amount: int) -> dict[str, Any]:
    return {"unit": "EACH", "amount": amount}
