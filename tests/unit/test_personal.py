"""What names a buyer is found in other texts, and nothing else is taken for it."""

from dataclasses import asdict

import pytest

from server.domain.packing.order import PackOrder
from server.domain.packing.wants import Step, StepKind, Wants
from server.domain.sales.personal import ERASED, names_in, unnamed_scan, without_names, without_own_words

ADDRESS = {
    "name": "Zoe Quill",
    "company": "Philips",
    "lines": ["7 Hidden Lane"],
    "city": "Springfield Park",
    "postcode": "94107",
    "country": "US",
}
WHO = names_in([ADDRESS, {}], [{"phone": "+1 555 0100", "email": "zoe@example.com"}, ["ring at the\x07 back", "SOAP"]])


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("called zoe  quill, no answer", f"called {ERASED}, no answer"),
        ("wrote to ZOE@EXAMPLE.COM", f"wrote to {ERASED}"),
        ("left at 7 Hidden Lane", f"left at {ERASED}"),
        ("7 Hidden Laneway", "7 Hidden Laneway"),
        ("Ring at the back", ERASED),
        (
            "Philips toothbrush of SOAP for Springfield Park 94107",
            "Philips toothbrush of SOAP for Springfield Park 94107",
        ),
    ],
)
def test_a_buyer_is_found_in_any_case_and_spacing_and_brands_skus_and_cities_are_not_buyers(
    said: str, kept: str
) -> None:
    assert without_names(WHO, {"why": [said, 3, None]}) == {"why": [kept, 3, None]}


def test_a_name_in_signs_is_found_and_a_house_number_is_none() -> None:
    who = names_in([{"name": "王小明", "lines": ["1043"]}], [])
    assert without_names(who, "order 1043 of 王小明 waits") == f"order 1043 of {ERASED} waits"


def test_nothing_is_found_where_nothing_is_kept() -> None:
    assert names_in([{}, {"name": "", "city": "Bonn"}], [{}, "", None]) is None
    assert without_names(None, "Zoe Quill") == unnamed_scan(None, "Zoe Quill") == "Zoe Quill"


def test_of_a_carriers_square_code_nothing_stays_and_a_tracking_number_does() -> None:
    square = "[)>\x1e01\x1d0294107\x1d840\x1d7 HIDDEN LANE\x1dZOE QUILL\x1e\x04"
    assert (unnamed_scan(WHO, square), unnamed_scan(WHO, "1Z999AA10123456784")) == (ERASED, "1Z999AA10123456784")


def test_a_kept_order_loses_the_words_of_its_buyer_and_no_others() -> None:
    kinds = (StepKind.SECOND_LOOK, StepKind.NOTE, StepKind.GIFT, StepKind.HAZMAT, StepKind.INSERT)
    steps = tuple(Step(kind.value, kind, "for Mum", item="Mug") for kind in kinds)
    order = PackOrder(7, "1043", "shop", 1, "own-van", "standard", (), note="ring twice", wants=Wants(steps))
    left = without_own_words({"order": asdict(order), "seq": 3})["order"]
    assert (left["note"], [step["text"] for step in left["wants"]["steps"]]) == ("", ["", "", "", "for Mum", "for Mum"])
    assert [step["item"] for step in left["wants"]["steps"]] == ["Mug"] * 5
