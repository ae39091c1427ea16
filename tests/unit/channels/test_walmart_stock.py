"""Walmart: telling stock, few numbers and many, and reading it back."""

import json
from dataclasses import replace

import pytest

from server.calls.troubles import Away, Denied, Refused, Throttled
from server.channels import walmart
from server.channels.walmart import feeds
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.faults import Fault
from server.trade.words import Answer, Listing, Word
from tests.unit.channels.walmart_stand import NOW, Stand, stock


def numbers(stand: Stand) -> dict[str, int]:
    return {item.sku: item.quantity for item in stand.market.items.values()}


def kinds(answers: list[Answer]) -> set[str]:
    return {type(answer.trouble).__name__ if answer.trouble else "ok" for answer in answers}


def words_for(listings: list[Listing], begin: int = 10) -> list[Word]:
    return [stock(listing, begin + n) for n, listing in enumerate(listings)]


def test_few_numbers_are_told_one_by_one() -> None:
    stand = Stand()
    listings = stand.offer(3)
    assert kinds(stand.tell(*words_for(listings))) == {"ok"}
    assert numbers(stand) == {"SKU 000/A": 10, "SKU 001/A": 11, "SKU 002/A": 12}
    assert stand.calls("POST", "/feeds") == 0
    put = next(ask for ask, _ in stand.seen if ask.method == "PUT")
    assert put.url.endswith("/v3/inventory?sku=SKU%20000%2FA")


def test_units_that_walmart_holds_for_unshipped_orders_are_added_to_what_is_written() -> None:
    stand = Stand()
    [listing] = stand.offer(1)
    stand.market.sell((listing.sku, 4))
    stand.tell(stock(listing, 7))
    assert numbers(stand) == {listing.sku: 7}
    assert json.loads(next(ask.body for ask, _ in stand.seen if ask.method == "PUT"))["quantity"]["amount"] == 11
    assert walmart.live_stock(stand.line, [listing]) == {listing.ref: 7}


def test_without_the_addition_buyers_see_less_and_one_call_is_enough() -> None:
    stand = Stand(add_reserved="no")
    [listing] = stand.offer(1)
    stand.market.sell((listing.sku, 4))
    stand.tell(stock(listing, 7))
    assert numbers(stand) == {listing.sku: 3}
    assert stand.calls("GET", "/inventories") == 0


def test_a_number_below_zero_is_told_as_none() -> None:
    stand = Stand()
    [listing] = stand.offer(1)
    assert stand.tell(stock(listing, -3))[0].ok
    assert numbers(stand) == {listing.sku: 0}


def test_all_listings_that_mean_the_sku_get_the_number() -> None:
    stand = Stand(plain=True)
    first, second = stand.offer(2)
    word = replace(stock(first, 9), listings=(first, second))
    assert stand.tell(word)[0].ok
    assert numbers(stand) == {first.sku: 9, second.sku: 9}


@pytest.mark.parametrize("node", ["", "721407"], ids=["default node", "a node of ours"])
def test_many_numbers_go_in_one_feed_and_one_bad_row_keeps_no_other_back(node: str) -> None:
    stand = Stand(ship_node=node)
    listings = stand.offer(120)
    stand.market.sell(("SKU 007/A", 2))
    stand.platform.gone("SKU 060/A")
    answers = stand.tell(*words_for(listings))
    assert [n for n, answer in enumerate(answers) if not answer.ok] == [60]
    assert isinstance(answers[60].trouble, Refused)
    wanted = {listing.sku: 10 + n for n, listing in enumerate(listings) if n != 60}
    assert numbers(stand) == wanted | {"SKU 060/A": 50}
    assert (stand.calls("POST", "/feeds"), stand.calls("PUT", "/inventory")) == (1, 0)
    feed = next(ask for ask, _ in stand.seen if ask.method == "POST" and ask.path == "/v3/feeds")
    assert feed.one("feedType") == ("MP_INVENTORY" if node else "inventory")
    assert stand.line.memory.get("feeds") is None


def test_an_item_that_fails_inside_a_processed_feed_answers_for_itself() -> None:
    stand = Stand(add_reserved="no")
    listings = stand.offer(120)
    stand.platform.gone("SKU 119/A")
    answers = stand.tell(*words_for(listings))
    assert [n for n, answer in enumerate(answers) if not answer.ok] == [119]
    assert "not found" in answers[119].text
    assert isinstance(answers[119].trouble, Refused)


