"""Cancels to Amazon: the feed POST_ORDER_ACKNOWLEDGEMENT_DATA, which cancels whole orders of which nothing has left.

No description of this feed is published with the API's models. Its form is that of Amazon's OrderAcknowledgement.xsd
as several public integrations send it; a part of an order cannot be cancelled by it.
"""

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Refused, Throttled, Trouble
from server.channels.amazon import feeds
from server.channels.amazon.inflight import ENDS_WITHIN
from server.channels.amazon.orders import order
from server.channels.amazon.setup import seller
from server.domain.errors import DomainError
from server.trade.orders import ChannelOrder
from server.trade.words import Answer, Word, failed

KIND = "POST_ORDER_ACKNOWLEDGEMENT_DATA"
_TYPE = "text/xml; charset=UTF-8"
_REASONS = {
    "out_of_stock": "NoInventory",
    "damaged": "NoInventory",
    "cannot_deliver": "ShippingAddressUndeliverable",
    "customer": "BuyerCanceled",
    "fraud": "RiskAssessmentInformationNotValid",
}
"""The others are GeneralAdjustment. Amazon restocks all but NoInventory; our next number mends it."""


def tell_cancels(line: Line, words: Sequence[Word]) -> list[Answer]:
    """The order is always read first: one that is cancelled there needs no word, and nothing is cancelled twice."""
    answers: dict[str, Answer] = {}
    ready: list[tuple[Word, ChannelOrder]] = []
    for word in words:
        try:
            said = _before(line, word)
        except Trouble as trouble:
            said = failed(trouble)
        except DomainError as error:
            said = failed(Away(f"the order cannot be read: {error.detail}"))
        if isinstance(said, Answer):
            answers[word.id] = said
        else:
            ready.append((word, said))
    if ready:
        answers |= _sent(line, ready)
    return [answers[word.id] for word in words]


def _before(line: Line, word: Word) -> Answer | ChannelOrder:
    """The order when it can be cancelled now, else what there is to say of the word."""
    ref = str(word.data.get("order_id"))
    found = order(line, ref)
    if found is None:
        return failed(Refused(f"order {ref}: Amazon has none"))
    if found.cancelled:
        _keep(line, ref, None)
        return Answer("cancelled at Amazon")
    if (said := _on_its_way(line, ref)) is not None:
        return said
    if found.order.fulfilment == "channel":
        return failed(Refused("Amazon ships this order itself: cancel it in Seller Central"))
    if found.tracking or found.handed_over or _left(found):
        return failed(Refused("part of it has left: Amazon would pay all of it back; refund in Seller Central"))
    meant = Counter({str(each.get("line_id")): int(each.get("quantity") or 0) for each in word.data.get("lines") or ()})
    there = Counter({each.line_id: each.quantity for each in found.order.lines})
    if meant and any(meant[line_id] < units for line_id, units in there.items()):
        return failed(Refused("Amazon takes a cancel of a whole order only: cancel these units in Seller Central"))
    return found


def _left(found: ChannelOrder) -> bool:
    """Whether units are shipped without a tracking number."""
    items = found.order.raw.get("orderItems") or ()
    return any((item.get("fulfillment") or {}).get("quantityFulfilled") for item in items)


def _on_its_way(line: Line, ref: str) -> Answer | None:
    """What became of the feed that has this order's cancel; None when it may be sent."""
    kept = line.memory.get(_key(ref))
    if not kept:
        return None
    outcome = feeds.outcome(line, str(kept["feed"]))
    if not outcome.over and line.now() - float(kept["at"]) <= ENDS_WITHIN:
        return failed(Away(f"feed {kept['feed']} in progress", maybe_done=True))
    _keep(line, ref, None)
    if outcome.report is None:
        return failed(Away(f"feed {kept['feed']} was given up"))
    why = _read(outcome.report, int(kept["message"]))
    return failed(Refused(why)) if why else Answer(f"feed {kept['feed']}: accepted")


def _sent(line: Line, ready: Sequence[tuple[Word, ChannelOrder]]) -> dict[str, Answer]:
    try:
        document = feeds.upload(line, _envelope(line, ready), _TYPE)
        feed = feeds.create(line, KIND, document)
    except Trouble as trouble:
        # A feed whose answer is lost is not looked for: the next try reads the order, and a second cancel of a
        # cancelled order changes nothing.
        return {word.id: failed(trouble) for word, _ in ready}
    answers = {}
    for message, (word, _) in enumerate(ready, 1):
        ref = str(word.data.get("order_id"))
        _keep(line, ref, {"feed": feed, "message": message, "at": line.now()})
        try:
            said = _on_its_way(line, ref)
        except Throttled as trouble:
            said = failed(Away(f"feed {feed} in progress: {trouble.detail}", maybe_done=True))
        except Trouble as trouble:
            said = failed(trouble)
        answers[word.id] = said or failed(Away(f"feed {feed} in progress", maybe_done=True))
    return answers


def _envelope(line: Line, ready: Sequence[tuple[Word, ChannelOrder]]) -> bytes:
    root = ET.Element("AmazonEnvelope")
    header = ET.SubElement(root, "Header")
    ET.SubElement(header, "DocumentVersion").text = "1.01"
    ET.SubElement(header, "MerchantIdentifier").text = seller(line.settings)
    ET.SubElement(root, "MessageType").text = "OrderAcknowledgement"
    for number, (word, found) in enumerate(ready, 1):
        message = ET.SubElement(root, "Message")
        ET.SubElement(message, "MessageID").text = str(number)
        told = ET.SubElement(message, "OrderAcknowledgement")
        ET.SubElement(told, "AmazonOrderID").text = found.order.order_id
        ET.SubElement(told, "StatusCode").text = "Failure"
        for each in found.order.lines:
            item = ET.SubElement(told, "Item")
            ET.SubElement(item, "AmazonOrderItemCode").text = each.line_id
            reason = _REASONS.get(str(word.data.get("reason")), "GeneralAdjustment")
            ET.SubElement(item, "CancelReason").text = reason
    content: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content


def _read(report: bytes, message: int) -> str:
    """Why Amazon did not take a message; empty when it did; raise Away when the report is none."""
    try:
        root = ET.fromstring(report)  # noqa: S314 - from Amazon, fetched from the address that Amazon signed
    except ET.ParseError as error:
        raise Away(f"feed report: expected XML, found {error}") from error
    if root.find(".//ProcessingReport") is None:
        raise Away("feed report: expected a ProcessingReport")
    for result in root.iter("Result"):
        if result.findtext("MessageID") in (str(message), "0") and result.findtext("ResultCode") == "Error":
            return f"{result.findtext('ResultMessageCode')} {result.findtext('ResultDescription')}"[:300]
    return ""


def _keep(line: Line, ref: str, value: Mapping[str, Any] | None) -> None:
    line.memory.put(_key(ref), value)


def _key(ref: str) -> str:
    return f"amazon:cancel:{ref}"
