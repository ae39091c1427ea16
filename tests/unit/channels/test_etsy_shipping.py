"""An Etsy buyer gets one mail for each parcel, and no more."""

from dataclasses import replace
from typing import Any

import pytest

from server.calls.troubles import Away, Refused
from server.channels import etsy
from server.channels.etsy.carriers import CARRIERS
from server.channels.etsy.shipping import carrier_of
from server.simulated.platforms.etsy import known
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.market import Sale
from server.trade.words import Answer, Word
from tests.unit.channels.etsy_shop import Shop, parcel


def sold(shop: Shop, cents: int = 1900, **more: Any) -> Sale:
    for sku in ("MUG", "BOWL"):
        if sku not in {item.sku for item in shop.sim.market.items.values()}:
            shop.sim.market.offer(sku, 50, cents=cents)
    return shop.sim.market.sell(("MUG", 2), ("BOWL", 1), **more)


def told(shop: Shop, word: Word) -> Answer:
    return etsy.tell(shop.line, [word])[0]


def test_a_parcel_is_told_with_its_number_and_the_order_has_left() -> None:
    shop = Shop()
    sale = sold(shop)
    assert told(shop, parcel(sale)).ok
    [shipment] = sale.shipments
    assert (shipment.carrier, shipment.tracking) == ("ups", "1Z999AA10123456784")
    assert shop.order(sale).handed_over
    assert shop.order(sale).tracking == {"1Z999AA10123456784"}


