"""Stock by the file. A feed is asynchronous: it is remembered until what became of it is known.

Remembered under "feeds", each: {"name", "id", "at", "words": {word id: [sku, ...]}, "ended": None | {sku: what}}, where
what is "" for written, "R..." for refused and "A..." for a trouble of Walmart's own. ``name`` is the name of the file:
where the answer to the upload was lost, the feed is found again by it.
"""

import json
import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from server.calls.line import Line
from server.calls.troubles import Away, Refused, Throttled, Trouble
from server.channels.walmart.client import call
from server.channels.walmart.nodes import ship_node

KEPT = 2 * 3600.0
"""Seconds after which a feed is given up: Walmart's pages say 30 minutes."""
SHOWN_WITHIN = 120.0
"""Seconds after which a feed that Walmart does not list never arrived; its pages give no time. Until then one whose
answer was lost may still work, and would undo what is told after it."""
PAGE = 50
PAUSE = 0.25

Feed = dict[str, Any]

_LOCK = threading.Lock()


def post(line: Line, amounts: Mapping[str, int], words: Mapping[str, list[str]]) -> Feed:
    """Upload these numbers and remember the feed; raise Trouble."""
    feed: Feed = {"name": f"stock-{uuid.uuid4().hex}.json", "id": "", "at": line.now(), "words": dict(words)}
    feed["ended"] = None
    _keep(line, feed)
    node = ship_node(line.settings)
    boundary = uuid.uuid4().hex
    try:
        reply = call(
            line,
            "feeds.post",
            "POST",
            "/v3/feeds",
            query={"feedType": "MP_INVENTORY" if node else "inventory"},
            content=_file(boundary, feed["name"], _body(amounts, node)),
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        said = reply.json()
        feed["id"] = str(said.get("feedId") or "") if isinstance(said, dict) else ""
        if not feed["id"]:
            raise Away("feeds: expected a feedId, found none", maybe_done=True)
    except Trouble as trouble:
        if not (isinstance(trouble, Away) and trouble.maybe_done):
            _forget(line, feed)
        raise
    _keep(line, feed)
    return feed


def wait(line: Line, feed: Feed) -> None:
    """Look a few times, for as long as the line has patience, whether the feed has ended."""
    until, pause = time.monotonic() + line.patience, PAUSE
    while feed["ended"] is None:
        _look(line, feed)
        if feed["ended"] is not None or time.monotonic() + pause > until:
            return
        time.sleep(pause)
        pause *= 2


def known(line: Line) -> list[Feed]:
    """The feeds that are not answered for, as they stand now; raise Denied."""
    found = []
    for feed in _kept(line):
        if line.now() - feed["at"] > KEPT or not _still_there(line, feed):
            # Given up, or it never arrived: its words are told anew.
            _forget(line, feed)
        else:
            found.append(feed)
    return found


def _still_there(line: Line, feed: Feed) -> bool:
    """Look how it stands; a feed that cannot be looked at counts as working."""
    try:
        if not feed["id"]:
            feed["id"] = _found_again(line, feed["name"])
            if not feed["id"]:
                return line.now() - float(feed["at"]) <= SHOWN_WITHIN
            _keep(line, feed)
        if feed["ended"] is None:
            _look(line, feed)
    except (Away, Throttled, Refused):
        return True
    return True


def verdict(feed: Feed, word_id: str) -> Trouble | None:
    """What became of this word in a feed that has ended; None: written."""
    ended: Mapping[str, str] = feed["ended"] or {}
    for sku in feed["words"].get(word_id, []):
        what = ended.get(sku, "")
        if what:
            return Refused(what[1:]) if what[0] == "R" else Away(what[1:], maybe_done=True)
    return None


def was_put(feed: Feed, word_id: str) -> bool:
    """Whether this newer word was told beside the feed already."""
    return word_id in feed.get("put", ())


def note_put(line: Line, feed: Feed, word_id: str) -> None:
    """It was told beside the feed."""
    feed["put"] = [*feed.get("put", ()), word_id]
    _keep(line, feed)


def answered(line: Line, word_ids: Iterable[str]) -> None:
    """These words of feeds that have ended were answered for; a feed without words is forgotten."""
    gone = set(word_ids)
    for feed in _kept(line):
        if feed["ended"] is None or gone.isdisjoint(feed["words"]):
            continue
        feed["words"] = {word: skus for word, skus in feed["words"].items() if word not in gone}
        (_keep if feed["words"] else _forget)(line, feed)


def _look(line: Line, feed: Feed) -> None:
    said = _status(line, feed["id"], {"includeDetails": "false"})
    state = str(said.get("feedStatus") or "")
    if state == "ERROR":
        skus = {sku for skus in feed["words"].values() for sku in skus}
        feed["ended"] = dict.fromkeys(skus, "R" + f"feed {feed['id']}: ERROR {_errors(said)}".strip())
    elif state == "PROCESSED":
        feed["ended"] = _failures(line, feed) if int(said.get("itemsFailed") or 0) else {}
    else:
        return
    _keep(line, feed)


def _failures(line: Line, feed: Feed) -> dict[str, str]:
    """Every item that was not written. The pages tell all items, 50 each; one they do not name is not known to be."""
    found: dict[str, str] = {}
    written: set[str] = set()
    feed_id = feed["id"]
    offset, received = 0, 1
    while offset < received:
        query = {"includeDetails": "true", "offset": str(offset), "limit": str(PAGE)}
        said = _status(line, feed_id, query)
        received = int(said.get("itemsReceived") or 0)
        for item in (said.get("itemDetails") or {}).get("itemIngestionStatus") or []:
            state = str(item.get("ingestionStatus") or "")
            if state != "SUCCESS":
                kind = "R" if state == "DATA_ERROR" else "A"
                found[str(item.get("sku") or "")] = f"{kind}{state}: {_errors(item)}"
            else:
                written.add(str(item.get("sku") or ""))
        offset += PAGE
    wanted = {sku for skus in feed["words"].values() for sku in skus}
    unnamed = dict.fromkeys(wanted - written - set(found), f"Afeed {feed_id} had failures and does not name this item")
    return found | unnamed


def _status(line: Line, feed_id: str, query: Mapping[str, str]) -> Mapping[str, Any]:
    said = call(line, "feeds.read", "GET", f"/v3/feeds/{quote(feed_id, safe='')}", query=query).json()
    if not isinstance(said, dict):
        raise Away("feeds: expected the status of a feed, found something else", maybe_done=True)
    return said


def _errors(raw: Mapping[str, Any]) -> str:
    rows = (raw.get("ingestionErrors") or {}).get("ingestionError") or []
    return "; ".join(f"{row.get('code')} {row.get('description') or ''}".strip() for row in rows)[:200]


def _found_again(line: Line, name: str) -> str:
    """The id of the feed with this file among the newest 50; empty where there is none."""
    said = call(line, "feeds.read", "GET", "/v3/feeds", query={"offset": "0", "limit": str(PAGE)}, allow=(404,))
    rows = (said.json().get("results") or {}).get("feed") or [] if said.status != 404 else []
    return next((str(row["feedId"]) for row in rows if row.get("fileName") == name), "")


def _body(amounts: Mapping[str, int], node: str) -> bytes:
    """Spec 1.4 for the seller's default node, spec 1.5 where a node is named."""
    if not node:
        rows = [{"sku": sku, "quantity": {"unit": "EACH", "amount": amount}} for sku, amount in amounts.items()]
        return json.dumps({"InventoryHeader": {"version": "1.4"}, "Inventory": rows}, ensure_ascii=False).encode()
    at_node = [
        {"sku": sku, "shipNodes": [{"shipNode": node, "quantity": {"unit": "EACH", "amount": amount}}]}
        for sku, amount in amounts.items()
    ]
    return json.dumps({"inventoryHeader": {"version": "1.5"}, "inventory": at_node}, ensure_ascii=False).encode()


def _file(boundary: str, name: str, body: bytes) -> bytes:
    """RFC 7578: one part, "file"."""
    head = (
        f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n'
        "content-type: application/json\r\n\r\n"
    )
    return head.encode() + body + f"\r\n--{boundary}--\r\n".encode()


def _kept(line: Line) -> list[Feed]:
    return [dict(feed) for feed in line.memory.get("feeds") or []]


def _keep(line: Line, feed: Feed) -> None:
    with _LOCK:
        line.memory.put("feeds", [each for each in _kept(line) if each["name"] != feed["name"]] + [dict(feed)])


def _forget(line: Line, feed: Feed) -> None:
    with _LOCK:
        line.memory.put("feeds", [each for each in _kept(line) if each["name"] != feed["name"]] or None)
