"""Feeds 2021-06-30: documents, feeds that take their time, and reports."""

import gzip
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.simulated.platforms.amazon import listings
from server.simulated.platforms.amazon.doors import errors
from server.simulated.platforms.amazon.orders import MARKETPLACE, SELLER, stamp, status_of
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Market

KINDS = frozenset({"JSON_LISTINGS_FEED", "POST_ORDER_ACKNOWLEDGEMENT_DATA"})


@dataclass(slots=True)
class Feed:
    """One feed. ``report`` is None until it is done, and for good when Amazon gave up."""

    id: str
    kind: str
    content: bytes
    at: float
    status: str = "IN_QUEUE"
    report: bytes | None = None


@dataclass(slots=True)
class Feeds:
    """``takes``: seconds until a feed is done. ``fatal``: the next feed is given up."""

    market: Market
    takes: float = 0.0
    fatal: bool = False
    documents: dict[str, bytes | None] = field(default_factory=dict)
    feeds: dict[str, Feed] = field(default_factory=dict)

    def document(self, ask: Ask, base: str) -> Said:
        """createFeedDocument: an address to upload to."""
        if not isinstance(ask.json().get("contentType"), str):
            return errors(400, "InvalidInput", "contentType")
        ref = f"amzn1.tortuga.4.na.{len(self.documents) + 1:06d}"
        self.documents[ref] = None
        return Said.of({"feedDocumentId": ref, "url": f"{base}/documents/{ref}?X-Amz-Expires=300"}, 201)

    def put(self, ref: str, ask: Ask) -> Said:
        """The upload. Storage does not know our tokens, and one that is sent along has leaked."""
        if ref not in self.documents or "x-amz-access-token" in ask.headers:
            return Said(403, b"<Error><Code>AccessDenied</Code></Error>", {"content-type": "application/xml"})
        self.documents[ref] = ask.body
        return Said(200)

    def get(self, ref: str) -> Said:
        """The download of a report."""
        feed = self.feeds.get(ref.removeprefix("report-"))
        if feed is None or feed.report is None:
            return Said(404, b"<Error><Code>NoSuchKey</Code></Error>", {"content-type": "application/xml"})
        return Said(200, gzip.compress(feed.report), {"content-type": "application/octet-stream"})

    def create(self, ask: Ask) -> Said:
        """createFeed."""
        body = ask.json()
        content = self.documents.get(str(body.get("inputFeedDocumentId")))
        if content is None or body.get("feedType") not in KINDS or body.get("marketplaceIds") != [MARKETPLACE]:
            return errors(400, "InvalidInput", "Invalid input")
        feed = Feed(str(50_000 + len(self.feeds)), body["feedType"], content, self.market.now())
        self.feeds[feed.id] = feed
        self.ripen()
        return Said.of({"feedId": feed.id}, 202)

    def show(self, feed_id: str) -> Said:
        """getFeed."""
        feed = self.feeds.get(feed_id)
        return errors(404, "NotFound", "no such feed") if feed is None else Said.of(_shown(feed))

    def search(self, ask: Ask) -> Said:
        """getFeeds, the newest first."""
        kinds, since = ask.one("feedTypes").split(","), ask.one("createdSince")
        found = [feed for feed in self.feeds.values() if feed.kind in kinds and stamp(feed.at) >= since]
        return Said.of({"feeds": [_shown(feed) for feed in reversed(found)][:100]})

    def link(self, ref: str, base: str) -> Said:
        """getFeedDocument: an address to download a report from."""
        if self.get(ref).status != 200:
            return errors(404, "NotFound", "no such document")
        url = f"{base}/documents/{ref}?X-Amz-Expires=300"
        return Said.of({"feedDocumentId": ref, "url": url, "compressionAlgorithm": "GZIP"})

    def flying(self, sku: str) -> bool:
        """Whether a feed that is not done has a number for this SKU."""
        waiting = [
            feed for feed in self.feeds.values() if feed.status == "IN_QUEUE" and feed.kind == "JSON_LISTINGS_FEED"
        ]
        return any(message["sku"] == sku for feed in waiting for message in json.loads(feed.content)["messages"])

    def ripen(self) -> None:
        """Carry out the feeds whose time has come."""
        for feed in self.feeds.values():
            if feed.status == "IN_QUEUE" and self.market.now() >= feed.at + self.takes:
                if self.fatal:
                    feed.status, self.fatal = "FATAL", False
                    continue
                work: Callable[[Feed], bytes] = self._numbers if feed.kind == "JSON_LISTINGS_FEED" else self._cancels
                try:
                    feed.report, feed.status = work(feed), "DONE"
                except (ValueError, KeyError, ET.ParseError):
                    feed.status = "FATAL"

    def _numbers(self, feed: Feed) -> bytes:
        body = json.loads(feed.content)
        issues: list[dict[str, Any]] = []
        for message in body["messages"]:
            for each in listings.patched(self.market, message["sku"], message["patches"])[:1]:
                known = {name: each[name] for name in ("code", "severity", "message")}
                issues.append({"messageId": message["messageId"], "sku": message["sku"]} | known)
        count = len(body["messages"])
        return json.dumps(
            {
                "header": {"sellerId": SELLER, "version": "2.0", "feedId": feed.id},
                "issues": issues,
                "summary": {
                    "errors": len(issues),
                    "warnings": 0,
                    "messagesProcessed": count,
                    "messagesAccepted": count - len(issues),
                    "messagesInvalid": len(issues),
                },
            }
        ).encode()

    def _cancels(self, feed: Feed) -> bytes:
        root = ET.fromstring(feed.content)  # noqa: S314 - a simulation on loopback
        if (
            root.findtext("Header/MerchantIdentifier") != SELLER
            or root.findtext("MessageType") != "OrderAcknowledgement"
        ):
            raise ValueError("envelope")
        wrong = {}
        for message in root.iter("Message"):
            why = self._cancel(message)
            if why:
                wrong[message.findtext("MessageID") or ""] = why
        return _processed(feed.id, len(list(root.iter("Message"))), wrong)

    def _cancel(self, message: ET.Element) -> str:
        told = message.find("OrderAcknowledgement")
        sale = None if told is None else self.market.sales.get(told.findtext("AmazonOrderID") or "")
        if told is None or sale is None:
            return "The AmazonOrderID is not one of yours."
        if status_of(sale) != "UNSHIPPED" or sale.fulfilled_by != "own":
            return f"The order is {status_of(sale)} and cannot be cancelled."
        if told.findtext("StatusCode") != "Failure":
            return ""
        reasons = {item.findtext("AmazonOrderItemCode"): item.findtext("CancelReason") for item in told.iter("Item")}
        open_units = {line.line_id: line.quantity - line.cancelled for line in sale.lines}
        self.market.cancel(sale.ref)
        for line in sale.lines:
            # Amazon puts back on sale what is cancelled, unless the seller says that it is not there.
            if reasons.get(line.line_id) == "NoInventory":
                self.market.items[line.ref].quantity -= open_units[line.line_id]
        return ""