@pytest.mark.parametrize(
    "fault",
    [
        Fault.LOST_AFTER,
        Fault.BROKEN_AFTER,
        Fault.LOST_BEFORE,
        Fault.BROKEN,
        Fault.TOO_MANY,
        Fault.GARBLED,
        Fault.DENIED,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whatever_happens_on_the_way_the_buyer_gets_one_mail(fault: Fault, method: str) -> None:
    shop = Shop()
    sale = sold(shop)
    shop.sim.faults.once(fault, method, f"/receipts/{sale.ref}")
    answer = shop.insist(parcel(sale))
    if fault is Fault.GARBLED and method == "POST":
        # It says it went well, in words that are not Etsy's: the next try finds nothing there and tells it.
        assert answer.ok
        answer = shop.insist(replace(parcel(sale), tried=True))
    assert answer.ok
    assert shop.sim.sales.mails == [(sale.ref, "1Z999AA10123456784")]


def test_a_lost_answer_may_have_been_done() -> None:
    shop = Shop()
    sale = sold(shop)
    shop.sim.faults.once(Fault.LOST_AFTER, "POST", "/tracking")
    trouble = told(shop, parcel(sale)).trouble
    assert isinstance(trouble, Away)
    assert trouble.maybe_done


def test_nobody_is_mailed_again_even_when_we_forgot_that_we_tried() -> None:
    shop = Shop()
    sale = sold(shop)
    for _ in range(3):
        assert told(shop, parcel(sale)).ok
    assert told(shop, parcel(sale, "1z999aa1 0123 456784")).ok
    assert len(shop.sim.sales.mails) == 1


def test_two_parcels_of_one_receipt_are_two_numbers_each_told_once() -> None:
    shop = Shop()
    sale = sold(shop)
    first, second = parcel(sale, "1Z999AA10123456784"), parcel(sale, "1Z999AA10123456793", carrier="usps")
    shop.sim.faults.once(Fault.LOST_AFTER, "POST", "/tracking")
    assert shop.insist(first).ok
    shop.sim.faults.once(Fault.BROKEN_AFTER, "POST", "/tracking")
    assert shop.insist(second).ok
    assert shop.insist(replace(first, tried=True)).ok
    assert [(s.carrier, s.tracking) for s in sale.shipments] == [
        ("ups", "1Z999AA10123456784"), ("usps", "1Z999AA10123456793"),
    ]  # fmt: skip
    assert len(shop.sim.sales.mails) == 2


def test_every_carrier_of_ours_is_one_that_etsy_knows() -> None:
    assert set(CARRIERS.values()) <= known.CARRIERS - {"other"}
    assert carrier_of({}, "Royal-Mail") == "royal-mail"


@pytest.mark.parametrize("carrier", ["own_van", "", "Pigeon Post", "other"])
def test_a_carrier_that_etsy_cannot_follow_is_held_and_never_sent_as_other(carrier: str) -> None:
    shop = Shop()
    sale = sold(shop)
    answer = told(shop, parcel(sale, carrier=carrier))
    assert isinstance(answer.trouble, Refused)
    assert answer.text.startswith("carrier: expected")
    assert not shop.sim.asked


@pytest.mark.parametrize("carriers", ["own_van=other, dhl=dhl-germany", {"own_van": "other", "DHL": "dhl-germany"}])
def test_the_shop_s_own_names_for_carriers_come_first(carriers: Any) -> None:
    shop = Shop(carriers=carriers, services="standard=Ground")
    first, second = sold(shop), sold(shop)
    assert told(shop, parcel(first, carrier="own_van")).ok
    assert told(shop, parcel(second, carrier="dhl", service="unheard of")).ok
    assert (first.shipments[0].carrier, first.shipments[0].service) == ("other", "Ground")
    assert (second.shipments[0].carrier, second.shipments[0].service) == ("dhl-germany", "")


def test_a_shop_whose_app_may_not_confirm_says_so_and_stays_connected() -> None:
    shop = Shop()
    sale = sold(shop)
    shop.sim.sales.partner = False
    answer = told(shop, parcel(sale))
    assert isinstance(answer.trouble, Refused)
    assert "confirm it on etsy.com" in answer.text
    assert etsy.who(shop.line).name
    assert shop.order(sale).order.lines
    assert shop.asked("POST", "/oauth/token") == 1


def test_what_etsy_will_never_take_is_refused_in_words() -> None:
    shop = Shop()
    cancelled, dear = sold(shop), sold(shop)
    shop.sim.market.cancel(cancelled.ref)
    nobody = replace(parcel(dear), data={**parcel(dear).data, "order_id": "4242"})
    for word, words in [
        (parcel(cancelled), "cancelled on Etsy"),
        (nobody, "none under this number"),
        (parcel(dear, ""), "tracking number is required"),
    ]:
        answer = told(shop, word)
        assert isinstance(answer.trouble, Refused)
        assert words in answer.text
    assert not shop.sim.sales.mails


def test_a_letter_without_a_number_is_told_once_where_etsy_takes_it() -> None:
    shop = Shop()
    sale = sold(shop, cents=200)
    for _ in range(2):
        assert told(shop, parcel(sale, "")).ok
    assert shop.sim.sales.mails == [(sale.ref, "")]


def test_one_bad_parcel_keeps_no_other_back() -> None:
    shop = Shop()
    sales = [sold(shop) for _ in range(3)]
    words = [parcel(sale, f"1Z{n}") for n, sale in enumerate(sales)]
    words[1] = parcel(sales[1], "1Z1", carrier="pigeon")
    assert [answer.ok for answer in etsy.tell(shop.line, words)] == [True, False, True]


@pytest.mark.parametrize("kind", ["cancel", "ack", "split", "poem"])
def test_what_etsy_cannot_be_told_is_refused_in_words(kind: str) -> None:
    shop = Shop()
    sale = sold(shop)
    words = [Word(id=f"m{n}", kind=kind, key=str(n), data={"order_id": sale.ref}) for n in range(2)]
    answers = etsy.tell(shop.line, words)
    assert [type(answer.trouble) for answer in answers] == [Refused, Refused]
    assert ("etsy.com" in answers[0].text) is (kind == "cancel")
    assert not shop.sim.asked
    assert list(etsy.tell(shop.line, [])) == []
