"""Whatever is scanned in whatever order: no unit counts without its lot and serial number where it has them."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.benchwork.reasons import Reason
from server.domain.packing.order import Lot
from server.domain.packing.rules import apply, judge, opened
from server.domain.packing.session import Fact, FactKind, Session
from server.reading import read
from server.usecases.benchwork.judging import packed, unpacked
from tests.goods_to_pack import (
    BRUSH,
    CATALOG,
    CREAM,
    CREAM_CASE,
    EITHER,
    KIT,
    NOON,
    PHONE,
    SOAP,
    brush,
    cream,
    gs1,
    packing,
    phone,
    soap,
)

LOTS = (Lot("A1", "2027-06-30", reserved=4), Lot("B2", "2027-12-31", free=3), Lot("OLD", "2027-01-14", free=3))
CODES = [
    *(CREAM, CREAM_CASE, PHONE, SOAP, BRUSH, EITHER, KIT),
    *(gs1(CREAM, lot=lot) for lot in ("A1", "B2", "OLD", "ZZ")),
    *(gs1(CREAM, lot="A1", expiry=day) for day in ("270630", "280101")),
    *(gs1(PHONE, serial=serial) for serial in ("S1", "S2", "S3")),
    gs1(CREAM, lot="B2", serial="S1"),
    *("A1", "b2", "OLD", "(10)A1", "S1", "s2", "S4", "X", "4006381333932"),
    *("PPQ-1", "PPQ-2", "PPQ-3", "PPQ-0", "PPQ--1", "2", "3", "1.5"),
    *("PPC-OK", "PPC-UNDO", "PPC-EMPTY", "PPC-YES", "PPC-PROBLEM", "PPO-7", "PPX-B1"),
]
SCANS = st.lists(
    st.tuples(st.sampled_from(CODES), st.sampled_from((0.2, 1.0, 2.5, 40.0)), st.booleans(), st.booleans()), max_size=60
)


def order(both: bool) -> Session:
    """Six of cream, three phones, soap (which may be typed) and a brush; ``both``: cream has serial numbers too."""
    return packing(
        cream(6, 1, lots=LOTS, by_serial=both), phone(3, 2), soap(4, 3, typed_quantity=True, kit_sku="SPA"), brush(1, 4)
    )


def check(session: Session, both: bool) -> None:
    """Every counted unit is accounted for, once."""
    lots, serials = Counter[str](), Counter[str]()
    for one in session.captured:
        lots[one.sku] += one.units if one.lot else 0
        serials[one.sku] += one.units if one.serial else 0
    counted = dict(zip(("CREAM", "PHONE"), session.counts, strict=False))
    assert lots["CREAM"] == counted["CREAM"]
    assert serials["PHONE"] == counted["PHONE"]
    assert serials["CREAM"] == (counted["CREAM"] if both else 0)
    assert len({(one.sku, one.serial) for one in session.captured if one.serial}) == sum(serials.values())
    in_box = Counter[str]()
    for one in session.captured:
        in_box[one.lot] += one.units if one.lot else 0
    assert in_box["OLD"] == in_box["ZZ"] == 0
    assert in_box["A1"] <= 4 and in_box["B2"] <= 3
    assert all(0 <= count <= line.quantity for count, line in zip(session.counts, session.order.lines, strict=True))


@settings(max_examples=400, deadline=None)
@given(scans=SCANS, both=st.booleans(), parks=st.booleans())
def test_no_sequence_of_scans_counts_a_unit_without_its_lot_and_serial_number(
    scans: list[tuple[str, float, bool, bool]], both: bool, parks: bool
) -> None:
    session, at = order(both), NOON
    for code, wait, typed, bounce in scans:
        at += wait
        before = sum(session.counts)
        verdict = judge(session, read(code, CATALOG, at=at, typed=typed, bounce=bounce and wait < 1))
        session = verdict.session
        assert (sum(session.counts) > before) <= (verdict.reason is Reason.OK)
        check(session, both)
        if parks and code == "X":
            session = apply(apply(session, Fact(FactKind.PARK)), Fact(FactKind.RESUME))
            check(session, both)
    assert unpacked(packed(session)) == session


@settings(max_examples=60, deadline=None)
@given(scans=SCANS, both=st.booleans())
def test_the_server_replays_a_log_to_the_very_same_box(scans: list[tuple[str, float, bool, bool]], both: bool) -> None:
    bench, server, at = order(both), order(both), NOON
    server = opened(server.session_id, server.order)
    for code, wait, typed, _ in scans:
        at += wait
        bench = judge(bench, read(code, CATALOG, at=at, typed=typed)).session
        server = judge(unpacked(packed(server)), read(code, CATALOG, at=at, typed=typed)).session
    assert server == bench
