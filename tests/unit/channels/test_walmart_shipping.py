"""Walmart: acknowledging, shipping and cancelling, exactly once each."""

from dataclasses import replace
from typing import Any

import pytest

from server.calls.troubles import Away, Refused
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.market import Sale
from server.trade.words import Word
from tests.unit.channels.walmart_stand import NOW, Stand, cancel, shipment


def sold(stand: Stand, *units: int, **more: Any) -> Sale:
    """A sale of so many units in each of its lines."""
    for n, _ in enumerate(units):
        stand.market.offer(f"SKU-{n}", 99)
    return stand.market.sell(*[(f"SKU-{n}", count) for n, count in enumerate(units)], **more)


def ack(sale: Sale, *, tried: bool = False) -> Word:
    return Word(id=f"m-ack-{sale.ref}", kind="ack", key=sale.ref, data={"order_id": sale.ref}, tried=tried)


def test_an_order_is_acknowledged_once() -> None:
    stand = Stand()
    sale = sold(stand, 1)
    assert not stand.order(sale).acknowledged
    assert stand.tell(ack(sale))[0].ok
    assert stand.order(sale).acknowledged
    assert stand.tell(ack(sale, tried=True))[0].ok
    assert stand.calls("POST", "/acknowledge") == 1


def test_an_acknowledgement_whose_answer_was_lost_is_not_made_twice() -> None:
    stand = Stand()
    sale = sold(stand, 1)
    stand.platform.faults.once(Fault.BROKEN_AFTER, "POST", "/acknowledge")
    assert isinstance(stand.tell(ack(sale))[0].trouble, Away)
    assert stand.tell(ack(sale, tried=True))[0].ok
    assert stand.calls("POST", "/acknowledge") == 1


def test_a_cancelled_order_cannot_be_acknowledged_and_the_others_can() -> None:
    stand = Stand(plain=True)
    gone, good = sold(stand, 1), sold(stand, 1)
    stand.market.cancel(gone.ref)
    answers = stand.tell(ack(gone), ack(good))
    assert isinstance(answers[0].trouble, Refused)
    assert answers[1].ok


def test_shipping_what_nobody_acknowledged_acknowledges_it_first() -> None:
    stand = Stand()
    sale = sold(stand, 2)
    assert stand.tell(shipment(sale, {"1": 2}, "1Z1"))[0].ok
    assert [path.rsplit("/", 1)[1] for method, path, _ in stand.platform.asked if method == "POST"][1:] == [
        "acknowledge",
        "shipping",
    ]
    [told] = sale.shipments
    assert (told.carrier, told.service, told.tracking, told.units) == ("UPS", "Standard", "1Z1", {"1": 2})
    assert told.shipped_at == NOW - 1800
    assert stand.order(sale).handed_over
    assert stand.order(sale).tracking == {"1Z1"}


def test_parcels_take_parts_of_lines_until_all_has_left() -> None:
    stand = Stand()
    sale = sold(stand, 3, 1)
    assert stand.tell(shipment(sale, {"1": 1}, "1Z1"), shipment(sale, {"1": 2, "2": 1}, "1Z2"))[1].ok
    assert [told.units for told in sale.shipments] == [{"1": 1}, {"1": 2, "2": 1}]
    found = stand.order(sale)
    assert found.handed_over
    assert found.tracking == {"1Z1", "1Z2"}
    assert [(line.line_id, line.quantity) for line in found.order.lines] == [("1", 3), ("2", 1)]


def test_more_than_is_open_is_refused_and_nothing_of_it_is_done() -> None:
    stand = Stand(plain=True)
    sale = sold(stand, 2, 1)
    answer = stand.tell(shipment(sale, {"1": 3, "2": 1}, "1Z1"))[0]
    assert isinstance(answer.trouble, Refused)
    assert sale.shipments == []


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.BROKEN])
def test_a_shipment_without_an_answer_is_there_exactly_once_after_the_next_try(fault: Fault) -> None:
    stand = Stand()
    sale = sold(stand, 2)
    word = shipment(sale, {"1": 1}, "1Z1")
    stand.platform.faults.once(fault, "POST", "/shipping")
    answer = stand.tell(word)[0]
    assert isinstance(answer.trouble, Away)
    assert answer.trouble.maybe_done
    stand.at += 5
    for _ in range(3):
        assert stand.tell(replace(word, tried=True))[0].ok
    assert [(told.tracking, told.units) for told in sale.shipments] == [("1Z1", {"1": 1})]
    assert "Zoë" not in stand.tell(replace(word, tried=True))[0].text


def test_what_is_recorded_of_an_answer_has_nobody_s_name_in_it() -> None:
    stand = Stand()
    sale = sold(stand, 2)
    said = [*stand.tell(ack(sale)), *stand.tell(shipment(sale, {"1": 1}, "1Z1")), *stand.tell(cancel(sale, {"1": 1}))]
    assert all(answer.ok for answer in said)
    assert not [
        answer.text for answer in said if "Zoë" in answer.text or "Orchard" in answer.text or "{" in answer.text
    ]


@pytest.mark.parametrize(
    ("carrier", "theirs"),
    [
        ("ups", "UPS"),
        ("usps", "USPS"),
        ("fedex", "FedEx"),
        ("dhl_ecommerce", "DHL Ecommerce - US"),
        ("ontrac", "OnTrac"),
    ],
)
def test_our_carriers_have_walmart_s_names(carrier: str, theirs: str) -> None:
    stand = Stand(plain=True)
    sale = sold(stand, 1)
    assert stand.tell(shipment(sale, {"1": 1}, "T1", carrier=carrier))[0].ok
    assert sale.shipments[0].carrier == theirs


