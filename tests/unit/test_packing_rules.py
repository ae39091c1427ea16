"""The packing rules alone: each reason, the latch, cases, and what never counts."""

from dataclasses import replace

import pytest

from server.domain.benchwork.reasons import ENDS_SESSION, Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.masterdata.catalog import BoxType, Catalog, Match, Product, ProductCode
from server.domain.packing.order import OrderLine, PackOrder
from server.domain.packing.rules import apply, ends, judge, opened, replay
from server.domain.packing.session import Fact, FactKind, Phase, Session, Verdict
from server.reading import read
from server.usecases.benchwork.judging import packed, unpacked

SOAP, CASE, BRUSH, MUG, SHARED = "04006381333931", "CASE6", "BRUSH-1", "MUG-1", "SHARED-1"
TRACKING, PARCEL = "PV00000000017", "PCL0000001"
CATALOG = Catalog.of(
    [Product("SOAP", "Soap bar", "LAVENDER"), Product("BRUSH", "Dish brush"), Product("MUG", "Mug", "BLUE")],
    [
        ProductCode(SOAP, "SOAP"),
        ProductCode(CASE, "SOAP", 6),
        ProductCode(BRUSH, "BRUSH"),
        ProductCode(MUG, "MUG"),
        ProductCode(SHARED, "SOAP"),
        ProductCode(SHARED, "BRUSH"),
    ],
    [BoxType("B2", "Small box")],
)


def session(*lines: tuple[str, int]) -> Session:
    """A fresh session of an order with these (sku, quantity) lines."""
    wanted = tuple(
        OrderLine(n, sku, CATALOG.products[sku].name, CATALOG.products[sku].variant, quantity)
        for n, (sku, quantity) in enumerate(lines, start=1)
    )
    return opened("s", PackOrder(1, "1001", "shop", 1, "own-van", "standard", wanted))


def scan(text: str, *, bounce: bool = False, problem: str | None = None) -> Scan:
    """A scan as bench and server read it."""
    return read(text, CATALOG, at=0.0, bounce=bounce, problem=problem)


def after(start: Session, *texts: str) -> Verdict:
    """The verdict of the last of these scans."""
    verdict = None
    for text in texts:
        verdict = judge(start, scan(text))
        start = verdict.session
    assert verdict is not None
    return verdict


def labelled(*lines: tuple[str, int]) -> Session:
    """A session whose units are verified and whose label is bought."""
    start = session(*lines)
    done = replace(start, counts=tuple(line.quantity for line in start.order.lines), phase=Phase.CHECKED)
    return apply(done, Fact(FactKind.LABEL, parcel_id=PARCEL, tracking=TRACKING))


def test_a_wanted_unit_counts_quietly() -> None:
    verdict = after(session(("SOAP", 2)), SOAP)
    assert (verdict.reason, verdict.tone, verdict.units, verdict.session.counts) == (Reason.OK, Tone.GOOD, 1, (1,))
    assert (verdict.item, verdict.line_no) == ("Soap bar LAVENDER", 1)


def test_a_full_line_and_a_full_box_sound_different() -> None:
    start = session(("SOAP", 1), ("BRUSH", 1))
    assert after(start, SOAP).tone is Tone.LINE_FULL
    done = after(start, SOAP, BRUSH)
    assert (done.tone, done.session.phase, done.session.open_units) == (Tone.BOX_DONE, Phase.CHECKED, 0)


def test_a_wrong_item_latches_and_names_the_item() -> None:
    verdict = after(session(("SOAP", 1)), MUG)
    assert (verdict.reason, verdict.tone, verdict.session.counts) == (Reason.WRONG_ITEM, Tone.STOP, (0,))
    assert verdict.session.stop is not None
    assert (verdict.session.stop.item, verdict.session.stop.variant) == ("Mug", "BLUE")


