"""Goods that a changed order does not want come out of the box by scan; the rules of bench and server say the same."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.leaving import LineChange
from server.domain.packing.rules import apply, judge
from server.domain.packing.session import Fact, FactKind, Session
from server.domain.packing.taking_out import waits_for_goods
from server.usecases.benchwork.judging import packed, unpacked
from tests import builders
from tests.builders import CANDLE, CANDLE_CASE, SOAP


def candles(units: int) -> Fact:
    """Told to take out so many candles, and that a mug is new."""
    out = LineChange(name="Candle", variant="LAVENDER", units=units, sku="CANDLE")
    return Fact(FactKind.TAKE_OUT, take_out=(out,), add=(LineChange(name="Mug", variant="BLUE", units=1),))


def stopped(units: int, *more: Fact) -> Session:
    """A box of eight candles and a soap, whose order was changed."""
    box = builders.session(lines=(("CANDLE", 8), ("SOAP", 1)))
    for code in (CANDLE_CASE, CANDLE, CANDLE, SOAP):
        box = judge(box, builders.scan(code)).session
    for fact in (candles(units), Fact(FactKind.STOP, Reason.CHANGED), *more):
        box = apply(box, fact)
    return box


def test_each_unit_is_scanned_out_and_the_stop_ends_with_the_last() -> None:
    box, said = stopped(7), []
    for code in ("PPC-OK", SOAP, CANDLE_CASE, CANDLE_CASE, CANDLE, "PPC-OK"):
        verdict = judge(box, builders.scan(code))
        box = unpacked(packed(verdict.session))
        said.append((verdict.reason, verdict.tone, verdict.units, box.leaving.left_of("CANDLE") if box.leaving else 0))
    assert said == [
        (Reason.NOT_NOW, Tone.LOOK, 0, 7),
        (Reason.NOTHING_TO_TAKE, Tone.STOP, 0, 7),
        (Reason.TAKEN_OUT, Tone.GOOD, -6, 1),
        (Reason.NOTHING_TO_TAKE, Tone.STOP, 0, 1),
        (Reason.TAKEN_OUT, Tone.LINE_FULL, -1, 0),
        (Reason.OK, Tone.GOOD, 0, 0),
    ]
    assert box.stop is None, "only now is the box left behind"


def test_half_a_scan_and_a_bounce_take_nothing_out() -> None:
    for half in (replace(builders.scan(CANDLE), problem="partial"), builders.scan(CANDLE, bounce=True)):
        verdict = judge(stopped(7), half)
        assert verdict.session.leaving is not None and verdict.session.leaving.left_of("CANDLE") == 7


def test_what_is_out_stays_out_when_the_order_changes_once_more() -> None:
    box = judge(stopped(2), builders.scan(CANDLE)).session
    more, less = apply(box, candles(5)), apply(box, candles(1))
    assert more.leaving is not None and more.leaving.left_of("CANDLE") == 4
    assert waits_for_goods(more) and not waits_for_goods(less)


def test_what_no_scan_can_take_out_a_supervisor_settles() -> None:
    assert not waits_for_goods(stopped(2, Fact(FactKind.SUPERVISOR)))


def test_a_box_that_still_counts_takes_nothing_out_by_such_a_list() -> None:
    box = apply(builders.session(lines=(("CANDLE", 8), ("SOAP", 1))), candles(1))
    assert judge(box, builders.scan(CANDLE)).reason is Reason.OK
