"""Shipments and cancels to eBay: exactly one effect each, whatever gets lost."""

import json
from dataclasses import replace
from typing import Any

import pytest

from server.calls.troubles import Away, Refused
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.market import Sale
from server.trade.words import Word
from tests.unit.channels.ebay_seller import NOON, Seller, cancel, shipment

SHIP = "shipping_fulfillment"
LOST = [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.BROKEN, Fault.BROKEN_AFTER, Fault.GARBLED]


def test_a_package_is_confirmed_with_its_carrier_number_and_time() -> None:
    seller = Seller()
    sale = seller.sell(("A", 2), ("B", 1))
    (answer,) = seller.tell(shipment(sale, {"A": 2, "B": 1}, "1Z 999-AA1"))
    assert (answer.text, answer.ok) == ("201 1Z999AA1", True)
    (made,) = sale.shipments
    assert (made.carrier, made.tracking, made.shipped_at) == ("UPS", "1Z999AA1", NOON - 60)
    found = seller.order(sale)
    assert found.handed_over and found.tracking == {"1Z999AA1"}


def test_part_of_a_line_leaves_today_and_the_rest_tomorrow() -> None:
    seller = Seller()
    sale = seller.sell(("A", 3), ("B", 1))
    assert seller.tell(shipment(sale, {"A": 2}, "ONE"))[0].ok
    found = seller.order(sale)
    assert (found.handed_over, [line.quantity for line in found.order.lines]) == (False, [3, 1])
    assert seller.tell(shipment(sale, {"A": 1, "B": 1}, "TWO"))[0].ok
    found = seller.order(sale)
    assert found.handed_over and found.tracking == {"ONE", "TWO"}


@pytest.mark.parametrize("tracking", ["ONE", ""])
@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_leads_to_exactly_one_package(fault: Fault, tracking: str) -> None:
    seller = Seller()
    sale = seller.sell(("A", 3))
    seller.platform.faults.once(fault, "POST", SHIP)
    (answer,) = seller.tell(shipment(sale, {"A": 1}, tracking))
    if fault is not Fault.GARBLED:
        assert isinstance(answer.trouble, Away) and answer.trouble.maybe_done
    for _ in range(3):
        (answer,) = seller.tell(shipment(sale, {"A": 1}, tracking, tried=True))
        assert answer.ok
    assert [each.units for each in sale.shipments] == [{sale.lines[0].line_id: 1}]
    assert seller.tell(shipment(sale, {"A": 2}, "TWO"))[0].ok
    assert len(sale.shipments) == 2


def test_a_second_package_alike_is_another_package() -> None:
    seller = Seller()
    sale = seller.sell(("A", 2))
    assert seller.tell(shipment(sale, {"A": 1}, "ONE"))[0].ok
    assert seller.tell(shipment(sale, {"A": 1}, "TWO", tried=True))[0].ok
    assert [each.tracking for each in sale.shipments] == ["ONE", "TWO"]


def test_two_packages_without_a_number_are_told_apart_by_their_time() -> None:
    seller = Seller()
    sale = seller.sell(("A", 2))
    for shipped_at in ("2026-11-22T19:50:00Z", "2026-11-22T19:55:00Z", "2026-11-22T19:55:00Z"):
        word = shipment(sale, {"A": 1}, "", data={"shipped_at": shipped_at}, tried=True)
        assert seller.tell(word)[0].ok
    assert [each.shipped_at for each in sale.shipments] == [NOON - 600, NOON - 300]


def test_ebays_no_to_what_it_has_already_is_a_yes() -> None:
    seller = Seller()
    sale = seller.sell(("A", 1))
    answers = seller.tell(shipment(sale, {"A": 1}), shipment(sale, {"A": 1}))
    assert all(answer.ok for answer in answers)
    assert len(sale.shipments) == 1


