"""Telling Etsy numbers.

Etsy has one write: PUT replaces all products of a listing, whatever is left out is lost. So each listing is read, only
its quantities change, and all of it is sent back, by one thread at a time. Etsy offers nothing to compare with: a sale
between the two is seen by the next reconciliation.

Etsy refuses a listing in which nothing is left ("One offering must have quantity greater than 0"): its own advice is to
take the listing off sale (https://github.com/etsy/open-api/issues/395, /560). We remember that we did, and with which
numbers, so that it comes back when there is stock, with these numbers and not those it had.
"""

import threading
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.channels.etsy.inventory import UNITS_MOST, Shelf, listing_of, off_key, shelf_of
from server.channels.etsy.replacing import body_of, counted, spread
from server.channels.etsy.sign_in import call, thing
from server.trade.words import Answer, Word, failed

AWAY_MOST = 3
"""After so many listings in a row that got no answer the rest is not asked."""

_CONFLICT, _NOT_FOUND = 409, 404
_LOCKS = tuple(threading.Lock() for _ in range(64))


def numbers(line: Line, words: Sequence[Word]) -> list[Answer]:
    """One write for each listing, in the order of the words; a word with several listings needs them all."""
    said: list[list[Answer]] = [[] for _ in words]
    by_listing: dict[str, list[tuple[int, str, int]]] = {}
    for nth, word in enumerate(words):
        units = min(max(0, int(word.data.get("available", 0))), UNITS_MOST)
        if not word.listings:
            said[nth].append(failed(Refused("listings: expected one that means this SKU, found none")))
        for listing in word.listings:
            if listing_id := listing_of(listing.ref):
                by_listing.setdefault(str(int(listing_id)), []).append((nth, listing.ref, units))
            else:
                said[nth].append(failed(Refused(f"listing {listing.ref[:40]!r}: expected a number of Etsy's")))
    stopped: Trouble | None = None
    away = 0
    line.memory.get_all([off_key(listing_id) for listing_id in by_listing])  # One question for all of them.
    for listing_id, wanted in by_listing.items():
        told = _told(line, listing_id, {ref: units for _, ref, units in wanted}, stopped)
        troubles = [answer.trouble for answer in told.values()]
        away = away + 1 if any(isinstance(trouble, Away) for trouble in troubles) else 0
        stopped = next((t for t in troubles if isinstance(t, (Throttled, Denied))), None) or stopped
        if away >= AWAY_MOST:
            stopped = stopped or Away("not asked: Etsy does not answer")
        for nth, ref, _ in wanted:
            said[nth].append(told[ref])
    return [_worst(answers) for answers in said]


def _worst(answers: Sequence[Answer]) -> Answer:
    bad = [answer for answer in answers if not answer.ok]
    return bad[0] if bad else Answer("; ".join(dict.fromkeys(answer.text for answer in answers)))


def _told(line: Line, listing_id: str, wanted: Mapping[str, int], stopped: Trouble | None) -> dict[str, Answer]:
    if stopped is not None:
        return dict.fromkeys(wanted, failed(stopped))
    # A zero may take the last calls of the day: what is sold without stock costs more than a late confirmation.
    listing = _Listing(line, listing_id, patient=0 not in wanted.values())
    with _LOCKS[zlib.crc32(f"{line.channel}/{listing_id}".encode()) % len(_LOCKS)]:
        try:
            said = listing.written(wanted) or listing.written(wanted)
        except Trouble as trouble:
            return dict.fromkeys(wanted, failed(trouble))
    return said or dict.fromkeys(wanted, failed(Away("somebody else is changing this listing")))


