"""One purchased label for a parcel, whatever is pressed, killed or retried (LBL-02, FLR-01, FLR-07, FLR-08)."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import select, update

from server import carriers
from server.calls.troubles import Away, Refused
from server.carriers import Account, Capabilities
from server.carriers.own_van import check_digit
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.domain.packing.session import FactKind
from server.trade.shipping import BuyRequest, Purchased
from server.usecases.masterdata.catalogue import put_product
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.changing import cancel_lines
from server.usecases.shipping.accounts import Counter
from server.usecases.warehouse.kits import define_kit
from tests.floor import BOSS, BRUSH, MUG, SOAP, Bench, Floor, one_engine


class Killed(BaseException):
    """The server died here."""


@dataclass
class MeteredCarrier:
    """A carrier that remembers its keys, counts what it sold, and fails as told. ``fail`` is raised once."""

    sold: dict[str, Purchased] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    requests: list[BuyRequest] = field(default_factory=list)
    fail_before: BaseException | None = None
    fail_after: BaseException | None = None
    meeting: Barrier | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    capabilities: Capabilities = field(default_factory=Capabilities)

    def buy(self, request: BuyRequest, idempotency_key: str) -> Purchased:
        """Sell one label for a key."""
        if self.meeting is not None:
            self.meeting.wait(10)
        with self.lock:
            self.asked.append(idempotency_key)
            self.requests.append(request)
            before, self.fail_before = self.fail_before, None
            if before is not None:
                raise before
            made = Purchased(f"MT{len(self.sold):08d}", "standard", Decimal("4.20"), "USD")
            self.sold.setdefault(idempotency_key, made)
            after, self.fail_after = self.fail_after, None
            if after is not None:
                raise after
            return self.sold[idempotency_key]

    def look_up(self, idempotency_key: str) -> Purchased | None:
        """What was sold under the key."""
        with self.lock:
            return self.sold.get(idempotency_key)


@pytest.fixture
def metered(monkeypatch: pytest.MonkeyPatch) -> Iterator[MeteredCarrier]:
    """Every account is served by one metered carrier."""
    made = MeteredCarrier()
    serve_all(monkeypatch, made)
    return made  # type: ignore[return-value]


def serve_all(monkeypatch: pytest.MonkeyPatch, made: MeteredCarrier) -> None:
    """From now on this one stands behind every account."""
    counter = Counter(Account("metered", "Metered", "metered"), made.capabilities, made)  # type: ignore[arg-type]
    monkeypatch.setattr("server.usecases.shipping.purchasing.counter_of", lambda _db, _code: counter)
    monkeypatch.setattr(carriers, "capabilities", lambda _account: made.capabilities)


def checked(floor: Floor, bench: Bench) -> str:
    """An order with its units verified and sent; its number."""
    number = floor.order(("SOAP", 1))
    bench.open(number)
    bench.scan(SOAP)
    bench.send()
    return number


def parcel_rows(floor: Floor) -> list[tuple[str, str, str | None, int]]:
    with floor.db.read() as connection:
        rows = connection.execute(select(tables.parcel))
        return [(r.purchase, r.state, r.tracking, r.reprints) for r in rows]


@one_engine
def test_a_label_for_an_order_with_an_open_unit_is_refused(floor: Floor, metered: MeteredCarrier) -> None:
    bench = floor.bench("Bench 1")
    bench.open(floor.order(("SOAP", 2), ("MUG", 1)))
    for code in (SOAP, MUG):
        bench.scan(code)
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    facts = refusal.value.facts
    assert (refusal.value.code, facts["status"], facts["open_units"]) == ("not_packed", 409, 1)
    assert facts["bought"] == "not_bought"
    assert (metered.asked, parcel_rows(floor)) == ([], [])


@one_engine
def test_a_label_is_refused_while_the_last_unit_is_a_wrong_one(floor: Floor, metered: MeteredCarrier) -> None:
    bench = floor.bench("Bench 1")
    bench.open(floor.order(("SOAP", 1)))
    bench.scan(BRUSH)
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert refusal.value.code == "not_packed"
    assert metered.asked == []


def test_pressing_again_and_again_gives_the_same_label(floor: Floor, metered: MeteredCarrier) -> None:
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    answers = [bench.buy() for _ in range(4)]
    assert answers == [answers[0]] * 4
    assert (len(metered.sold), len(metered.asked), floor.count("parcel")) == (1, 1, 1)


def test_a_double_press_from_two_connections_buys_once(floor: Floor, metered: MeteredCarrier) -> None:
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    assert bench.session is not None
    path = f"/api/sessions/{bench.session.session_id}/label"
    # Both presses are inside the carrier at once before either may go on.
    metered.meeting = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: bench.call("POST", path), range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert (len(metered.sold), set(metered.asked), len(metered.asked)) == (1, set(metered.asked[:1]), 2)
    assert len(floor.audited("label.bought")) == 1


@pytest.mark.parametrize("moment", ["fail_before", "fail_after"])
def test_a_server_killed_around_the_purchase_does_not_buy_twice(
    floor: Floor, metered: MeteredCarrier, moment: str
) -> None:
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    assert bench.session is not None
    setattr(metered, moment, Killed())
    from server.db.transaction import Actor
    from server.usecases.benchwork.labels import buy_label

    with pytest.raises(Killed):
        buy_label(floor.db, Actor("Bench 1"), bench.bench_id, bench.session.session_id)
    assert [(purchase, tracking) for purchase, _, tracking, _ in parcel_rows(floor)] == [("intent", None)]
    label = bench.buy()
    assert next(iter(metered.sold.values())).tracking == label.tracking
    assert (len(metered.sold), len(set(metered.asked)), floor.count("parcel")) == (1, 1, 1)


@one_engine
def test_a_timeout_says_that_it_is_being_checked_and_the_next_try_finds_the_label(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)
    metered.fail_after = Away("read timed out", maybe_done=True)
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert (refusal.value.code, refusal.value.facts["status"]) == ("unavailable", 503)
    assert "being checked" in refusal.value.detail
    assert floor.status(number) == "packing"
    assert bench.buy().tracking == "MT00000000"
    assert len(metered.asked) == 1


@one_engine
def test_a_refusal_by_the_carrier_is_an_incident_until_the_label_is_bought(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)
    metered.fail_before = Refused("the postcode does not exist")
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert (refusal.value.code, refusal.value.facts["bought"]) == ("label_failed", "not_bought")
    (cause,) = floor.incidents("label_failed")
    assert "the postcode does not exist" in cause
    assert floor.status(number) == "packing"
    assert bench.buy().tracking
    assert floor.incidents("label_failed") == []


def test_a_cancel_during_the_purchase_is_written_down_and_gives_no_label(floor: Floor, metered: MeteredCarrier) -> None:
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)
    sell = metered.buy

    def cancelled_meanwhile(request: BuyRequest, idempotency_key: str) -> Purchased:
        cancel_order(floor.db, BOSS, floor.order_id(number))
        return sell(request, idempotency_key)

    metered.buy = cancelled_meanwhile  # type: ignore[method-assign]
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert (refusal.value.code, refusal.value.facts["bought"]) == ("cancelled", "bought")
    assert parcel_rows(floor) == [("bought", "cancelled", "MT00000000", 0)]


def test_a_reprint_is_the_same_label_counted_and_never_bought(floor: Floor, metered: MeteredCarrier) -> None:
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    label = bench.buy()
    path = f"/api/parcels/{label.parcel_id}/reprint"
    again = [bench.ask("POST", path, type(label)) for _ in range(2)]
    assert again == [label, label]
    assert len(metered.asked) == 1
    assert parcel_rows(floor)[0][3] == 2
    assert len(floor.audited("label.reprinted")) == 2


@one_engine
def test_a_copy_that_the_bench_printed_by_itself_is_counted_once_when_it_is_heard_of(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    label = bench.buy()
    bench.fact(FactKind.REPRINT, parcel_id=label.parcel_id)
    sent = list(bench.unsent)
    for _ in range(2):
        assert bench.send_raw(sent).stop is None
    assert (parcel_rows(floor)[0][3], floor.audited("label.reprinted")) == (1, [("Packer Person", "Bench 1")])
    bench.unsent = []
    bench.fact(FactKind.REPRINT, parcel_id="PP-of-somebody-else")
    assert bench.send().stop is Reason.STOPPED, "a label of no box of this order is no copy"
    assert (parcel_rows(floor)[0][3], len(metered.asked)) == (1, 1)


@one_engine
def test_the_label_of_a_cancelled_order_is_not_printed_again(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    label = bench.pack(floor.order(("SOAP", 1)), SOAP)
    cancel_order(floor.db, BOSS, floor.order_id(label.label.order_number))
    with pytest.raises(DomainError) as refusal:
        bench.ask("POST", f"/api/parcels/{label.parcel_id}/reprint", type(label))
    assert refusal.value.code == "cancelled"
    assert parcel_rows(floor)[0][3] == 0


@one_engine
def test_the_label_of_another_site_is_not_printed_here(floor: Floor) -> None:
    label = floor.bench("Bench 1").pack(floor.order(("SOAP", 1)), SOAP)
    with pytest.raises(DomainError, match="no parcel"):
        floor.bench("Bench W", "WEST").ask("POST", f"/api/parcels/{label.parcel_id}/reprint", type(label))


@one_engine
def test_our_own_label_carries_address_weight_and_a_number_that_proves_itself(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 2), ("MUG", 1))
    label = bench.pack(number, SOAP, MUG, SOAP).label
    assert (label.ship_to.name, label.ship_to.lines, label.ship_from.name) == (
        "Zoe Quill",
        ("7 Hidden Lane",),
        "East house",
    )
    assert (label.weight_grams, label.carrier, label.order_number) == (540, "Own van", number)
    assert label.tracking[:2] == "PV"
    assert int(label.tracking[-1]) == check_digit(label.tracking[2:-1])


@one_engine
def test_its_carrier_is_told_what_lies_in_the_box_and_not_what_was_ordered(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench, cut = floor.bench("Bench 1"), floor.order(("SOAP", 3), ("BRUSH", 1))
    with floor.db.engine.begin() as connection:
        t = tables.product
        dangerous = {"hazmat": True, "hazmat_services": ["own-van"]}
        connection.execute(update(t).where(t.c.sku == "BRUSH").values(dangerous))
    cancel_lines(floor.db, BOSS, floor.order_id(cut), {1: 2, 2: 1})
    bench.pack(cut, SOAP)
    put_product(floor.db, BOSS, Product("SPA", "Spa box"), [])
    define_kit(floor.db, BOSS, "SPA", {"BRUSH": 1, "MUG": 2})
    bench.pack(floor.order(("SPA", 1)), BRUSH, MUG, MUG, "PPC-YES")
    put_product(floor.db, BOSS, Product("SET", "Camping set"), [])
    define_kit(floor.db, BOSS, "SET", {"MUG": 1})
    with floor.db.engine.begin() as connection:
        connection.execute(update(t).where(t.c.sku == "SET").values(hazmat=True))
    kit = floor.order(("SET", 1))
    with pytest.raises(DomainError, match="Camping set may not go with own-van standard"):
        bench.pack(kit, MUG, "PPC-YES")
    with floor.db.engine.begin() as connection:
        connection.execute(update(t).where(t.c.sku == "SET").values(dangerous))
    bench.buy()
    told = [(request.weight_grams, request.hazmat) for request in metered.requests]
    assert told == [(120, False), (680, True), (300, True)]


@one_engine
def test_buying_for_a_parked_box_works_and_for_a_closed_one_is_refused(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    bench.fact(FactKind.PARK)
    label = bench.buy()
    bench.fact(FactKind.RESUME)
    bench.scan(label.tracking)
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert (refusal.value.code, refusal.value.facts["bought"]) == ("already_done", "bought")


@one_engine
def test_no_buyer_appears_in_the_audit_or_in_parcels(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    label = bench.pack(floor.order(("SOAP", 1)), SOAP)
    bench.ask("POST", f"/api/parcels/{label.parcel_id}/reprint", type(label))
    with floor.db.read() as connection:
        kept = "".join(
            str(connection.execute(select(table)).all())
            for table in tables.metadata.sorted_tables
            if table.name != "recipient"
        )
    for secret in ("Zoe Quill", "7 Hidden Lane", "Springfield"):
        assert secret not in kept