def test_when_ebay_cannot_be_read_before_a_retry_nothing_is_sent() -> None:
    seller = Seller()
    sale = seller.sell(("A", 1))
    seller.platform.faults.once(Fault.BROKEN, "GET", SHIP)
    (answer,) = seller.tell(shipment(sale, {"A": 1}, tried=True))
    assert isinstance(answer.trouble, Away)
    assert sale.shipments == []


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"carrier": "pigeon"}, "carrier"),
        ({"carrier": ""}, "carrier"),
        ({"carrier": "Other"}, "carrier"),
        ({"tracking_number": "1Z/999"}, "tracking_number"),
        ({"tracking_number": "１２３"}, "tracking_number"),
        ({"lines": []}, "lines"),
        ({"lines": [{"line_id": "", "quantity": 1}]}, "lines"),
        ({"lines": [{"line_id": "1", "quantity": 0}]}, "lines"),
        ({"lines": [{"line_id": "100101", "quantity": 9}]}, "400"),
        ({"lines": [{"line_id": "5", "quantity": 1}]}, "400"),
        ({"order_id": "99-99999-99999"}, "404"),
    ],
)
def test_what_ebay_would_not_take_is_held_and_named(data: dict[str, object], named: str) -> None:
    seller = Seller()
    sale = seller.sell(("A", 1))
    (answer,) = seller.tell(shipment(sale, {"A": 1}, data=data))
    assert isinstance(answer.trouble, Refused)
    assert answer.text.startswith(named)
    assert sale.shipments == []


@pytest.mark.parametrize(
    "carriers", [{"pigeon": "UKMail", "ups": "UPSMailInnovations"}, "pigeon=UKMail, ups = UPSMailInnovations"]
)
def test_a_carrier_of_ours_gets_the_code_that_the_settings_give_it(carriers: Any) -> None:
    seller = Seller(settings={"carriers": carriers})
    sale = seller.sell(("A", 2))
    words = [shipment(sale, {"A": 1}, name, data={"carrier": name}) for name in ("pigeon", "ups")]
    assert all(answer.ok for answer in seller.tell(*words))
    assert [each.carrier for each in sale.shipments] == ["UKMail", "UPSMailInnovations"]


@pytest.mark.parametrize("shipped_at", ["2026-11-22T20:05:00Z", "soon", None])
def test_no_package_leaves_in_ebays_future(shipped_at: str | None) -> None:
    seller = Seller()
    sale = seller.sell(("A", 1))
    assert seller.tell(shipment(sale, {"A": 1}, data={"shipped_at": shipped_at}))[0].ok
    assert sale.shipments[0].shipped_at == NOON


def test_a_line_named_twice_is_told_once_with_all_its_units() -> None:
    seller = Seller()
    sale = seller.sell(("A", 3))
    lines = [{"line_id": sale.lines[0].line_id, "quantity": each} for each in (1, 2)]
    assert seller.tell(shipment(sale, {}, data={"lines": lines}))[0].ok
    assert sale.shipments[0].units == {sale.lines[0].line_id: 3}


def test_one_bad_package_keeps_no_other_back() -> None:
    seller = Seller()
    first, second = seller.sell(("A", 1)), seller.sell(("B", 1))
    answers = seller.tell(shipment(first, {"A": 1}, data={"carrier": "pigeon"}), shipment(second, {"B": 1}))
    assert [answer.ok for answer in answers] == [False, True]


# --- cancels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("units", [{"A": 2, "B": 1}, {}])
@pytest.mark.parametrize("paid", ["paid", "unpaid"])
def test_a_whole_order_is_cancelled(units: dict[str, int], paid: str) -> None:
    seller = Seller()
    sale = seller.sell(("A", 2), ("B", 1), paid=paid)
    assert seller.tell(cancel(sale, units))[0].ok
    assert sale.status == "cancelled"
    found = seller.order(sale)
    assert found.cancelled and found.order.lines == ()


