"""What may be in one tote, and which order a tote opens."""

from server.domain.benchwork.reasons import Reason
from server.domain.picks.totes import InTote, Refusal, bind, whose
from server.domain.picks.waves import Mix


def single(order_id: int, sku: str = "SOAP", wave_id: int | None = 1) -> InTote:
    return InTote(order_id, f"10{order_id}", wave_id, Mix.SINGLE, sku)


def multi(order_id: int, wave_id: int | None = 1) -> InTote:
    return InTote(order_id, f"10{order_id}", wave_id, Mix.MULTI)


def code_of(found: object) -> str:
    assert isinstance(found, Refusal)
    return found.code


def test_an_empty_tote_takes_any_order_and_the_same_order_again() -> None:
    for order in (single(1), multi(1), multi(1, None), single(1, wave_id=None)):
        assert bind("T-1", [], order) is None
        assert bind("T-1", [order], order) is None


def test_a_tote_holds_several_orders_only_when_all_are_single_items_of_one_wave() -> None:
    assert bind("T-1", [single(1), single(2, "MUG")], single(3)) is None
    for inside, order in (
        ([multi(1)], multi(2)),
        ([multi(1)], single(2)),
        ([single(1)], multi(2)),
        ([single(1)], single(2, wave_id=2)),
        ([single(1, wave_id=None)], single(2, wave_id=None)),
    ):
        assert code_of(bind("T-1", inside, order)) == Reason.IN_USE


def test_a_full_tote_names_the_order_it_holds() -> None:
    refusal = bind("T-1", [multi(7)], multi(2))
    assert refusal is not None
    assert refusal.detail == "tote T-1 holds order 107: take another tote"


def test_a_tote_with_one_order_opens_it_without_an_item() -> None:
    assert whose("T-1", [multi(1)], None) == multi(1)
    assert whose("T-1", [multi(1)], frozenset({"MUG"})) == multi(1)


def test_a_tote_of_singles_opens_the_first_order_that_waits_for_the_item_in_the_hand() -> None:
    inside = [single(3, "MUG"), single(1), single(2)]
    assert whose("T-1", inside, frozenset({"SOAP", "BRUSH"})) == single(1)
    assert whose("T-1", inside[2:], frozenset({"SOAP"})) == single(2)
    assert code_of(whose("T-1", inside, None)) == "need_item"
    assert code_of(whose("T-1", inside, frozenset({"BRUSH"}))) == Reason.WRONG_ITEM


def test_an_empty_tote_opens_nothing() -> None:
    assert code_of(whose("T-1", [], frozenset({"SOAP"}))) == Reason.UNKNOWN_CODE
