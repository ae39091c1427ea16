"""What tells two products apart that look the same."""

from server.domain.masterdata.lookalikes import Indistinct, Member, ToldApart, differences, suggested, told_apart

LAVENDER = Member("C-LAV", "Candle", "LAVENDER", {"size": "M"})
ROSE = Member("C-ROSE", "Candle", "ROSE", {"size": "M"})


def test_the_variant_speaks_for_itself() -> None:
    assert told_apart([LAVENDER, ROSE]) == ToldApart(("variant",), {"C-LAV": "LAVENDER", "C-ROSE": "ROSE"})


def test_without_a_variant_the_attribute_in_which_they_differ_is_shown_with_its_name() -> None:
    small, large = (
        Member("S", "Box", "", {"size": "S", "hue": "red"}),
        Member("L", "Box", "", {"size": "L", "hue": "red"}),
    )
    assert told_apart([small, large]) == ToldApart(("size",), {"S": "size S", "L": "size L"})


def test_where_no_single_attribute_is_enough_the_fewest_together_are_shown() -> None:
    shirts = [Member(f"{hue}{size}", "Shirt", "", {"hue": hue, "size": size}) for hue in "RB" for size in "SM"]
    told = told_apart(shirts)
    assert isinstance(told, ToldApart)
    assert told.attributes == ("hue", "size")
    assert told.says["RS"] == "hue R, size S"


def test_more_than_three_attributes_are_all_shown() -> None:
    rows = [f"{n:04b}" for n in range(16)]
    told = told_apart([Member(row, "Valve", "", dict(zip("abcd", row, strict=True))) for row in rows])
    assert isinstance(told, ToldApart)
    assert told.attributes == ("a", "b", "c", "d")


def test_a_group_that_nothing_tells_apart_names_the_two() -> None:
    told = told_apart([LAVENDER, ROSE, Member("C-OLD", "Candle", "Lavender", {"size": "M"})])
    assert told == Indistinct("C-LAV", "C-OLD")
    assert "C-LAV and C-OLD differ in no attribute" in told.sentence


def test_an_attribute_that_one_of_them_lacks_tells_nothing_apart() -> None:
    assert isinstance(told_apart([Member("A", "Tin", "", {"size": "M"}), Member("B", "Tin")]), Indistinct)


def test_the_bench_hears_what_was_wanted_and_what_was_scanned() -> None:
    other = Member("C-L", "Candle", "Lavender", {"size": "L"})
    assert differences(LAVENDER, other) == (("size", "M", "L"),)


def test_products_of_one_name_or_family_are_suggested_as_a_group() -> None:
    lone = Member("MUG", "Mug")
    kin = [Member("A", "Red tin", family="TINS"), Member("B", "Blue tin", family="TINS")]
    assert suggested([LAVENDER, ROSE, lone, *kin]) == {"TINS": ("A", "B"), "candle": ("C-LAV", "C-ROSE")}
