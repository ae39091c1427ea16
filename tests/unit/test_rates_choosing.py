"""The cheapest offer that qualifies wins; the others are told why not (RAT-02, RAT-05, RAT-07, SPC-01, SPC-03)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from server.domain.rates.choosing import choose
from server.domain.rates.rules import ChannelRule, Limit, Rules
from server.domain.rates.values import By, Dangerous, Decision, Level, Need, Offer, Silent, Verdict
from server.domain.rates.words import explain

NEED = Need(channel="shop", paid="standard", carrier="own-van", country="US", region="CA", postcode="941", grams=900)
TWO_DAY = replace(NEED, paid="2-Day")
RULES = Rules(accounts=("own-van", "ups", "usps", "dhl"), channels={"shop": ChannelRule(shop=True)})


def offer(account: str, service: str, price: str, days: int | None = 4, currency: str = "USD") -> Offer:
    return Offer(account=account, service=service, price=Decimal(price), currency=currency, days=days)


GROUND, SECOND_DAY = offer("ups", "Ground", "6.10"), offer("ups", "2ndDayAir", "14.20", 2)


def verdicts(decision: Decision) -> dict[str, Verdict]:
    return {each.offer.way: each.verdict for each in decision.judged}


def shop(**rule: object) -> Rules:
    return replace(RULES, channels={"shop": ChannelRule(shop=True, **rule)})  # type: ignore[arg-type]


def limited(**limit: object) -> Rules:
    return replace(RULES, limits=(Limit(**limit),))  # type: ignore[arg-type]


def test_the_cheapest_of_all_wins() -> None:
    decision = choose([GROUND, offer("usps", "Advantage", "5.90"), SECOND_DAY], NEED, RULES)
    assert (decision.way, decision.by) == (("usps", "Advantage"), By.LIVE)
    assert verdicts(decision)["ups/Ground"] is Verdict.DEARER


def test_a_2_day_order_never_gets_ground_though_it_is_cheaper_and_near() -> None:
    for days in (4, 2, 1, None):
        decision = choose([replace(GROUND, days=days), SECOND_DAY], TWO_DAY, RULES)
        assert decision.way == ("ups", "2ndDayAir")
        assert verdicts(decision)["ups/Ground"] in (Verdict.TOO_SLOW, Verdict.NO_DAYS)


def test_an_offer_that_names_no_days_never_satisfies_a_2_day_order() -> None:
    decision = choose([offer("dhl", "2DayExpress", "3.00", None)], TWO_DAY, RULES)
    assert verdicts(decision) == {"dhl/2DayExpress": Verdict.NO_DAYS}
    said = replace(RULES, services={"dhl/2DayExpress": Level.TWO_DAY})
    assert choose([offer("dhl", "2DayExpress", "3.00", None)], TWO_DAY, said).chosen is None


def test_of_equal_prices_the_faster_wins_then_the_earlier_account() -> None:
    fast, slow = offer("usps", "A", "5.00", 2), offer("ups", "B", "5.00", 3)
    assert choose([slow, fast], NEED, RULES).chosen == fast
    same = offer("dhl", "C", "5.00", 2)
    assert choose([same, fast], NEED, RULES).chosen == fast


def test_economy_is_for_channels_that_allow_it_and_for_buyers_who_chose_it() -> None:
    offers = [offer("usps", "ParcelSelect", "3.10", 8), GROUND]
    assert choose(offers, NEED, RULES).chosen == GROUND
    assert verdicts(choose(offers, NEED, RULES))["usps/ParcelSelect"] is Verdict.ECONOMY
    assert choose(offers, NEED, shop(economy=True)).way == ("usps", "ParcelSelect")
    assert choose(offers, replace(NEED, paid="economy"), RULES).way == ("usps", "ParcelSelect")
    assert choose([*offers, SECOND_DAY], TWO_DAY, shop(economy=True)).chosen == SECOND_DAY


def test_services_for_printed_matter_are_taken_only_where_the_owner_says_what_they_stand_for() -> None:
    for service in (
        "MediaMail",
        "usps_library_mail",
        "usps_bound_printed_matter",
        "usps_domestic_matter_for_the_blind",
    ):
        cheap = offer("usps", service, "0.10", 2)
        for need in (NEED, TWO_DAY, replace(NEED, paid="economy")):
            decision = choose([cheap, GROUND, SECOND_DAY], need, shop(economy=True))
            assert verdicts(decision)[cheap.way] is Verdict.PRINTED
        said = replace(RULES, services={cheap.way: Level.ECONOMY})
        assert choose([cheap, GROUND], replace(NEED, paid="economy"), said).chosen == cheap


def test_the_promised_day_takes_a_faster_service_than_was_paid_for_unless_the_channel_says_otherwise() -> None:
    hurry = replace(NEED, deliver_by=1_000_000.0, days_left=2)
    assert choose([GROUND, SECOND_DAY], hurry, RULES).chosen == SECOND_DAY
    assert choose([GROUND, SECOND_DAY], hurry, shop(expedite=False)).chosen == GROUND
    early = replace(GROUND, days=2, arrives_by=999_999.0)
    assert choose([early, SECOND_DAY], hurry, RULES).chosen == early
    late = replace(early, arrives_by=1_000_001.0)
    assert verdicts(choose([late, SECOND_DAY], hurry, RULES))["ups/Ground"] is Verdict.TOO_LATE
    silent = replace(GROUND, days=None)
    assert verdicts(choose([silent, SECOND_DAY], hurry, RULES))["ups/Ground"] is Verdict.NO_DAYS


def test_dangerous_goods_go_only_with_services_that_may_take_each_of_them() -> None:
    lighter, paint = Dangerous("Lighter", ("ups/Ground", "usps")), Dangerous("Paint", ("ups",))
    offers = [GROUND, offer("usps", "Advantage", "2.00"), offer("ups", "Air", "3.00", 3)]
    assert choose(offers, replace(NEED, hazmat=(lighter,)), RULES).way == ("usps", "Advantage")
    both = choose(offers, replace(NEED, hazmat=(lighter, paint)), RULES)
    assert both.way == ("ups", "Ground")
    assert verdicts(both)["usps/Advantage"] is verdicts(both)["ups/Air"] is Verdict.HAZMAT


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [
        ({"max_grams": 899}, Verdict.WEIGHT),
        ({"max_side_mm": 299}, Verdict.SIZE),
        ({"max_girth_mm": 899}, Verdict.SIZE),
        ({"never_to": ("US-CA",)}, Verdict.REGION),
        ({"never_to": ("US:94",)}, Verdict.REGION),
        ({"only_to": ("DE", "US-HI")}, Verdict.REGION),
        ({"never_to": ("US-CA",), "skus": ("LIGHTER",)}, Verdict.REGION),
    ],
)
def test_what_a_limit_disallows_is_never_taken_however_cheap(limit: dict[str, object], verdict: Verdict) -> None:
    need = replace(NEED, size_mm=(300, 200, 100), skus=("LIGHTER",))
    cheap = offer("usps", "Advantage", "0.10")
    for way in ("usps", "usps/Advantage"):
        decision = choose([cheap, GROUND], need, limited(way=way, **limit))
        assert decision.chosen == GROUND
        assert verdicts(decision)[cheap.way] is verdict


@pytest.mark.parametrize(
    "limit",
    [
        {"max_grams": 900},
        {"max_side_mm": 300, "max_girth_mm": 900},
        {"never_to": ("US-HI", "US:967", "DE")},
        {"only_to": ("US",)},
        {"never_to": ("US",), "skus": ("MUG",)},
        {"never_to": ("US",), "channels": ("amazon",)},
    ],
)
def test_a_limit_that_is_kept_or_is_about_something_else_disallows_nothing(limit: dict[str, object]) -> None:
    need = replace(NEED, size_mm=(300, 200, 100), skus=("LIGHTER",))
    assert choose([offer("usps", "Advantage", "0.10"), GROUND], need, limited(**limit)).way == ("usps", "Advantage")


def test_a_limit_on_what_nobody_measured_disallows_an_offer_but_not_the_way_the_order_came_with() -> None:
    need = replace(NEED, grams=None)
    decision = choose([GROUND], need, limited(max_grams=30_000))
    assert (decision.chosen, decision.way, decision.by) == (None, ("own-van", "standard"), By.OWN)


def test_only_prices_of_one_currency_compete_and_what_is_no_price_does_not() -> None:
    offers = [offer("usps", "A", "1.00", currency="EUR"), offer("dhl", "B", "-1"), offer("dhl", "C", "NaN"), GROUND]
    decision = choose(offers, NEED, RULES)
    assert decision.chosen == GROUND
    rejected = (Verdict.CURRENCY, Verdict.PRICE, Verdict.PRICE)
    assert tuple(each.verdict for each in decision.judged[:3]) == rejected
    assert len(explain(decision)) == 2 + len(offers)


def test_a_channel_may_name_the_carriers_and_services_it_takes_and_a_box_its_carriers() -> None:
    cheap = offer("usps", "Advantage", "0.10")
    assert choose([cheap, GROUND], NEED, shop(ways=("ups/Ground", "dhl"))).chosen == GROUND
    assert choose([cheap, GROUND], replace(NEED, box_carriers=("ups",)), RULES).chosen == GROUND
    assert choose([cheap, GROUND], NEED, replace(RULES, accounts=("ups",))).chosen == GROUND


def test_the_second_box_of_an_order_goes_with_the_first() -> None:
    cheap, need = offer("usps", "Advantage", "0.10"), replace(NEED, only="ups/Ground")
    assert choose([cheap, GROUND], need, RULES).chosen == GROUND
    assert choose([cheap], need, RULES).way == ("ups", "Ground")


def test_without_any_offer_the_parcel_goes_as_the_order_came_where_it_may() -> None:
    decision = choose([], NEED, RULES, [Silent("ups", Verdict.NO_ANSWER, "it did not answer within 2.5 s")])
    assert (decision.way, decision.by) == (("own-van", "standard"), By.OWN)
    assert "ups: no answer, it did not answer within 2.5 s" in explain(decision)


def test_where_not_even_that_may_take_it_there_is_no_way_and_all_reasons_are_kept() -> None:
    need = replace(NEED, hazmat=(Dangerous("Lighter", ("dhl",)),))
    decision = choose([GROUND], need, RULES)
    assert (decision.way, decision.by) == (None, By.NONE)
    assert decision.why.endswith("dangerous goods (Lighter) may not go with own-van/standard")
    assert verdicts(decision) == {"ups/Ground": Verdict.HAZMAT}


def test_a_service_that_nobody_explained_is_not_taken_for_standard() -> None:
    need = replace(NEED, paid="ZX-7")
    decision = choose([GROUND], need, RULES)
    assert (decision.way, decision.by) == (("own-van", "ZX-7"), By.OWN)
    assert choose([GROUND], need, replace(RULES, levels={"zx-7": Level.STANDARD})).chosen == GROUND


def test_the_saving_is_against_the_default_providers_cheapest_offer_that_qualifies() -> None:
    rules = replace(RULES, default="ups")
    offers = [offer("ups", "Ground", "8.50"), offer("ups", "Saver", "9.90", 3), offer("usps", "Advantage", "6.80")]
    decision = choose(offers, NEED, rules)
    assert decision.saving == Decimal("1.70")
    assert explain(decision)[-1] == "ups/Ground of the default provider costs 8.50: 1.70 saved"
    assert choose(offers[1:], TWO_DAY, rules).saving is None
    assert choose(offers, NEED, shop(default="usps")).saving == 0


def test_a_remembered_price_is_marked() -> None:
    decision = choose([replace(GROUND, cached_at=5.0)], NEED, RULES)
    assert decision.by is By.CACHED
    assert explain(decision)[-1] == "the price is remembered, not asked for now"


REMEMBERED = replace(offer("usps", "Advantage", "0.10"), cached_at=5.0)


@pytest.mark.parametrize("verdict", [Verdict.NO_ANSWER, Verdict.LEFT_OUT])
def test_a_remembered_price_of_an_account_that_does_not_answer_counts_only_where_nobody_else_qualifies(
    verdict: Verdict,
) -> None:
    silent = [Silent("usps", verdict, "it is down")]
    decision = choose([REMEMBERED, GROUND], NEED, RULES, silent)
    assert decision.chosen == GROUND
    assert verdicts(decision)["usps/Advantage"] is verdict
    slow = replace(GROUND, service="SurePost")
    assert choose([REMEMBERED, slow], NEED, RULES, silent).chosen == REMEMBERED


def test_a_remembered_price_of_an_account_that_nobody_had_time_to_ask_competes() -> None:
    silent = [Silent("usps", Verdict.NOT_ASKED, "there was no time to ask it")]
    assert choose([REMEMBERED, GROUND], NEED, RULES, silent).chosen == REMEMBERED


def test_an_account_that_has_just_sold_no_label_is_taken_again_only_when_nobody_else_can() -> None:
    failed = Silent("ups", Verdict.FAILED, "no label could be bought from it just now")
    dearer = offer("dhl", "Parcel", "9.99")
    decision = choose([GROUND, dearer], NEED, RULES, [failed])
    assert decision.chosen == dearer
    assert verdicts(decision)["ups/Ground"] is Verdict.FAILED
    again = choose(decision.offers, NEED, RULES, decision.silent)
    assert again == decision, "a trial of other rules weighs the same things"
    down = Silent("usps", Verdict.NO_ANSWER, "it is down")
    assert choose([GROUND, REMEMBERED], NEED, RULES, [failed, down]).chosen == REMEMBERED
    assert choose([GROUND], NEED, RULES, [failed]).chosen == GROUND
