"""Whatever is scanned, taken out and scanned again: what was taken out leaves the box as it was before it came."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from server import wire
from server.domain.benchwork.reasons import COUNTS, Reason
from server.domain.packing.order import Mode
from server.domain.packing.rules import judge
from server.domain.packing.session import Session
from server.usecases.benchwork.judging import Batch, Known, packed, unpacked
from tests import builders
from tests.builders import CANDLE, CANDLE_CASE, MUG, SOAP

ITEMS = (CANDLE, SOAP, CANDLE_CASE)
CODES = (*ITEMS, MUG, "nothing known", "PPC-OK", "PPC-UNDO", "PPC-EMPTY", "PPC-PROBLEM", "PPX-M")
LINES = st.lists(st.tuples(st.sampled_from(["CANDLE", "SOAP"]), st.integers(1, 9)), min_size=1, max_size=4)


def scanned(session: Session, codes: list[str], at: float = 1000.0) -> Session:
    for code in codes:
        at += 2.0
        session = judge(session, builders.scan(code, at)).session
    return session


def plain(session: Session) -> Session:
    """Without what only steers the screen."""
    return replace(session, last_line=None, unknown_run=0, counted=None)


@given(lines=LINES, codes=st.lists(st.sampled_from(ITEMS), max_size=12), last=st.sampled_from(ITEMS))
def test_undo_gives_the_state_before_the_last_counted_scan(
    lines: list[tuple[str, int]], codes: list[str], last: str
) -> None:
    before = scanned(builders.session(lines=lines), [each for code in codes for each in (code, "PPC-OK")])
    counted = judge(before, builders.scan(last, 2000.0))
    if counted.reason is not Reason.OK:
        return
    undone = scanned(counted.session, ["PPC-UNDO", "PPC-UNDO"], 3000.0)
    assert plain(undone) == plain(before)


@given(lines=LINES, codes=st.lists(st.sampled_from(CODES), max_size=40))
def test_counts_are_never_negative_never_too_many_and_always_what_the_verdicts_say(
    lines: list[tuple[str, int]], codes: list[str]
) -> None:
    session, told, at = builders.session(lines=lines), 0, 1000.0
    for code in codes:
        at += 2.0
        verdict = judge(session, builders.scan(code, at))
        session = verdict.session
        told += verdict.units if verdict.reason in COUNTS else 0
        assert all(0 <= have <= line.quantity for have, line in zip(session.counts, session.order.lines, strict=True))
        assert told == sum(session.counts)
        assert _by_sku(session) == Counter({t.sku: n for t in session.taken if (n := _taken(session, t.sku))})


EVERYTHING = (*CODES, "PPC-HOLD", "PPC-FORCE", "PPR-SHORT", "PPR-UNREADABLE", "PPC-YES", "1Z999AA10123456784")
NOTHING_KNOWN = Known(frozenset(), stopped=False)


@given(lines=LINES, codes=st.lists(st.sampled_from(EVERYTHING), max_size=40), mode=st.sampled_from(Mode))
def test_the_server_replays_every_correction_to_the_same_box(
    lines: list[tuple[str, int]], codes: list[str], mode: Mode
) -> None:
    bench = builders.session(lines=lines)
    bench = replace(bench, order=replace(bench.order, mode=mode))
    server = Batch(bench)
    for seq, code in enumerate(codes, start=1):
        at = 1000.0 + 2.0 * seq
        verdict = judge(bench, builders.scan(code, at))
        bench = verdict.session
        event = wire.PackEvent(seq=seq, at=at, kind="scan", person_id=1, raw=code, reason=verdict.reason)
        server.take(event, builders.catalog(), NOTHING_KNOWN)
        assert unpacked(packed(server.session)) == bench
    assert not [judged.differs for judged in server.judged if judged.differs]
    assert sum(judged.units for judged in server.judged) == sum(bench.counts)


@given(lines=LINES, codes=st.lists(st.sampled_from(ITEMS), max_size=20))
def test_undo_again_and_again_ends_with_an_empty_box(lines: list[tuple[str, int]], codes: list[str]) -> None:
    session = scanned(builders.session(lines=lines), [each for code in codes for each in (code, "PPC-OK")])
    session = scanned(session, ["PPC-UNDO", "PPC-UNDO"] * len(codes), 5000.0)
    assert (sum(session.counts), session.taken) == (0, ())


def _by_sku(session: Session) -> Counter[str]:
    found = Counter[str]()
    for have, line in zip(session.counts, session.order.lines, strict=True):
        if have:
            found[line.sku] += have
    return found


def _taken(session: Session, sku: str) -> int:
    return sum(t.units for t in session.taken if t.sku == sku)
