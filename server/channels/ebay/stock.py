"""Stock: absolute numbers, 25 rows in a call, each with its own status; 250 revisions a day for each listing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.channels.ebay.access import INVENTORY, ask, fields, pacific_day, rows, until_midnight
from server.channels.ebay.listings import TOGETHER, live_stock
from server.trade.words import Answer, Listing, Word

ENOUGH = 240
"""Revisions of a listing in a day after which only "sold out" is told; eBay takes 250."""

_REVISED_TOO_OFTEN = re.compile(r"revis.*(limit|exceed|maxim|too many|threshold|250)|(limit|maxim).*revis", re.I | re.S)
_WORST_FIRST = (Denied, Away, Throttled, Refused)


@dataclass(frozen=True, slots=True)
class _Row:
    """A number for one listing, on behalf of the word at ``nth``."""

    nth: int
    listing: Listing
    number: int


@dataclass(frozen=True, slots=True)
class _Done:
    text: str
    trouble: Trouble | None = None


def tell_stock(line: Line, words: Sequence[Word]) -> list[Answer]:
    """Every word's number to all its listings; a bad row keeps no other back."""
    done: list[list[_Done]] = [[] for _ in words]
    wanted: list[_Row] = []
    for nth, word in enumerate(words):
        number = word.data.get("available")
        if not isinstance(number, int) or not word.listings:
            refused = Refused(f"expected a number and its listings, found {number!r} and {len(word.listings)} listings")
            done[nth].append(_Done(refused.detail, refused))
        else:
            wanted += [_Row(nth, listing, max(0, number)) for listing in word.listings]
    stopped: Trouble | None = None
    for some in _calls(wanted):
        stopped = _tell_some(line, some, words, done, stopped)
    return [_answer(each) for each in done]


def _tell_some(
    line: Line, some: Sequence[_Row], words: Sequence[Word], done: list[list[_Done]], stopped: Trouble | None
) -> Trouble | None:
    """One call's rows; once eBay is away or says "too many", the rest of the words is not asked at all."""
    if stopped is None:
        try:
            some = _worth_telling(line, some, words, done)
            for row, what in _sent(line, some):
                done[row.nth].append(what)
            return None
        except Trouble as trouble:
            stopped = trouble
    for row in some:
        done[row.nth].append(_Done(stopped.detail, stopped))
    return stopped


def _worth_telling(line: Line, some: Sequence[_Row], words: Sequence[Word], done: list[list[_Done]]) -> list[_Row]:
    """Without rows that eBay shows already, and without those whose listing was revised often enough today.

    That ``before`` is the same is not enough: what eBay took may have been sold or edited there since. Looking is
    cheap, and a revision is not.
    """
    same = [row.listing for row in some if words[row.nth].before == row.number]
    live = live_stock(line, same) if same else {}
    line.memory.get_all([_revisions(row.listing.ref) for row in some])  # One question for all of them.
    telling = []
    for row in some:
        if words[row.nth].before == row.number and live.get(row.listing.ref) == row.number:
            done[row.nth].append(_Done(f"{row.number} already"))
        elif row.number > 0 and _revised(line, row.listing.ref) >= ENOUGH:
            done[row.nth].append(_until_tomorrow(line, f"{row.listing.ref}: {ENOUGH} revisions today"))
        else:
            telling.append(row)
    return telling


def _sent(line: Line, some: Sequence[_Row]) -> Iterator[tuple[_Row, _Done]]:
    """One call. Where eBay refuses it whole, its halves are tried: a bad row is found by itself."""
    if not some:
        return
    try:
        reply = ask(line, "inventory", "POST", f"{INVENTORY}/bulk_update_price_quantity", json=_body(some))
        answered = rows(fields(reply), "responses")
    except Refused as trouble:
        if len(some) == 1:
            yield some[0], _refused(line, some[0], trouble.detail)
            return
        half = len(some) // 2
        yield from _sent(line, some[:half])
        yield from _sent(line, some[half:])
        return
    except Away as trouble:
        if trouble.maybe_done:
            _count(line, some)
        raise
    _count(line, some)
    for row in some:
        yield row, _became(line, row, [each for each in answered if _about(each, row)])


def _body(some: Sequence[_Row]) -> dict[str, Any]:
    """The number of the item, and of each of its offers: buyers see the offer's."""
    requests: list[dict[str, Any]] = []
    for row in some:
        request: dict[str, Any] = {
            "sku": row.listing.ref,
            "shipToLocationAvailability": {"quantity": row.number},
        }
        if offers := row.listing.data.get("offers"):
            request["offers"] = [{"offerId": str(offer), "availableQuantity": row.number} for offer in offers]
        requests.append(request)
    return {"requests": requests}


def _about(answered: Mapping[str, Any], row: _Row) -> bool:
    return answered.get("sku") == row.listing.ref or answered.get("offerId") in row.listing.data.get("offers", ())


def _became(line: Line, row: _Row, answered: Sequence[Mapping[str, Any]]) -> _Done:
    """The worst of a row's answers: the item's own and one for each offer."""
    if not answered:
        away = Away(f"{row.listing.ref}: eBay's answer does not name it", maybe_done=True)
        return _Done(away.detail, away)
    worst = max(answered, key=_status)
    status, said = _status(worst), _errors(worst)
    if status // 100 == 2:
        return _Done(f"{status} {row.number}")
    if status == 429:
        return _until_tomorrow(line, said)
    if status >= 500 or status == 409:
        return _Done(said, Away(f"{row.listing.ref}: {status} {said}", maybe_done=True))
    return _refused(line, row, f"{row.listing.ref}: {status} {said}")


def _refused(line: Line, row: _Row, detail: str) -> _Done:
    if _REVISED_TOO_OFTEN.search(detail) or _revised(line, row.listing.ref) > ENOUGH:
        return _until_tomorrow(line, detail)
    return _Done(detail, Refused(detail))


def _until_tomorrow(line: Line, detail: str) -> _Done:
    return _Done(detail, Throttled(detail, until_midnight(line.now())))


def _status(answered: Mapping[str, Any]) -> int:
    found = answered.get("statusCode")
    return found if isinstance(found, int) else 500


def _errors(answered: Mapping[str, Any]) -> str:
    said = "; ".join(
        f"{error.get('errorId')} {error.get('message')}" for error in answered.get("errors") or () if error
    )
    return "".join(c for c in said[:300] if c.isprintable())


def _revised(line: Line, ref: str) -> int:
    """How often we revised this listing since midnight Pacific."""
    kept = line.memory.get(_revisions(ref)) or {}
    return int(kept["times"]) if kept.get("day") == pacific_day(line.now()) else 0


def _count(line: Line, some: Sequence[_Row]) -> None:
    day = pacific_day(line.now())
    times = {row.listing.ref: _revised(line, row.listing.ref) + 1 for row in some}
    line.memory.put_all({_revisions(ref): {"day": day, "times": number} for ref, number in times.items()})


def _revisions(ref: str) -> str:
    """Where we remember how often a listing was revised."""
    return f"revised:{ref}"


def _calls(wanted: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Rows in their order, at most so many in a call, and no SKU twice in one."""
    call: list[_Row] = []
    for row in wanted:
        if len(call) == TOGETHER or any(row.listing.ref == other.listing.ref for other in call):
            yield call
            call = []
        call.append(row)
    if call:
        yield call


def _answer(done: Sequence[_Done]) -> Answer:
    for kind in _WORST_FIRST:
        for each in done:
            if isinstance(each.trouble, kind):
                return Answer(each.text, each.trouble)
    return Answer("; ".join(each.text for each in done))
