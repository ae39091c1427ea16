"""Stock to eBay: 25 rows at a time, each with its own fate, and no more than 250 revisions of a listing in a day."""

from dataclasses import replace

import pytest

from server.calls.line import Forgetful
from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.channels import ebay
from server.simulated.platforms.faults import Fault
from server.trade.words import Listing
from tests.unit.channels.ebay_seller import NOON, Seller, stock

UPDATE = "bulk_update_price_quantity"
HALF_A_DAY = 12 * 3600.0


def test_one_unknown_listing_among_120_keeps_no_other_back() -> None:
    seller = Seller()
    listed = seller.offer(120)
    words = [stock(each, nth) for nth, each in enumerate(listed)]
    words.insert(40, stock(Listing(ref="unknown", sku="unknown"), 7))
    answers = seller.tell(*words)
    assert [answer.ok for answer in answers] == [nth != 40 for nth in range(121)]
    assert isinstance(answers[40].trouble, Refused)
    assert ebay.live_stock(seller.line, listed) == {each.ref: nth for nth, each in enumerate(listed)}
    assert seller.count("POST", UPDATE) == 5, "25 rows in each"


def test_every_listing_that_means_the_sku_gets_the_number() -> None:
    seller = Seller()
    first, second, third = seller.offer(3)
    (answer,) = seller.tell(replace(stock(first, 4), listings=(first, second)))
    assert answer.ok
    assert list(ebay.live_stock(seller.line, [first, second, third]).values()) == [4, 4, 10]


def test_a_word_is_only_taken_when_all_its_listings_are() -> None:
    seller = Seller()
    first, second = seller.offer(2)
    seller.platform.gone(second.sku)
    (answer,) = seller.tell(replace(stock(first, 4), listings=(first, second)))
    assert isinstance(answer.trouble, Refused) and second.ref in answer.text
    assert seller.platform.market.item(first.sku).quantity == 4


@pytest.mark.parametrize(("number", "told"), [(0, 0), (-5, 0), (7, 7)])
def test_less_than_nothing_is_told_as_nothing(number: int, told: int) -> None:
    seller = Seller()
    (listing,) = seller.offer(1)
    assert seller.tell(stock(listing, number))[0].ok
    assert seller.platform.market.item(listing.sku).quantity == told


def test_a_word_without_listings_or_number_is_refused_alone() -> None:
    seller = Seller()
    (listing,) = seller.offer(1)
    good = stock(listing, 3)
    answers = seller.tell(replace(good, listings=()), replace(good, data={"sku": "x"}), good)
    assert [type(answer.trouble) for answer in answers] == [Refused, Refused, type(None)]


def test_a_call_that_ebay_refuses_whole_is_halved_until_the_bad_row_stands_alone() -> None:
    seller = Seller()
    listed = seller.offer(8)
    broken = replace(listed[5], data={"offers": [["no text"]]})
    whole = seller.platform.selling.bulk_update
    seller.platform.selling.bulk_update = lambda body: (  # type: ignore[method-assign]
        seller.platform.selling.bulk_get({})
        if any("no text" in str(each) for each in body["requests"])
        else whole(body)
    )
    answers = seller.tell(*(stock(each, 1) for each in [*listed[:5], broken, *listed[6:]]))
    assert [answer.ok for answer in answers] == [True] * 5 + [False] + [True] * 2
    assert isinstance(answers[5].trouble, Refused)


def test_a_number_that_ebay_shows_already_costs_no_revision() -> None:
    seller = Seller()
    first, second = seller.offer(2)
    answers = seller.tell(stock(first, 10, before=10), stock(second, 9, before=10))
    assert [answer.ok for answer in answers] == [True, True]
    assert [told.ref for told in seller.platform.market.told] == [seller.platform.market.item(second.sku).ref]


def test_a_number_that_was_changed_there_is_written_again_though_we_told_the_same_before() -> None:
    seller = Seller()
    (listing,) = seller.offer(1)
    seller.platform.market.tamper(listing.sku, 50)
    assert seller.tell(stock(listing, 10, before=10))[0].ok
    assert seller.platform.market.item(listing.sku).quantity == 10


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [(Fault.TOO_MANY, Throttled), (Fault.BROKEN, Away), (Fault.GARBLED, Away), (Fault.LOST_AFTER, Away)],
)
def test_trouble_stops_the_rest_at_once_and_keeps_what_was_taken(fault: Fault, trouble: type[Trouble]) -> None:
    seller = Seller()
    listed = seller.offer(100)
    words = [stock(each, 3) for each in listed]
    assert all(answer.ok for answer in seller.tell(*words[:25]))
    seller.platform.faults.once(fault, "POST", UPDATE)
    answers = seller.tell(*words[25:])
    assert all(isinstance(answer.trouble, trouble) for answer in answers)
    unheard = fault is Fault.LOST_AFTER
    assert seller.count("POST", UPDATE) == 2 - unheard, "nobody asks again and again"
    seller.clock.at += 10
    assert all(answer.ok for answer in seller.tell(*words[25:]))
    assert set(ebay.live_stock(seller.line, listed).values()) == {3}


def test_a_revoked_permission_denies_every_word() -> None:
    seller = Seller()
    (listing,) = seller.offer(1)
    seller.platform.revoke()
    assert isinstance(seller.tell(stock(listing, 3))[0].trouble, Denied)


def test_a_listing_is_revised_240_times_a_day_and_then_only_sold_out() -> None:
    seller = Seller()
    seller.platform.limited = True
    busy, calm = seller.offer(2)
    answers = []
    for nth in range(300):
        seller.clock.at += 1
        answers += seller.tell(stock(busy, 1 + nth % 2))
    assert [answer.ok for answer in answers] == [True] * 240 + [False] * 60
    last = answers[-1].trouble
    assert isinstance(last, Throttled) and last.after == HALF_A_DAY - 300
    assert len(seller.platform.market.told) == 240
    zero, other = seller.tell(stock(busy, 0), stock(calm, 5))
    assert zero.ok and other.ok, "sold out is always told, and the others go on"
    seller.clock.at += last.after
    assert seller.tell(stock(busy, 8))[0].ok, "a new day in California"


def test_what_ebay_itself_refuses_as_too_often_waits_for_midnight_pacific() -> None:
    seller = Seller()
    seller.platform.limited = True
    busy, calm = seller.offer(2)
    for nth in range(250):
        assert seller.tell(stock(busy, 1 + nth % 2))[0].ok
        seller.line.memory = Forgetful({"token:user": seller.memory.get("token:user")})
    first, second = seller.tell(stock(busy, 9), stock(calm, 9))
    assert isinstance(first.trouble, Throttled) and first.trouble.after == HALF_A_DAY
    assert second.ok
    seller.clock.at = NOON + HALF_A_DAY
    assert seller.tell(stock(busy, 9))[0].ok


def test_two_words_about_one_listing_go_in_their_order() -> None:
    seller = Seller()
    (listing,) = seller.offer(1)
    assert [answer.ok for answer in seller.tell(stock(listing, 3), stock(listing, 2))] == [True, True]
    assert seller.platform.market.item(listing.sku).quantity == 2
