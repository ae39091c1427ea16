"""Many numbers as one JSON_LISTINGS_FEED, and what became of the feeds that are on their way."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Refused, Throttled, Trouble
from server.channels.amazon import feeds
from server.channels.amazon.api import things
from server.channels.amazon.change import change, product_type
from server.channels.amazon.inflight import ENDS_WITHIN, SETTLING, Feed, Flight, Row, save
from server.channels.amazon.setup import seller
from server.trade.words import Answer, Word, failed

KIND = "JSON_LISTINGS_FEED"
_TYPE = "application/json; charset=UTF-8"
_LATER = 15.0


def settle(line: Line, flight: Flight, words: Sequence[Word]) -> dict[str, Answer]:
    """Look at the feeds that are on their way, and answer the words that they hold or hinder."""
    answers: dict[str, Answer] = {}
    troubles = {id(feed): _look(line, flight, feed) for feed in flight.feeds if not feed.over}
    for word in words:
        said = [one for listing in word.listings if (one := _said(flight, word, listing.sku, troubles))]
        # Parts of a word that no feed holds are written now; then all of it is told again, in one way.
        if said and (
            len(said) == len(word.listings) or any(isinstance(one.trouble, (Away, Throttled)) for one in said)
        ):
            answers[word.id] = next((one for one in said if not one.ok), said[0])
    for word in words:
        if word.id in answers and not isinstance(answers[word.id].trouble, (Away, Throttled)):
            for listing in word.listings:
                flight.forget(listing.sku)
    flight.feeds = [feed for feed in flight.feeds if feed.rows]
    save(line, flight)
    return answers


def send_feed(line: Line, flight: Flight, words: Sequence[Word]) -> dict[str, Answer]:
    """One feed with all these words, and what is known of it at once: mostly that it is in progress."""
    if any(not feed.id for feed in flight.feeds):
        return _all(words, failed(Throttled("a feed was sent and its answer lost: it is looked for first", _LATER)))
    rows, messages, later = _messages(words)
    fed = [word for word in words if word.id not in later]
    answers = {word: failed(Throttled("its listing has another number in this feed", _LATER)) for word in later}
    header = {"sellerId": seller(line.settings), "version": "2.0", "issueLocale": "en_US"}
    content = json.dumps({"header": header, "messages": messages}).encode()
    feed = Feed("", line.now(), rows)
    try:
        document = feeds.upload(line, content, _TYPE)
        for sku in rows:
            flight.forget(sku)
        flight.feeds.append(feed)
        # Before it is sent: an answer that is lost, or a crash, must not hide that it may be on its way.
        save(line, flight)
        flight.named(feed, feeds.create(line, KIND, document, limit="createListingsFeed"))
    except Trouble as trouble:
        if not (isinstance(trouble, Away) and trouble.maybe_done):
            flight.feeds = [each for each in flight.feeds if each is not feed]
        save(line, flight)
        return answers | _all(fed, failed(trouble))
    save(line, flight)
    return answers | settle(line, flight, fed)


def _messages(words: Sequence[Word]) -> tuple[dict[str, Row], list[dict[str, Any]], set[str]]:
    """Rows by SKU, their messages, and the ids of words that ask for a second number of one SKU."""
    rows: dict[str, Row] = {}
    messages: list[dict[str, Any]] = []
    later: set[str] = set()
    for word in words:
        if any(listing.sku in rows for listing in word.listings):
            later.add(word.id)
            continue
        for listing in word.listings:
            rows[listing.sku] = Row(word.id, len(messages) + 1)
            message = {"messageId": len(messages) + 1, "sku": listing.sku, "operationType": "PATCH"}
            messages.append(message | {"productType": product_type(listing), "patches": change(word)})
    return rows, messages, later


def _look(line: Line, flight: Flight, feed: Feed) -> str:
    """Bring a feed up to date; what hindered it, if anything did."""
    try:
        if not feed.id and not _found(line, flight, feed):
            return "its answer was lost"
        if not feed.rows:
            return ""
        found = feeds.outcome(line, feed.id)
        if not found.over and line.now() - feed.at <= ENDS_WITHIN:
            return ""
        said = _read(found.report, feed.rows) if found.report is not None else None
    except Refused:
        said = None
    except Trouble as trouble:
        return trouble.detail
    for sku, row in feed.rows.items():
        row.said = said[sku] if said is not None else _ABORTED
    feed.over = True
    return ""


_ABORTED = "\0aborted"
"""Amazon gave up, or does not end, or its report does not speak of every message: the number is written again."""


def _found(line: Line, flight: Flight, feed: Feed) -> bool:
    """Whether the feed whose answer was lost is there; one that was never made leaves nothing behind."""
    feed_id = feeds.lost(line, KIND, feed.at, Counter(flight.known))
    if feed_id:
        flight.named(feed, feed_id)
        return True
    if line.now() - feed.at > SETTLING:
        feed.rows = {}
        return True
    return False


def _read(report: bytes, rows: Mapping[str, Row]) -> dict[str, str] | None:
    """What the report says of each SKU; None when it does not account for all; raise Away when it is none."""
    try:
        found = json.loads(report)
        issues, accepted = things(found["issues"]), int(found["summary"]["messagesAccepted"])
    except (ValueError, KeyError, TypeError) as error:
        raise Away(f"feed report: expected issues and summary, found {type(error).__name__}") from error
    wrong = {each.get("messageId"): each for each in reversed(issues) if each.get("severity") == "ERROR"}
    said = {sku: _why(wrong.get(row.message)) for sku, row in rows.items()}
    return said if accepted + len(wrong.keys() - {None}) >= len(rows) else None


def _why(issue: Mapping[str, Any] | None) -> str:
    return "" if issue is None else f"{issue.get('code') or 'error'} {issue.get('message')}"[:300]


def _said(flight: Flight, word: Word, sku: str, troubles: Mapping[int, str]) -> Answer | None:
    """The answer for one listing of a word, None when it can be written now."""
    feed = flight.of(sku)
    if feed is None:
        return None
    row = feed.rows[sku]
    if not feed.over:
        if row.word == word.id:
            hindered = troubles.get(id(feed), "")
            detail = f"feed {feed.id or 'of unknown id'} in progress{': ' if hindered else ''}{hindered}"
            return failed(Away(detail[:300], maybe_done=True))
        return failed(Throttled(f"an older number is in feed {feed.id}, in progress", _LATER))
    if row.word != word.id or row.said is None:
        return None
    if row.said == _ABORTED:
        feed.rows.pop(sku)
        return failed(Away(f"feed {feed.id} was given up by Amazon"))
    return failed(Refused(f"{sku}: {row.said}")) if row.said else Answer(f"feed {feed.id}: accepted")


def _all(words: Iterable[Word], one: Answer) -> dict[str, Answer]:
    return {word.id: one for word in words}