def test_a_carrier_outside_the_list_is_held_until_a_person_maps_it() -> None:
    stand = Stand()
    sale = sold(stand, 1)
    word = shipment(sale, {"1": 1}, "V 1/2", carrier="own-van")
    answer = stand.tell(word)[0]
    assert isinstance(answer.trouble, Refused)
    assert answer.text.startswith("carrier: ")
    assert stand.seen == []
    for settings in ({"carriers": {"own-van": "Own Van"}}, {"tracking_urls": {"own-van": "https://x/{tracking}"}}):
        stand.line = stand.connect(**settings)
        assert isinstance(stand.tell(word)[0].trouble, Refused)
    stand.line = stand.connect(
        carriers={"own-van": "Own Van"}, tracking_urls={"own-van": "https://track.example/{tracking}"}
    )
    assert stand.tell(word)[0].ok
    assert sale.shipments[0].carrier == "Own Van"
    assert sale.shipments[0].extra["trackingURL"] == "https://track.example/V%201%2F2"


@pytest.mark.parametrize(
    ("service", "settings", "sold_with", "method"),
    [
        ("one day", {}, "Standard", "OneDay"),
        ("ground", {}, "Value", "Value"),
        ("ground", {"services": {"ground": "Express"}}, "Value", "Express"),
        ("", {}, "Freight", "Freight"),
    ],
)
def test_the_method_is_the_mapped_one_or_the_one_the_order_was_sold_with(
    service: str, settings: dict[str, Any], sold_with: str, method: str
) -> None:
    stand = Stand(**settings)
    sale = sold(stand, 1, service=sold_with)
    assert stand.tell(shipment(sale, {"1": 1}, "1Z1", service=service))[0].ok
    assert sale.shipments[0].service == method


def test_a_line_whose_buyer_wants_a_cancel_is_shipped_all_the_same_once_it_left() -> None:
    stand = Stand(plain=True)
    sale = sold(stand, 1)
    sale.extra["intent_to_cancel"] = ["1"]
    assert stand.tell(shipment(sale, {"1": 1}, "1Z1"))[0].ok


@pytest.mark.parametrize("left_at", ["2026-11-23T09:00:00Z", "yesterday", ""])
def test_no_parcel_leaves_in_the_future(left_at: str) -> None:
    stand = Stand(plain=True)
    sale = sold(stand, 1)
    assert stand.tell(shipment(sale, {"1": 1}, "1Z1", shipped_at=left_at))[0].ok
    assert sale.shipments[0].shipped_at == NOW


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"order_id": "999"}, "purchaseOrderId"),
        ({"lines": [{"line_id": "77", "quantity": 1}]}, "line_id"),
        ({"tracking_number": ""}, "tracking_number"),
    ],
)
def test_one_word_that_cannot_be_meant_keeps_no_other_back(change: dict[str, Any], says: str) -> None:
    stand = Stand(plain=True)
    sale = sold(stand, 2)
    bad, good = shipment(sale, {"1": 1}, "1Z1"), shipment(sale, {"1": 1}, "1Z2")
    answers = stand.tell(replace(bad, data={**bad.data, **change}), good)
    assert isinstance(answers[0].trouble, Refused)
    assert says in answers[0].text
    assert answers[1].ok


def test_units_are_cancelled_by_line_and_walmart_hears_why() -> None:
    stand = Stand()
    sale = sold(stand, 3, 1)
    assert stand.tell(cancel(sale, {"1": 2}, reason="pricing_error"))[0].ok
    assert [line.cancelled for line in sale.lines] == [2, 0]
    assert sale.extra["cancelled_because"] == "SELLER_CANCEL_PRICING_ERROR"
    assert [(line.line_id, line.quantity) for line in stand.order(sale).order.lines] == [("1", 1), ("2", 1)]


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.BROKEN])
def test_part_of_a_line_is_cancelled_exactly_once_although_the_answer_is_lost(fault: Fault) -> None:
    stand = Stand()
    sale = sold(stand, 5)
    stand.market.cancel(sale.ref, {"1": 1})
    word = cancel(sale, {"1": 2})
    stand.platform.faults.once(fault, "POST", "/cancel")
    assert isinstance(stand.tell(word)[0].trouble, Away)
    assert stand.tell(replace(word, tried=True))[0].ok
    assert sale.lines[0].cancelled == 3


def test_a_whole_cancel_is_once_and_shipped_units_stay() -> None:
    stand = Stand()
    sale = sold(stand, 3)
    stand.tell(shipment(sale, {"1": 1}, "1Z1"))
    whole = replace(cancel(sale, {}), data={"order_id": sale.ref, "reason": "too_late"})
    for tried in (False, True, True):
        assert stand.tell(replace(whole, tried=tried))[0].ok
    assert (sale.lines[0].cancelled, sale.lines[0].shipped) == (2, 1)
    assert sale.extra["cancelled_because"] == "SELLER_CANCEL_OUT_OF_STOCK"
    assert stand.calls("POST", "/cancel") == 1


def test_a_word_walmart_has_no_call_for_is_refused() -> None:
    stand = Stand(plain=True)
    answers = stand.tell(Word(id="m", kind="split", key="k", data={}))
    assert isinstance(answers[0].trouble, Refused)
    assert stand.tell() == []
