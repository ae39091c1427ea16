"""A label is voided once, and EasyPost's answer is told as it is (CAN-03)."""

from dataclasses import replace

import httpx
import pytest

from server.calls.troubles import Away
from server.simulated.platforms.faults import Fault
from server.trade.shipping import Shipment, VoidState
from tests.easypost_stand import Stand, as_shipment


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("submitted", VoidState.PENDING),
        ("refunded", VoidState.VOIDED),
        ("rejected", VoidState.REFUSED),
        ("not_applicable", VoidState.VOIDED),
        ("a new word", VoidState.PENDING),
    ],
)
def test_each_state_of_a_refund_has_its_answer(status: str, state: VoidState) -> None:
    stand = Stand()
    label = as_shipment(stand.buy())
    stand.easypost.refund_status = status
    assert stand.carrier.void(label).state is state


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER, None])
def test_a_refund_is_requested_once_although_it_is_asked_for_again(fault: Fault | None) -> None:
    stand = Stand()
    label = as_shipment(stand.buy())
    if fault:
        stand.easypost.faults.once(fault, "POST", "/refund")
        with pytest.raises(Away):
            stand.carrier.void(label)
    for _ in range(3):
        assert stand.carrier.void(label).state is VoidState.PENDING
    assert stand.easypost.refunds == [label.tracking]
    stand.easypost.refund(label.tracking, "rejected")
    assert stand.carrier.void(label).state is VoidState.REFUSED
    found = stand.look_up()
    assert found is not None
    assert found.tracking == label.tracking, "a label whose refund was refused is live"


def test_a_parcel_without_the_shipments_id_is_found_by_its_own() -> None:
    stand = Stand()
    bought = stand.buy()
    assert stand.carrier.void(Shipment("PCL0000000001", bought.tracking)).state is VoidState.PENDING
    unknown = stand.carrier.void(Shipment("PCL0000000009", "9400100105440000000158"))
    assert (unknown.state, "none is kept" in unknown.text) == (VoidState.REFUSED, True)


@pytest.mark.parametrize("body", ["", "{}", '{"id": "shp_other", "postage_label": null}'])
def test_an_answer_about_something_else_voids_nothing(body: str) -> None:
    stand = Stand()
    label = as_shipment(stand.buy())
    stand.restart(httpx.MockTransport(lambda _: httpx.Response(200, text=body)))
    with pytest.raises(Away, match=f"about {label.shipment_id}"):
        stand.carrier.void(label)


def test_a_bought_shipment_that_shows_no_label_is_not_called_void() -> None:
    stand = Stand()
    label = as_shipment(stand.buy())
    stand.easypost.shipments[label.shipment_id]["postage_label"] = None
    with pytest.raises(Away, match=f"expected the label {label.tracking}"):
        stand.carrier.void(label)


def test_a_label_with_another_number_than_the_parcels_is_not_voided() -> None:
    stand = Stand()
    label = as_shipment(stand.buy())
    told = stand.carrier.void(replace(label, tracking="9400100105440000000158"))
    assert (told.state, label.tracking in told.text) == (VoidState.REFUSED, True)
    assert stand.easypost.refunds == []


def test_what_easypost_refuses_to_void_is_refused_with_its_sentence() -> None:
    stand = Stand()
    [label] = stand.others("standard")
    stand.carrier.manifest([label], "LOAD1")
    told = stand.carrier.void(label)
    assert (told.state, told.text) == (VoidState.REFUSED, "The label is on a SCAN form.")
    gone = stand.carrier.void(Shipment("PCL1", "EZ1", "shp_gone"))
    assert gone.state is VoidState.REFUSED
