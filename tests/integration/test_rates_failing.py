"""Carriers that cannot sell, accounts that went, and odd answers: the bench gets its label all the same."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from server.calls.troubles import Away, Denied
from server.db import rates as rows
from server.db import tables
from server.db.transaction import transaction
from server.domain.errors import DomainError
from server.domain.rates.circuit import REST_SECONDS
from server.domain.rates.values import Decision, Verdict
from server.trade.shipping import Purchased
from server.usecases.shipping import asking, choosing, quoting, rate_rules
from server.usecases.shipping.bought import write_down
from server.usecases.shipping.keeping import set_active
from server.usecases.shipping.rate_needs import Box
from tests.carriers_in_memory import offer
from tests.fakes import until
from tests.floor import BOSS, MUG, SOAP, Floor, one_engine
from tests.integration.test_boxes_and_steps import with_boxes
from tests.rate_market import RULES, Market, asking_now, open_market

pytestmark = one_engine
TWO: dict[str, Any] = RULES | {"channels": {"shop": {"shop": True, "ways": ["alpha", "beta"]}}}


@pytest.fixture
def market(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    """Only the two accounts may be taken: beta asks 2.60, alpha 3.10."""
    with open_market(floor, monkeypatch) as opened:
        rate_rules.set_rules(floor.db, BOSS, TWO)
        yield opened


def _scanned(market: Market) -> str:
    number = market.open()
    market.bench.scan(SOAP)
    return number


def _parcels(market: Market) -> list[tuple[str, str, str]]:
    """(id, carrier, state) of each, the oldest first."""
    p = tables.parcel
    with market.floor.db.read() as connection:
        query = select(p.c.id, p.c.carrier, p.c.state).order_by(p.c.number)
        return [(row.id, row.carrier, row.state) for row in connection.execute(query)]


def _way(market: Market, number: str) -> str:
    o = tables.order
    with market.floor.db.read() as connection:
        return str(connection.execute(select(o.c.carrier).where(o.c.number == number)).scalar_one())


def _asked(market: Market, grams: int | None = None, **said: Any) -> Decision:
    """Prices for a fresh order."""
    order_id = market.floor.order_id(market.floor.order(("SOAP", 1)))
    kept = quoting.ask(market.floor.db, BOSS, order_id, Box(grams=grams), **said)
    assert kept is not None
    return kept.decision


def test_the_second_press_buys_elsewhere_where_the_chosen_account_certainly_sold_nothing(market: Market) -> None:
    market.beta.unsold = Denied("the card was declined")
    number = _scanned(market)
    with pytest.raises(DomainError, match="label_failed"):
        market.bench.buy()
    assert len(market.floor.incidents("label_failed")) == 1
    market.bench.buy()
    (first, *left), (second, *taken) = _parcels(market)
    assert (left, taken) == (["beta", "cancelled"], ["alpha", "bought"])
    assert _way(market, number) == "alpha" and market.floor.incidents("label_failed") == []
    assert market.verdicts(number)["beta"] is market.verdicts(number)["beta/ground"] is Verdict.FAILED
    # What the first account sold all the same finds its own parcel, which is void.
    sold = Purchased("IMLATE0001", "ground", market.beta.offers[0].price, "USD")
    with transaction(market.floor.db, BOSS, "late") as tx:
        late = write_down(tx, first, sold)
    assert (late.id, late.state, second != first) == (first, "cancelled", True)
    assert "IMLATE0001" in market.floor.incidents("cancelled_after_packing")[0]


def test_a_purchase_that_may_have_happened_stays_with_its_account(market: Market) -> None:
    market.beta.unsold = Away("the answer was lost", maybe_done=True)
    number = _scanned(market)
    for _ in range(2):
        with pytest.raises(DomainError):
            market.bench.buy()
    assert [carrier for _, carrier, _ in _parcels(market)] == ["beta"]
    assert _way(market, number) == "beta" and market.alpha.sold == []


def test_with_nobody_else_to_take_it_the_account_that_failed_is_asked_again(market: Market) -> None:
    market.alpha.offers, market.beta.unsold = [], Away("no line")
    number = _scanned(market)
    for _ in range(2):
        with pytest.raises(DomainError):
            market.bench.buy()
    market.beta.unsold = None
    market.bench.buy()
    assert [each[1:] for each in _parcels(market)] == [("beta", "bought")]
    assert _way(market, number) == "beta"


def test_while_nobody_else_can_take_it_a_press_waits_for_no_prices(market: Market) -> None:
    market.alpha.offers, market.beta.unsold = [], Away("no line")
    number = _scanned(market)
    for _ in range(2):
        with pytest.raises(DomainError):
            market.bench.buy()
    asked = len(market.beta.asked)
    market.alpha.offers = [offer("ground", "3.10")]
    for _ in range(3):
        with pytest.raises(DomainError):
            market.bench.buy()
    assert len(market.beta.asked) == asked, "the account rests, and nobody is asked what the others would take"
    before = market.floor.db.now
    market.floor.db.now = lambda: before() + REST_SECONDS + 1.0
    market.bench.buy()
    assert (_way(market, number), len(market.alpha.sold)) == ("alpha", 1)


def test_an_offer_is_named_at_the_purchase_and_a_label_that_costs_more_is_on_record_and_somebodys_task(
    market: Market,
) -> None:
    market.beta.offers = [replace(offer("ground", "2.60"), quote_id="Q-7")]
    number = _scanned(market)
    market.beta.offers = [offer("ground", "2.70")]
    market.bench.buy()
    assert market.beta.sold[-1].quote_id == "Q-7"
    with market.floor.db.read() as connection:
        lines = choosing.why(connection, market.floor.order_id(number))
    assert lines[-1] == "the label cost 2.70 USD, 0.10 more than was offered"
    assert (len(market.floor.audited("label.price_differs")), market.floor.incidents("label_dearer")) == (1, [])
    market.beta.offers = [offer("ground", "2.60")]
    _scanned(market)
    market.beta.offers = [offer("ground", "2.90")]
    label = market.bench.buy()
    (cause,) = market.floor.incidents("label_dearer")
    assert cause.startswith(f"label {label.tracking} of Beta cost 2.90 USD, 0.30 more than was offered: find out")


def test_the_second_box_of_an_order_is_held_against_the_limits_too(market: Market) -> None:
    rate_rules.set_rules(market.floor.db, BOSS, TWO | {"limits": [{"way": "beta", "max_grams": 500}]})
    with_boxes(market.floor)
    market.open(("SOAP", 1), ("MUG", 2))
    for code in (SOAP, "PPX-NEW", "PPX-S", MUG, MUG, "PPX-M"):
        market.bench.scan(code)
    first = market.bench.buy()
    market.bench.scan(first.tracking)
    with pytest.raises(DomainError) as refused:
        market.bench.buy()
    assert (refused.value.code, refused.value.facts["bought"]) == ("no_carrier", "not_bought")
    assert "takes at most 500 g, found 760 g" in market.floor.incidents("label_failed")[0]
    assert [carrier for _, carrier, _ in _parcels(market)] == ["beta"], "nothing was asked for the heavy box"
    rate_rules.set_rules(market.floor.db, BOSS, TWO)
    market.bench.buy()
    assert market.floor.incidents("label_failed") == []
    assert [carrier for _, carrier, _ in _parcels(market)] == ["beta", "beta"]


def test_another_bench_changes_nothing_of_an_order_that_is_not_its_own(market: Market) -> None:
    number = _scanned(market)
    market.bench.send()
    assert market.bench.session is not None
    other = market.floor.bench("B2")
    answer = other.call("POST", f"/api/sessions/{market.bench.session.session_id}/label")
    assert answer.status_code == 409 and b"taken_over" in answer.content
    assert _way(market, number) == "own-van"


def test_a_choice_is_made_anew_where_its_account_was_retired_or_a_limit_is_passed_on_the_scale(market: Market) -> None:
    db = market.floor.db
    rate_rules.set_rules(db, BOSS, TWO | {"limits": [{"way": "beta", "max_grams": 130}]})
    number = _scanned(market)
    assert market.decision(number).way == ("beta", "ground")
    with db.engine.begin() as connection:
        connection.execute(update(tables.product).where(tables.product.c.sku == "SOAP").values(weight_grams=135))
    market.settle()
    assert _way(market, number) == "alpha", "135 g are within a fifth of 120 g, and more than beta takes"
    rate_rules.set_rules(db, BOSS, TWO)
    number = market.open()
    assert market.decision(number).way == ("beta", "ground")
    set_active(db, BOSS, "beta", active=False)
    market.bench.scan(SOAP)
    market.bench.buy()
    assert _way(market, number) == "alpha"


def test_where_there_was_no_carrier_the_next_press_asks_again_and_not_after_twelve_hours(market: Market) -> None:
    db = market.floor.db
    market.alpha.error = market.beta.error = Away("no line")
    rate_rules.set_rules(db, BOSS, TWO | {"limits": [{"way": "own-van", "never_to": ["US"]}]})
    _scanned(market)
    with pytest.raises(DomainError, match="no_carrier"):
        market.bench.buy()
    market.alpha.error = None
    market.bench.buy()
    assert [each.service for each in market.alpha.sold] == ["ground"]


def test_an_account_that_lets_nobody_in_wins_nothing_by_what_it_named_before(market: Market) -> None:
    _asked(market)
    market.beta.error = Denied("the key was revoked")
    denied = _asked(market)
    assert denied.way == ("alpha", "ground") and len(denied.offers) == 2 + 2, "own vans and bikes, and alpha's two"
    assert [each.verdict for each in denied.silent] == [Verdict.DENIED]
    hurry = _asked(market, live=False)
    assert hurry.chosen is not None and hurry.chosen.account == "alpha", "nor where there is no time to ask it"


def test_a_remembered_price_is_one_of_the_same_size(market: Market) -> None:
    with_boxes(market.floor)
    order_id = market.floor.order_id(market.floor.order(("SOAP", 1)))

    def offered(box: str) -> set[str]:
        kept = quoting.ask(market.floor.db, BOSS, order_id, Box(1, box, 500))
        assert kept is not None
        return {each.account for each in kept.decision.offers if each.cached_at is not None}

    offered("S")
    market.alpha.error = market.beta.error = Away("no line")
    assert (offered("M"), offered("S")) == (set(), {"alpha", "beta"})


@pytest.mark.parametrize(("took", "verdict"), [(1.0, Verdict.CHOSEN), (9.0, Verdict.LEFT_OUT)])
def test_an_account_has_failed_only_when_it_had_the_time_the_rules_give_it(
    market: Market, monkeypatch: pytest.MonkeyPatch, took: float, verdict: Verdict
) -> None:
    began = time.monotonic()
    for _ in range(3):
        monkeypatch.setattr(asking, "clock", lambda: began)
        gate = market.beta.gate = threading.Event()
        said = {each.account: each.verdict for each in _asked(market, grams=300, seconds=0.02).silent}
        assert said["beta"] is Verdict.NO_ANSWER
        monkeypatch.setattr(asking, "clock", lambda: began + took)
        gate.set()
        until(lambda: not asking_now())
    decision = _asked(market, grams=5_000)
    found = {each.account: each.verdict for each in decision.silent}
    found |= {each.offer.account: each.verdict for each in decision.judged if each.verdict is Verdict.CHOSEN}
    assert found["beta"] is verdict, "the rules give it five seconds"


def test_odd_numbers_of_a_carrier_stop_no_bench(market: Market) -> None:
    market.beta.offers = [
        offer("ground", "2.60", 10**20),
        offer("a", "9" * 40),
        offer("b", "3.33333333333333333333333333333"),
    ]
    number = _scanned(market)
    market.bench.buy()
    assert _way(market, number) == "beta" and market.verdicts(number)["beta/a"] is Verdict.PRICE
    with market.floor.db.read() as connection:
        asked = rows.remembered(connection, ["beta"], _kind(market), since=0)
    assert [(each.service, str(each.price), each.days) for each in asked] == [
        ("b", "3.3333", 4),
        ("ground", "2.60", 999),
    ]


def _kind(market: Market) -> rows.Kind:
    q = tables.rate_quote
    with market.floor.db.read() as connection:
        row = connection.execute(select(q.c.site_id, q.c.zone, q.c.weight_class, q.c.size)).first()
    assert row is not None
    return rows.Kind(*row)