def _shown(feed: Feed) -> dict[str, Any]:
    shown = {
        "feedId": feed.id,
        "feedType": feed.kind,
        "marketplaceIds": [MARKETPLACE],
        "createdTime": stamp(feed.at),
        "processingStatus": feed.status,
    }
    return shown | ({"resultFeedDocumentId": f"report-{feed.id}"} if feed.report is not None else {})


def _processed(feed_id: str, count: int, wrong: dict[str, str]) -> bytes:
    results = "".join(
        f"<Result><MessageID>{ref}</MessageID><ResultCode>Error</ResultCode><ResultMessageCode>20000</ResultMessageCode>"
        f"<ResultDescription>{why}</ResultDescription></Result>"
        for ref, why in wrong.items()
    )
    summary = f"<MessagesProcessed>{count}</MessagesProcessed><MessagesWithError>{len(wrong)}</MessagesWithError>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><AmazonEnvelope><MessageType>ProcessingReport</MessageType><Message>'
        f"<MessageID>1</MessageID><ProcessingReport><DocumentTransactionID>{feed_id}</DocumentTransactionID>"
        f"<StatusCode>Complete</StatusCode><ProcessingSummary>{summary}</ProcessingSummary>{results}"
        "</ProcessingReport></Message></AmazonEnvelope>"
    ).encode()
