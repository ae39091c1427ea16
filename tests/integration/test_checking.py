"""A purchase of which nobody knows whether it happened is found out, whether anybody asks again or not (LBL-02)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError

from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.carriers import Account, Capabilities
from server.db import tables
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.jobs import JOBS
from server.trade.shipping import Purchased
from server.usecases.benchwork.labels import buy_label
from server.usecases.benchwork.opening import release_order
from server.usecases.masterdata.handling import Handling, set_handling
from server.usecases.sales.cancel import cancel_order
from server.usecases.shipping import bought, checking, purchasing, unused, voiding
from server.usecases.shipping.accounts import Counter
from server.usecases.shipping.relabelling import relabel, void_label
from tests.floor import BOSS, SOAP, Bench, Floor, one_engine
from tests.integration.test_labels import Killed, MeteredCarrier, checked, parcel_rows, serve_all

pytestmark = one_engine
LOST = Away("read timed out", maybe_done=True)


@pytest.fixture
def metered(monkeypatch: pytest.MonkeyPatch) -> Iterator[MeteredCarrier]:
    made = MeteredCarrier(capabilities=Capabilities(void=True))
    serve_all(monkeypatch, made)
    return made  # type: ignore[return-value]


def later(floor: Floor, seconds: float) -> None:
    """Let time pass."""
    before = floor.db.now
    floor.db.now = lambda: before() + seconds


def dies_after_the_purchase(bench: Bench, metered: MeteredCarrier) -> None:
    """The carrier sold, and the server was gone before it wrote that down."""
    assert bench.session is not None
    metered.fail_after = Killed()
    with pytest.raises(Killed):
        buy_label(bench.floor.db, Actor(bench.name), bench.bench_id, bench.session.session_id)


def said(bench: Bench) -> tuple[str, str]:
    """(code, bought) of a refused purchase."""
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    return refusal.value.code, str(refusal.value.facts["bought"])


def begun(floor: Floor) -> int:
    return floor.count("label_intent")


def test_the_workers_jobs_find_nothing_to_do_in_an_empty_house(floor: Floor) -> None:
    ours = {checking.tick, voiding.tick, unused.tick}
    assert ours <= {job.run for job in JOBS}
    assert [tick(floor.db) for tick in (checking.tick, voiding.tick)] == [False, False]


def test_a_label_that_was_bought_before_the_server_died_is_written_down_with_nobody_asking(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    dies_after_the_purchase(bench, metered)
    checking.tick(floor.db)
    assert parcel_rows(floor) == [("intent", "bought", None, 0)], "it may be being bought at this moment"
    later(floor, 61)
    checking.tick(floor.db)
    assert parcel_rows(floor) == [("bought", "bought", "MT00000000", 0)]
    assert (bench.buy().tracking, len(metered.asked), begun(floor)) == ("MT00000000", 1, 0)
    assert len(floor.audited("label.bought")) == 1


def test_a_label_found_for_a_cancelled_order_is_to_be_void(floor: Floor, metered: MeteredCarrier) -> None:
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)
    dies_after_the_purchase(bench, metered)
    cancel_order(floor.db, BOSS, floor.order_id(number))
    later(floor, 61)
    checking.tick(floor.db)
    assert parcel_rows(floor) == [("bought", "cancelled", "MT00000000", 0)]
    assert "void label MT00000000" in floor.incidents("cancelled_after_packing")[0]
    with floor.db.read() as connection:
        assert connection.execute(select(tables.parcel_label.c.void_state)).scalar() == "wanted"


def test_what_was_not_bought_waits_for_its_bench_and_is_let_go_when_the_bench_is_gone(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)
    metered.fail_before = LOST
    assert said(bench) == ("unavailable", "unknown")
    later(floor, 1900)
    checking.tick(floor.db)
    assert parcel_rows(floor) == [("intent", "bought", None, 0)], "its bench still holds it"
    release_order(floor.db, BOSS, floor.order_id(number))
    later(floor, 1900)
    checking.tick(floor.db)
    assert (parcel_rows(floor), begun(floor)) == ([("intent", "cancelled", None, 0)], 0)
    assert (metered.sold, floor.incidents("label_unknown")) == ({}, [])


def test_two_processes_that_look_at_once_and_a_bench_that_asks_make_one_label(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    dies_after_the_purchase(bench, metered)
    assert bench.session is not None
    later(floor, 61)
    path = f"/api/sessions/{bench.session.session_id}/label"
    with ThreadPoolExecutor(3) as pool:
        ticks = [pool.submit(checking.tick, floor.db) for _ in range(2)]
        answer = pool.submit(bench.call, "POST", path).result()
    assert [tick.result() for tick in ticks] == [False, False]
    assert (answer.status_code, parcel_rows(floor)) == (200, [("bought", "bought", "MT00000000", 0)])
    assert len(floor.audited("label.bought")) == 1


def test_a_carrier_that_cannot_tell_is_a_persons_matter_after_ten_minutes_and_is_never_bought_from_again(
    floor: Floor, metered: MeteredCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    metered.capabilities = Capabilities(look_up=False)
    serve_all(monkeypatch, metered)
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    metered.fail_after = LOST
    assert said(bench) == ("unavailable", "unknown")
    later(floor, 120)
    checking.tick(floor.db)
    assert floor.incidents("label_unknown") == []
    later(floor, 600)
    checking.tick(floor.db)
    (cause,) = floor.incidents("label_unknown")
    assert cause.startswith("find out at Own van whether a label was bought for parcel PCL0000001")
    later(floor, 7200)
    checking.tick(floor.db)
    assert (len(metered.asked), len(floor.incidents("label_unknown"))) == (1, 1)
    assert bench.buy().tracking == "MT00000000", "a person who asks gets what was bought under the same key"
    assert floor.incidents("label_unknown") == []


def test_a_second_label_of_one_parcel_is_kept_to_be_void_and_refused_everywhere(
    floor: Floor, metered: MeteredCarrier
) -> None:
    """A provider that knows no keys, and an answer that came late."""
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    label = bench.buy()
    sold = next(iter(metered.sold.values()))
    late = Purchased("MT99999999", sold.service, sold.cost, sold.currency, "shp_2")
    for answer in (late, sold, late):
        with transaction(floor.db, BOSS, "late") as tx:
            assert bought.write_down(tx, label.parcel_id, answer).tracking == label.tracking
    assert sorted(parcel_rows(floor)) == [
        ("bought", "bought", label.tracking, 0),
        ("bought", "cancelled", "MT99999999", 0),
    ]
    assert bench.scan("MT99999999").value == "wrong_label"
    t = tables.parcel_label
    with floor.db.read() as connection:
        assert connection.execute(select(t.c.shipment_id).where(t.c.void_state == "wanted")).scalars().all() == [
            "shp_2"
        ]


@pytest.mark.parametrize(
    ("trouble", "told", "words"),
    [
        (Away("connection refused"), ("unavailable", "not_bought"), "no label is bought yet"),
        (LOST, ("unavailable", "unknown"), "is being checked"),
        (Throttled("too many", 2.0), ("unavailable", "not_bought"), "no label is bought yet"),
        (Denied("key revoked"), ("label_failed", "not_bought"), "Own van does not let us in"),
        (Refused("no such postcode"), ("label_failed", "not_bought"), "Put it right, then ask again"),
    ],
)
def test_each_failure_says_whether_a_label_is_bought_and_what_to_do(
    floor: Floor, metered: MeteredCarrier, trouble: Trouble, told: tuple[str, str], words: str
) -> None:
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)
    metered.fail_before = trouble
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert (refusal.value.code, refusal.value.facts["bought"]) == told
    assert words in refusal.value.detail
    assert floor.status(number) == "packing", "the order stays claimed"


def test_a_refusal_after_a_lost_answer_does_not_say_that_nothing_was_bought(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    metered.fail_before = LOST
    assert said(bench) == ("unavailable", "unknown")
    metered.fail_before = Away("connection refused")
    assert said(bench) == ("unavailable", "unknown")
    later(floor, 61)
    metered.fail_before = Away("connection refused")
    assert said(bench) == ("unavailable", "not_bought"), "it was looked up meanwhile, and nothing was there"


def test_the_carrier_is_told_of_dangerous_goods_and_of_no_others(floor: Floor, metered: MeteredCarrier) -> None:
    """SPC-01: whether they may go that way is asked before, by our own tables."""
    bench = floor.bench("Bench 1")
    checked(floor, bench)
    bench.buy()
    set_handling(floor.db, BOSS, "SOAP", Handling(hazmat=True, hazmat_services=["own-van"]))
    other = floor.bench("Bench 2")
    other.open(floor.order(("SOAP", 1)))
    other.scan(SOAP)
    other.send()
    with pytest.raises(DomainError, match="hazmat"):
        other.buy()
    other.scan("PPC-YES")
    other.buy()
    assert [request.hazmat for request in metered.requests] == [False, True]


def test_a_try_that_timed_out_and_is_carried_out_after_a_refusal_is_found_and_voided(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)
    metered.fail_before = LOST
    assert said(bench) == ("unavailable", "unknown")
    later(floor, 61)
    metered.fail_before = Refused("the account has no money")
    assert said(bench) == ("label_failed", "not_bought")
    cancel_order(floor.db, BOSS, floor.order_id(number))
    metered.sold["PCL0000001"] = Purchased("MT00000000", "standard", Decimal("4.20"), "USD")
    later(floor, 61)
    checking.tick(floor.db)
    assert parcel_rows(floor) == [("bought", "cancelled", "MT00000000", 0)]
    with floor.db.read() as connection:
        assert connection.execute(select(tables.parcel_label.c.void_state)).scalar() == "wanted"


def test_what_was_not_bought_is_let_go_only_after_its_carrier_was_heard_or_a_day(
    floor: Floor, metered: MeteredCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)
    metered.fail_before = Refused("no such postcode")
    assert said(bench) == ("label_failed", "not_bought")
    release_order(floor.db, BOSS, floor.order_id(number))

    def dead(_key: str) -> None:
        raise Away("connection refused")

    monkeypatch.setattr(metered, "look_up", dead)
    for after, left in ((2000, 1), (86_400, 0)):
        later(floor, after)
        checking.tick(floor.db)
        assert begun(floor) == left
    assert (floor.incidents("label_unknown"), floor.incidents("label_failed")) == ([], [])


def test_a_number_that_another_parcel_has_is_told_and_ends_with_another_label(
    floor: Floor, metered: MeteredCarrier
) -> None:
    first, second = floor.bench("Bench 1"), floor.bench("Bench 2")
    checked(floor, first)
    taken = first.buy().tracking
    number = checked(floor, second)
    metered.sold["PCL0000002"] = Purchased(taken, "standard", Decimal("4.20"), "USD")
    assert [said(second), said(second)] == [("label_failed", "unknown")] * 2
    (cause,) = floor.incidents("label_unknown")
    assert cause.startswith(f"Own van gave parcel PCL0000002 the number {taken}, which parcel PCL0000001 has already")
    later(floor, 61)
    checking.tick(floor.db)
    relabel(floor.db, BOSS, "PCL0000002", "looked at the carrier's site")
    second.open(number)
    assert second.buy().tracking == "MT00000002"
    later(floor, 61)
    checking.tick(floor.db)
    assert (floor.incidents("label_unknown"), floor.incidents("relabel"), begun(floor)) == ([], [], 0)


def test_an_adapter_that_breaks_is_told_after_ten_minutes_and_keeps_no_other_parcel_waiting(
    floor: Floor, metered: MeteredCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    checked(floor, broken)
    checked(floor, other)
    metered.fail_before = TypeError("unhashable type: 'list'")
    assert said(broken) == ("unavailable", "unknown")
    dies_after_the_purchase(other, metered)
    real = metered.look_up

    def breaks(key: str) -> Purchased | None:
        if key == "PCL0000001":
            raise TypeError("unhashable type: 'list'")
        return real(key)

    monkeypatch.setattr(metered, "look_up", breaks)
    later(floor, 700)
    checking.tick(floor.db)
    (cause,) = floor.incidents("label_unknown")
    assert "what it answered could not be read (TypeError)" in cause
    assert [state for state, *_ in parcel_rows(floor)] == ["intent", "bought"]


def two_that_died(floor: Floor, metered: MeteredCarrier) -> None:
    """Parcels of two benches whose label is bought and not written down."""
    for name in ("Bench 1", "Bench 2"):
        bench = floor.bench(name)
        checked(floor, bench)
        dies_after_the_purchase(bench, metered)


def test_a_label_that_cannot_be_written_down_is_told_and_keeps_no_other_parcel_waiting(
    floor: Floor, metered: MeteredCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_that_died(floor, metered)

    def failing(tx: Transaction, parcel_id: str, purchased: Purchased) -> object:
        if parcel_id == "PCL0000001":
            raise DataError("insert", None, ValueError("too long"))
        return bought.write_down(tx, parcel_id, purchased)

    monkeypatch.setattr(checking, "write_down", failing)
    later(floor, 700)
    checking.tick(floor.db)
    assert [state for state, *_ in parcel_rows(floor)] == ["intent", "bought"]
    (cause,) = floor.incidents("label_unknown")
    assert "it sold MT00000000, which could not be written down: DataError" in cause


def test_a_purchase_that_cannot_be_looked_into_keeps_no_other_waiting(
    floor: Floor, metered: MeteredCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_that_died(floor, metered)
    real = checking.check

    def failing(db: Database, parcel_id: str) -> None:
        if parcel_id == "PCL0000001":
            raise RuntimeError("the database is away")
        real(db, parcel_id)

    monkeypatch.setattr(checking, "check", failing)
    later(floor, 61)
    assert checking.tick(floor.db) is False
    assert [state for state, *_ in parcel_rows(floor)] == ["intent", "bought"]


@pytest.mark.parametrize("how", ["relabel", "cancel, then void", "cancel, then relabel"])
def test_an_unknown_purchase_ends_for_good_when_the_person_did_what_its_incident_says(
    floor: Floor, metered: MeteredCarrier, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)

    def open_still(_key: str) -> None:
        raise Away("an earlier purchase of this label is open", maybe_done=True)

    monkeypatch.setattr(metered, "look_up", open_still)
    assert said(bench) == ("unavailable", "unknown")
    if how.startswith("cancel"):
        cancel_order(floor.db, BOSS, floor.order_id(number))
    later(floor, 700)
    checking.tick(floor.db)
    (cause,) = floor.incidents("label_unknown")
    assert f"packproof label {'relabel' if how == 'relabel' else 'void'} PCL0000001" in cause
    (void_label if how.endswith("void") else relabel)(floor.db, BOSS, "PCL0000001", "looked: nothing was bought")
    for after in (700, 86_400, 700):
        later(floor, after)
        checking.tick(floor.db)
        assert floor.incidents("label_unknown") == []
    assert begun(floor) == 0
    with pytest.raises(DomainError):
        relabel(floor.db, BOSS, "PCL0000001", "once more")


def test_a_retired_account_sells_no_new_label_and_still_gives_the_one_it_sold(
    floor: Floor, metered: MeteredCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold, fresh = floor.bench("Bench 1"), floor.bench("Bench 2")
    checked(floor, sold)
    dies_after_the_purchase(sold, metered)
    gone = Account("metered", "Metered", "metered", active=False)
    counter = Counter(gone, metered.capabilities, metered)  # type: ignore[arg-type]
    monkeypatch.setattr(purchasing, "counter_of", lambda _db, _code: counter)
    checked(floor, fresh)
    assert (said(fresh), sold.buy().tracking) == (("label_failed", "not_bought"), "MT00000000")
    assert "Metered takes no new parcels: its account is retired" in floor.incidents("label_failed")[0]
    assert len(metered.asked) == 1