def test_zero_and_nearly_nothing_do_not_wait_for_the_feed() -> None:
    stand = Stand(plain=True)
    stand.platform.shelves.feed_seconds = 600
    listings = stand.offer(60)
    words = [stock(listing, 0 if n < 3 else 2 if n < 5 else 40) for n, listing in enumerate(listings)]
    answers = stand.tell(*words)
    assert kinds(answers[:5]) == {"ok"}
    assert kinds(answers[5:]) == {"Away"}
    assert list(numbers(stand).values())[:6] == [0, 0, 0, 2, 2, 50]


def test_a_feed_in_progress_is_looked_at_again_and_not_posted_again() -> None:
    stand = Stand()
    stand.platform.shelves.feed_seconds = 600
    words = words_for(stand.offer(30))
    answers = stand.tell(*words)
    assert kinds(answers) == {"Away"}
    assert all(isinstance(answer.trouble, Away) and answer.trouble.maybe_done for answer in answers)
    again = [replace(word, tried=True) for word in words]
    for part in (again[:10], again):
        assert kinds(stand.tell(*part)) == {"Away"}
    stand.at += 601
    # The engine may come back with a part of them first.
    assert kinds(stand.tell(*again[:10])) == {"ok"}
    assert kinds(stand.tell(*again[10:])) == {"ok"}
    assert stand.calls("POST", "/feeds") == 1
    assert list(numbers(stand).values()) == list(range(10, 40))
    assert stand.line.memory.get("feeds") is None


def test_a_feed_is_waited_for_while_the_line_has_patience() -> None:
    stand = Stand(plain=True, patience=2.0)
    stand.platform.shelves.feed_seconds = 60
    words = words_for(stand.offer(30))
    looked = stand.platform.shelves.feed_status

    def later(ask: Ask, feed_id: str) -> Said:
        said = looked(ask, feed_id)
        stand.at += 61
        return said

    stand.platform.shelves.feed_status = later  # type: ignore[method-assign]
    assert kinds(stand.tell(*words)) == {"ok"}
    assert stand.calls("GET", "/feeds/") == 2


def test_a_newer_number_is_told_at_once_and_again_after_the_feed_that_would_undo_it() -> None:
    stand = Stand()
    stand.platform.shelves.feed_seconds = 600
    listings = stand.offer(30)
    stand.tell(*words_for(listings))
    newer = stock(listings[0], 0)
    answer = stand.tell(newer)[0]
    assert isinstance(answer.trouble, Away)
    assert answer.trouble.maybe_done
    assert numbers(stand)[listings[0].sku] == 0
    stand.tell(replace(newer, tried=True))
    assert stand.calls("PUT", "/inventory") == 1
    stand.at += 601
    assert stand.tell(replace(newer, tried=True))[0].ok
    assert numbers(stand)[listings[0].sku] == 0
    assert numbers(stand)[listings[1].sku] == 11


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER])
def test_a_feed_whose_answer_was_lost_is_found_by_the_name_of_its_file(fault: Fault) -> None:
    stand = Stand()
    words = words_for(stand.offer(30))
    stand.platform.faults.once(fault, "POST", "/feeds")
    assert kinds(stand.tell(*words)) == {"Away"}
    assert kinds(stand.tell(*[replace(word, tried=True) for word in words])) == {"ok"}
    assert len(stand.platform.shelves.feeds) == 1


def test_a_feed_that_never_arrived_is_posted_again() -> None:
    stand = Stand(plain=True)
    words = words_for(stand.offer(30))
    stand.platform.faults.once(Fault.LOST_BEFORE, "POST", "/feeds")
    assert kinds(stand.tell(*words)) == {"Away"}
    stand.at += feeds.SHOWN_WITHIN + 1
    assert kinds(stand.tell(*[replace(word, tried=True) for word in words])) == {"ok"}
    assert len(stand.platform.shelves.feeds) == 1


def test_a_feed_that_walmart_lists_late_is_waited_for_and_not_posted_beside_itself() -> None:
    stand = Stand(plain=True)
    stand.platform.shelves.listed_after = 60.0
    listings = stand.offer(30)
    words = words_for(listings)
    stand.platform.faults.once(Fault.LOST_AFTER, "POST", "/feeds")
    assert kinds(stand.tell(*words)) == {"Away"}
    again = [replace(word, tried=True) for word in words]
    assert kinds(stand.tell(*again)) == {"Away"}
    assert stand.calls("POST", "/feeds") == 0
    newer = stand.tell(stock(listings[0], 0))[0]
    assert isinstance(newer.trouble, Away), "the feed may undo it: it is told once more after it"
    assert numbers(stand)[listings[0].sku] == 0
    stand.at += 61
    assert kinds(stand.tell(*again)) == {"ok"}
    assert len(stand.platform.shelves.feeds) == 1


