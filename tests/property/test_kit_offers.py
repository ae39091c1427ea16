"""Kits of kits that share components: the number shown is what could really be made, and not one more (KIT-02)."""

from hypothesis import given
from hypothesis import strategies as st

from server.domain.booking.kit_offers import KitPart, kit_units
from server.domain.booking.kits import Kit, KitBook
from server.domain.sharing.allocation import Allocation, KitPool, Pool
from server.domain.sharing.allocation_rules import Kind, Rule

LEAVES = "ABCD"
STOCK = st.fixed_dictionaries({leaf: st.integers(0, 40) for leaf in LEAVES})


@st.composite
def bills(draw: st.DrawFn) -> list[Kit]:
    """Up to four kits; each may contain leaves and the kits before it."""
    made: list[Kit] = []
    for number in range(draw(st.integers(1, 4))):
        below = [*LEAVES, *(kit.sku for kit in made)]
        parts = draw(st.dictionaries(st.sampled_from(below), st.integers(1, 3), min_size=1, max_size=3))
        made.append(Kit(f"KIT{number}", tuple(parts.items())))
    return made


def makeable(book: KitBook, sku: str, stock: dict[str, int]) -> int:
    """Make one after the other until a component is missing."""
    left, made = dict(stock), 0
    while all(left[leaf] >= units for leaf, units in book.expand(sku).items()):
        for leaf, units in book.expand(sku).items():
            left[leaf] -= units
        made += 1
    return made


@given(kits=bills(), stock=STOCK, built=st.integers(0, 5))
def test_the_number_of_a_kit_is_what_could_be_made_and_was_made(
    kits: list[Kit], stock: dict[str, int], built: int
) -> None:
    book, allocation = KitBook.of(kits), Allocation.of([], 0)
    for kit in kits:
        parts = [
            KitPart(leaf, each, allocation.offers(Pool(leaf, "", stock[leaf]), ["shop"]))
            for leaf, each in book.expand(kit.sku).items()
        ]
        whole = kit_units([(stock[part.sku], part.each) for part in parts])
        offer = allocation.kit_offers(KitPool(Pool(kit.sku, "", built), parts, whole), ["shop"])["shop"]
        assert offer.units == makeable(book, kit.sku, stock) + built
        assert offer.units == book.sellable(lambda sku, own=kit.sku: built if sku == own else stock[sku], kit.sku)  # type: ignore[misc]


@given(kits=bills(), stock=STOCK, kept=st.integers(0, 40), leaf=st.sampled_from(LEAVES))
def test_what_is_protected_of_a_component_is_not_sold_inside_kits_either(
    kits: list[Kit], stock: dict[str, int], kept: int, leaf: str
) -> None:
    book = KitBook.of(kits)
    allocation = Allocation.of([Rule(1, Kind.RESERVE, sku=leaf, channel="shop", units=kept)], 0)
    for kit in kits:
        parts = [
            KitPart(sku, each, allocation.offers(Pool(sku, "", stock[sku]), ["shop", "ebay"]))
            for sku, each in book.expand(kit.sku).items()
        ]
        whole = kit_units([(stock[part.sku], part.each) for part in parts])
        offers = allocation.kit_offers(KitPool(Pool(kit.sku, "", 0), parts, whole), ["shop", "ebay"])
        used = offers["ebay"].units * book.expand(kit.sku).get(leaf, 0)
        assert used <= max(0, stock[leaf] - kept)
        assert offers["shop"].units == makeable(book, kit.sku, stock)
        for offer in offers.values():
            assert offer.units == whole - sum(cut.units for cut in offer.withheld)
