"""What a buyer is told about a split order."""

from server.domain.routes.split_notice import SplitPart, notices

TITLES = {"A": "Candle", "B": "Soap"}


def test_each_part_lists_its_lines_and_the_rest_and_says_what_comes_first_and_why() -> None:
    parts = [SplitPart({"B": 1}, 200.0), SplitPart({"A": 2}, 100.0)]
    last, first = notices(parts, TITLES)
    assert (first.number, first.of) == (1, 2)
    assert first.text == (
        "Your order comes in 2 parcels, because its items are in different warehouses. This is parcel 1 of 2: "
        "2 x Candle. It comes first, because it leaves soonest. The rest follows: 1 x Soap."
    )
    assert last.text.endswith("This is parcel 2 of 2: 1 x Soap. It comes last. What went before: 2 x Candle.")
    assert [(line.sku, line.units) for line in last.rest] == [("A", 2)]


def test_arrival_decides_where_it_is_known_and_the_same_product_in_two_parts_is_counted_in_both() -> None:
    parts = [SplitPart({"A": 1}, 100.0, 900.0), SplitPart({"A": 2, "X": 1}, 200.0, 300.0), SplitPart({"A": 1}, 1e3)]
    told = notices(parts, TITLES)
    assert [n.number for n in told] == [2, 1, 3]
    assert [(line.title, line.units) for line in told[0].rest] == [("Candle", 3), ("X", 1)]
    assert "The rest comes separately: 3 x Candle, 1 x X." in told[0].text


def test_an_order_in_one_parcel_needs_no_words() -> None:
    assert notices([SplitPart({"A": 1}, 1.0)], TITLES) == ()