def test_one_too_many_is_not_a_wrong_item() -> None:
    verdict = after(session(("SOAP", 1), ("BRUSH", 1)), SOAP, SOAP)
    assert (verdict.reason, verdict.tone, verdict.session.counts) == (Reason.OVER_QUANTITY, Tone.STOP, (1, 0))


def test_while_stopped_nothing_counts_and_every_scan_is_listed_by_name() -> None:
    stopped = after(session(("SOAP", 1)), MUG).session
    for text in (SOAP, "never heard of", SOAP):
        verdict = judge(stopped, scan(text))
        assert (verdict.reason, verdict.tone) == (Reason.STOPPED, Tone.STOP)
        stopped = verdict.session
    assert stopped.counts == (0,)
    assert stopped.stop is not None
    assert stopped.stop.not_counted == ("Soap bar LAVENDER", "never heard of", "Soap bar LAVENDER")
    assert stopped.stop.reason is Reason.WRONG_ITEM


def test_only_ok_unlatches() -> None:
    stopped = after(session(("SOAP", 1)), MUG).session
    for command in Command:
        verdict = judge(stopped, scan(f"PPC-{command.name.replace('_', '-')}"))
        assert (verdict.session.stop is None) == (command is Command.OK)
    assert after(stopped, "PPC-OK", SOAP).session.counts == (1,)


def test_a_bounce_while_stopped_repeats_the_tone_and_is_not_listed() -> None:
    stopped = after(session(("SOAP", 1)), MUG).session
    verdict = judge(stopped, scan(MUG, bounce=True))
    assert (verdict.reason, verdict.tone, verdict.session) == (Reason.REPEAT, Tone.STOP, stopped)


@pytest.mark.parametrize("text", [SOAP, MUG, "never heard of", "PPC-OK", TRACKING])
def test_a_bounce_never_counts_never_latches_and_is_never_silent(text: str) -> None:
    for start in (session(("SOAP", 2)), labelled(("SOAP", 1))):
        verdict = judge(start, scan(text, bounce=True))
        assert (verdict.reason, verdict.tone, verdict.session) == (Reason.REPEAT, Tone.LOOK, start)


def test_a_case_of_six_counts_six_over_two_lines_of_one_sku() -> None:
    verdict = after(session(("SOAP", 2), ("BRUSH", 1), ("SOAP", 4)), CASE)
    assert (verdict.reason, verdict.units, verdict.session.counts) == (Reason.OK, 6, (2, 0, 4))
    assert verdict.tone is Tone.LINE_FULL


def test_a_case_that_does_not_fit_whole_is_refused_whole() -> None:
    verdict = after(session(("SOAP", 5)), CASE)
    assert (verdict.reason, verdict.units, verdict.session.counts) == (Reason.OVER_QUANTITY, 6, (0,))


def test_a_case_refused_while_single_units_are_open_says_how_many_it_holds_and_the_box_needs() -> None:
    stop = after(session(("SOAP", 5), ("BRUSH", 1), ("SOAP", 3)), CASE, CASE).session.stop
    assert stop is not None
    assert (stop.units, stop.wanted, stop.case_too_large) == (6, 2, True)


@pytest.mark.parametrize(("texts", "facts"), [((CASE, CASE), (6, 0)), ((CASE, SOAP), (1, 0)), ((MUG,), (1, 0))])
def test_a_case_is_not_too_large_where_the_box_needs_none_of_it(texts: tuple[str, ...], facts: tuple[int, int]) -> None:
    stop = after(session(("SOAP", 6), ("BRUSH", 1)), *texts).session.stop
    assert stop is not None
    assert ((stop.units, stop.wanted), stop.case_too_large) == (facts, False)


def test_a_stop_stored_before_stops_knew_of_cases_is_still_read() -> None:
    stopped = after(session(("SOAP", 5)), CASE).session
    stored = packed(stopped)
    assert unpacked(stored) == stopped
    del stored["stop"]["units"], stored["stop"]["wanted"]
    old = unpacked(stored).stop
    assert old is not None and stopped.stop is not None
    assert old == replace(stopped.stop, units=0, wanted=0) and not old.case_too_large


