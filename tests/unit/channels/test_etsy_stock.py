"""Numbers reach an Etsy shop: a whole listing at a time, nothing of it lost, nothing sold that is not there."""

import contextlib
import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from server.calls.troubles import Away, Denied, Refused, Throttled
from server.channels import etsy
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.faults import Fault
from server.trade.words import Listing
from tests.unit.channels.etsy_shop import Shop, number

SIZES = {"TEE-S": (3, {100: "S"}), "TEE-M": (4, {100: "M"}), "TEE-L": (5, {100: "L"})}


def tees(shop: Shop, **more: Any) -> dict[str, Listing]:
    shop.sim.shelves.offer(2000, SIZES, **more)
    return {listing.sku: listing for listing in shop.listings() if listing.sku in SIZES}


def units(shop: Shop) -> dict[str, int]:
    return {item.sku: item.quantity for item in shop.sim.market.items.values()}


def puts(shop: Shop) -> int:
    return shop.asked("PUT", "/inventory")


def shown(shop: Shop) -> Any:
    """The listing without what a write may change: ids and quantities."""
    items = [item for item in shop.sim.market.items.values() if item.extra.get("listing") == 2000]
    inventory = shop.sim.shelves._inventory(2000, items)
    for product in inventory["products"]:
        del product["product_id"]
        for offering in product["offerings"]:
            del offering["offering_id"], offering["quantity"]
    return inventory


def test_every_variation_is_a_listing_of_its_own() -> None:
    shop = Shop()
    found = tees(shop)
    assert {sku: (each.quantity, each.title) for sku, each in found.items()} == {
        "TEE-S": (3, "Mug / S"), "TEE-M": (4, "Mug / M"), "TEE-L": (5, "Mug / L"),
    }  # fmt: skip
    assert len({each.ref for each in found.values()}) == 3
    assert {each.data["listing_id"] for each in found.values()} == {"2000"}


def test_several_numbers_of_one_listing_are_one_write_and_nothing_else_of_it_changes() -> None:
    shop = Shop()
    found = tees(shop, cents=1999)
    before = shown(shop)
    assert all(answer.ok for answer in shop.put((found["TEE-M"], 40), (found["TEE-S"], 0)))
    assert units(shop) == {"TEE-S": 0, "TEE-M": 40, "TEE-L": 5}
    assert shown(shop) == before
    assert puts(shop) == 1
    [(_, body)] = shop.sim.shelves.puts
    assert [str(product["offerings"][0]["price"]) for product in body["products"]] == ["19.99"] * 3
    assert shop.live(*found.values()) == [40 if sku == "TEE-M" else 0 if sku == "TEE-S" else 5 for sku in found]


def test_a_listing_is_found_again_after_its_products_were_replaced() -> None:
    shop = Shop()
    found = tees(shop)
    for n in range(3):
        assert shop.put((found["TEE-S"], 10 + n))[0].ok
    assert shop.live(found["TEE-S"]) == [12]


def test_a_number_that_is_there_already_costs_no_write() -> None:
    shop = Shop()
    [listing] = shop.offer(1)
    assert shop.put((listing, 5))[0].ok
    assert puts(shop) == 0


def test_bad_rows_keep_no_other_back() -> None:
    shop = Shop()
    listings = shop.offer(12)
    found = tees(shop)
    shop.sim.gone("SKU-003")
    shop.sim.gone("TEE-L")
    words = [number(listing, n) for n, listing in enumerate(listings, 1)]
    words[6] = replace(words[6], listings=())
    words[7] = number(replace(listings[7], ref="not-a-number"), 3)
    words += [number(found["TEE-L"], 9), number(found["TEE-S"], 8)]
    answers = etsy.tell(shop.line, words)
    bad = {n for n, answer in enumerate(answers) if not answer.ok}
    assert bad == {3, 6, 7, 12}
    assert all(isinstance(answers[n].trouble, Refused) for n in bad)
    assert units(shop) == {f"SKU-{n:03}": 5 if n in bad else n + 1 for n in range(12) if n != 3} | {
        "TEE-S": 8, "TEE-M": 4,
    }  # fmt: skip


def test_a_sku_in_several_listings_is_told_to_each_and_done_when_all_have_it() -> None:
    shop = Shop()
    one, two = shop.offer(2)
    word = replace(number(one, 9), listings=(one, two))
    assert etsy.tell(shop.line, [word])[0].ok
    assert set(units(shop).values()) == {9}
    shop.sim.gone("SKU-001")
    assert isinstance(etsy.tell(shop.line, [word])[0].trouble, Refused)


def test_the_most_urgent_is_told_first() -> None:
    shop = Shop()
    listings = shop.offer(5)
    order = [3, 0, 4, 1, 2]
    shop.put(*((listings[n], 9) for n in order))
    asked = [path for method, path, _ in shop.sim.asked if method == "PUT"]
    assert asked == [f"/v3/application/listings/{listings[n].ref}/inventory" for n in order]


