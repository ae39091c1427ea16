"""Lots, transfers and counts under random histories: no unit appears or vanishes without a word for it."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.domain.booking.lots import LotRow, fefo, good_units
from server.domain.errors import DomainError
from server.domain.warehouse.counting import Counted, Shelf, counted
from server.domain.warehouse.transfers import Key, Transfer, TransferState, close, depart, dispatch, planned, receive

DAY = date(2026, 5, 4)
LOTS = st.lists(
    st.builds(
        LotRow,
        st.sampled_from("PQRST"),
        st.one_of(st.just(""), st.integers(-3, 9).map(lambda n: (DAY + timedelta(n)).isoformat())),
        st.integers(0, 6),
    ),
    unique_by=lambda row: row.lot,
)


@given(LOTS, st.integers(1, 20))
def test_a_lot_is_touched_only_when_all_that_expire_before_it_are_empty(rows: list[LotRow], quantity: int) -> None:
    picked = fefo(rows, quantity, DAY)
    if picked is None:
        assert good_units(rows, DAY) < quantity
        return
    left = {row.lot: row.available for row in rows}
    for lot, units in picked:
        assert 0 < units <= left[lot]
        left[lot] -= units
    assert sum(units for _, units in picked) == quantity
    expiry = {row.lot: row.expires_on or "9999" for row in rows}
    assert all(expiry[lot] >= DAY.isoformat() for lot, _ in picked)
    last = max(expiry[lot] for lot, _ in picked)
    assert not [lot for lot in left if DAY.isoformat() <= expiry[lot] < last and left[lot]]


KEYS = st.sampled_from([Key("A"), Key("B", "L1"), Key("B", "L2")])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("out"), KEYS, st.integers(1, 5)),
        st.tuples(st.just("in"), KEYS, st.integers(1, 5)),
        st.tuples(st.sampled_from(["depart", "close"]), KEYS, st.just(0)),
    ),
    max_size=30,
)


@given(STEPS)
def test_units_out_are_in_plus_on_the_way_plus_lost_after_every_scan(steps: list[tuple[str, Key, int]]) -> None:
    transfer = planned(1, 2, {Key("A"): 5, Key("B", "L1"): 3})
    out, came = Counter[Key](), Counter[Key]()
    for verb, key, units in steps:
        try:
            transfer = _step(transfer, verb, key, units)
        except DomainError as refused:
            assert refused.code in {"illegal_transition", "nothing_dispatched"}
            continue
        out[key] += units if verb == "out" else 0
        came[key] += units if verb == "in" else 0
        for line in transfer.lines:
            assert min(line.in_transit, line.received, line.lost, line.found) >= 0
            assert line.dispatched == line.received + line.in_transit + line.lost == out[Key(line.sku, line.lot)]
            assert line.received + line.found == came[Key(line.sku, line.lot)]
            assert not (line.found and line.lost), "surplus first makes good a loss"
    if transfer.state is TransferState.CLOSED:
        assert transfer.in_transit == 0


def _step(transfer: Transfer, verb: str, key: Key, units: int) -> Transfer:
    match verb:
        case "out":
            return dispatch(transfer, key, units)
        case "in":
            return receive(transfer, key, units).transfer
        case "depart":
            return depart(transfer)
        case _:
            return close(transfer).transfer


@st.composite
def shelves(draw: st.DrawFn) -> Shelf:
    away = draw(st.integers(0, 5))
    reserved = away + draw(st.integers(0, 5))
    held = draw(st.integers(0, 3))
    return Shelf(reserved + held + draw(st.integers(0, 9)), reserved, held, away)


@given(shelves(), st.integers(0, 20))
def test_after_a_count_the_shelf_holds_what_was_counted_and_the_boxes_what_they_held(shelf: Shelf, units: int) -> None:
    result = counted(shelf, units)
    assert isinstance(result, Counted)
    assert result.on_hand - shelf.away == units
    assert result.on_hand == shelf.on_hand + result.difference
    assert 0 <= result.shortfall <= shelf.reserved - shelf.away + shelf.held, "what is packed is never short"
    assert shelf.reserved + shelf.held - result.shortfall <= result.on_hand
