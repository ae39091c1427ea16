"""ORDER_CHANGE notifications in an SQS queue, asked in its JSON protocol."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from server.calls.line import Line
from server.calls.troubles import Away, Denied
from server.channels.amazon.setup import marketplace, seller
from server.channels.amazon.signing import Key, signed

HIDDEN = 300
"""Seconds for which a message that we received is shown to nobody: longer than the pause between two looks."""


def receive(line: Line) -> list[tuple[str, str]]:
    """Up to ten (order id, receipt), an empty id for what says nothing to us. Messages of other sellers stay."""
    found = _ask(line, "ReceiveMessage", {"MaxNumberOfMessages": 10, "VisibilityTimeout": HIDDEN, "WaitTimeSeconds": 0})
    messages = found.get("Messages") or ()
    read = [(_order_in(line, each.get("Body")), str(each.get("ReceiptHandle"))) for each in messages]
    return [(ref, receipt) for ref, receipt in read if ref is not None]


def delete(line: Line, receipts: Sequence[str]) -> None:
    """Messages whose orders were taken over."""
    for at in range(0, len(receipts), 10):
        entries = [{"Id": str(n), "ReceiptHandle": r} for n, r in enumerate(receipts[at : at + 10])]
        _ask(line, "DeleteMessageBatch", {"Entries": entries})


def _order_in(line: Line, body: Any) -> str | None:
    ours = seller(line.settings), marketplace(line.settings)
    try:
        said = json.loads(body)["Payload"]["OrderChangeNotification"]
        meant = said["SellerId"], said["Summary"]["MarketplaceId"]
        return str(said["AmazonOrderId"]) if meant == ours else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _ask(line: Line, action: str, said: Mapping[str, Any]) -> dict[str, Any]:
    url = urlsplit(str(line.settings["queue_url"]))
    told = re.fullmatch(r"sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?", url.hostname or "")
    region = str(line.settings.get("queue_region") or (told and told[1]) or "us-east-1")
    key = Key(str(line.settings.get("queue_key_id") or ""), line.secret("queue_secret"), region)
    body = json.dumps({"QueueUrl": str(line.settings["queue_url"]), **said}).encode()
    kind = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"AmazonSQS.{action}"}
    headers = signed(key, line.now(), url.netloc, body, kind)
    try:
        reply = line.call(action, "POST", f"{url.scheme}://{url.netloc}/", headers=headers, content=body)
    except Denied as trouble:
        # The queue is only quicker: without it orders still come by polling, and Amazon itself knows us.
        raise Away(f"queue: {trouble.detail}") from trouble
    found = reply.json()
    return found if isinstance(found, dict) else {}
