"""The fewest parcels."""

from server.domain.routes.routing_split import fill, split


def test_two_parcels_are_found_even_where_the_fullest_node_leads_astray() -> None:
    wanted = {"A": 1, "B": 1, "C": 1, "D": 1}
    ranked = [(1, {"A": 1, "B": 1, "C": 1}), (2, {"A": 1, "D": 1}), (3, {"B": 1, "C": 1}), (4, {"D": 1})]
    assert {site for site, _ in split(wanted, ranked)} == {1, 2}
    assert {site for site, _ in split(wanted, [(9, {"A": 1, "B": 1}), (8, {"C": 1, "D": 1}), *ranked])} == {9, 8}


def test_the_best_first_node_wins_then_the_best_second() -> None:
    assert split({"A": 2}, [(5, {"A": 1}), (6, {"A": 1}), (7, {"A": 1})]) == [(5, {"A": 1}), (6, {"A": 1})]


def test_a_line_is_not_torn_where_one_of_the_two_holds_it_whole() -> None:
    ranked = [(1, {"A": 1, "B": 1}), (2, {"A": 3})]
    assert split({"A": 3, "B": 1}, ranked) == [(1, {"B": 1}), (2, {"A": 3})]


def test_three_where_two_do_not_suffice_and_nobody_idle() -> None:
    ranked = [(1, {"A": 1}), (2, {"B": 1}), (3, {"C": 1}), (4, {"A": 1})]
    assert split({"A": 1, "B": 1, "C": 1}, ranked) == [(1, {"A": 1}), (2, {"B": 1}), (3, {"C": 1})]
    assert split({"A": 1, "B": 1, "C": 1}, ranked, 2) == []


def test_nothing_is_shared_out_when_it_is_not_enough() -> None:
    assert split({"A": 5}, [(1, {"A": 2}), (2, {"A": 2})]) == []
    assert split({"A": 5}, []) == []
    assert fill({"A": 5}, [(1, {"A": 2}), (2, {"A": 2})]) == []


def test_filling_goes_by_rank_and_skips_who_adds_nothing() -> None:
    assert fill({"A": 3}, [(1, {"A": 1}), (2, {}), (3, {"A": 9})]) == [(1, {"A": 1}), (3, {"A": 2})]
