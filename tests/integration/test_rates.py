"""Prices are asked for when an order opens, and the last scan only buys (RAT-01 to RAT-07, SPC-01, SPC-03)."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from printing.documents import Address
from server.calls.troubles import Away, Refused
from server.db import orders, tables
from server.db import rates as rows
from server.db.transaction import transaction
from server.domain.errors import DomainError
from server.domain.rates.circuit import AT_ONCE
from server.domain.rates.values import By, Verdict
from server.domain.sales.orders import OrderStatus
from server.trade.orders import ShipTo
from server.trade.shipping import Consignment
from server.usecases.masterdata.handling import Handling, set_handling
from server.usecases.sales.as_it_came import as_it_came
from server.usecases.sales.changing import change_address
from server.usecases.shipping import asking, choosing, rate_rules
from server.usecases.shipping.accounts import accounts
from server.usecases.shipping.savings import savings
from tests.carriers import easypost_behind, shippable
from tests.carriers_in_memory import InMemory, offer, open_accounts
from tests.fakes import until
from tests.floor import BOSS, BRUSH, MUG, SOAP, Floor, one_engine
from tests.rate_market import RULES, Market, asking_now, open_market


@pytest.fixture
def market(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    """See open_market."""
    with open_market(floor, monkeypatch) as opened:
        yield opened


@one_engine
def test_the_last_scan_buys_what_was_chosen_when_the_order_opened(market: Market) -> None:
    rate_rules.set_channel(market.floor.db, BOSS, "shop", {"ways": ["alpha", "beta"]})
    number = market.open(service="2-day")
    assert (len(market.alpha.asked), len(market.beta.asked)) == (1, 1)
    assert market.alpha.asked[0].weight_grams == 120
    market.bench.scan(SOAP)
    market.bench.buy()
    assert (len(market.alpha.asked), len(market.beta.asked)) == (1, 1), "the last scan only buys"
    assert market.way(number) == ("beta", "second-day", "beta", "second-day")
    assert [each.service for each in market.beta.sold] == ["second-day"]
    decision = market.decision(number)
    assert (decision.by, decision.default and decision.default.way) == (By.LIVE, "alpha/2day")
    assert market.verdicts(number)["beta/ground"] is Verdict.TOO_SLOW
    assert market.floor.audited("order.way") == [("Packer Person", "B1")]


@one_engine
def test_a_channel_that_is_not_switched_on_keeps_its_way_and_asks_nobody(market: Market) -> None:
    rate_rules.set_channel(market.floor.db, BOSS, "shop", {"shop": False})
    number = market.open()
    market.bench.scan(SOAP)
    market.bench.buy()
    assert market.way(number) == ("own-van", "standard", "own-van", "standard")
    assert not market.alpha.asked and market.floor.count("rate_decision") == 0


@one_engine
def test_a_dead_carrier_holds_neither_the_opening_nor_the_label_up_and_is_left_out(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = market.alpha.gate = threading.Event()
    rate_rules.set_rules(market.floor.db, BOSS, RULES | {"deadline_seconds": 0.8})
    began = time.monotonic()
    number = market.open()
    market.bench.scan(SOAP)
    market.bench.buy()
    assert time.monotonic() - began < 8, "its gate stays shut for ten seconds"
    assert market.way(number)[:2] == ("beta", "ground")
    assert market.verdicts(number)["alpha"] is Verdict.NO_ANSWER
    rate_rules.set_rules(market.floor.db, BOSS, RULES | {"deadline_seconds": 0.1})
    for _ in range(2):
        market.open()
    left_out, before = market.open(), market.decision(number)
    assert market.verdicts(left_out)["alpha"] is Verdict.LEFT_OUT, "three failures in a row"
    gate.set()
    until(lambda: "alpha" in _remembered(market) and not asking_now())
    assert len(market.alpha.asked) == 3
    assert market.decision(number) == before, "what comes late is kept for next time and changes nothing"
    market.floor.db.now = lambda: time.time() + 61
    market.open()
    assert len(market.alpha.asked) == 3, "somebody put the clock of the house right, no minute is over"
    monkeypatch.setattr(asking, "clock", lambda: time.monotonic() + 61)
    market.open()
    until(lambda: len(market.alpha.asked) == 4, "a question after a minute")


@one_engine
def test_more_parcels_at_once_than_an_account_is_asked_of_wait_for_their_turn(market: Market) -> None:
    db, gate = market.floor.db, threading.Event()
    market.alpha.gate = gate
    with db.read() as connection:
        alpha = {"alpha": accounts(connection)["alpha"]}
    to = Address(name="x", country="US", postcode="94107")
    what = Consignment(ship_from=to, ship_to=to, weight_grams=100)

    def ask(seconds: float) -> asking.Answers:
        return asking.ask_all(db, alpha, what, asking.Patience(seconds, 10.0), lambda _late: None)

    with ThreadPoolExecutor(AT_ONCE + 5) as pool:
        answers = [pool.submit(ask, 10.0) for _ in range(AT_ONCE + 4)]
        until(lambda: len(market.alpha.asked) == AT_ONCE)
        in_vain = ask(0.05).silent["alpha"]
        gate.set()
        assert all(len(each.result().offers) == 2 for each in answers), "a morning's first orders get its prices too"
    assert (in_vain.verdict, in_vain.text) == (Verdict.NOT_ASKED, "it was busy with other parcels")
    until(lambda: not asking_now())
    assert len(market.alpha.asked) == AT_ONCE + 4, "nobody waits for that answer any more"
    assert len(ask(10.0).offers) == 2


@one_engine
def test_a_last_scan_before_the_prices_are_there_waits_a_second_and_decides_from_what_is_remembered(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.open()
    monkeypatch.setattr(choosing, "WAIT", 0.1)
    market.alpha.gate = market.beta.gate = threading.Event()
    number = market.floor.order(("SOAP", 1))
    market.bench.open(number)
    market.bench.scan(SOAP)
    market.bench.buy()
    assert market.way(number)[:2] == ("beta", "ground")
    assert market.decision(number).by is By.CACHED
    market.beta.gate.set()
    market.settled(number)
    with market.floor.db.read() as connection:
        [used] = rows.of_order(connection, market.floor.order_id(number))
    assert used.by == "cached", "the choice the label was bought by is the one that is told"


@one_engine
def test_with_all_carriers_down_remembered_prices_and_the_own_vans_are_there(market: Market) -> None:
    market.open(service="2-day")
    market.alpha.error, market.beta.error = Away("it is down"), ValueError("a bug of theirs")
    number = market.open(service="2-day")
    decision = market.decision(number)
    assert (decision.by, decision.way) == (By.CACHED, ("own-van", "standard")) or decision.way == (
        "own-van",
        "standard",
    )
    assert market.verdicts(number)["alpha"] is market.verdicts(number)["beta"] is Verdict.NO_ANSWER
    assert {each.offer.way for each in decision.judged if each.offer.cached_at} == {
        *("alpha/ground", "alpha/2day", "beta/ground", "beta/second-day")
    }
    far = market.open(("MUG", 9))
    assert not [each for each in market.decision(far).judged if each.offer.cached_at], "of another weight: not known"


@one_engine
def test_a_carrier_that_will_not_take_the_parcel_is_no_dead_carrier(market: Market) -> None:
    market.alpha.error = Refused("no postcode \x1b[2J 94107")
    for _ in range(4):
        number = market.open()
    assert len(market.alpha.asked) == 4
    [silent] = market.decision(number).silent
    assert (silent.verdict, silent.text) == (Verdict.REFUSED, "no postcode [2J 94107")


@one_engine
def test_another_address_another_weight_and_other_rules_are_chosen_for_anew(market: Market) -> None:
    db, number = market.floor.db, market.open()
    market.bench.scan(SOAP)
    market.settle()
    assert len(market.beta.asked) == 1
    to = ShipTo(name="Zoe", lines=("1 Road",), city="Honolulu", region="Hawaii", postcode="96813", country="US")
    change_address(db, BOSS, market.floor.order_id(number), to)
    market.settle()
    assert [each.ship_to.postcode for each in market.beta.asked] == ["94107", "96813"]
    for grams, asked in ((140, 2), (170, 3)):
        with db.engine.begin() as connection:
            connection.execute(update(tables.product).where(tables.product.c.sku == "SOAP").values(weight_grams=grams))
        market.settle()
        assert len(market.beta.asked) == asked
    rate_rules.set_rules(db, BOSS, RULES | {"limits": [{"way": "beta", "never_to": ["US-HI"]}]})
    market.settle()
    assert (len(market.beta.asked), market.decision(number).way) == (4, ("alpha", "ground"))
    rate_rules.set_rules(db, BOSS, RULES | {"services": {"alpha/ground": "economy"}})
    market.settle()
    assert (len(market.beta.asked), market.decision(number).way) == (5, ("beta", "ground"))
    assert market.decision(number).need.paid == "standard", "the order came with it, whatever its row says since"
    with transaction(db, BOSS, "look") as tx:
        row = orders.lock(tx, market.floor.order_id(number))
        assert (row.service, as_it_came(tx, row).service) == ("ground", "standard")


@one_engine
def test_dangerous_goods_go_only_with_the_services_that_may_take_them(market: Market) -> None:
    set_handling(market.floor.db, BOSS, "SOAP", Handling(hazmat=True, hazmat_services=["alpha/ground"]))
    number = market.open()
    assert market.alpha.asked[0].hazmat
    assert market.decision(number).way == ("alpha", "ground")
    assert market.verdicts(number)["beta/ground"] is Verdict.HAZMAT


@one_engine
def test_where_no_carrier_may_take_it_nothing_is_bought_and_the_incident_says_what_was_rejected(market: Market) -> None:
    db = market.floor.db
    rate_rules.set_rules(db, BOSS, RULES | {"limits": [{"never_to": ["US-CA", "US:941"]}]})
    number = market.open()
    market.bench.scan(SOAP)
    for _ in range(2):
        with pytest.raises(DomainError) as refused:
            market.bench.buy()
        assert (refused.value.code, refused.value.facts["bought"]) == ("no_carrier", "not_bought")
    assert market.floor.count("parcel") == 0 and market.floor.status(number) == OrderStatus.PACKING
    [cause] = market.floor.incidents("label_failed")
    assert cause.startswith(f"order {number}: no carrier may take the parcel")
    assert "beta/ground: may not go to US-941" in cause and "Hidden" not in cause
    rate_rules.set_rules(db, BOSS, RULES)
    market.bench.buy()
    assert market.way(number)[:2] == ("beta", "ground")
    assert market.floor.incidents("label_failed") == []


@one_engine
def test_a_limit_holds_for_a_channel_whose_parcels_keep_their_way(market: Market) -> None:
    db, to = market.floor.db, {"way": "own-van", "never_to": ["US:941"], "skus": ["SOAP"]}
    kept = RULES | {"channels": {"shop": {"shop": False}}}
    rate_rules.set_rules(db, BOSS, kept | {"limits": [to]})
    market.open()
    market.bench.scan(SOAP)
    for _ in range(2):
        with pytest.raises(DomainError, match="it may not go with own-van/standard: may not go to US-941") as refused:
            market.bench.buy()
        assert (refused.value.code, refused.value.facts["bought"]) == ("no_carrier", "not_bought")
    assert (len(market.floor.incidents("label_failed")), market.floor.count("parcel")) == (1, 0)
    rate_rules.set_rules(db, BOSS, kept | {"limits": [to | {"skus": ["MUG"]}]})
    market.bench.buy()
    assert (market.floor.incidents("label_failed"), market.floor.count("parcel")) == ([], 1)


@one_engine
def test_new_rules_are_tried_on_what_was_chosen_before(market: Market) -> None:
    number = market.open()
    tried = rate_rules.try_rules(market.floor.db, RULES | {"limits": [{"way": "beta", "only_to": ["DE"]}]})
    [difference] = tried.differences
    assert (tried.decisions, difference.order) == (1, number)
    assert (difference.before, difference.after) == ("beta/ground 2.60 USD", "alpha/ground 3.10 USD")
    off = rate_rules.try_channel(market.floor.db, "shop", {"shop": False})
    assert off.differences[0].after == "own-van/standard"
    with market.floor.db.read() as connection:
        assert rate_rules.rules_in_force(connection) == (1, RULES)
    with pytest.raises(DomainError, match=r"default: expected one of .*beta.*, found 'gamma'"):
        rate_rules.set_rules(market.floor.db, BOSS, {"default": "gamma"})
    with pytest.raises(DomainError, match="channels: expected shop, found 'shpo'"):
        rate_rules.set_channel(market.floor.db, BOSS, "shpo", {"shop": True})


@one_engine
def test_savings_are_told_of_labels_that_were_bought_and_are_not_void(market: Market) -> None:
    numbers = []
    for code, sku in ((SOAP, "SOAP"), (BRUSH, "BRUSH"), (MUG, "MUG")):
        numbers.append(market.open((sku, 1)))
        market.bench.scan(code)
        market.bench.buy()
    market.open()
    p = tables.parcel
    with market.floor.db.engine.begin() as connection:
        of_last = p.c.order_id == market.floor.order_id(numbers[-1])
        connection.execute(update(p).where(of_last).values(void_wanted_at=1.0))
    with market.floor.db.read() as connection:
        [month] = savings(connection, market.floor.db.now())
        assert savings(connection, market.floor.db.now(), "1999-01") == ()
    assert (month.parcels, month.compared, str(month.chosen), str(month.default)) == (2, 2, "5.20", "6.20")


def _remembered(market: Market) -> set[str]:
    with market.floor.db.read() as connection:
        return set(connection.execute(select(tables.rate_quote.c.account)).scalars())


def test_choices_and_remembered_prices_are_kept_on_either_engine(market: Market) -> None:
    number = market.open()
    again = market.open()
    assert market.decision(number).way == market.decision(again).way == ("beta", "ground")
    with market.floor.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.rate_quote)).scalar_one() == 4
        assert choosing.why(connection, market.floor.order_id(number))[0] == (
            "beta/ground for 2.60 USD is the cheapest of 6 that qualify"
        )


@one_engine
def test_an_aggregator_and_a_direct_account_compete_and_the_label_is_bought_from_the_winner(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = InMemory([offer("ground", "99.00")])
    open_accounts(floor.db, monkeypatch, {"direct": direct})
    with easypost_behind(floor.db) as easypost:
        shippable(floor.db)
        ways = ["easypost", "direct"]
        rules = {"default": "direct", "channels": {"shop": {"shop": True, "ways": ways}}}
        rate_rules.set_rules(floor.db, BOSS, rules)
        market = Market(floor, floor.bench("B1"), direct, direct)
        number = market.open()
        market.bench.scan(SOAP)
        market.bench.buy()
        [(_, charged)] = easypost.charged
    decision = market.decision(number)
    assert market.way(number)[0] == "easypost" and decision.chosen is not None
    assert (decision.chosen.price, direct.sold) == (charged, [])
    assert decision.saving == 99 - charged
