"""Telling stock: few numbers one by one, many in a feed, and never an older one over a newer one.

Walmart has no compare-and-set. A feed works for minutes: a number told meanwhile would be overwritten when it ends, so
that such a word is told at once and again after the feed.
"""

from collections.abc import Mapping, Sequence

from server.calls.line import Line
from server.calls.troubles import Away, Refused, Throttled, Trouble
from server.channels.walmart import feeds
from server.channels.walmart.client import call
from server.channels.walmart.each import each
from server.channels.walmart.nodes import Shown, one, ship_node, shown
from server.trade.words import Answer, Listing, Word, failed

FEW = 20
"""Up to so many words are told one by one: ten feeds an hour is all there is."""
NEARLY_NOTHING = 2
"""Numbers up to this do not wait for a feed."""


def live_stock(line: Line, listings: Sequence[Listing]) -> dict[str, int | None]:
    """See Platform: what buyers can buy."""
    found = shown(line, [listing.ref for listing in listings])
    live: dict[str, int | None] = {}
    for listing in listings:
        if listing.ref in found:
            state = found[listing.ref]
            live[listing.ref] = None if state is None else state.available
    return live


def tell_stock(line: Line, words: Sequence[Word]) -> list[Answer]:
    """See Platform."""
    remembered = feeds.known(line)
    answers: dict[str, Answer] = {}
    fresh: list[Word] = []
    for word in words:
        known = next((feed for feed in remembered if word.id in feed["words"]), None)
        if known is None:
            fresh.append(word)
        elif known["ended"] is None:
            answers[word.id] = _in_progress(known)
        else:
            answers[word.id] = _answer(known, word)
    feeds.answered(line, answers)
    answers |= _fresh(line, fresh, [feed for feed in remembered if feed["ended"] is None])
    return [answers[word.id] for word in words]


def _fresh(line: Line, words: Sequence[Word], working: Sequence[feeds.Feed]) -> dict[str, Answer]:
    """Words that no feed has: behind one that works, at once, or in a feed of their own."""
    behind: list[tuple[Word, feeds.Feed]] = []
    free: list[Word] = []
    for word in words:
        feed = next((feed for feed in working if _shares(feed, word)), None)
        if feed is None:
            free.append(word)
        else:
            behind.append((word, feed))
    answers = {word.id: _meanwhile(line, word, feed) for word, feed in behind}
    head = 0
    if len(free) > FEW:
        while head < FEW and _available(free[head]) <= NEARLY_NOTHING:
            head += 1
    first, rest = (free[:head], free[head:]) if len(free) - head > FEW else (free, [])
    told = each(first, lambda word: _put(line, word)) if first else []
    answers |= {word.id: answer for word, answer in zip(first, told, strict=True)}
    return answers | (_in_a_feed(line, rest) if rest else {})


def _in_a_feed(line: Line, words: Sequence[Word]) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    amounts: dict[str, int] = {}
    try:
        found = _shown(line, [sku for word in words for sku in _skus(word)])
        for word in words:
            gone = [sku for sku in _skus(word) if sku in found and found[sku] is None]
            if gone:
                answers[word.id] = failed(_gone(gone[0]))
                continue
            amounts |= {sku: _amount(word, found.get(sku)) for sku in _skus(word)}
        told = {word.id: _skus(word) for word in words if word.id not in answers}
        if not told:
            return answers
        feed = feeds.post(line, amounts, told)
    except (Throttled, Refused):
        # No feed left this hour, or one row spoils the file: one by one, the most urgent first.
        left = [word for word in words if word.id not in answers]
        return answers | {word.id: said for word, said in zip(left, each(left, lambda w: _put(line, w)), strict=True)}
    except Trouble as trouble:
        return answers | {word.id: failed(trouble) for word in words if word.id not in answers}
    try:
        feeds.wait(line, feed)
    except Trouble:
        # The feed is with Walmart; what became of it is asked at the next try.
        feed["ended"] = None
    for word in words:
        if word.id in told:
            answers[word.id] = _in_progress(feed) if feed["ended"] is None else _answer(feed, word)
    if feed["ended"] is not None:
        feeds.answered(line, told)
    return answers


def _meanwhile(line: Line, word: Word, feed: feeds.Feed) -> Answer:
    """A newer number than one in a feed that works: told now, and once more when the feed has ended."""
    if not feeds.was_put(feed, word.id):
        answer = each([word], lambda w: _put(line, w))[0]
        if not answer.ok:
            return answer
        feeds.note_put(line, feed, word.id)
    why = f"feed {feed['id'] or feed['name']} of an earlier number is still in progress: told again after it"
    return failed(Away(why, maybe_done=True))


def _put(line: Line, word: Word) -> Answer:
    said = []
    for sku in _skus(word):
        amount = _amount(word, _state(line, sku))
        node = ship_node(line.settings)
        reply = call(
            line,
            "stock.write",
            "PUT",
            "/v3/inventory",
            query={"sku": sku} | ({"shipNode": node} if node else {}),
            json={"sku": sku, "quantity": {"unit": "EACH", "amount": amount}},
            allow=(404,),
        )
        if reply.status == 404:
            raise _gone(sku)
        written = reply.json()
        if not isinstance(written, dict) or "quantity" not in written:
            raise Away("inventory: expected the quantity written, found something else", maybe_done=True)
        said.append(f"{reply.status} {amount}")
    return Answer(", ".join(said))


def _state(line: Line, sku: str) -> Shown | None:
    if not _adds(line):
        return None
    found = one(line, sku)
    if found is None:
        raise _gone(sku)
    return found


def _shown(line: Line, skus: Sequence[str]) -> Mapping[str, Shown | None]:
    return shown(line, skus) if _adds(line) else {}


def _adds(line: Line) -> bool:
    return str(line.settings.get("add_reserved", "yes")).lower() not in {"no", "false"}


def _amount(word: Word, found: Shown | None) -> int:
    """Of several nodes it is not known which one is the default: nothing is added, so that nothing is sold twice."""
    return max(0, _available(word)) + (found.reserved if found is not None and found.nodes == 1 else 0)


def _available(word: Word) -> int:
    return int(word.data["available"])


def _skus(word: Word) -> list[str]:
    return [listing.ref for listing in word.listings] or [str(word.data["sku"])]


def _shares(feed: feeds.Feed, word: Word) -> bool:
    return not {sku for skus in feed["words"].values() for sku in skus}.isdisjoint(_skus(word))


def _answer(feed: feeds.Feed, word: Word) -> Answer:
    trouble = feeds.verdict(feed, word.id)
    return Answer(f"feed {feed['id']} PROCESSED") if trouble is None else failed(trouble)


def _in_progress(feed: feeds.Feed) -> Answer:
    return failed(Away(f"feed {feed['id'] or feed['name']} still in progress", maybe_done=True))


def _gone(sku: str) -> Refused:
    return Refused(f"404: Walmart has no item with the SKU {sku[:60]!r}")
