"""Taking goods out of the box again: one unit, all of one item, or everything. Two scans each, never silent.

UNDO, then UNDO a second later: the last counted scan. UNDO, then an item: one scan of that item. EMPTY, then EMPTY a
second later: everything. EMPTY, then an item: all of that item. PPC-OK, or half a minute, drops the question.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan, spoken
from server.domain.masterdata.catalog import Match
from server.domain.packing import boxes
from server.domain.packing.session import Asked, AskedKind, Captured, Phase, Session, Taken, Verdict
from server.domain.packing.steps import unconfirmed

CONFIRM_SECONDS = 1.0
"""A second scan of the same code sooner than this is a trigger held too long, and confirms nothing."""
QUESTION_SECONDS = 30.0
"""Whoever scans an item later than this is packing again, and does not answer."""
AT_HAND = (Phase.PACKING, Phase.STEPS, Phase.CHECKED, Phase.LABEL)
"""Phases in which the box stands before the packer."""


def ask_undo(session: Session, scan: Scan) -> Verdict:
    """UNDO: the last counted scan is named; nothing is taken out yet."""
    if not _stands_open(session) or not any(boxes.present(session)):
        return _nothing(session, scan)
    there = (t for t in reversed(session.taken) if loose_of_sku(session, t.sku) >= t.units)
    last = next(there, Taken("", 0))
    asked = Asked(AskedKind.UNDO, scan.at, last.sku, last.units, item=last.item)
    return _asks(session, Reason.UNDO_WHICH, asked)


def ask_empty(session: Session, scan: Scan) -> Verdict:
    """EMPTY: asks whether everything, or all of one item."""
    if not _stands_open(session) or not any(boxes.present(session)):
        return _nothing(session, scan)
    return _asks(session, Reason.EMPTY_WHAT, Asked(AskedKind.EMPTY_BOX, scan.at, item=session.order.number))


def answer_undo(session: Session, asked: Asked, scan: Scan) -> Verdict | None:
    """UNDO again takes out the last scan, an item takes out one scan of that item."""
    if too_late(asked, scan) or not _stands_open(session):
        return None
    if scan.command is Command.UNDO:
        if held_too_long(asked, scan):
            return Verdict(Reason.REPEAT, Tone.LOOK, session, item=asked.item)
        # A weight may have closed the box since.
        there = asked.sku and loose_of_sku(session, asked.sku) >= asked.units
        return take_out(session, asked.sku, asked.units, asked.item) if there else ask_undo(session, scan)
    told = told_of(session, scan, asked.sku)
    if told is not None:
        return _told_out(session, told, scan, asked.item)
    if not scan.matches:
        return None
    match = _in_box(session, scan.matches)
    if match is None:
        return _nothing(session, scan)
    unsure = _which(session, match)
    if unsure is not None:
        again = replace(asked, at=scan.at, sku=match.sku, units=match.units, item=match.label)
        return Verdict(unsure, Tone.LOOK, replace(session, asked=again), item=match.label)
    return take_out(session, match.sku, match.units, match.label)


def answer_empty(session: Session, asked: Asked, scan: Scan) -> Verdict | None:
    """EMPTY again takes out everything, an item all of that item."""
    if too_late(asked, scan) or not _stands_open(session) or not any(boxes.present(session)):
        return None
    if scan.command is Command.EMPTY:
        if held_too_long(asked, scan):
            return Verdict(Reason.REPEAT, Tone.LOOK, session, item=asked.item)
        return _take_all(session)
    if not scan.matches:
        return None
    match = _in_box(session, (replace(m, units=1) for m in scan.matches))
    if match is None:
        return _nothing(session, scan)
    return take_out(session, match.sku, loose_of_sku(session, match.sku), match.label)


def too_late(asked: Asked, scan: Scan) -> bool:
    """Whether the question is so old that this scan does not answer it."""
    return scan.at - asked.at > QUESTION_SECONDS


def held_too_long(asked: Asked, scan: Scan) -> bool:
    """Whether the same code came again too soon to be meant. A clock that was set back keeps nobody from confirming."""
    return 0.0 <= scan.at - asked.at < CONFIRM_SECONDS


def loose_of_sku(session: Session, sku: str) -> int:
    """Units of a product in the open box."""
    return sum(n for n, line in zip(boxes.present(session), session.order.lines, strict=True) if line.sku == sku)


def told_of(session: Session, scan: Scan, sku: str) -> Captured | None:
    """The unit in the open box whose serial number or lot this code says; a lot alone only of the product asked about.

    A code that names its product means no other: two products can have lots of the same name. What was captured first
    lies in the sealed boxes.
    """
    said = {text.casefold() for text in (scan.serial, scan.lot, scan.payload, scan.raw.strip()) if text}
    named = {match.sku for match in scan.matches}
    about = named or {sku}
    newer = Counter[str]()
    for one in reversed(session.captured):
        newer[one.sku] += one.units
        if (named and one.sku not in named) or newer[one.sku] - one.units >= loose_of_sku(session, one.sku):
            continue
        told = one.serial or (one.lot if one.sku in about else "")
        if told.casefold() in said:
            return one
    return None


def take_out(session: Session, sku: str, units: int, item: str, told: Captured | None = None) -> Verdict:
    """Count these units no longer; the caller knows that they are in the box. Lines give in reverse of their filling.

    ``told`` is what is known of the units that go: their lot, or the serial number of one; without it the newest of
    this product go.
    """
    counts, left, line_no = list(session.counts), units, session.last_line
    there = boxes.present(session)
    for index in reversed(range(len(counts))):
        line = session.order.lines[index]
        gone = min(left, there[index]) if line.sku == sku else 0
        if gone:
            counts[index], left, line_no = counts[index] - gone, left - gone, line.line_no
    after = _reopened(session, tuple(counts), _without(session.taken, sku, units))
    captured, confirmed = _forgotten(session.captured, sku, units, told), unconfirmed(session, sku)
    after = replace(after, captured=captured, confirmed=confirmed)
    return Verdict(Reason.TAKEN_OUT, Tone.LOOK, replace(after, last_line=line_no), line_no, -units, item)


def _told_out(session: Session, told: Captured, scan: Scan, item: str) -> Verdict:
    """Units of one lot, or with one serial number: as many as the code counts, one where it names no product."""
    match = next((m for m in scan.matches if m.sku == told.sku), None)
    units = 1 if match is None or told.serial else match.units
    left, there = loose_of_sku(session, told.sku), 0
    for one in reversed(session.captured):
        here = min(left, one.units) if one.sku == told.sku else 0
        left -= here
        there += here if one.lot == told.lot else 0
    if units > there:
        return _nothing(session, scan)
    return take_out(session, told.sku, units, match.label if match else item, told)


def _take_all(session: Session) -> Verdict:
    gone = boxes.present(session)
    counts = tuple(had - n for had, n in zip(session.counts, gone, strict=True))
    after = replace(_reopened(session, counts, ()), last_line=None, confirmed=unconfirmed(session))
    for line, n in zip(session.order.lines, gone, strict=True):
        after = replace(after, captured=_forgotten(after.captured, line.sku, n, None))
    return Verdict(Reason.EMPTIED, Tone.LOOK, after, units=-sum(gone), item=session.order.number)


def _reopened(session: Session, counts: tuple[int, ...], taken: tuple[Taken, ...]) -> Session:
    """The box is weighed anew, whatever it weighed before."""
    return replace(
        session,
        counts=counts,
        taken=taken,
        phase=Phase.PACKING,
        asked=None,
        counted=None,
        unknown_run=0,
        sealing=False,
        weight_grams=None,
        weighed_off=None,
    )


def _forgotten(captured: tuple[Captured, ...], sku: str, units: int, told: Captured | None) -> tuple[Captured, ...]:
    """Lots and serial numbers of what is out again are free: another unit may bring them."""
    kept, left = [], units
    for one in reversed(captured):
        here = one.sku == sku and (told is None or (one == told if told.serial else one.lot == told.lot))
        gone = min(left, one.units) if here else 0
        left -= gone
        if one.units > gone:
            kept.append(replace(one, units=one.units - gone))
    return tuple(reversed(kept))


def _which(session: Session, match: Match) -> Reason | None:
    """What must be scanned to know which unit of this product goes: its serial number, or its lot."""
    own = [one for one in session.captured if one.sku == match.sku]
    if any(one.serial for one in own):
        return Reason.NEED_SERIAL if sum(one.units for one in own) > match.units else None
    return Reason.NEED_LOT if len({one.lot for one in own}) > 1 else None


def _without(taken: tuple[Taken, ...], sku: str, units: int) -> tuple[Taken, ...]:
    """The newest scans of this product give first; a scan of as many units as are taken out gives before a larger."""
    same = next((i for i in reversed(range(len(taken))) if (taken[i].sku, taken[i].units) == (sku, units)), None)
    if same is not None:
        return taken[:same] + taken[same + 1 :]
    kept, left = [], units
    for scan in reversed(taken):
        gone = min(left, scan.units) if scan.sku == sku else 0
        left -= gone
        if scan.units > gone:
            kept.append(replace(scan, units=scan.units - gone))
    return tuple(reversed(kept))


def _in_box(session: Session, matches: Iterable[Match]) -> Match | None:
    """What was scanned, if the box holds so much of it; of two products with one code the one counted last."""
    there = [m for m in matches if loose_of_sku(session, m.sku) >= m.units]
    last = [t.sku for t in session.taken]
    return max(there, key=lambda m: _newest(last, m.sku), default=None)


def _newest(skus: list[str], sku: str) -> int:
    return max((i for i, each in enumerate(skus) if each == sku), default=-1)


def _stands_open(session: Session) -> bool:
    """A sealed box, and one whose label is bought, is opened by a supervisor first (FLR-03)."""
    shut = session.phase is Phase.CHECKED and bool(session.sealed)
    return session.phase in (Phase.PACKING, Phase.STEPS, Phase.CHECKED) and not shut


def _asks(session: Session, reason: Reason, asked: Asked) -> Verdict:
    return Verdict(reason, Tone.LOOK, replace(session, asked=asked, unknown_run=0), item=asked.item)


def _nothing(session: Session, scan: Scan) -> Verdict:
    if not _stands_open(session):
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=spoken(scan))
    item = scan.matches[0].label if scan.matches else ""
    return Verdict(Reason.NOTHING_TO_TAKE, Tone.LOOK, replace(session, asked=None), item=item)
