"""Feeds: a document is uploaded, Amazon works on it for minutes, and a report says what became of each message."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from server.calls.line import BODY_MAX, Line
from server.calls.troubles import Away
from server.channels.amazon.api import answer, ask, things
from server.channels.amazon.setup import marketplace
from server.trade.moments import stamp

PATH = "/feeds/2021-06-30"
_OVER = {"DONE": True, "FATAL": False, "CANCELLED": False}
_SKEW = 300.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """``over``: Amazon works on it no more. ``report``: what it said of the messages, None where it gave up."""

    over: bool
    report: bytes | None = None


def upload(line: Line, content: bytes, content_type: str) -> str:
    """The id of a document with this content; no feed yet, so that it may be done again."""
    reply = ask(line, "createFeedDocument", "POST", f"{PATH}/documents", json={"contentType": content_type})
    found = answer(reply)
    url, document = found.get("url"), found.get("feedDocumentId")
    if not isinstance(url, str) or not isinstance(document, str):
        raise Away("createFeedDocument: expected url and feedDocumentId")
    # The address is signed: no token of ours goes there.
    line.call("upload", "PUT", url, headers={"content-type": content_type}, content=content)
    return document


def create(line: Line, kind: str, document: str, limit: str = "") -> str:
    """The id of the new feed; after Away with ``maybe_done`` there may be one all the same: see ``lost``."""
    body = {"feedType": kind, "marketplaceIds": [marketplace(line.settings)], "inputFeedDocumentId": document}
    found = answer(ask(line, "createFeed", "POST", f"{PATH}/feeds", json=body, limit=limit)).get("feedId")
    if not isinstance(found, str) or not found:
        raise Away("createFeed: expected feedId", maybe_done=True)
    return found


def lost(line: Line, kind: str, since: float, known: Mapping[str, Any]) -> str:
    """The id of a feed made at or after this time of which only Amazon knows; empty when there is none."""
    query = {
        "feedTypes": kind,
        "marketplaceIds": marketplace(line.settings),
        "createdSince": stamp(since - _SKEW),
        "pageSize": "100",
    }
    found = answer(ask(line, "getFeeds", "GET", f"{PATH}/feeds", query=query)).get("feeds")
    if not isinstance(found, list):
        raise Away("getFeeds: expected feeds", maybe_done=True)
    strange = [str(feed.get("feedId")) for feed in things(found) if str(feed.get("feedId")) not in known]
    return strange[0] if strange else ""


def outcome(line: Line, feed: str) -> Outcome:
    """How far a feed is, with its report when it is done."""
    found = answer(ask(line, "getFeed", "GET", f"{PATH}/feeds/{quote(feed, safe='')}"))
    done = _OVER.get(str(found.get("processingStatus")))
    if done is None:
        return Outcome(over=False)
    document = found.get("resultFeedDocumentId")
    if not done or not isinstance(document, str):
        return Outcome(over=True)
    return Outcome(over=True, report=_download(line, document))


def _download(line: Line, document: str) -> bytes:
    found = answer(ask(line, "getFeedDocument", "GET", f"{PATH}/documents/{quote(document, safe='')}"))
    if not isinstance(found.get("url"), str):
        raise Away("getFeedDocument: expected url")
    body = line.call("download", "GET", str(found["url"])).body
    if found.get("compressionAlgorithm") != "GZIP":
        return body
    try:
        return zlib.decompressobj(wbits=31).decompress(body, BODY_MAX)
    except zlib.error as error:
        raise Away(f"feed report: expected gzip, found {error}") from error
