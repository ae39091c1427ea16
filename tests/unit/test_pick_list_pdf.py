"""Pick lists are rendered and read by programs that are not ours."""

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from printing.documents import PickGive, PickList, PickSlip, PickStop
from printing.pdf import PaperSize, pick_list


def stop(bin_code: str, name: str = "Soap bar", variant: str = "LAVENDER", gives: int = 1) -> PickStop:
    slots = tuple(PickGive(slot, 2) for slot in range(1, gives + 1))
    return PickStop(bin_code, "SOAP-LAV", name, variant, "L-7", 2 * gives, slots)


def of(*stops: PickStop, slips: int = 2) -> PickList:
    made = tuple(PickSlip(n, f"{1000 + n}", f"PPO-{1000 + n}", 2, "Mon 17:00") for n in range(1, slips + 1))
    return PickList("W-12", "East house", "Own van", "Mon 17:00", stops, made, slips)


def pages(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def barcodes(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        images = [page.render(scale=300 / 72, grayscale=True).to_pil() for page in document]
    return [code.text for image in images for code in zxingcpp.read_barcodes(image)]


def test_every_stop_shows_its_shelf_in_the_order_of_the_walk() -> None:
    text = "\n".join(pages(pick_list(of(*(stop(f"A-{n:02}") for n in range(1, 61))))))
    shelves = [text.index(f"A-{n:02}") for n in range(1, 61)]
    assert shelves == sorted(shelves)
    assert "2 orders · 120 units · 60 stops" in " ".join(text.split())
    assert "Own van, Mon 17:00" in text


def test_every_page_says_which_of_how_many_it_is_and_what_the_columns_mean() -> None:
    found = pages(pick_list(of(*(stop(f"A-{n}") for n in range(60)))))
    assert len(found) > 1
    assert all(f"page {n} of {len(found)}" in text for n, text in enumerate(found, start=1))
    assert all(word in text for text in found for word in ("Bin", "Lot", "Take", "Slot × units"))


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_every_slip_can_be_scanned(paper: PaperSize) -> None:
    found = barcodes(pick_list(of(stop("A-1"), slips=20), paper))
    assert sorted(found) == sorted(f"PPO-{n}" for n in range(1001, 1021))


def test_a_stop_for_forty_orders_names_every_slot() -> None:
    text = " ".join(" ".join(pages(pick_list(of(stop("A-1", gives=40))))).split())
    assert all(f" {slot}×2" in text for slot in range(1, 41))
    assert "…" not in text


def test_look_alikes_keep_their_last_word_however_long_it_is() -> None:
    text = "".join("".join(pages(pick_list(of(stop("A-1", "Refill pouch " * 9, "extra mild " * 8 + "ROSE"))))).split())
    assert "ROSE" in text
    assert "extramild" * 8 in text


def test_a_lot_is_read_to_its_last_figure_for_two_may_differ_in_nothing_else() -> None:
    lots = tuple(f"MM20261104-LINE-7B-0{n}" for n in (1, 2))
    text = "".join(" ".join(pages(pick_list(of(*(replace(stop("A-1"), lot=lot) for lot in lots))))).split())
    assert all(lot in text for lot in lots)


def test_a_product_without_a_shelf_says_so_and_an_empty_list_too() -> None:
    assert "no bin" in pages(pick_list(of(stop(""))))[0]
    assert "Nothing is left to pick." in pages(pick_list(of()))[0]


def test_text_from_outside_prints_as_text() -> None:
    text = pages(pick_list(of(stop("A\x1b[31m-1", "Søpe\x00 中"))))[0]
    assert "A [31m-1" in text
    assert "Søpe [Zhong]" in text
    with pytest.raises(ValueError, match="printable ASCII"):
        PickSlip(1, "x", "PPO-\x1b", 1)


def test_equal_lists_have_equal_bytes() -> None:
    assert pick_list(of(stop("A-1"))) == pick_list(of(stop("A-1")))
    assert pick_list(of(stop("A-1"))) != pick_list(replace(of(stop("A-1")), wave="W-13"))
