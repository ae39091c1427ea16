"""Whatever is ruled and sold: nobody is shown or sold a unit that is not there, and what is withheld is explained."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from server.domain.booking.kit_offers import kit_units
from server.domain.sharing.allocation import Allocation, Pool
from server.domain.sharing.allocation_rules import Kind, Rule, check_rule
from server.domain.sharing.buffers import Formula, Pace
from server.domain.sharing.plans import excess

CHANNELS = ("shop", "amazon", "ebay", "etsy")
PERCENT = st.integers(0, 10_000)
UNITS = st.integers(0, 60)
SCOPES = st.sampled_from([{}, {"group": "wax"}, {"sku": "CANDLE"}])


@st.composite
def a_rule(draw: st.DrawFn, number: int, kinds: tuple[Kind, ...] = tuple(Kind)) -> Rule:
    kind = draw(st.sampled_from(kinds))
    fields: dict[str, object] = dict(draw(SCOPES))
    optional = kind in {Kind.BUFFER, Kind.DYNAMIC, Kind.CAP} and draw(st.booleans())
    if kind is not Kind.HOLD_BACK and not optional:
        fields["channel"] = draw(st.sampled_from(CHANNELS))
    if kind is Kind.DYNAMIC:
        fields["formula"] = Formula(least=draw(st.integers(0, 5)), most=draw(st.integers(5, 40)))
    elif kind not in {Kind.SHARED, Kind.EQUAL}:
        percent = kind in {Kind.SHARE, Kind.RESERVE, Kind.BUFFER, Kind.CAP} and draw(st.booleans())
        fields |= {"percent": draw(PERCENT)} if percent else {"units": draw(UNITS)}
    return check_rule(Rule(number, kind, **fields))  # type: ignore[arg-type]


def rules(*kinds: Kind) -> st.SearchStrategy[list[Rule]]:
    wanted = kinds or tuple(Kind)
    return st.integers(0, 9).flatmap(lambda n: st.tuples(*(a_rule(i, wanted) for i in range(1, n + 1))).map(list))


COUNTS = st.dictionaries(st.sampled_from(CHANNELS), UNITS)
POOLS = st.builds(
    Pool,
    st.just("CANDLE"),
    st.sampled_from(["wax", ""]),
    st.integers(0, 120),
    COUNTS,
    COUNTS,
    st.none() | st.builds(Pace, UNITS, st.integers(1, 30), st.integers(0, 20)),
    st.none() | UNITS,
)


@given(made=rules(), pool=POOLS)
def test_every_unit_between_the_stock_and_the_number_is_explained(made: list[Rule], pool: Pool) -> None:
    ids = {rule.rule_id for rule in made} | {0}
    for offer in Allocation.of(made, 0).offers(pool, CHANNELS).values():
        withheld, beyond = (sum(cut.units for cut in cuts) for cuts in (offer.withheld, offer.beyond))
        assert offer.units == pool.available - withheld + beyond
        assert offer.units >= 0
        assert all(c.units > 0 and c.rule_id in ids and c.sentence for c in (*offer.withheld, *offer.beyond))


@given(made=rules(), pool=POOLS)
def test_no_channel_is_told_more_than_it_could_sell_unless_a_rule_says_so(made: list[Rule], pool: Pool) -> None:
    allocation = Allocation.of(made, 0)
    for channel, offer in allocation.offers(pool, CHANNELS).items():
        assert 0 <= allocation.limit(pool, channel) <= pool.available
        assert offer.units - sum(cut.units for cut in offer.beyond) <= allocation.limit(pool, channel)


@given(
    made=rules(Kind.SHARE, Kind.RESERVE, Kind.EQUAL, Kind.SHARED), pool=POOLS, sales=st.lists(st.sampled_from(CHANNELS))
)
def test_a_plan_that_fits_gives_every_channel_its_share_in_any_order_of_sales(
    made: list[Rule], pool: Pool, sales: list[str]
) -> None:
    """A claim that fits the stock at the start can be taken in full at any later moment, whoever sold before."""
    allocation = Allocation.of(made, 0)
    start = pool._replace(used={})
    if excess(allocation, start):
        return
    used, available = Counter[str](), start.available
    granted = {c: _claim(allocation, start, c) for c in CHANNELS}
    for channel in sales:
        now = start._replace(available=available, used=used)
        take = min(allocation.limit(now, channel), 7)
        used[channel] += take
        available -= take
        later = start._replace(available=available, used=used)
        for owner, units in granted.items():
            assert allocation.limit(later, owner) >= min(units - used[owner], available)
            assert available >= units - used[owner]


def _claim(allocation: Allocation, pool: Pool, channel: str) -> int:
    """Units nobody but this channel may take, from the rules themselves (percentages rounded down)."""
    found = [r for r in allocation.applying(pool.sku, pool.group) if r.channel == channel and r.slot == "mode"]
    kinds = {Kind.SHARE, Kind.RESERVE}
    return sum(rule.part(pool.available) for rule in found if rule.kind in kinds)


@given(
    percent=PERCENT, stock=st.integers(0, 500), steps=st.lists(st.tuples(st.sampled_from(CHANNELS), st.integers(1, 50)))
)
def test_marketplaces_never_take_what_is_protected_for_the_shop(
    percent: int, stock: int, steps: list[tuple[str, int]]
) -> None:
    allocation = Allocation.of([Rule(1, Kind.RESERVE, channel="shop", percent=percent)], 0)
    used, available = Counter[str](), stock
    for channel, wanted in steps:
        take = min(wanted, allocation.limit(Pool("CANDLE", "", available, used), channel))
        used[channel] += take
        available -= take
    assert 10_000 * (used.total() - used["shop"]) <= stock * (10_000 - percent)


@given(made=rules(), pool=POOLS, channel=st.sampled_from(CHANNELS))
def test_a_sold_unit_is_gone_from_every_channel_at_once(made: list[Rule], pool: Pool, channel: str) -> None:
    """RSV-01: after a sale no number but an allowance beyond the stock exceeds what is left."""
    allocation = Allocation.of(made, 0)
    if not allocation.limit(pool, channel):
        return
    used = {**pool.used, channel: pool.used.get(channel, 0) + 1}
    for offer in allocation.offers(pool._replace(available=pool.available - 1, used=used), CHANNELS).values():
        assert offer.units - sum(cut.units for cut in offer.beyond) <= pool.available - 1


@given(made=rules(), pool=POOLS)
def test_the_order_in_which_rules_are_listed_does_not_matter(made: list[Rule], pool: Pool) -> None:
    one, other = Allocation.of(made, 0), Allocation.of(reversed(made), 0)
    assert one.offers(pool, CHANNELS) == other.offers(pool, CHANNELS)


@given(
    st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 30), min_size=1),
    st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 5), min_size=1),
    st.integers(0, 5),
)
def test_the_kits_shown_can_be_built_and_one_more_cannot(
    stock: dict[str, int], needs: dict[str, int], own: int
) -> None:
    units = kit_units([(stock.get(sku, 0), n) for sku, n in needs.items()], own)
    assert all((units - own) * n <= stock.get(sku, 0) for sku, n in needs.items())
    assert any((units - own + 1) * n > stock.get(sku, 0) for sku, n in needs.items())