def test_variations_that_share_one_number_cannot_have_their_own_and_say_so() -> None:
    shop = Shop()
    found = tees(shop, arrays=["sku_on_property"])
    for item in shop.sim.market.items.values():
        item.quantity = 6
    answers = shop.put((found["TEE-S"], 3), (found["TEE-M"], 4))
    assert all(isinstance(answer.trouble, Refused) and "share one quantity" in answer.text for answer in answers)
    assert set(units(shop).values()) == {6}
    assert all(answer.ok for answer in shop.put(*((each, 2) for each in found.values())))
    assert set(units(shop).values()) == {2}


def test_variations_with_one_sku_and_one_number_are_told_together() -> None:
    shop = Shop()
    shop.sim.shelves.offer(2000, {f"x{n}": (6, {100: "abc"[: n + 1]}) for n in range(3)}, arrays=[])
    for item in shop.sim.market.items.values():
        item.sku = "TEE"
    assert shop.put((shop.listings()[0], 2))[0].ok
    assert [item.quantity for item in shop.sim.market.items.values()] == [2, 2, 2]


def test_the_last_unit_gone_takes_the_listing_off_sale_and_stock_brings_it_back_as_it_is_meant() -> None:
    shop = Shop()
    found = tees(shop)
    assert all(answer.ok for answer in shop.put(*((each, 0) for each in found.values())))
    assert set(units(shop).values()) == {0}
    assert puts(shop) == 0  # Etsy takes no listing without a unit.
    assert shop.live(*found.values()) == [0, 0, 0]
    assert shop.put((found["TEE-M"], 0))[0].ok
    assert shop.put((found["TEE-S"], 2))[0].ok
    assert units(shop) == {"TEE-S": 2, "TEE-M": 0, "TEE-L": 0}
    assert not shop.sim.shelves.renewed
    assert shop.live(found["TEE-S"], found["TEE-L"]) == [2, 0]


def test_a_listing_that_was_off_sale_is_remembered_by_the_next_program() -> None:
    shop = Shop()
    found = tees(shop)
    shop.put(*((each, 0) for each in found.values()))
    shop.line = shop.connect()
    assert shop.put((found["TEE-L"], 7))[0].ok
    assert units(shop) == {"TEE-S": 0, "TEE-M": 0, "TEE-L": 7}


def test_a_listing_that_the_seller_took_off_sale_stays_off_sale() -> None:
    shop = Shop()
    [listing] = shop.offer(1)
    shop.sim.shelves.patched(_ask(b"state=inactive"), listing.ref)
    assert shop.live(listing) == [5]
    assert shop.put((listing, 8))[0].ok
    assert shop.put((listing, 0))[0].ok
    assert shop.live(listing) == [0]
    assert shop.put((listing, 4))[0].ok
    assert units(shop) == {"SKU-000": 0}
    shop.sim.shelves.patched(_ask(b"state=active"), listing.ref)
    assert units(shop) == {"SKU-000": 4}


@pytest.mark.parametrize(("renew", "ok"), [("yes", True), ("no", False)])
def test_what_etsy_sold_out_is_renewed_only_where_the_shop_pays_for_it(renew: str, ok: bool) -> None:
    shop = Shop(renew_sold_out=renew)
    found = tees(shop)
    shop.sim.market.sell(*((sku, held) for sku, (held, _) in SIZES.items()))
    assert shop.live(*found.values()) == [0, 0, 0]
    assert shop.put((found["TEE-S"], 0))[0].ok
    [answer] = shop.put((found["TEE-M"], 6))
    assert answer.ok is ok
    assert units(shop) == {"TEE-S": 0, "TEE-M": 6 if ok else 0, "TEE-L": 0}
    assert shop.sim.shelves.renewed == ([2000] if ok else [])
    assert {listing.sku for listing in shop.listings()} == set(found)


def test_more_than_etsy_counts_is_told_as_the_most_it_counts() -> None:
    shop = Shop()
    [listing] = shop.offer(1)
    assert shop.put((listing, 5000))[0].ok
    assert shop.live(listing) == [etsy.SHOWN_MOST] == [999]


@pytest.mark.parametrize(("conflicts", "ok"), [(1, True), (2, False)])
def test_a_conflict_is_read_anew_and_tried_once_more(conflicts: int, ok: bool) -> None:
    shop = Shop()
    [listing] = shop.offer(1)
    shop.sim.shelves.conflicts = conflicts
    [answer] = shop.put((listing, 9))
    assert answer.ok is ok
    assert ok or isinstance(answer.trouble, Away)
    assert shop.put((listing, 9))[0].ok
    assert units(shop) == {"SKU-000": 9}


@pytest.mark.parametrize(("method", "to"), [("PUT", 9), ("PATCH", 0)])
@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.BROKEN])
def test_a_lost_answer_ends_with_the_right_number(fault: Fault, method: str, to: int) -> None:
    shop = Shop()
    [listing] = shop.offer(1)
    shop.sim.faults.once(fault, method)
    [answer] = shop.put((listing, to))
    assert isinstance(answer.trouble, Away)
    assert answer.trouble.maybe_done
    assert shop.put((listing, to))[0].ok
    assert units(shop) == {"SKU-000": to}
    assert shop.put((listing, 3))[0].ok
    assert units(shop) == {"SKU-000": 3}


