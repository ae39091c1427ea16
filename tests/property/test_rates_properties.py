"""Whatever carriers offer: one verdict each, the cheapest that qualifies wins, in any order of the answers."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.rates.choosing import choose
from server.domain.rates.rules import ChannelRule, Rules
from server.domain.rates.values import Need, Offer, Verdict

OFFERS = st.lists(
    st.builds(
        Offer,
        account=st.sampled_from(["ups", "usps", "odd"]),
        service=st.sampled_from(["Ground", "ParcelSelect", "MediaMail", "Two", "X"]),
        price=st.decimals(-1, 50, places=2) | st.just(Decimal("NaN")),
        currency=st.sampled_from(["USD", "EUR"]),
        days=st.none() | st.integers(0, 9),
    ),
    max_size=8,
    unique_by=lambda offer: offer.way,
)
NEEDS = st.builds(
    Need,
    channel=st.just("shop"),
    paid=st.sampled_from(["economy", "standard", "expedited", "2-day", "overnight"]),
    carrier=st.just("ups"),
    country=st.just("US"),
    deliver_by=st.just(1.0),
    days_left=st.none() | st.integers(-1, 9),
)
MOST = {"expedited": 3, "2-day": 2, "overnight": 1}
RULES = Rules(accounts=("ups", "usps"), channels={"shop": ChannelRule(shop=True)}, default="ups")


@settings(max_examples=150, deadline=None)
@given(offers=OFFERS, need=NEEDS)
def test_the_choice_is_the_cheapest_of_those_that_qualify(offers: list[Offer], need: Need) -> None:
    decision = choose(offers, need, RULES)
    assert decision.offers == offers
    fit = [each.offer for each in decision.judged if each.qualifies]
    assert [each.verdict for each in decision.judged].count(Verdict.CHOSEN) == bool(fit)
    for offer in fit:
        assert offer.service != "MediaMail"
        assert offer.account in RULES.accounts and offer.currency == "USD" and offer.price >= 0
        assert need.paid not in MOST or (offer.days is not None and offer.days <= MOST[need.paid])
        assert need.paid == "economy" or offer.service != "ParcelSelect"
        assert need.days_left is None or (offer.days is not None and offer.days <= need.days_left)
    if decision.chosen is not None:
        assert decision.chosen.price == min(offer.price for offer in fit)
        assert decision.saving is None or decision.saving >= 0
    assert choose(offers[::-1], need, RULES).way == decision.way
    assert choose(offers, replace(need, only="usps/X"), RULES).way == ("usps", "X")
