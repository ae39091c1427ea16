"""Rules of rates as data, levels of services, zones and weights, the circuit of an account, and sums of savings."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from server.domain.errors import DomainError
from server.domain.rates.circuit import AT_ONCE, Circuit
from server.domain.rates.drift import Paid
from server.domain.rates.levels import level_of_offer, level_of_words
from server.domain.rates.rules_data import named_accounts, read_rules
from server.domain.rates.savings import Shipped, by_month
from server.domain.rates.states import region_of
from server.domain.rates.values import Level, Offer
from server.domain.rates.zones import days_left, far_off, size_of, weight_class, zone_of
from server.domain.routes.calendars import Calendar

DATA = {
    "currency": "EUR",
    "default": "ups",
    "channels": {"shop": {"shop": True, "ways": ["ups", "usps/Advantage"], "economy": True, "default": "dhl"}},
    "levels": {"Premium": "overnight"},
    "services": {"ups/03": "standard"},
    "limits": [{"way": "gls/pak", "max_grams": 2000, "never_to": ["us-hi", "US:967"], "skus": ["LIGHTER"]}],
}


def test_rules_are_read_as_they_are_written() -> None:
    rules = read_rules(DATA, 7)
    assert (rules.version, rules.currency, rules.default_of("shop"), rules.default_of("x")) == (7, "EUR", "dhl", "ups")
    assert rules.channel("shop").shop and rules.channel("shop").expedite and not rules.channel("x").shop
    assert rules.levels == {"premium": Level.OVERNIGHT}
    assert rules.limits[0].never_to == ("US-HI", "US:967")
    assert set(named_accounts(rules)) == {"ups", "usps", "dhl", "gls"}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"currancy": "USD"}, "the rules"),
        ({"currency": "usd"}, "currency"),
        ({"deadline_seconds": True}, "deadline_seconds"),
        ({"deadline_seconds": 90}, "deadline_seconds"),
        ({"channels": []}, "channels"),
        ({"channels": {"shop": {"shop": "yes"}}}, "channels.shop.shop"),
        ({"channels": {"shop": {"ways": "ups"}}}, "channels.shop.ways"),
        ({"levels": {"x": "fast"}}, "levels.x"),
        ({"services": {"ups/03": 3}}, "services.ups/03"),
        ({"limits": [{"way": "ups"}]}, "limits[0]"),
        ({"limits": [{"max_grams": 0}]}, "limits[0].max_grams"),
        ({"limits": [{"max_grams": float("nan")}]}, "limits[0].max_grams"),
        ({"limits": [{"never_to": ["Hawaii"]}]}, "limits[0].never_to"),
        ({"limits": [{"never_to": ["US:96701"]}]}, "limits[0].never_to"),
        ({"default": "ups\x1b[2J"}, "the rules.default"),
    ],
)
def test_a_mistake_in_the_rules_names_its_place(data: dict[str, object], place: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_rules(data)
    assert refused.value.code == "bad_rate_rule"
    assert refused.value.detail.startswith(f"{place}: expected ")
    assert ", found " in refused.value.detail


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("standard", Level.STANDARD),
        ("UPS Ground", Level.STANDARD),
        ("FreeEconomy", Level.ECONOMY),
        ("Expedited", Level.EXPEDITED),
        ("Express", Level.TWO_DAY),
        ("SecondDay", Level.TWO_DAY),
        ("ups_2nd_day_air", Level.TWO_DAY),
        ("PRIORITY_OVERNIGHT", Level.OVERNIGHT),
        ("NextDay", Level.OVERNIGHT),
        ("1-2 day", Level.TWO_DAY),
        ("FedEx2Day", Level.TWO_DAY),
        ("Standard Overnight", Level.OVERNIGHT),
        ("Standard (10-12 days)", Level.STANDARD),
        ("10-12 days", None),
        ("5-11 days", None),
        ("Immediate", None),
        ("ZX-7", None),
        ("", None),
    ],
)
def test_what_a_word_for_a_service_is_worth(words: str, level: Level | None) -> None:
    assert level_of_words(words, {}) is level


def test_a_service_is_as_fast_as_its_days_but_never_faster_than_its_name() -> None:
    def level(service: str, days: int | None, **said: Level) -> Level:
        offer = Offer(account="ups", service=service, price=Decimal(1), currency="USD", days=days)
        return level_of_offer(offer, {f"ups/{name}": each for name, each in said.items()})

    assert [level("X", n) for n in (1, 2, 3, 4, None)] == [
        *(Level.OVERNIGHT, Level.TWO_DAY, Level.EXPEDITED, Level.STANDARD, Level.STANDARD)
    ]
    assert level("GroundAdvantage", 1) is Level.STANDARD
    assert level("SurePost", 2) is Level.ECONOMY
    assert level("X", 5, X=Level.ECONOMY) is Level.ECONOMY
    assert level("ups_standard", 2, ups_standard=Level.TWO_DAY) is Level.TWO_DAY


@pytest.mark.parametrize(
    ("service", "name", "level"),
    [
        ("ups_standard", "", Level.STANDARD),
        ("11", "UPS\N{REGISTERED SIGN} Standard", Level.STANDARD),
        ("HOME_DELIVERY", "", Level.STANDARD),
        ("First", "", Level.STANDARD),
        ("usps_parcel_select", "", Level.ECONOMY),
        ("STANDARD_OVERNIGHT", "", Level.OVERNIGHT),
        ("FIRST_OVERNIGHT", "FedEx First Overnight", Level.OVERNIGHT),
        ("standard", "standard", Level.OVERNIGHT),
    ],
)
def test_a_service_that_is_as_slow_as_ground_by_its_name_is_no_faster_for_a_day_on_paper(
    service: str, name: str, level: Level
) -> None:
    offer = Offer(account="ups", service=service, name=name, price=Decimal(1), currency="USD", days=1)
    assert level_of_offer(offer, {}) is level


def test_prices_are_remembered_by_three_letters_of_a_postcode_a_class_of_weight_and_the_size_of_a_box() -> None:
    assert (zone_of("us", "94107-1234"), zone_of("GB", "sw1a 1aa"), zone_of("IE", "")) == ("US-941", "GB-SW1", "IE-")
    assert [weight_class(n) for n in (None, 1, 100, 101, 30_000, 30_001, 40_001)] == [
        *(0, 100, 100, 250, 30_000, 40_000, 50_000)
    ]
    assert [size_of(mm) for mm in ((100, 300, 200), (300, 200, 100), None)] == ["300x200x100", "300x200x100", ""]


def test_a_box_that_is_more_than_a_fifth_heavier_or_lighter_is_another_parcel() -> None:
    assert not far_off(1000, 1200) and not far_off(1000, 800) and not far_off(None, None)
    assert far_off(1000, 1201) and far_off(1000, 799) and far_off(None, 1) and far_off(1, None)


def test_states_are_known_by_name_and_by_code() -> None:
    assert [region_of("US", name) for name in ("Hawaii", "new york", "hi", "Ontario")] == ["HI", "NY", "HI", "ONTARIO"]
    assert region_of("CA", "on") == "ON"


def test_days_are_counted_from_the_day_it_leaves_and_a_cut_off_that_has_passed_takes_one() -> None:
    calendar = Calendar.of("America/New_York", range(5), cut_off="16:00")

    def left(now: str, by: str) -> int | None:
        return days_left(calendar, _at(now), _at(by))

    # 2026-03-02 is a Monday; 20:00 UTC is 15:00 in New York.
    assert left("2026-03-02T20:00", "2026-03-04T23:00") == 2
    assert left("2026-03-02T21:30", "2026-03-04T23:00") == 1
    assert left("2026-03-06T20:00", "2026-03-09T23:00") == 1, "a weekend carries nothing"
    assert left("2026-03-06T21:30", "2026-03-09T23:00") == 0
    assert left("2026-03-10T20:00", "2026-03-09T23:00") == -1
    assert days_left(calendar, _at("2026-03-02T20:00"), None) is None


def _at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_an_account_is_left_out_after_three_failures_and_asked_once_after_a_minute() -> None:
    circuit = Circuit()
    for _ in range(3):
        assert circuit.may_ask(100.0)
        circuit = circuit.asked().failed(100.0).ended()
    assert not circuit.may_ask(159.9)
    assert circuit.may_ask(160.0) and not circuit.asked().may_ask(160.0)
    again = circuit.asked().failed(160.0).ended()
    assert not again.may_ask(219.0)
    assert circuit.asked().answered().ended() == Circuit()


def test_a_slow_account_holds_no_more_than_a_few_threads() -> None:
    circuit = Circuit()
    for _ in range(AT_ONCE):
        circuit = circuit.asked()
    assert not circuit.may_ask(0.0) and circuit.ended().may_ask(0.0)


def test_800_parcels_a_month_at_6_80_instead_of_8_50_save_16_320_a_year() -> None:
    parcel = Shipped("2026-03", "USD", Decimal("6.80"), Decimal("8.50"))
    [month] = by_month([parcel] * 800)
    assert (month.parcels, month.saved, month.a_year) == (800, Decimal("1360.00"), Decimal("16320.00"))


@pytest.mark.parametrize(
    ("cost", "currency", "differs", "dearer", "words"),
    [
        ("6.80", "USD", False, False, "6.80 USD, 0.00 less than was offered"),
        ("6.70", "USD", True, False, "6.70 USD, 0.10 less than was offered"),
        ("7.48", "USD", True, False, "7.48 USD, 0.68 more than was offered"),
        ("7.49", "USD", True, True, "7.49 USD, 0.69 more than was offered"),
        ("6.80", "EUR", True, True, "6.80 EUR instead of 6.80 USD"),
    ],
)
def test_a_price_that_rose_by_more_than_a_tenth_since_it_was_offered_is_much_dearer(
    cost: str, currency: str, differs: bool, dearer: bool, words: str
) -> None:
    paid = Paid(Decimal("6.80"), "USD", Decimal(cost), currency)
    assert (paid.differs, paid.is_much_dearer, str(paid)) == (differs, dearer, words)


def test_parcels_the_default_provider_had_no_offer_for_are_counted_and_not_summed() -> None:
    known = Shipped("2026-03", "USD", Decimal("6.80"), Decimal("8.50"))
    rows = [known, Shipped("2026-03", "USD", Decimal("3.00"), None), Shipped("2026-02", "EUR", Decimal(1), Decimal(1))]
    february, march = by_month(rows)
    assert (march.parcels, march.compared, march.chosen, march.default) == (2, 1, Decimal("6.80"), Decimal("8.50"))
    assert (february.currency, february.saved) == ("EUR", Decimal(0))
