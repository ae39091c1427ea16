"""Kits and their components."""

from collections import Counter

import pytest

from server.domain.booking.kits import DEPTH_MAX, Kit, KitBook
from server.domain.errors import DomainError

STOCK = {"A": 6, "B": 2, "C": 9}


def available(sku: str) -> int:
    return STOCK.get(sku, 0)


SPA = Kit("SPA", (("A", 2), ("B", 1)), version=3)
GIFT = Kit("GIFT", (("SPA", 1), ("A", 1), ("C", 1)))


def test_a_plain_product_gives_itself() -> None:
    kits = KitBook.of([SPA])
    assert kits.expand("A", 4) == {"A": 4}
    assert kits.sellable(available, "A") == 6
    assert kits.version("A") == 0
    assert kits.take("A", 4, 9) == (4, 0)


def test_a_nested_kit_is_expanded_to_leaves_with_shared_components_summed() -> None:
    kits = KitBook.of([GIFT, SPA])
    assert kits.expand("GIFT", 2) == {"A": 6, "B": 2, "C": 2}
    assert kits.version("SPA") == 3


def test_the_scarcest_component_limits_the_kit_with_its_pack_factor() -> None:
    kits = KitBook.of([GIFT, SPA])
    assert kits.sellable(available, "SPA") == 2
    assert kits.sellable(available, "GIFT") == 2
    assert kits.sellable(Counter({"A": 5, "B": 9}).__getitem__, "SPA") == 2


def test_two_inner_kits_sharing_one_unit_cannot_both_have_it() -> None:
    kits = KitBook.of([Kit("X", (("A", 1),)), Kit("Y", (("A", 1),)), Kit("XY", (("X", 1), ("Y", 1)))])
    assert kits.sellable(Counter({"A": 1}).__getitem__, "XY") == 0


def test_pre_built_units_are_sold_first_and_the_rest_is_expanded() -> None:
    kits = KitBook.of([SPA])
    assert kits.take("SPA", 5, 3) == (3, 2)
    assert kits.take("SPA", 2, 3) == (2, 0)
    assert kits.take("SPA", 2, -1) == (0, 2)
    assert kits.sellable(Counter(STOCK | {"SPA": 4}).__getitem__, "SPA") == 6


def test_an_assembled_kit_is_sold_only_when_built_and_is_a_component_like_any_other() -> None:
    kits = KitBook.of([Kit("SPA", SPA.components, assembled=True), GIFT])
    assert kits.sellable(available, "SPA") == 0
    assert kits.take("SPA", 2, 0) == (2, 0)
    assert kits.expand("GIFT", 1) == {"SPA": 1, "A": 1, "C": 1}
    assert kits.contents("SPA", 2) == {"A": 4, "B": 2}
    assert kits.using("B") == ()
    assert kits.using("SPA") == ("GIFT",)


def test_lines_of_one_order_share_components_and_pre_built_stock() -> None:
    kits = KitBook.of([SPA, GIFT])
    lines = [("SPA", 2), ("SPA", 1), ("GIFT", 1), ("A", 1)]
    assert kits.explode(lines, {"SPA": 2, "GIFT": 0}.__getitem__) == {"SPA": 2, "A": 6, "B": 2, "C": 1}


def test_a_change_of_a_leaf_touches_every_kit_that_sells_from_it() -> None:
    kits = KitBook.of([SPA, GIFT])
    assert kits.using("B") == ("GIFT", "SPA")
    assert kits.touched(["C"]) == {"C", "GIFT"}
    assert KitBook().touched(["C"]) == {"C"}
    assert not KitBook()


@pytest.mark.parametrize(
    ("kits", "code", "said"),
    [
        ([Kit("X", (("Y", 1),)), Kit("Y", (("Z", 1),)), Kit("Z", (("X", 1),))], "kit_cycle", "X > Y > Z > X"),
        ([Kit("X", (("X", 1),))], "kit_cycle", "X > X"),
        (
            [GIFT, Kit("SPA", (("A", 1), ("NOPE", 1)))],
            "kit_unknown_component",
            "GIFT > SPA > NOPE: there is no product",
        ),
        ([Kit("X", ())], "kit_empty", "X has no components"),
        ([Kit("X", (("A", 0),))], "kit_quantity", "X > A: expected 1 to 10000 units, found 0"),
        ([Kit("X", (("A", 1), ("A", 2)))], "kit_twice", "X > A"),
        ([SPA, SPA], "kit_twice", "SPA is defined twice"),
        ([Kit("X", (("A", 200),)), Kit("Y", (("X", 200),))], "kit_quantity", "Y: expected at most 10000 units of A"),
    ],
)
def test_a_definition_that_cannot_be_is_refused_with_its_path(kits: list[Kit], code: str, said: str) -> None:
    with pytest.raises(DomainError) as refused:
        KitBook.of(kits, products={"A", "B", "C"})
    assert refused.value.code == code
    assert said in refused.value.detail


@pytest.mark.parametrize("inner_first", [True, False])
def test_kits_inside_kits_end_at_a_depth(inner_first: bool) -> None:
    chain = [Kit("K0", (("A", 1),)), *(Kit(f"K{n}", ((f"K{n - 1}", 1),)) for n in range(1, DEPTH_MAX + 1))]
    allowed = chain[:DEPTH_MAX]
    assert KitBook.of(allowed).expand(f"K{DEPTH_MAX - 1}") == {"A": 1}
    with pytest.raises(DomainError, match="kit_depth"):
        KitBook.of(chain if inner_first else chain[::-1])


def test_what_is_no_kit_cannot_be_built() -> None:
    with pytest.raises(DomainError, match="not_a_kit"):
        KitBook.of([SPA]).contents("A")