@pytest.mark.parametrize("units", [{"A": 1}, {"A": 2}, {"A": 1, "B": 1}])
def test_a_part_of_an_order_cannot_be_cancelled_at_ebay(units: dict[str, int]) -> None:
    seller = Seller()
    sale = seller.sell(("A", 2), ("B", 1))
    (answer,) = seller.tell(cancel(sale, units))
    assert isinstance(answer.trouble, Refused) and "whole orders only" in answer.text
    assert sale.status == "open"


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_a_cancel_leads_to_one_cancel(fault: Fault) -> None:
    seller = Seller()
    sale = seller.sell(("A", 1))
    seller.platform.faults.once(fault, "POST", "cancellation")
    seller.tell(cancel(sale, {"A": 1}))
    assert seller.tell(cancel(sale, {"A": 1}, tried=True))[0].ok
    assert sale.status == "cancelled"
    assert seller.platform.market.item("A").quantity == 1, "its unit went back once"


def test_a_cancel_that_the_buyer_asked_for_is_approved() -> None:
    seller = Seller()
    sale = seller.platform.ask_cancel(seller.sell(("A", 1)).ref)
    assert not seller.order(sale).cancelled, "a request is only a request"
    (answer,) = seller.tell(cancel(sale, {"A": 1}, reason="customer"))
    assert answer.text == "200 approved"
    assert sale.status == "cancelled"


def test_what_cannot_be_cancelled_is_refused() -> None:
    seller = Seller()
    sale = seller.sell(("A", 1))
    seller.tell(shipment(sale, {"A": 1}))
    (answer,) = seller.tell(cancel(sale, {"A": 1}))
    assert isinstance(answer.trouble, Refused)
    seller.platform.market.sales.clear()
    (answer,) = seller.tell(cancel(sale, {"A": 1}))
    assert answer.text == "eBay has no such order"


@pytest.mark.parametrize(
    ("reason", "theirs"),
    [
        ("out_of_stock", "OUT_OF_STOCK_OR_CANNOT_FULFILL"),
        ("customer", "BUYER_ASKED_CANCEL"),
        ("cannot_deliver", "ADDRESS_ISSUES"),
        ("fraud", "OUT_OF_STOCK_OR_CANNOT_FULFILL"),
    ],
)
def test_the_reason_is_one_of_those_a_seller_may_give(reason: str, theirs: str) -> None:
    seller = Seller()
    sale = seller.sell(("A", 1))
    assert seller.tell(cancel(sale, {"A": 1}, reason=reason))[0].ok
    (asked,) = [ask for ask in seller.asked if ask.path.startswith("/post-order")]
    assert asked.json()["cancelReason"] == theirs
    assert asked.headers["authorization"].startswith("IAF ")


@pytest.mark.parametrize("fault", LOST)
def test_units_that_left_are_paid_back_once_by_their_share_of_the_price_whatever_is_lost(fault: Fault) -> None:
    seller = Seller(described=True)
    sale = seller.sell(("A", 3), ("B", 1))
    seller.tell(shipment(sale, {"A": 3, "B": 1}, "ONE"))
    seller.platform.faults.once(fault, "POST", "issue_refund")
    word = refund(sale, {"A": 2}, "lost")
    for _ in range(4):
        (answer,) = seller.tell(word)
        word = replace(word, tried=True)
    assert answer.ok
    assert [made["lines"] for made in sale.refunds] == [{sale.lines[0].line_id: 38.0}]


def test_a_refund_that_is_all_of_a_line_names_its_reason_and_one_of_more_than_was_sold_is_refused() -> None:
    seller = Seller(described=True)
    sale = seller.sell(("A", 3), ("B", 1))
    seller.tell(shipment(sale, {"A": 3, "B": 1}, "ONE"))
    (more,) = seller.tell(refund(sale, {"B": 2}, "lost", id="m9"))
    assert isinstance(more.trouble, Refused)
    assert seller.tell(refund(sale, {"B": 1}, "lost"))[0].ok
    assert seller.tell(refund(sale, {"A": 1}, "lost", id="m8"))[0].ok
    asked = [json.loads(ask.body) for ask in seller.asked if ask.raw_path.endswith("issue_refund")]
    assert [body["reasonForRefund"] for body in asked] == ["ITEM_NOT_RECEIVED", "OTHER_ADJUSTMENT"], (
        "all of a line only"
    )


