"""What a channel is told of a kit."""

from server.domain.booking.kit_offers import KitPart, kit_units
from server.domain.sharing.allocation import Allocation, KitPool, Offer, Pool
from server.domain.sharing.allocation_rules import Kind, Rule

CHANNELS = ("shop", "ebay")


def told(
    *rules: Rule, own: int = 0, makeable: int | None = None, candles: int = 10, soaps: int = 9
) -> dict[str, Offer]:
    """The set of two candles and one soap."""
    allocation = Allocation.of(rules, 0)
    parts = [
        KitPart(sku, each, allocation.offers(Pool(sku, "", units), CHANNELS))
        for sku, each, units in (("CANDLE", 2, candles), ("SOAP", 1, soaps))
    ]
    made = kit_units([(candles, 2), (soaps, 1)]) if makeable is None else makeable
    return allocation.kit_offers(KitPool(Pool("SET", "", own), parts, made), CHANNELS)


def test_a_kit_is_the_least_of_its_components_plus_those_built_already() -> None:
    assert kit_units([(10, 3), (5, 1)]) == 3
    assert kit_units([(10, 3), (5, 1)], prebuilt=2) == 5
    assert kit_units([], prebuilt=2) == 2
    assert kit_units([(0, 3), (5, 1)]) == 0
    assert {c: o.units for c, o in told(own=2).items()} == {"shop": 7, "ebay": 7}


def test_components_that_lie_at_different_sites_make_no_kit() -> None:
    assert told(makeable=1)["shop"].units == 1


def test_a_share_of_a_component_binds_its_kits_too() -> None:
    kept = Rule(3, Kind.RESERVE, sku="CANDLE", channel="shop", units=7, owner="cli:anna")
    offers = told(kept)
    assert (offers["shop"].units, offers["ebay"].units) == (5, 1)
    assert offers["ebay"].withheld == (
        (
            3,
            "reserve",
            "cli:anna",
            4,
            "ebay is shown 3 CANDLE, 2 in a kit: 7 left of what is kept for shop (7 units)",
        ),
    )


def test_a_buffer_on_everything_is_not_taken_twice() -> None:
    buffer = Rule(1, Kind.BUFFER, percent=5000)
    assert told(buffer, own=4)["shop"].units == 2 + 2  # half of four sets, and five candles make two


def test_a_rule_that_names_the_kit_binds_on_the_sum() -> None:
    assert told(Rule(1, Kind.CAP, sku="SET", channel="ebay", units=3), own=2)["ebay"].units == 3
    assert told(Rule(1, Kind.WITHDRAW, sku="SET", channel="ebay", units=8), own=2)["ebay"].units == 0
    assert told(Rule(1, Kind.SHARE, sku="SET", channel="ebay", units=1), own=2)["ebay"].units == 7


def test_every_kit_between_what_could_be_sold_and_the_number_is_explained() -> None:
    rules = (
        Rule(1, Kind.BUFFER, units=1),
        Rule(2, Kind.SHARE, sku="SOAP", channel="shop", units=8),
        Rule(3, Kind.CAP, sku="SET", units=2),
    )
    for offer in told(*rules, own=3).values():
        assert offer.units == 3 + 5 - sum(cut.units for cut in offer.withheld)


def test_a_kit_of_made_to_order_parts_needs_no_stock() -> None:
    allocation = Allocation.of([], 0)
    part = KitPart("RING", 2, allocation.offers(Pool("RING", "", 0, made_to_order=9), CHANNELS))
    offer = allocation.kit_offers(KitPool(Pool("PAIR", "", 0), [part], None), CHANNELS)["shop"]
    assert (offer.units, offer.beyond[0].units) == (4, 4)
