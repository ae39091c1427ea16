"""The dock rules alone: what may go on a load, and what each refusal leaves behind."""

from dataclasses import replace

import pytest

from server.domain.benchwork.handoff import DockParcel, DockVerdict, Load, ParcelState, judge
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.masterdata.catalog import Catalog, Product, ProductCode
from server.reading import read

CATALOG = Catalog.of([Product("MUG", "Mug", "BLUE")], [ProductCode("MUG-1", "MUG")])
STATES = {
    "PV-READY": (ParcelState.READY, "own-van", None),
    "PV-READY2": (ParcelState.READY, "own-van", None),
    "PV-BOUGHT": (ParcelState.BOUGHT, "own-van", None),
    "PV-ALLOTTED": (ParcelState.ALLOTTED, "own-van", None),
    "PV-BLOCKED": (ParcelState.BLOCKED, "own-van", None),
    "PV-GONE": (ParcelState.CANCELLED, "own-van", None),
    "PV-BIKES": (ParcelState.READY, "city-bikes", None),
    "PV-HERE": (ParcelState.LOADED, "own-van", "L1"),
    "PV-ELSEWHERE": (ParcelState.LOADED, "own-van", "L2"),
}
LOAD = Load(
    "L1",
    "own-van",
    "Own van",
    closed=False,
    parcels=tuple(
        DockParcel(f"ID-{tracking}", tracking, "1001", "shop", carrier, state, load)
        for tracking, (state, carrier, load) in STATES.items()
    ),
)


def after(load: Load, *texts: str, bounce: bool = False) -> DockVerdict:
    """The verdict of the last of these scans."""
    verdict = None
    for text in texts:
        verdict = judge(load, read(text, CATALOG, at=0.0, bounce=bounce))
        load = verdict.load
    assert verdict is not None
    return verdict


@pytest.mark.parametrize(
    ("text", "reason", "tone"),
    [
        ("PV-READY", Reason.OK, Tone.GOOD),
        ("ID-PV-READY", Reason.OK, Tone.GOOD),
        ("pv-ready", Reason.OK, Tone.GOOD),
        ("PV-HERE", Reason.ALREADY_LOADED, Tone.LOOK),
        ("PV-ELSEWHERE", Reason.WRONG_LOAD, Tone.STOP),
        ("PV-BIKES", Reason.WRONG_CARRIER, Tone.STOP),
        ("PV-BOUGHT", Reason.LABEL_NOT_CONFIRMED, Tone.STOP),
        ("PV-ALLOTTED", Reason.NOT_PACKED, Tone.STOP),
        ("PV-BLOCKED", Reason.WRONG_LABEL, Tone.STOP),
        ("PV-GONE", Reason.CANCELLED, Tone.STOP),
        ("PV-STRANGER", Reason.UNKNOWN_CODE, Tone.LOOK),
        ("MUG-1", Reason.ITEM_NOT_PARCEL, Tone.LOOK),
        ("4006381333932", Reason.BAD_READ, Tone.LOOK),
        ("PPC-DOCK", Reason.NOT_NOW, Tone.LOOK),
        ("PPB-ANA-12345", Reason.NOT_NOW, Tone.LOOK),
        ("PPC-OK", Reason.OK, Tone.GOOD),
    ],
)
def test_each_case_has_its_own_reason(text: str, reason: Reason, tone: Tone) -> None:
    verdict = after(LOAD, text)
    assert (verdict.reason, verdict.tone) == (reason, tone)
    loaded = {p.tracking for p in verdict.load.loaded}
    assert loaded == ({"PV-HERE", "PV-READY"} if text.upper().endswith("PV-READY") else {"PV-HERE"})


def test_loading_makes_a_parcel_loaded_and_no_longer_missing() -> None:
    assert {p.tracking for p in LOAD.missing} == {"PV-READY", "PV-READY2"}
    load = after(LOAD, "PV-READY").load
    assert {p.tracking for p in load.missing} == {"PV-READY2"}
    assert after(load, "PV-READY").reason is Reason.ALREADY_LOADED


def test_a_refused_parcel_is_set_aside_once_until_it_is_loaded() -> None:
    load = after(LOAD, "PV-BOUGHT", "PV-BOUGHT", "PV-BIKES").load
    assert load.set_aside == ("ID-PV-BOUGHT", "ID-PV-BIKES")
    ready = tuple(replace(p, state=ParcelState.READY) if p.tracking == "PV-BOUGHT" else p for p in load.parcels)
    assert after(replace(load, parcels=ready), "PV-BOUGHT").load.set_aside == ("ID-PV-BIKES",)


def test_a_cancelled_parcel_latches_until_acknowledged() -> None:
    stopped = after(LOAD, "PV-GONE", "PV-READY")
    assert (stopped.reason, stopped.load.not_counted) == (Reason.STOPPED, ("PV-READY",))
    assert {p.tracking for p in stopped.load.loaded} == {"PV-HERE"}
    again = after(stopped.load, "PPC-OK", "PV-READY")
    assert again.reason is Reason.OK
    assert again.load.stop is None


def test_a_bounce_at_the_dock_is_never_loaded_and_never_silent() -> None:
    verdict = after(LOAD, "PV-READY", bounce=True)
    assert (verdict.reason, verdict.tone, verdict.load) == (Reason.REPEAT, Tone.LOOK, LOAD)


def test_nothing_goes_on_a_closed_load_and_a_cancelled_parcel_is_still_told_apart() -> None:
    closed = replace(LOAD, closed=True)
    assert after(closed, "PV-READY").reason is Reason.LOAD_CLOSED
    assert after(closed, "PV-GONE").reason is Reason.CANCELLED