def test_what_ebay_paid_back_of_a_line_itself_is_not_paid_back_again() -> None:
    seller = Seller(described=True)
    sale = seller.sell(("A", 3))
    seller.tell(shipment(sale, {"A": 3}, "ONE"))
    assert seller.tell(refund(sale, {"A": 2}, "lost", id="elsewhere"))[0].ok
    (answer,) = seller.tell(refund(sale, {"A": 2}, "lost"))
    assert isinstance(answer.trouble, Refused)
    assert "38.00 of 57.00 USD were paid back before" in answer.trouble.detail
    assert len(sale.refunds) == 1


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.LOST_BEFORE])
def test_a_refund_that_did_not_happen_is_not_taken_for_the_one_of_another_word(fault: Fault) -> None:
    seller = Seller(described=True)
    sale = seller.sell(("A", 2))
    seller.tell(shipment(sale, {"A": 2}, "ONE"))
    seller.platform.faults.once(fault, "POST", "issue_refund")
    first = refund(sale, {"A": 1}, "lost")
    assert not seller.tell(first)[0].ok
    seller.clock.at += 600
    assert seller.tell(refund(sale, {"A": 1}, "lost", id="m8"))[0].ok
    seller.clock.at += 600
    assert seller.tell(replace(first, tried=True))[0].ok
    assert len(sale.refunds) == 2


def test_a_refund_whose_answer_was_lost_is_not_paid_again_after_a_try_that_was_too_early() -> None:
    seller = Seller(described=True)
    sale = seller.sell(("A", 3))
    seller.tell(shipment(sale, {"A": 3}, "ONE"))
    word = refund(sale, {"A": 1}, "lost")
    seller.platform.faults.once(Fault.LOST_AFTER, "POST", "issue_refund")
    assert not seller.tell(word)[0].ok
    made = sale.refunds.pop()  # eBay does not show it yet.
    seller.platform.faults.once(Fault.TOO_MANY, "POST", "issue_refund")
    assert not seller.tell(replace(word, tried=True))[0].ok
    sale.refunds.append(made)
    seller.clock.at += 600
    assert seller.tell(replace(word, tried=True))[0].ok
    assert sale.refunds == [made]


def test_a_person_looks_where_others_paid_back_a_line_between_two_tries() -> None:
    seller = Seller(described=True)
    sale = seller.sell(("A", 3))
    seller.tell(shipment(sale, {"A": 3}, "ONE"))
    seller.platform.faults.once(Fault.LOST_BEFORE, "POST", "issue_refund")
    word = refund(sale, {"A": 1}, "lost")
    assert not seller.tell(word)[0].ok
    sale.refunds.append({"refundId": "S1", "lines": {sale.lines[0].line_id: 5.0}, "at": NOON})
    (answer,) = seller.tell(replace(word, tried=True))
    assert isinstance(answer.trouble, Refused)
    assert "see in Seller Hub" in answer.trouble.detail
    assert len(sale.refunds) == 1


def refund(sale: Sale, units: dict[str, int], reason: str, **more: Any) -> Word:
    """Units by SKU are to be paid back."""
    known = {line.sku: line.line_id for line in sale.lines}
    lines = [{"line_id": known[sku], "sku": sku, "quantity": count} for sku, count in units.items()]
    return Word(
        **{"id": "m7", "kind": "refund", "key": "1/1"} | more,
        data={"order_id": sale.ref, "reason": reason, "lines": lines},
    )