@pytest.mark.parametrize(("fault", "kind"), [(Fault.TOO_MANY, Throttled), (Fault.DENIED, Denied)])
def test_what_holds_for_all_is_not_asked_for_each(fault: Fault, kind: type) -> None:
    shop = Shop()
    listings = shop.offer(10)
    before = len(shop.sim.asked)
    for _ in range(2):
        shop.sim.faults.once(fault, path="/listings/")
    answers = shop.put(*((listing, 9) for listing in listings))
    assert all(isinstance(answer.trouble, kind) for answer in answers)
    assert len(shop.sim.asked) - before <= 3


def test_a_shop_that_does_not_answer_is_left_alone_after_three_tries() -> None:
    shop = Shop()
    listings = shop.offer(20)
    shop.sim.faults.down = True
    answers = shop.put(*((listing, 9) for listing in listings))
    assert all(isinstance(answer.trouble, Away) for answer in answers)
    assert [answer.text.startswith("not asked") for answer in answers] == [False] * 3 + [True] * 17


def test_two_words_for_one_listing_at_the_same_moment_are_both_written() -> None:
    shop = Shop(held=False)
    found = tees(shop)
    both_read = threading.Barrier(2)

    def meet(ask: Ask, said: Said) -> None:
        if ask.method == "GET" and ask.path.endswith("/inventory"):
            with contextlib.suppress(threading.BrokenBarrierError):
                both_read.wait(0.15)

    shop.watches.append(meet)
    threads = [threading.Thread(target=shop.put, args=((found[sku], 77),)) for sku in ("TEE-S", "TEE-M")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert units(shop) == {"TEE-S": 77, "TEE-M": 77, "TEE-L": 5}


@pytest.mark.parametrize("commas", [False, True], ids=["as described", "with commas"])
def test_live_numbers_come_a_hundred_at_a_time_and_what_is_gone_hides_nothing(commas: bool) -> None:
    shop = Shop(held=not commas)
    listings = shop.offer(230)
    found = tees(shop)
    for sku in ("SKU-007", "SKU-008", "SKU-150", "TEE-L"):
        shop.sim.gone(sku)
    shop.sim.market.tamper("SKU-099", 77)
    shop.sim.shelves.commas = commas
    strange = [replace(listings[0], ref=ref) for ref in ("", "x", "１２", "-4", "4711", "2000:100=1")]
    before = len(shop.sim.asked)
    wanted = [*listings, *found.values(), *strange]
    live = etsy.live_stock(shop.line, wanted)
    assert len(live) == len(wanted)
    assert {ref for ref, units in live.items() if units is None} == {
        *(listings[n].ref for n in (7, 8, 150)), found["TEE-L"].ref, *(each.ref for each in strange),
    }  # fmt: skip
    assert live[listings[99].ref] == 77
    assert live[found["TEE-M"].ref] == 4
    assert len(shop.sim.asked) - before < 60
    before = len(shop.sim.asked)
    etsy.live_stock(shop.line, listings[10:110])
    assert len(shop.sim.asked) - before == 1


def test_the_limits_of_a_second_hold_without_one_call_too_many() -> None:
    shop = Shop()
    listings = shop.offer(30)
    shop.sim.limited, shop.limits = True, dict(etsy.LIMITS)
    shop.line = shop.connect()
    words = [number(listing, 9) for listing in listings]
    for _ in range(300):
        answers = etsy.tell(shop.line, words)
        words = [word for word, answer in zip(words, answers, strict=True) if isinstance(answer.trouble, Throttled)]
        shop.at += 0.25
        if not words:
            break
    assert not words
    assert set(units(shop).values()) == {9}
    assert [status for _, _, status in shop.sim.asked].count(429) == 0


def test_the_end_of_the_day_s_calls_is_kept_for_orders_and_for_zeros() -> None:
    shop = Shop()
    listings = shop.offer(80)
    shop.sim.limited, shop.sim.per_day, shop.limits = True, 560, dict(etsy.LIMITS)
    shop.line = shop.connect()
    told = 0
    for listing in listings:
        [answer] = shop.put((listing, 9))
        told += answer.ok
        shop.at += 0.5
    assert 20 < told < 40
    assert shop.put((listings[-1], 0))[0].ok
    shop.at += 1
    sale = shop.sim.market.sell(("SKU-050", 1))
    assert shop.order(sale).order.lines
    assert [status for _, _, status in shop.sim.asked].count(429) == 0


def _ask(body: bytes) -> Ask:
    return Ask("PATCH", "", "", (), {}, body)


def test_the_listing_id_of_a_ref_is_all_that_goes_into_an_address() -> None:
    shop = Shop()
    [listing] = shop.offer(1)
    before = len(shop.sim.asked)
    for ref in ("1000/../../shops/1", "1000?x=1", " 1000", "1000\n"):
        assert isinstance(shop.put((replace(listing, ref=ref), 9))[0].trouble, Refused)
    assert len(shop.sim.asked) == before
    assert json.dumps(dict(listing.data))
