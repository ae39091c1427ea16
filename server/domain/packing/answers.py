"""What a scan means while something is asked about an item: its lot, another lot, its serial number, which item it is.

The answer is added to what the first scan said, and the item is judged once more from the beginning.
"""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.booking.lots import LOT_MAX
from server.domain.masterdata.catalog import Match
from server.domain.packing.items import judge_item
from server.domain.packing.lots import CONFIRM_SECONDS
from server.domain.packing.misreads import cut_off
from server.domain.packing.session import Asked, AskedKind, Session, Verdict
from server.domain.packing.stops import line_of, match_of

_WRITTEN = {AskedKind.LOT: "(10)", AskedKind.SERIAL: "(21)"}
"""How people write what a text is, see the GS1 General Specifications."""
_DIGITS = 4


def waits_for_text(session: Session) -> bool:
    """Whether any text may come now: a lot of 13 digits is no product with a wrong check digit."""
    return session.asked is not None and session.asked.kind in _WRITTEN


def answer_lot(session: Session, asked: Asked, scan: Scan) -> Verdict | None:
    """The lot of the item; of a lot nobody knows it is asked again."""
    text, line = scan.lot or _text(asked, scan), line_of(session, asked.sku)
    if scan.matches and line.record_of(text) is None:
        return None
    if scan.lot and scan.matches and asked.sku not in {match.sku for match in scan.matches}:
        return None  # Another product whose lot has the same name.
    if not _may_be(text, scan):
        return None
    # The item's own code once more, and misread.
    misread = None if scan.lot or line.record_of(text) else cut_off(session, scan)
    if misread is not None:
        return misread
    verdict = _judged(session, asked, replace(scan, lot=text), match_of(line, asked.units))
    if verdict.reason is Reason.UNKNOWN_LOT:
        return replace(verdict, session=replace(verdict.session, asked=asked))
    return verdict


def answer_other_lot(session: Session, asked: Asked, scan: Scan) -> Verdict | None:
    """The same code again, a second later: yes, this lot."""
    if scan.payload != asked.code:
        return None
    elapsed = scan.at - asked.at
    if elapsed < CONFIRM_SECONDS:
        # A clock that was set back must not keep a person from ever confirming.
        still = asked if elapsed >= 0 else replace(asked, at=scan.at)
        return Verdict(Reason.NEED_CONFIRM, Tone.LOOK, replace(session, asked=still), item=asked.item)
    match = match_of(line_of(session, asked.sku), asked.units)
    return _judged(session, asked, replace(scan, lot=asked.lot, confirmed=True), match)


def answer_serial(session: Session, asked: Asked, scan: Scan) -> Verdict | None:
    """The serial number of the unit."""
    text = scan.serial or _text(asked, scan)
    if scan.matches or not _may_be(text, scan):
        return None
    misread = None if scan.serial else cut_off(session, scan)
    if misread is not None:
        return misread
    match = match_of(line_of(session, asked.sku), asked.units)
    verdict = _judged(session, asked, replace(scan, serial=text), match)
    if verdict.reason in (Reason.DUPLICATE_SERIAL, Reason.REPEAT):
        return replace(verdict, session=replace(verdict.session, asked=asked))
    return verdict


def answer_which(session: Session, asked: Asked, scan: Scan) -> Verdict | None:
    """The number of one of the items that a code can mean."""
    if scan.matches or not (scan.quantity.isascii() and scan.quantity.isdecimal()):
        return None
    # Longer digits than any number of choices; Python refuses to read thousands of them.
    number = int(scan.quantity) if len(scan.quantity) <= _DIGITS else 0
    if not 1 <= number <= len(asked.choices):
        return Verdict(Reason.AMBIGUOUS, Tone.LOOK, session, item=asked.item)
    return _judged(session, asked, scan, asked.choices[number - 1])


def _judged(session: Session, asked: Asked, scan: Scan, match: Match) -> Verdict:
    whole = replace(
        scan,
        matches=(match,),
        lot=scan.lot or asked.lot,
        serial=scan.serial or asked.serial,
        expires_on=scan.expires_on or asked.expires_on,
        best_before=scan.best_before or asked.best_before,
        confirmed=scan.confirmed or asked.confirmed,
    )
    return judge_item(replace(session, asked=None), whole)


def _text(asked: Asked, scan: Scan) -> str:
    """As it was printed: only the payload has lost its case, and only the raw text may have a prefix."""
    raw = scan.raw.strip()
    text = raw if raw.upper() == scan.payload else scan.payload
    return text.removeprefix(_WRITTEN[asked.kind]).strip()


def _may_be(text: str, scan: Scan) -> bool:
    """Whether it can be a lot or serial number at all, and is no code of the site."""
    site = scan.command or scan.badge or scan.order_ref or scan.lane or scan.box_type or scan.trouble
    if site or (scan.payload[:2] == "PP" and scan.payload[3:4] == "-"):
        return False
    return 0 < len(text) <= LOT_MAX and text.isascii() and text.isprintable()
