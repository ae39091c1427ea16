"""The number inside a longer carrier barcode is found, whatever else the carrier prints into it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from server.domain.benchwork.reasons import Reason
from server.domain.dock.barcodes import readings, sscc_of, stands_for
from server.domain.dock.judging import judge
from server.domain.dock.values import DockParcel, Load, ParcelState
from server.domain.masterdata.catalog import Catalog
from server.domain.packing.rules import apply
from server.domain.packing.rules import judge as judge_pack
from server.domain.packing.session import Fact, FactKind, Phase
from server.reading import read
from tests import builders

SPEC = Path("/work/shared/specs/tracking-numbers/couriers")
WRAPPED = [
    ("420787459400111206206406260787", "9400111206206406260787"),
    ("4207874512349400111206206406260787", "9400111206206406260787"),
    ("42022153\x1d9101026837331000039521", "9101026837331000039521"),
    ("9101026837331000039521", "01026837331000039521"),
    ("1001921334250001000300779017972697", "779017972697"),
    ("9622001900000000000000776632517510", "776632517510"),
    ("9611020987654312345672", "987654312345672"),
    ("32971514560102447849175802862014", "784917580286"),
    ("[)>01021Z5R89390357567127", "1Z5R89390357567127"),
    ("%008182709980000020033350276C", "09980000020033"),
]


@pytest.mark.parametrize(("printed", "number"), WRAPPED, ids=[number for _, number in WRAPPED])
def test_the_number_inside_is_one_of_the_readings_and_loads_its_parcel(printed: str, number: str) -> None:
    assert number in readings(printed)
    parcel = DockParcel("PCL1", number, "1001", "shop", "usps", ParcelState.READY)
    load = Load("LOAD000001", "usps", "USPS", False, (parcel,))
    assert judge(load, read(printed, Catalog(), at=0.0)).reason is Reason.OK


@pytest.mark.parametrize(
    ("printed", "number"),
    [*WRAPPED, ("PV00000000017", "pv-00000000017"), ("GLS/4711/ZE21130123456/DE", "ZE21130123456"), ("P1", "P1")],
)
def test_the_label_as_its_carrier_prints_it_closes_its_box_and_another_of_that_kind_stops_it(
    printed: str, number: str
) -> None:
    box = judge_pack(builders.session(lines=(("SOAP", 1),)), builders.scan(builders.SOAP)).session
    box = apply(box, Fact(FactKind.LABEL, parcel_id="PCL0000001", tracking=number))
    assert judge_pack(box, builders.scan(printed)).session.phase is Phase.CLOSED
    other = number[:-1] + ("8" if number[-1] != "8" else "9")
    box = replace(box, tracking=other)
    assert judge_pack(box, builders.scan(printed)).session.phase is Phase.LABEL


@pytest.mark.parametrize("number", ["", "-", "0123456", "PV0000000001", "940011120620640626078"])
def test_a_part_of_another_number_is_not_the_number(number: str) -> None:
    assert not any(stands_for(code, number) for code in ("PV00000000017", "9400111206206406260787", ""))


def test_a_code_that_only_looks_alike_loads_nothing() -> None:
    parcel = DockParcel("PCL1", "9400111206206406260787", "1001", "shop", "usps", ParcelState.READY)
    load = Load("LOAD000001", "usps", "USPS", False, (parcel,))
    for text in ("420787459400111206206406260788", "42078745940011120620640626078", "9400111206206406260787" * 2):
        assert judge(load, read(text, Catalog(), at=0.0)).reason is not Reason.OK


def test_an_sscc_is_eighteen_digits_with_or_without_its_identifier() -> None:
    assert sscc_of("00340123450000000017") == sscc_of("340123450000000017") == "340123450000000017"
    assert sscc_of("34012345000000001") == sscc_of("TRK1") == ""


@pytest.mark.skipif(not SPEC.exists(), reason="the public list of tracking number formats is not on this machine")
def test_every_published_number_with_something_around_it_is_found() -> None:
    wrapped, found = 0, 0
    for courier in ("usps", "fedex", "ups"):
        for kind in json.loads((SPEC / f"{courier}.json").read_text())["tracking_numbers"]:
            regex = "".join(kind["regex"]).replace("(?<", "(?P<")
            for text in kind["test_numbers"]["valid"]:
                match, bare = re.fullmatch(regex, text), re.sub(r"\s", "", text)
                if match is None or not bare.startswith("420"):
                    continue
                named = match.groupdict()
                at = next(re.sub(r"\s", "", named[k]) for k in ("ApplicationIdentifier", "ServiceType") if named.get(k))
                wrapped += 1
                found += any(each.startswith(at) and bare.endswith(each) for each in readings(bare)[1:])
    assert wrapped >= 5
    assert found == wrapped