@dataclass(frozen=True, slots=True)
class _Listing:
    """One listing while it is written. Methods that write return None or False when somebody else was faster (409)."""

    line: Line
    listing_id: str
    patient: bool

    def written(self, wanted: Mapping[str, int]) -> dict[str, Answer] | None:
        """Read, change, write; an answer for each ref."""
        shelf, off = self._read(), self._off()
        base = shelf.numbers
        if shelf.state == "inactive":
            base |= {ref: units for ref, units in off.get("numbers", {}).items() if ref in base}
        target, answers = spread(shelf, base, wanted)
        if len(answers) < len(wanted):
            text = self._settled(shelf, target, off) if counted(shelf, target) else self._emptied(shelf, target, off)
            if text is None:
                return None
            answers = {ref: Answer(text) for ref in wanted if ref not in answers} | answers
        return answers

    def _settled(self, shelf: Shelf, target: Mapping[str, int], off: Mapping[str, Any]) -> str | None:
        """Make the listing say these numbers; one that we took off sale is put on sale again."""
        if shelf.state == "expired":
            raise Refused(f"listing {self.listing_id}: it has expired on Etsy: renew it on etsy.com")
        if shelf.state == "sold_out" and not self._renewed():
            return None
        text = "Etsy has these numbers already"
        if target != shelf.numbers or shelf.state == "sold_out":
            status = self._put(shelf, target)
            if status == _CONFLICT:
                return None
            text = f"{status} {counted(shelf, target)} in the listing"
        if shelf.state == "inactive" and off.get("wake") and not self._put_state("active"):
            return None
        if off:
            self.line.memory.put(off_key(self.listing_id), None)
        return text

    def _emptied(self, shelf: Shelf, target: Mapping[str, int], off: Mapping[str, Any]) -> str | None:
        """Nothing is left. A listing that a person took off sale stays so, and is not put on sale by us later."""
        if shelf.state in {"sold_out", "expired", "draft"}:
            return f"nothing to sell: the listing is {shelf.state}"
        wake = bool(off.get("wake")) if shelf.state == "inactive" else True
        # Remembered first: were it lost, nobody would put the listing on sale again.
        self.line.memory.put(off_key(self.listing_id), {"numbers": dict(target), "wake": wake})
        if shelf.state == "inactive":
            return "off sale already"
        return "off sale: nothing is left" if self._put_state("inactive") else None

    def _renewed(self) -> bool:
        """On sale again after it sold out, which costs a fee."""
        if str(self.line.settings.get("renew_sold_out") or "yes") == "no":
            raise Refused(f"listing {self.listing_id}: sold out on Etsy: renew it on etsy.com, or set renew_sold_out")
        return self._put_state("active")

    def _put_state(self, state: str) -> bool:
        shop = str(self.line.settings.get("shop_id", "")).strip()
        path = f"/shops/{shop}/listings/{self.listing_id}"
        form = {"state": state}
        reply = call(self.line, "PATCH", path, form=form, allow=(_CONFLICT,), patient=self.patient)
        return reply.status != _CONFLICT

    def _put(self, shelf: Shelf, target: Mapping[str, int]) -> int:
        query = [("max_variations_supported", "3")] if shelf.variations > 2 else None
        reply = call(
            self.line,
            "PUT",
            f"/listings/{self.listing_id}/inventory",
            query=query,
            content=body_of(shelf, target),
            allow=(_CONFLICT,),
            patient=self.patient,
        )
        return reply.status

    def _read(self) -> Shelf:
        path, query = f"/listings/{self.listing_id}/inventory", [("includes", "Listing")]
        reply = call(self.line, "GET", path, query=query, allow=(_NOT_FOUND,), patient=self.patient)
        if reply.status == _NOT_FOUND:
            raise Refused(f"listing {self.listing_id}: Etsy has none under this number")
        raw = thing(reply)
        listing = raw.get("listing")
        shelf = shelf_of(self.listing_id, raw, listing.get("state") if isinstance(listing, dict) else "")
        if not shelf.products:
            raise Away(f"listing {self.listing_id}: expected its products, found none")
        return shelf

    def _off(self) -> dict[str, Any]:
        return dict(self.line.memory.get(off_key(self.listing_id)) or {})
