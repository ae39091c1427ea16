"""The pick list runs past the shelves in the order in which a person walks."""

import pytest

from server.domain.picks.picking import Give, Layout, Pick, Stop, aisle, bin_key, pick_list, share_out, walk

RANK = {7: 0, 3: 1, 5: 2}


def bins(*codes: str, layout: Layout | None = None) -> list[str]:
    stops = [Stop(code, "SOAP", "", (Give(1, 1),)) for code in codes]
    return [stop.bin for stop in walk(stops, layout or Layout())]


def test_bins_are_sorted_as_people_count() -> None:
    assert bins("A-10", "A-2", "B-1", "a-1", "A-02-3", "A-02-10") == ["a-1", "A-2", "A-02-3", "A-02-10", "A-10", "B-1"]


def test_a_bin_sorts_alike_whatever_separates_its_parts() -> None:
    assert bin_key("A-02-3") == bin_key("a02.3") == bin_key("A 2/3")


@pytest.mark.parametrize("nothing", ["", "-", "  "])
def test_what_has_no_shelf_is_looked_for_last(nothing: str) -> None:
    assert bins(nothing, "Z-99", "ÄÖ-1") == ["Z-99", "ÄÖ-1", nothing]


def test_every_second_aisle_is_walked_backwards() -> None:
    codes = ("A-1", "A-2", "B-1", "B-2", "D-1", "D-2")
    assert bins(*codes, layout=Layout(serpentine=True)) == ["A-1", "A-2", "B-2", "B-1", "D-1", "D-2"]
    assert bins(*codes) == list(codes)


def test_an_aisle_may_be_named_by_several_parts_of_the_bin() -> None:
    codes = ("A-1-1", "A-1-2", "A-2-1", "A-2-2")
    assert bins(*codes, layout=Layout(serpentine=True)) == list(codes)
    assert bins(*codes, layout=Layout(True, aisle_parts=2)) == ["A-1-1", "A-1-2", "A-2-2", "A-2-1"]


def test_the_aisle_of_a_bin_in_one_piece_is_its_letters() -> None:
    assert aisle("B032", Layout()) == aisle("b-7", Layout())
    assert aisle("B032", Layout()) != aisle("C032", Layout())


def test_orders_that_want_the_same_item_share_a_stop_in_the_order_of_the_wave() -> None:
    picks = [Pick(5, "SOAP", "", "A-2", 1), Pick(7, "SOAP", "", "A-2", 2), Pick(3, "MUG", "", "A-1", 1)]
    stops = pick_list([*picks, Pick(5, "SOAP", "", "A-2", 1)], RANK)
    assert stops == (
        Stop("A-1", "MUG", "", (Give(3, 1),)),
        Stop("A-2", "SOAP", "", (Give(7, 2), Give(5, 2))),
    )
    assert [stop.units for stop in stops] == [1, 4]


def test_lots_of_one_item_are_stops_of_their_own() -> None:
    stops = pick_list([Pick(3, "MILK", "L2", "A-1", 1), Pick(5, "MILK", "L1", "A-1", 1)], RANK)
    assert [stop.lot for stop in stops] == ["L1", "L2"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [(0, (0, 0, 0)), (1, (0, 1, 0)), (2, (2, 0, 0)), (3, (2, 1, 0)), (5, (2, 1, 2)), (6, (2, 1, 3)), (9, (2, 1, 3))],
)
def test_what_was_found_completes_whole_orders_first(found: int, expected: tuple[int, ...]) -> None:
    gives = [Give(1, 2), Give(2, 1), Give(3, 3)]
    assert tuple(give.units for give in share_out(found, gives)) == expected


def test_a_rest_that_completes_nobody_goes_to_the_first_order_short() -> None:
    assert share_out(1, [Give(1, 2), Give(2, 3)]) == (Give(1, 1), Give(2, 0))
