"""A purchase of which nobody knows whether it happened is found out, whether anybody asks again or not (LBL-02)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.carriers import Capabilities
from server.db import tables
from server.db.transaction import Actor, transaction
from server.domain.errors import DomainError
from server.jobs import JOBS
from server.trade.shipping import Purchased
from server.usecases.benchwork.labels import buy_label
from server.usecases.benchwork.opening import release_order
from server.usecases.masterdata.handling import Handling, set_handling
from server.usecases.sales.cancel import cancel_order
from server.usecases.shipping import bought, checking, unused, voiding
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
