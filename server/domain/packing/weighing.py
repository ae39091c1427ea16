"""The weight of a box against what its goods should weigh (FLR-06): who is missing, and who may let it pass."""

import math
from collections import Counter
from dataclasses import dataclass, replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan, spoken
from server.domain.packing import boxes
from server.domain.packing.corrections import loose_of_sku, take_out
from server.domain.packing.session import Asked, AskedKind, Phase, Session, Verdict
from server.domain.packing.steps import open_steps, settled, tone_of
from server.domain.packing.wants import Expected, StepKind, WeightTrouble

TOLERANCE_MIN = 5.0
"""Grams; finer than this no bench scale is."""
SIGMAS = 3.0
TARE_SPREAD = 0.05
"""Board takes up water: a box of 200 g is 190 to 210 g."""
EXTRA_MAX = 3
"""More units than this too many, and nobody guesses."""
REASON_MIN = 3
"""Characters of a reason that says something."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What the box on the table should weigh, in grams. ``lightest`` leaves out a tare nobody knows."""

    grams: float
    tolerance: float
    tare_known: bool

    @property
    def lightest(self) -> float:
        """Less than this cannot be right."""
        return self.grams - self.tolerance


def expected(session: Session) -> Weight | None:
    """From what each SKU weighed before; None while one of them is not known."""
    known = {each.sku: each for each in session.order.wants.expected}
    units = _units(session)
    if any(sku not in known for sku in units):
        return None
    goods = sum(count * known[sku].grams for sku, count in units.items())
    spread = math.sqrt(sum(count * known[sku].spread ** 2 for sku, count in units.items()))
    box = boxes.choice(session, boxes.chosen(session))
    tare = box.tare_grams if box else None
    tolerance = max(TOLERANCE_MIN, SIGMAS * spread) + TARE_SPREAD * (tare or 0)
    return Weight(goods + (tare or 0), tolerance, tare is not None)


def weigh(session: Session, grams: int) -> Session:
    """The scale said so. A weight that is right closes the box; another names its likely cause; nothing weighs 0 g."""
    steps = open_steps(session)
    if grams < 1 or session.phase is not Phase.STEPS or steps[0].kind is not StepKind.WEIGHT:
        return session
    limit = boxes.limit_grams(session, boxes.chosen(session))
    if limit is not None and grams > limit:
        return replace(session, weighed_off=WeightTrouble(Reason.OVERWEIGHT, grams, grams - limit))
    should = expected(session)
    off = grams - round(should.grams) if should else 0
    heavy = should is not None and should.tare_known and off > should.tolerance
    if should is None or not (heavy or -off > should.tolerance):
        return settled(replace(session, weight_grams=grams, weighed_off=None))
    return _mismatch(session, grams, off, should)


def _mismatch(session: Session, grams: int, off: int, should: Weight) -> Session:
    """The line of the suspect is scanned again, once; after that the weight stands until somebody clears it."""
    suspect = _suspect(session, off, should)
    if suspect is None:
        return replace(session, weighed_off=WeightTrouble(Reason.WEIGHT_MISMATCH, grams, off))
    sku, units = suspect
    before = session.weighed_off
    again = before is not None and before.sku == sku
    trouble = WeightTrouble(Reason.WEIGHT_MISMATCH, grams, off, sku, units, rescan=not again)
    if again:
        return replace(session, weighed_off=trouble)
    emptied = take_out(session, sku, loose_of_sku(session, sku), "").session
    return replace(emptied, weighed_off=trouble)


def _suspect(session: Session, off: int, should: Weight) -> tuple[str, int] | None:
    """The SKU and the units that explain the difference best; None when nothing does."""
    units, found = _units(session), list[tuple[float, int, str]]()
    known = {each.sku: each for each in session.order.wants.expected}
    for sku, there in units.items():
        each = known[sku]
        for count in range(1, (there if off < 0 else EXTRA_MAX) + 1):
            error = abs(abs(off) - count * each.grams)
            if error <= should.tolerance and _tells(each, should):
                found.append((error, count, sku))
    best = min(found, default=None)
    return (best[2], best[1]) if best else None


def _tells(each: Expected, should: Weight) -> bool:
    """Whether one unit weighs enough to be seen in the tolerance of the whole box."""
    return each.grams > should.tolerance


def _units(session: Session) -> Counter[str]:
    units = Counter[str]()
    for line, there in zip(session.order.lines, boxes.present(session), strict=True):
        if there:
            units[line.sku] += there
    return units


def supervised(session: Session) -> Session:
    """A supervisor's badge: opens the sealed box that was asked for, or asks why a weight may pass."""
    if session.asked is not None and session.asked.kind is AskedKind.REOPEN:
        after = replace(boxes.reopened(session), asked=None)
        return settled(after) if after.reopened else after
    return replace(session, asked=Asked(AskedKind.RELEASE, 0.0)) if waits_for_release(session) else session


def waits_for_release(session: Session) -> bool:
    """Whether the weight is all that is open, and not because the box is too heavy: that nobody may let pass."""
    if session.phase is not Phase.STEPS or open_steps(session)[0].kind is not StepKind.WEIGHT:
        return False
    return session.weighed_off is None or session.weighed_off.reason is not Reason.OVERWEIGHT


def answer_reopen(_session: Session, _asked: Asked, _scan: Scan) -> Verdict | None:
    """Only a badge answers, which is no scan of the rules: whatever is scanned instead drops the question."""
    return None


def answer_release(session: Session, _asked: Asked, scan: Scan) -> Verdict | None:
    """The reason in words, typed or scanned; a code of the site or of an item drops the question."""
    site = scan.command or scan.badge or scan.order_ref or scan.lane or scan.box_type or scan.payload.startswith("PP")
    why = " ".join(scan.raw.split())[:120]
    if site or scan.matches or not waits_for_release(session):
        return None
    if len(why) < REASON_MIN or not why.isprintable():
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=spoken(scan))
    # Nobody knows what it weighs when the scale said nothing: 0, so that it is not asked again.
    grams = session.weighed_off.grams if session.weighed_off else 0
    kept = (*session.confirmed, f"{boxes.release_key(session)}:{why}")
    after = replace(session, asked=None, confirmed=kept, weight_grams=grams, weighed_off=None, unknown_run=0)
    after = settled(after)
    return Verdict(Reason.OK, tone_of(after), after, item=why)