def test_two_lines_of_one_sku_fill_in_their_order() -> None:
    start = session(("SOAP", 1), ("SOAP", 2))
    counts = [after(start, *[SOAP] * n).session.counts for n in (1, 2, 3)]
    assert counts == [(1, 0), (1, 1), (1, 2)]


def test_a_code_of_two_products_is_the_one_still_open_and_ambiguous_when_both_are() -> None:
    both = session(("SOAP", 1), ("BRUSH", 1))
    unsure = after(both, SHARED)
    assert (unsure.reason, unsure.tone, unsure.session.counts) == (Reason.AMBIGUOUS, Tone.LOOK, (0, 0))
    assert after(both, SOAP, SHARED).session.counts == (1, 1)
    assert after(session(("BRUSH", 1)), SHARED).session.counts == (1,)


def test_the_first_unknown_code_only_looks_and_the_second_latches() -> None:
    start = session(("SOAP", 2))
    first = after(start, "NOPE")
    assert (first.reason, first.tone, first.session.stop) == (Reason.UNKNOWN_CODE, Tone.LOOK, None)
    second = after(start, "NOPE", "NADA")
    assert (second.reason, second.tone) == (Reason.UNKNOWN_CODE, Tone.STOP)
    assert second.session.stop is not None
    assert after(start, "NOPE", SOAP, "NADA").session.stop is None
    assert after(start, "NOPE", "NADA", "PPC-OK", "NOPE").tone is Tone.LOOK


@pytest.mark.parametrize("problem", ["dropped", "partial", "too_long"])
def test_a_bad_read_never_counts_and_never_latches(problem: str) -> None:
    start = session(("SOAP", 2))
    verdict = judge(start, scan(SOAP, problem=problem))
    assert (verdict.reason, verdict.tone, verdict.session) == (Reason.BAD_READ, Tone.LOOK, start)


def test_a_misread_digit_is_a_bad_read_and_not_an_unknown_code() -> None:
    start = session(("SOAP", 2))
    verdict = after(start, "4006381333932", "4006381333932")
    assert (verdict.reason, verdict.session) == (Reason.BAD_READ, start)


@pytest.mark.parametrize("text", ["PPC-CLOSE", "PPC-DOCK", "PPB-ANA-12345", "PPO-1002", "PPL-own-van"])
def test_other_site_codes_are_not_for_now(text: str) -> None:
    start = session(("SOAP", 1))
    verdict = after(start, text)
    assert (verdict.reason, verdict.tone, verdict.session) == (Reason.NOT_NOW, Tone.LOOK, start)


@pytest.mark.parametrize("text", ["PPX-ZZ", "PPX-", "PPX-NO-SUCH-BOX"])
def test_a_box_nobody_knows_is_an_unknown_code_and_never_a_label(text: str) -> None:
    for start in (session(("SOAP", 1)), labelled(("SOAP", 1))):
        verdict = after(start, text)
        assert (verdict.reason, verdict.tone) == (Reason.UNKNOWN_CODE, Tone.LOOK)
        assert (verdict.session.box_type, verdict.session.stop) == (None, None)


def test_a_box_type_is_noted_and_counts_nothing() -> None:
    verdict = after(session(("SOAP", 1)), "PPX-B2")
    assert (verdict.reason, verdict.session.box_type, verdict.session.counts) == (Reason.OK, "B2", (0,))


@pytest.mark.parametrize("text", [TRACKING, PARCEL, TRACKING.lower()])
def test_the_right_label_on_the_box_closes_it(text: str) -> None:
    verdict = after(labelled(("SOAP", 1)), text)
    assert (verdict.reason, verdict.tone, verdict.session.phase) == (Reason.OK, Tone.BOX_DONE, Phase.CLOSED)


