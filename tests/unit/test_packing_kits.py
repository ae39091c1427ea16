"""Kits at the bench: their parts are scanned one by one, and their own code says which (KIT-03)."""

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.order import OrderLine
from tests.goods_to_pack import BRUSH, KIT, SOAP, after, brush, packing, soap

PARTS = (
    soap(2, 1, kit_sku="SPA", kit_name="Spa box"),
    brush(1, 2, kit_sku="SPA", kit_name="Spa box"),
    soap(1, 3),
)
BUILT = OrderLine(1, "SPA", "Spa box", "", 1, codes=(KIT,))


def test_a_kits_own_code_says_which_parts_to_scan_and_is_no_mistake() -> None:
    verdict = after(packing(*PARTS), BRUSH, KIT)
    assert (verdict.reason, verdict.tone, verdict.detail) == (Reason.KIT, Tone.LOOK, "2 × Soap")
    assert (verdict.session.counts, verdict.session.stop, verdict.session.last_line) == ((0, 1, 0), None, 1)


def test_a_kit_is_complete_only_when_every_part_was_scanned() -> None:
    verdict = after(packing(*PARTS), SOAP, SOAP, BRUSH)
    assert (verdict.session.counts, verdict.session.open_units) == ((2, 1, 0), 1)


def test_a_kit_whose_parts_are_all_in_the_box_is_one_too_many() -> None:
    verdict = after(packing(*PARTS), SOAP, SOAP, BRUSH, KIT)
    assert (verdict.reason, verdict.tone) == (Reason.OVER_QUANTITY, Tone.STOP)


def test_a_kit_that_was_built_before_is_satisfied_by_its_own_code() -> None:
    assert after(packing(BUILT), KIT).tone is Tone.BOX_DONE


def test_of_a_built_kit_and_a_loose_one_the_code_counts_once_and_then_names_the_parts() -> None:
    loose = tuple(brush(1, 2, kit_sku="SPA", kit_name="Spa box") for _ in range(1))
    start = packing(BUILT, *loose)
    assert after(start, KIT).session.counts == (1, 0)
    assert after(start, KIT, KIT).reason is Reason.KIT
