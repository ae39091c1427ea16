"""Whatever is sold: each order is in one wave, each unit at one stop, and nothing is found twice."""

from collections import Counter
from itertools import groupby, pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from server.domain.picks.picking import Give, Layout, Pick, aisle, bin_key, pick_list, share_out
from server.domain.picks.short_pick import write_off
from server.domain.picks.waves import Limits, WaveOrder, due, plan
from server.domain.routes.calendars import Calendar

MOMENTS = st.floats(1_700_000_000, 1_800_000_000)
MINUTES = st.integers(0, 24 * 60 - 1)
CALENDARS = st.builds(
    Calendar,
    st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Australia/Lord_Howe"]),
    st.frozensets(st.integers(0, 6), min_size=1),
    cut_off=MINUTES,
    cut_offs=st.dictionaries(st.sampled_from(["van", "express"]), MINUTES),
)
ORDERS = st.lists(
    st.builds(
        WaveOrder,
        st.integers(1, 10_000),
        st.sampled_from(["van", "post", "bike"]),
        st.integers(1, 9),
        MOMENTS,
        st.sampled_from(["", "express"]),
        st.integers(0, 2),
        st.none() | MOMENTS,
    ),
    unique_by=lambda order: order.order_id,
    max_size=40,
)
LIMITS = st.builds(Limits, st.integers(1, 6), st.integers(1, 12))
BINS = st.text("AB12-. ä", max_size=6)
PICKS = st.lists(
    st.builds(Pick, st.integers(1, 5), st.sampled_from("XYZ"), st.sampled_from(["", "L1"]), BINS, st.integers(1, 4)),
    max_size=30,
)
RANK = {5: 0, 4: 1, 3: 2, 2: 3, 1: 4}


@given(ORDERS, CALENDARS, MOMENTS, LIMITS, st.randoms())
def test_every_order_is_in_one_wave_with_its_like(
    orders: list[WaveOrder], calendar: Calendar, now: float, limits: Limits, rng: Random
) -> None:
    waves = plan(orders, calendar, now, limits=limits)
    assert Counter(o for wave in waves for o in wave.orders) == Counter(orders)
    for wave in waves:
        assert {(o.carrier, o.priority, o.mix) for o in wave.orders} == {(wave.carrier, wave.priority, wave.mix)}
        assert {due(calendar, o, now) for o in wave.orders} == {wave.due}
        assert len(wave.orders) == 1 or (len(wave.orders) <= limits.orders and wave.units <= limits.units)
    urgency = [(wave.due or 0, wave.priority) for wave in waves]
    assert urgency == sorted(urgency)
    rng.shuffle(orders)
    assert plan(orders, calendar, now, limits=limits) == waves


@given(CALENDARS, MOMENTS, st.none() | MOMENTS)
def test_a_cut_off_is_never_past_and_never_after_a_ship_by_that_can_be_met(
    calendar: Calendar, now: float, ship_by: float | None
) -> None:
    found = due(calendar, WaveOrder(1, "van", 1, now, ship_by=ship_by), now)
    soonest = due(calendar, WaveOrder(1, "van", 1, now), now)
    assert found is not None
    assert soonest is not None
    assert now <= soonest <= found
    if ship_by is not None and soonest <= ship_by:
        assert found <= ship_by


@given(PICKS, st.builds(Layout, st.booleans(), st.integers(1, 2)))
def test_each_unit_is_fetched_at_one_stop_and_each_aisle_is_entered_once(picks: list[Pick], layout: Layout) -> None:
    stops = pick_list(picks, RANK, layout)
    wanted, listed = Counter[tuple[int, str, str, str]](), Counter[tuple[int, str, str, str]]()
    for pick in picks:
        wanted[pick.order_id, pick.sku, pick.lot, pick.bin] += pick.units
    for stop in stops:
        for give in stop.gives:
            listed[give.order_id, stop.sku, stop.lot, stop.bin] += give.units
        ranks = [RANK[give.order_id] for give in stop.gives]
        assert ranks == sorted(set(ranks))
    assert listed == wanted
    assert len({(s.bin, s.sku, s.lot) for s in stops}) == len(stops)
    if layout.serpentine:
        aisles = [key for key, _ in groupby(aisle(s.bin, layout) for s in stops)]
        assert len(set(aisles)) == len(aisles)
        assert aisles == sorted(aisles)
    else:
        assert all(bin_key(a.bin) <= bin_key(b.bin) for a, b in pairwise(stops))


@given(st.lists(st.integers(1, 6), max_size=8), st.integers(0, 40))
def test_nobody_gets_more_than_wanted_and_nothing_found_is_lost(wants: list[int], found: int) -> None:
    gives = [Give(n, want) for n, want in enumerate(wants)]
    shared = share_out(found, gives)
    assert sum(g.units for g in shared) == min(found, sum(wants))
    assert all(0 <= got.units <= give.units for got, give in zip(shared, gives, strict=True))
    assert sum(0 < got.units < give.units for got, give in zip(shared, gives, strict=True)) <= 1


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_no_more_is_written_off_than_was_missing_or_for_sale(wanted: int, found: int, available: int) -> None:
    written = write_off(wanted, found, available)
    assert 0 <= written.missing == max(0, wanted - found)
    assert 0 <= written.unsold <= available
    assert written.unsold == 0 or written.missing > 0