def test_a_feed_that_never_ends_is_given_up_and_its_words_are_told_anew() -> None:
    stand = Stand(plain=True)
    stand.platform.shelves.feed_seconds = 1e9
    words = words_for(stand.offer(30))
    stand.tell(*words)
    stand.at += feeds.KEPT + 1
    stand.platform.shelves.feed_seconds = 0
    assert kinds(stand.tell(*[replace(word, tried=True) for word in words])) == {"ok"}
    assert len(stand.platform.shelves.feeds) == 2


def test_a_feed_that_cannot_be_read_refuses_its_words() -> None:
    stand = Stand(ship_node="999", add_reserved="no")
    answers = stand.tell(*words_for(stand.offer(30)))
    assert kinds(answers) == {"Refused"}
    assert "ERROR" in answers[0].text


def test_when_no_feed_is_left_this_hour_the_most_urgent_go_one_by_one() -> None:
    stand = Stand(plain=True, add_reserved="no")
    stand.platform.limited = True
    listings = stand.offer(100)
    for n in range(10):
        assert kinds(stand.tell(*[stock(listing, 100 + n) for listing in listings])) == {"ok"}
    answers = stand.tell(*[stock(listing, 7) for listing in listings])
    assert kinds(answers[:60]) == {"ok"}
    assert kinds(answers[60:]) == {"Throttled"}
    assert len(stand.platform.shelves.feeds) == 10
    assert [status for _, _, status in stand.platform.asked].count(429) == 0
    stand.at += 3601
    assert kinds(stand.tell(*[stock(listing, 7, tried=True) for listing in listings])) == {"ok"}
    assert set(numbers(stand).values()) == {7}


def test_too_many_requests_are_answered_with_silence_until_walmart_says() -> None:
    stand = Stand(limits=True)
    words = words_for(stand.offer(15))
    stand.platform.faults.once(Fault.TOO_MANY, "PUT", "/inventory")
    answers = stand.tell(*words)
    assert kinds(answers) == {"Throttled"}
    assert {answer.trouble.after for answer in answers if isinstance(answer.trouble, Throttled)} == {2.0}
    stand.tell(*words)
    assert stand.calls("PUT", "/inventory") == 1
    stand.at += 10
    assert kinds(stand.tell(*words)) == {"ok"}


def test_one_broken_answer_in_the_middle_keeps_no_other_back() -> None:
    stand = Stand(plain=True)
    words = words_for(stand.offer(5))
    stand.platform.faults.once(Fault.BROKEN, "PUT", "/inventory")
    answers = stand.tell(*words)
    assert [answer.ok for answer in answers] == [False, True, True, True, True]
    assert isinstance(answers[0].trouble, Away)


def test_nobody_there_is_asked_once_and_no_more() -> None:
    stand = Stand(plain=True)
    words = words_for(stand.offer(5))
    stand.platform.faults.once(Fault.DENIED, "GET", "/inventories")
    stand.platform.faults.once(Fault.DENIED, "GET", "/inventories")
    answers = stand.tell(*words)
    assert kinds(answers) == {"Denied"}
    assert stand.calls("PUT", "/inventory") == 0
    assert all(isinstance(answer.trouble, Denied) for answer in answers)


@pytest.mark.parametrize(("count", "calls"), [(3, 3), (100, 4)])
def test_live_numbers_are_read_in_bulk_where_that_takes_fewer_calls(count: int, calls: int) -> None:
    stand = Stand(plain=count > 3)
    listings = stand.offer(180, quantity=4)
    stand.market.tamper("SKU 001/A", 77)
    live = walmart.live_stock(stand.line, listings[:count])
    assert live == {listing.ref: 77 if n == 1 else 4 for n, listing in enumerate(listings[:count])}
    assert stand.calls("GET", "/inventories") == calls


def test_a_listing_that_is_gone_is_none_alone_and_among_many() -> None:
    stand = Stand(plain=True)
    listings = stand.offer(60)
    stand.platform.gone("SKU 002/A")
    assert walmart.live_stock(stand.line, listings[2:3]) == {"SKU 002/A": None}
    live = walmart.live_stock(stand.line, listings)
    assert [ref for ref, number in live.items() if number is None] == ["SKU 002/A"]
    assert len(live) == 60


def test_the_clock_of_the_tests_is_the_platform_s() -> None:
    assert Stand(plain=True).platform.now() == NOW
