"""Opening at two benches: by item, by a box that waits, by taking over; and what a tote says when it is done."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update

from server import wire
from server.db import pack_log, tables
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.leaving import LineChange
from server.domain.packing.session import FactKind, Phase, Session
from server.domain.people import Role
from server.usecases.benchwork.opening import release_order
from server.usecases.benchwork.taking_over import IDLE_SECONDS
from server.usecases.sales.changing import cancel_lines
from server.usecases.warehouse.counting import count_on_hand
from tests.floor import BOSS, MUG, SOAP, SOAP_CASE, Bench, Floor, one_engine


def beat(bench: Bench, *sessions: str, unsent: int = 0) -> wire.HeartbeatAnswer:
    """The bench speaks, as it does every second."""
    said = wire.Heartbeat(at=bench.floor.db.now(), open_sessions=sessions, unsent=unsent)
    return bench.ask("POST", "/api/heartbeat", wire.HeartbeatAnswer, said)


def ask(bench: Bench, ref: str = "", **values: Any) -> wire.OpenAnswer:
    """Open with these values of the request."""
    plain: dict[str, Any] = {"session_id": str(uuid.uuid4()), "person_id": bench.floor.people["packer"]}
    return bench.ask("POST", "/api/orders/open", wire.OpenAnswer, wire.OpenRequest(ref=ref, **(plain | values)))


def refused(bench: Bench, ref: str = "", **values: Any) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        ask(bench, ref, **values)
    return refusal.value


def begun(bench: Bench, number: str, *codes: str) -> Session:
    """The order opened at this bench with these units in its box, all of it sent."""
    bench.open(number)
    for code in codes:
        bench.scan(code)
    bench.send()
    assert bench.session is not None
    return bench.session


def idle(floor: Floor, seconds: float) -> None:
    """Nobody scanned for so long."""
    with floor.db.engine.begin() as connection:
        s, e = tables.pack_session, tables.pack_event
        connection.execute(update(s).values(opened_at=s.c.opened_at - seconds))
        connection.execute(update(e).values(received_at=e.c.received_at - seconds))


# --- by the item in the hand -----------------------------------------------------------------------------------------


def test_an_item_opens_the_single_order_that_is_most_important_then_most_urgent(floor: Floor) -> None:
    now, bench = floor.db.now(), floor.bench("Bench 1")
    floor.order(("SOAP", 2), ship_by=now + 60)
    later, soon, important = (floor.order(("SOAP", 1), ship_by=now + n) for n in (9000, 600, 90000))
    for number in (later, soon):
        floor.set_order(number, priority=1)
    floor.order(("MUG", 1), ship_by=now + 60)
    opened = [ask(bench, item=SOAP).order.number for _ in range(3)]
    assert opened == [important, important, important], "a box without a unit in it goes first"
    for number in (important, soon):
        assert bench.pack(number, SOAP).tracking
    assert ask(bench, item=SOAP).order.number == later


def test_of_two_benches_with_the_same_item_each_gets_an_order_of_its_own(floor: Floor) -> None:
    first, second = floor.bench("Bench 1"), floor.bench("Bench 2")
    numbers = {floor.order(("SOAP", 1)) for _ in range(2)}
    assert {ask(first, item=SOAP).order.number, ask(second, item=SOAP).order.number} == numbers
    assert refused(floor.bench("Bench 3"), item=SOAP).code == "wrong_item"


@one_engine
def test_the_same_request_with_an_item_claims_nothing_more(floor: Floor) -> None:
    bench, session_id = floor.bench("Bench 1"), str(uuid.uuid4())
    floor.order(("SOAP", 1)), floor.order(("SOAP", 1))
    assert ask(bench, item=SOAP, session_id=session_id) == ask(bench, item=SOAP, session_id=session_id)
    assert floor.count("pack_session") == 1


@one_engine
def test_a_case_or_an_unknown_code_opens_nothing(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    floor.order(("SOAP", 1)), floor.order(("SOAP", 6))
    assert refused(bench, item=SOAP_CASE).code == "wrong_item"
    assert refused(bench, item="no such thing").code == "unknown_code"
    assert refused(bench).code == "unknown_code"


@one_engine
def test_case_blanks_and_leading_zeros_of_a_number_do_not_matter(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    first = ask(bench, number).session_id
    for spelling in (f"  {number} ", f"00{number}", f"ppo-{number}", f"PPO-0{number} ", f"#{number}", "s-1", "S-1"):
        assert ask(bench, spelling).session_id == first, spelling


# --- taking over -----------------------------------------------------------------------------------------------------


def test_a_repeat_of_the_slip_never_takes_an_order_and_says_how_it_can_be_had(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    begun(mine, number := floor.order(("SOAP", 2)), SOAP)
    beat(mine)
    for _ in range(3):
        refusal = refused(other, number)
    assert (refusal.code, refusal.facts["way"], refusal.facts["bench"]) == ("in_use", "supervisor", "Bench 1")
    assert f"Packer Person has order {number} at Bench 1 since" in refusal.detail
    assert refused(other, number, take_over=True).facts["way"] == "supervisor"


def scanned_by(bench: Bench, person: str, code: str) -> None:
    bench.scan(code)
    bench.unsent[-1] = replace(bench.unsent[-1], person_id=bench.floor.people[person])
    bench.send()


def test_whoever_took_the_box_over_at_its_bench_is_named_and_not_who_opened_it(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    begun(mine, number := floor.order(("SOAP", 3)), SOAP)
    scanned_by(mine, "supervisor", SOAP)
    assert refused(other, number).facts["person"] == "Supervisor Person", "the last scan is theirs"
    assert mine.session is not None
    now, here = floor.db.now(), (mine.session.session_id,)
    message = wire.Heartbeat(at=now, person_id=floor.people["admin"], signed_in_at=now, open_sessions=here)
    mine.ask("POST", "/api/heartbeat", wire.HeartbeatAnswer, message)
    assert refused(other, number).facts["person"] == "Admin Person", "nothing scanned yet, and it is theirs"


def test_scans_of_somebody_who_may_not_pack_count_and_a_supervisor_hears_of_it_once(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    begun(bench, number := floor.order(("SOAP", 3)), SOAP)
    for _ in range(2):
        scanned_by(bench, "dock", SOAP)
    assert bench.session is not None
    assert (bench.session.counts, bench.stop) == ((3,), None)
    assert floor.incidents("not_permitted") == [f"order {number}: Dock Person (dock) scanned for it and may not pack"]
    begun(other := floor.bench("Bench 2"), floor.order(("SOAP", 2)), SOAP)
    scanned_by(other, "supervisor", SOAP)
    assert len(floor.incidents("not_permitted")) == 1


def test_a_bench_takes_over_at_unit_seven_of_twelve_when_the_other_was_idle_for_five_minutes(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    number = floor.order(("SOAP", 11), ("MUG", 1))
    before = begun(mine, number, SOAP_CASE, SOAP)
    idle(floor, IDLE_SECONDS)
    beat(mine)
    assert refused(other, number).facts["way"] == "free"
    answer = ask(other, number, take_over=True)
    assert answer.session_id != before.session_id
    other.open(number)
    assert other.session is not None
    assert (sum(other.session.counts), other.session.open_units) == (7, 5)
    assert [stop.reason for stop in beat(mine, before.session_id).stops] == [Reason.TAKEN_OVER]
    mine.scan(SOAP)
    assert mine.send().stop is Reason.TAKEN_OVER
    for code in (SOAP, SOAP, SOAP, SOAP, MUG):
        assert other.scan(code) is Reason.OK
    label = other.buy()
    other.scan(label.tracking)
    other.send()
    assert floor.status(number) == "packed"
    assert floor.audited("session.taken_over") == [("Packer Person", "Bench 2")]


def test_a_supervisor_s_badge_takes_it_before_that_and_a_packer_s_does_not(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    begun(mine, number := floor.order(("SOAP", 2)), SOAP)
    beat(mine)
    packer, boss = floor.people["packer"], floor.people[Role.SUPERVISOR]
    assert refused(other, number, take_over=True, supervisor=packer).code == "in_use"
    assert refused(other, number, supervisor=boss).code == "in_use", "the badge alone asks for nothing"
    assert ask(other, number, take_over=True, supervisor=boss).order.number == number


@one_engine
def test_a_bench_with_scans_still_on_their_way_is_not_idle(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    begun(mine, number := floor.order(("SOAP", 2)), SOAP)
    idle(floor, IDLE_SECONDS)
    beat(mine, unsent=1)
    assert refused(other, number, take_over=True).facts["way"] == "supervisor"
    beat(mine)
    assert ask(other, number, take_over=True).order.number == number


def test_two_benches_that_take_over_at_once_never_both_have_it(floor: Floor) -> None:
    holder, *benches = (floor.bench(f"Bench {n}") for n in range(4))
    begun(holder, number := floor.order(("SOAP", 2)), SOAP)
    for bench in (holder, *benches):
        beat(bench)
    idle(floor, IDLE_SECONDS)
    gate = Barrier(len(benches))

    def race(bench: Bench) -> str:
        gate.wait()
        try:
            return ask(bench, number, take_over=True).session_id
        except DomainError as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(benches)) as pool:
        ends = sorted(pool.map(race, benches), key=len)
    assert ends[:2] == ["in_use", "in_use"]
    with floor.db.read() as connection:
        live = pack_log.live_session(connection, floor.order_id(number))
    assert live is not None and live.id == ends[2]


def test_an_order_of_a_bench_that_is_not_heard_of_is_never_taken_silently(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    begun(mine, number := floor.order(("SOAP", 2)), SOAP)
    beat(mine)
    idle(floor, 10 * IDLE_SECONDS)
    with floor.db.engine.begin() as connection:
        t = tables.bench_state
        connection.execute(update(t).values(seen_at=t.c.seen_at - 60))
    refusal = refused(other, number, take_over=True)
    assert (refusal.facts["way"], refusal.facts["bench"]) == ("walk", "Bench 1")
    assert refusal.detail.startswith(f"Bench 1, with order {number} of Packer Person, is not heard of since ")
    boss = floor.people[Role.SUPERVISOR]
    assert ask(other, number, take_over=True, supervisor=boss).order.number == number


def test_a_lost_answer_to_taking_over_takes_nothing_twice(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    begun(mine, number := floor.order(("SOAP", 2)), SOAP)
    beat(mine)
    values = {"take_over": True, "supervisor": floor.people[Role.SUPERVISOR], "session_id": str(uuid.uuid4())}
    assert ask(other, number, **values) == ask(other, number, **values)
    assert floor.count("pack_session") == 2


@one_engine
def test_a_parked_box_goes_on_wherever_its_slip_is_scanned(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    number = floor.order(("SOAP", 2))
    before = begun(mine, number, SOAP)
    mine.fact(FactKind.PARK)
    mine.send()
    beat(mine)
    other.open(number)
    assert other.session is not None
    assert (other.session.counts, other.session.phase) == ((1,), Phase.PACKING)
    assert [stop.reason for stop in beat(mine, before.session_id).stops] == [Reason.TAKEN_OVER]


@one_engine
def test_a_bench_cannot_say_by_itself_that_a_box_goes_on(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    begun(bench, number)
    assert bench.session is not None
    full = Session("x", bench.session.order, (1,))
    event = wire.PackEvent(seq=1, at=1.0, kind="carry", person_id=floor.people["packer"], carried=full)
    assert bench.send_raw([event]).stop is Reason.STOPPED
    assert len(floor.incidents("verdicts_differ")) == 1


# --- released with its box -------------------------------------------------------------------------------------------


def test_an_order_released_with_its_box_goes_on_where_it_was_at_any_bench(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    number = floor.order(("SOAP", 12))
    begun(mine, number, SOAP_CASE, SOAP)
    release_order(floor.db, BOSS, floor.order_id(number), box_waits=True)
    assert floor.status(number) == "ready"
    other.open(number)
    assert other.session is not None
    assert other.session.counts == (7,)


@one_engine
def test_an_order_released_without_its_box_begins_with_nothing(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    begun(mine, number := floor.order(("SOAP", 2)), SOAP)
    release_order(floor.db, BOSS, floor.order_id(number))
    other.open(number)
    assert other.session is not None
    assert other.session.counts == (0,)


@one_engine
def test_a_box_that_waits_does_not_go_on_when_the_order_changed_since(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    begun(mine, number := floor.order(("SOAP", 2), ("MUG", 1)), SOAP, SOAP)
    release_order(floor.db, BOSS, floor.order_id(number), box_waits=True)
    cancel_lines(floor.db, BOSS, floor.order_id(number), {1: 1})
    other.open(number)
    assert other.session is not None
    assert other.session.counts == (0, 0)


# --- on hold ---------------------------------------------------------------------------------------------------------


@one_engine
def test_a_supervisor_at_the_bench_has_a_held_order_looked_at_again(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    floor.set_order(number, status="on_hold", held_because="held_at_bench")
    refusal = refused(bench, number)
    assert (refusal.code, refusal.detail) == ("on_hold", f"order {number} is on hold: held at bench")

    def release(person: str) -> wire.ReleaseAnswer:
        request = wire.ReleaseRequest(ref=f"ppo-{number}", person_id=floor.people[person])
        return bench.ask("POST", "/api/orders/release", wire.ReleaseAnswer, request)

    with pytest.raises(DomainError) as no:
        release("packer")
    assert (no.value.code, floor.status(number)) == ("not_signed_in", "on_hold")
    assert release("supervisor").number == number
    assert floor.status(number) == "ready"
    assert floor.audited("order.released_at_bench") == [("Supervisor Person", "Bench 1")]


@one_engine
def test_what_still_holds_an_order_is_said_again_and_nothing_is_released(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.sold(("SOAP", 1), ("NEW-TEA", 1))
    request = wire.ReleaseRequest(ref=number, person_id=floor.people["supervisor"])
    with pytest.raises(DomainError) as no:
        bench.ask("POST", "/api/orders/release", wire.ReleaseAnswer, request)
    assert (no.value.code, "NEW-TEA" in no.value.detail, floor.status(number)) == ("on_hold", True, "on_hold")
    assert floor.audited("order.released_at_bench") == []


@one_engine
def test_a_packed_order_says_who_packed_it_when_and_where(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("MUG", 1))
    bench.pack(number, MUG)
    refusal = refused(floor.bench("Bench 2"), number)
    assert refusal.detail == f"order {number} was packed by Packer Person at Bench 1, {refusal.facts['time']}"
    assert ":" in str(refusal.facts["time"])


# --- what no rule takes out of a box ---------------------------------------------------------------------------------


@one_engine
@pytest.mark.parametrize("how", ["packing", "parked", "taken over", "released with its box"])
def test_no_policy_takes_a_unit_that_was_scanned_into_a_box(floor: Floor, how: str) -> None:
    """CNF-06: of two orders for two soaps, one is on the shelf no more; the newer order has one in its box."""
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    older, newer = floor.order(("SOAP", 50)), floor.order(("SOAP", 50))
    before = begun(mine, newer, SOAP)
    if how == "parked":
        mine.fact(FactKind.PARK)
        mine.send()
    elif how == "taken over":
        beat(mine)
        ask(other, newer, take_over=True, supervisor=floor.people[Role.SUPERVISOR])
    elif how == "released with its box":
        release_order(floor.db, BOSS, floor.order_id(newer), box_waits=True)
    count_on_hand(floor.db, BOSS, "SOAP", "EAST", 60)
    assert floor.status(older) in {"conflict", "waiting"}, "the one with nothing in a box gives way"
    assert floor.status(newer) == ("ready" if how == "released with its box" else "packing")
    assert before.counts == (1,)


@one_engine
def test_a_changed_order_tells_its_bench_what_to_take_out_and_what_is_new(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 2), ("MUG", 1))
    before = begun(bench, number, SOAP, SOAP)
    cancel_lines(floor.db, BOSS, floor.order_id(number), {1: 1})
    [stop] = beat(bench, before.session_id).stops
    assert (stop.reason, stop.says, stop.add) == (Reason.CHANGED, {"says": "stop_cut"}, ())
    assert stop.take_out == (LineChange(name="Soap bar", variant="LAVENDER", units=1, sku="SOAP"),)
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert refusal.value.code == "changed", "nothing prints before it was opened anew"
    assert bench.send_raw([]).take_out == stop.take_out, "who sends a scan hears it at once"
    bench.fact(FactKind.TAKE_OUT, take_out=stop.take_out)
    bench.fact(FactKind.STOP, reason=Reason.CHANGED)
    assert [bench.scan(code) for code in ("PPC-OK", SOAP, "PPC-OK")] == [Reason.NOT_NOW, Reason.TAKEN_OUT, Reason.OK]
    bench.send()
    with floor.db.read() as connection:
        rows = pack_log.events(connection, before.session_id)
        assert [(row.reason, row.bench_reason, row.units) for row in rows][-2:] == [
            ("taken_out",) * 2 + (-1,),
            ("ok", "ok", 0),
        ]
    assert beat(bench, before.session_id).stops[0].take_out == stop.take_out, "of the box as it was stopped"


@one_engine
def test_the_queue_shows_goods_shelf_and_shipping_method_of_each_order(floor: Floor) -> None:
    floor.order(("SOAP", 2), ("MUG", 1), ("BRUSH", 1))
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.stock).where(tables.stock.c.sku == "SOAP").values(bin="A-04-1"))
    [item] = floor.bench("Bench 1").ask("GET", "/api/queue", wire.Queue).items
    assert (item.carrier, item.service) == ("own-van", "standard")
    assert [(line.name, line.variant, line.units, line.bin) for line in item.goods] == [
        ("Soap bar", "LAVENDER", 2, "A-04-1"),
        ("Mug", "BLUE", 1, ""),
        ("Dish brush", "", 1, ""),
    ]
