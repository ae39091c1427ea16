"""Whatever is asked for: the policy is a deterministic permutation; shortfalls and waiters are settled right."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.domain.booking.conflicts import Ask, Policy, PolicyKind, scarce_skus, serve_order
from server.domain.booking.shortfall import Holder, losers
from server.domain.booking.waiting import Waiter, served_from
from server.domain.sales.losing import ENDS, Chances, Step, path
from server.domain.sales.payments import Payment, PaymentEvent, PaymentEventKind, PaymentState, after

SKUS = st.sampled_from("ABC")
CHANNELS = st.sampled_from(["shop", "etsy", "amazon"])
UNITS = st.dictionaries(SKUS, st.integers(1, 5), min_size=1)
ARRIVALS = st.floats(0, 100, allow_nan=False)
ASKS = st.lists(st.builds(Ask, st.uuids().map(str), UNITS, CHANNELS, ARRIVALS, st.integers(0, 3)), max_size=12)
LEFT = st.dictionaries(SKUS, st.integers(0, 20))
POLICIES = st.builds(
    Policy, st.sampled_from(PolicyKind), st.permutations(["shop", "etsy"]).map(tuple), version=st.integers(1, 9)
)


@given(ASKS, LEFT, POLICIES)
def test_rivals_are_served_by_rank_and_arrival_and_all_others_where_they_stand(
    asks: list[Ask], left: dict[str, int], policy: Policy
) -> None:
    served = list(serve_order(asks, left, policy))
    assert sorted(served) == list(range(len(asks)))
    fought = scarce_skus(asks, left)
    rivals = [i for i, ask in enumerate(asks) if fought & set(ask.units)]
    assert all(served[i] == i for i in range(len(asks)) if i not in rivals)
    keys = [(policy.rank(asks[i].channel, asks[i].value), asks[i].arrival, i) for i in served if i in rivals]
    assert keys == sorted(keys)


@given(ASKS, LEFT, POLICIES, st.randoms())
def test_the_winner_does_not_depend_on_the_order_of_the_batch(
    asks: list[Ask], left: dict[str, int], policy: Policy, random: object
) -> None:
    distinct = [ask._replace(arrival=float(n)) for n, ask in enumerate(asks)]
    shuffled = list(distinct)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _winners(distinct, left, policy) == _winners(shuffled, left, policy)


def _winners(asks: list[Ask], left: dict[str, int], policy: Policy) -> set[str]:
    rest, won = Counter(left), set()
    for index in serve_order(asks, left, policy):
        units = asks[index].units
        if all(rest[sku] >= n for sku, n in units.items()):
            rest.subtract(units)
            won.add(asks[index].ref)
    assert all(n >= 0 for n in rest.values())
    return won


HOLDERS = st.lists(
    st.builds(
        Holder,
        st.uuids().map(str),
        st.integers(1, 5),
        CHANNELS,
        ARRIVALS,
        st.integers(0, 3),
        st.booleans(),
        st.booleans(),
    ),
    max_size=10,
)


@given(st.integers(0, 40), HOLDERS, POLICIES)
def test_a_shortfall_is_covered_by_as_few_as_needed_and_never_from_a_box(
    short: int, holders: list[Holder], policy: Policy
) -> None:
    found = losers(short, holders, policy)
    freed = sum(h.units for h in found.released)
    assert not any(h.packed for h in found.released)
    assert freed + found.uncovered >= short
    assert all(freed - h.units < short for h in found.released)
    if found.uncovered:
        assert freed == sum(h.units for h in holders if not h.packed)
        assert freed + found.uncovered == short


@given(
    st.lists(st.tuples(ARRIVALS, UNITS), max_size=10),
    LEFT,
)
def test_waiters_are_served_in_order_date_and_never_with_more_than_there_is(
    asked: list[tuple[float, dict[str, int]]], available: dict[str, int]
) -> None:
    waiting = [Waiter(n, placed, units) for n, (placed, units) in enumerate(asked)]
    by_id = {w.order_id: w for w in waiting}
    served = [by_id[order_id] for order_id in served_from(waiting, [available], lambda units, _site: units)]
    assert all(a.placed_at <= b.placed_at for a, b in pairwise(served))
    taken = Counter[str]()
    for waiter in served:
        taken.update(waiter.units)
    assert all(units <= available.get(sku, 0) for sku, units in taken.items())
    left = {sku: available.get(sku, 0) - taken[sku] for sku in {*available, *taken}}
    passed = [w for w in waiting if w not in served]
    assert not any(all(left.get(sku, 0) >= n for sku, n in w.units.items()) for w in passed)


@given(
    st.builds(Chances, st.sampled_from(["", "WEST"]), st.none() | ARRIVALS, st.none() | ARRIVALS, st.booleans()),
    st.permutations(list(Step)).map(tuple),
    st.integers(1, 6),
)
def test_no_loser_waits_for_a_person_unless_the_path_says_ask(
    chances: Chances, steps: tuple[Step, ...], many: int
) -> None:
    outcome = path(chances, steps[:many])
    assert outcome.step in steps[:many] or outcome.step is Step.CANCEL
    assert [p.step for p in outcome.passed] == list(steps[: len(outcome.passed)])
    assert not any(p.step in ENDS for p in outcome.passed)


@given(
    st.none() | st.integers(0, 200),
    st.lists(st.builds(PaymentEvent, st.sampled_from(PaymentEventKind), st.none() | st.integers(0, 100)), max_size=8),
)
def test_an_order_counts_as_paid_only_while_what_is_due_has_come(due: int | None, events: list[PaymentEvent]) -> None:
    payment = Payment(due=due)
    for event in events:
        payment = after(payment, event)
        assert payment.paid >= 0
        if payment.state is PaymentState.PAID:
            assert payment.paid >= (due or 0)
        if payment.state is PaymentState.PART_PAID:
            assert due is not None
            assert payment.paid < due