def test_another_label_latches_and_the_right_one_still_closes() -> None:
    wrong = after(labelled(("SOAP", 1)), "PV00000000024")
    assert (wrong.reason, wrong.tone, wrong.session.phase) == (Reason.WRONG_LABEL, Tone.STOP, Phase.LABEL)
    assert after(wrong.session, TRACKING).reason is Reason.STOPPED
    assert after(wrong.session, "PPC-OK", TRACKING).session.phase is Phase.CLOSED


def test_an_item_scanned_after_the_last_unit_is_one_too_many_also_with_a_label() -> None:
    assert after(session(("SOAP", 1)), SOAP, SOAP).reason is Reason.OVER_QUANTITY
    assert after(labelled(("SOAP", 1)), SOAP).reason is Reason.OVER_QUANTITY
    assert after(labelled(("SOAP", 1)), MUG).reason is Reason.WRONG_ITEM


def test_a_label_counts_only_when_every_unit_is_verified() -> None:
    start = session(("SOAP", 1))
    fact = Fact(FactKind.LABEL, parcel_id=PARCEL, tracking=TRACKING)
    assert apply(start, fact) == start
    assert after(start, TRACKING).reason is Reason.UNKNOWN_CODE


def test_a_parked_box_takes_nothing_and_resumes_where_it_was() -> None:
    for before in (after(session(("SOAP", 2)), SOAP).session, after(session(("SOAP", 1)), SOAP).session):
        parked = apply(before, Fact(FactKind.PARK))
        assert after(parked, SOAP).reason is Reason.ALREADY_DONE
        # A quantity is typed right after its scan, and not after a pause.
        assert apply(parked, Fact(FactKind.RESUME)) == replace(before, counted=None)
    parked = apply(after(session(("SOAP", 1)), SOAP).session, Fact(FactKind.PARK))
    bought = apply(parked, Fact(FactKind.LABEL, parcel_id=PARCEL, tracking=TRACKING))
    assert bought.phase is Phase.PARKED
    assert apply(bought, Fact(FactKind.RESUME)).phase is Phase.LABEL


@pytest.mark.parametrize("reason", sorted(ENDS_SESSION))
def test_a_stop_from_the_server_ends_the_box_for_good(reason: Reason) -> None:
    stopped = apply(session(("SOAP", 1)), Fact(FactKind.STOP, reason))
    assert stopped.stop is not None
    assert ends(stopped.stop)
    assert after(stopped, SOAP).reason is Reason.STOPPED
    left = after(stopped, "PPC-OK").session
    assert (left.phase, left.stop) == (Phase.ENDED, None)
    assert after(left, SOAP).reason is Reason.ALREADY_DONE


def test_a_closed_box_is_not_stopped_any_more() -> None:
    closed = after(labelled(("SOAP", 1)), TRACKING).session
    assert apply(closed, Fact(FactKind.STOP, Reason.CANCELLED)) == closed
    assert after(closed, SOAP).reason is Reason.ALREADY_DONE


def test_replaying_the_log_gives_the_same_session() -> None:
    start = session(("SOAP", 7), ("BRUSH", 1))
    texts = [CASE, MUG, SOAP, "PPC-OK", "NOPE", SOAP, BRUSH, TRACKING]
    happened: list[Scan | Fact] = [scan(text) for text in texts]
    happened.insert(-1, Fact(FactKind.LABEL, parcel_id=PARCEL, tracking=TRACKING))
    assert replay(start, happened).phase is Phase.CLOSED


def test_a_look_alike_among_the_meanings_of_a_code_is_never_counted_for_another() -> None:
    start = session(("BRUSH", 1))
    odd = Scan(raw="x", at=0.0, payload="X", matches=(Match("SOAP", "Soap bar", "LAVENDER", 1),))
    assert judge(start, odd).reason is Reason.WRONG_ITEM
