"""Numbers to Amazon: one patch for each of a few, one feed for many, and never both for one SKU at a time.

Every number is absolute, so that a patch whose answer was lost is simply sent again; a feed is asked for by its id.
"""

from collections.abc import Sequence

from server.calls.line import Line
from server.calls.troubles import Away, Refused, Throttled, Trouble
from server.channels.amazon.api import answer, ask, things
from server.channels.amazon.bulk import send_feed, settle
from server.channels.amazon.change import available, change, product_type
from server.channels.amazon.inflight import Flight, load, save
from server.channels.amazon.listed import path_of
from server.channels.amazon.setup import feed_above, marketplace
from server.trade.words import Answer, Listing, Word, failed

_LATER = 15.0


def tell_stock(line: Line, words: Sequence[Word]) -> list[Answer]:
    """Whatever ``tried`` says, what is on its way is looked at first."""
    flight = load(line)
    answers = settle(line, flight, words)
    fresh = [word for word in words if word.id not in answers]
    answers |= {word.id: failed(Refused("no listing at Amazon means this SKU")) for word in fresh if not word.listings}
    patches, fed = _ways(line, flight, [word for word in fresh if word.listings], answers)
    now = line.now()
    for word in patches:
        for listing in word.listings:
            flight.forget(listing.sku)
            flight.patched[listing.sku] = now
    save(line, flight)
    answers |= {word.id: _patched(line, word) for word in patches}
    if fed:
        answers |= send_feed(line, flight, fed)
    return [answers[word.id] for word in words]


def _ways(
    line: Line, flight: Flight, words: Sequence[Word], answers: dict[str, Answer]
) -> tuple[list[Word], list[Word]]:
    """Those to patch and those for a feed; those that must wait are answered.

    Beside a feed the first empty shelves are patched: a feed takes minutes, and a sold-out SKU must not sell meanwhile.
    """
    room, patches, fed, now = feed_above(line.settings), list[Word](), list[Word](), line.now()
    many = sum(len(word.listings) for word in words) > room
    for word in words:
        lately = max(flight.lately(listing.sku, now) for listing in word.listings)
        if not many or ((available(word) == 0 or lately) and len(word.listings) <= room):
            patches.append(word)
            room -= len(word.listings)
        elif lately:
            answers[word.id] = failed(Throttled("changed a moment ago: its feed must wait", min(lately, _LATER)))
        else:
            fed.append(word)
    return patches, fed


def _patched(line: Line, word: Word) -> Answer:
    """All listings of a word; the first trouble is the answer."""
    said = [_patch(line, word, listing) for listing in word.listings]
    return next((one for one in said if not one.ok), said[-1])


def _patch(line: Line, word: Word, listing: Listing) -> Answer:
    try:
        reply = ask(
            line,
            "patchListingsItem",
            "PATCH",
            path_of(line, listing.sku),
            query={"marketplaceIds": marketplace(line.settings)},
            json={"productType": product_type(listing), "patches": change(word)},
        )
        found = answer(reply)
    except Trouble as trouble:
        return failed(trouble)
    errors = [issue for issue in things(found.get("issues")) if issue.get("severity") == "ERROR"]
    if found.get("status") == "ACCEPTED" and not errors:
        return Answer(f"accepted: {str(found.get('submissionId'))[:60]}")
    if "status" not in found:
        return failed(Away("patchListingsItem: expected a status", maybe_done=True))
    why = "; ".join(f"{issue.get('code')} {issue.get('message')}" for issue in errors) or str(found.get("status"))
    return failed(Refused(f"{listing.sku}: {why}"[:300]))
