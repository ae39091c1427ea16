"""What a hostile or broken bench tells the server: nothing that it may not say ever takes effect, or hurts others."""

import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select

from server import wire
from server.db import pack_log, tables
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.order import Mode
from server.domain.packing.session import FactKind
from server.usecases.benchwork.benches import set_mode
from server.usecases.record.incidents import close_incident
from tests.floor import BOSS, BRUSH, SOAP, Bench, Floor, one_engine

pytestmark = one_engine
REPORTS = (Reason.HELD_HERE, Reason.FORCED, Reason.SHORT, Reason.DAMAGED)


def stop_of(floor: Floor, session_id: str) -> str | None:
    with floor.db.read() as connection:
        found = pack_log.session(connection, session_id)
    assert found is not None
    return str(found.stop) if found.stop else None


def claim(bench: Bench, order_id: int, version: int = 1, person: int | None = None) -> wire.PackEvent:
    who = bench.floor.people["packer"] if person is None else person
    now = bench.floor.db.now()
    return wire.PackEvent(seq=1, at=now, kind="claim", person_id=who, order_id=order_id, order_version=version)


def send(bench: Bench, session_id: str, *events: wire.PackEvent) -> wire.EventsAnswer:
    request = wire.EventsRequest(events=events)
    return bench.ask("POST", f"/api/sessions/{session_id}/events", wire.EventsAnswer, request)


@pytest.mark.parametrize("reason", REPORTS)
@pytest.mark.parametrize("kind", [FactKind.PARK, FactKind.RESUME, FactKind.WEIGHT, FactKind.CLAIM])
def test_what_happened_to_a_box_is_no_report_of_a_packer(floor: Floor, kind: FactKind, reason: Reason) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    bench.open(number)
    bench.scan(SOAP)
    bench.fact(kind, reason=reason)
    assert bench.send().stop is None
    assert (floor.status(number), floor.count("incident")) == ("packing", 0)


def test_a_claim_from_another_bench_does_not_stop_who_packs(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    number, elsewhere = floor.order(("SOAP", 2)), floor.order(("BRUSH", 1))
    session_id = mine.open(number).session_id
    mine.scan(SOAP)
    mine.send()
    for order in (number, elsewhere):
        with pytest.raises(DomainError) as refused:
            send(other, session_id, claim(other, floor.order_id(order), version=7))
        assert refused.value.code == "taken_over"
    assert stop_of(floor, session_id) is None


def test_a_claim_of_one_order_does_not_stop_the_session_of_another(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    number, elsewhere = floor.order(("SOAP", 2)), floor.order(("BRUSH", 1))
    session_id = bench.open(number).session_id
    with pytest.raises(DomainError, match="fresh session id"):
        send(bench, session_id, claim(bench, floor.order_id(elsewhere), version=7))
    assert stop_of(floor, session_id) is None


def test_an_order_claimed_by_somebody_the_server_does_not_know_is_refused_in_words_not_by_a_fault(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    session_id = str(uuid.uuid4())
    with pytest.raises(DomainError, match="nobody here is person 987654") as refused:
        send(bench, session_id, claim(bench, floor.order_id(number), person=987654))
    assert (refused.value.code, refused.value.facts["status"], floor.status(number)) == ("not_found", 404, "ready")


def test_a_heartbeat_of_an_unknown_person_is_no_fault_of_the_server(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    now = floor.db.now()
    beat = wire.Heartbeat(at=now, person_id=987654, signed_in_at=now, call_since=now)
    assert bench.call("POST", "/api/heartbeat", beat).status_code < 500


def test_a_carried_box_that_a_bench_made_up_counts_for_nothing(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    bench.open(number)
    assert bench.session is not None
    full = replace(bench.session, counts=(2,))
    bench.fact(FactKind.CARRY, carried=full)
    assert bench.send().stop is Reason.STOPPED
    with pytest.raises(DomainError):
        bench.buy()


def test_a_label_of_somebody_elses_box_is_not_taken_for_this_one(floor: Floor) -> None:
    one, two = floor.bench("Bench 1"), floor.bench("Bench 2")
    one.open(floor.order(("SOAP", 1)))
    one.scan(SOAP)
    theirs = one.buy()
    number = floor.order(("BRUSH", 1))
    two.open(number)
    two.scan(BRUSH)
    two.fact(FactKind.LABEL, parcel_id=theirs.parcel_id, tracking=theirs.tracking)
    two.scan(theirs.tracking)
    assert two.send().stop is Reason.STOPPED
    assert floor.status(number) == "packing"


@pytest.mark.parametrize(
    "raw", ["X" * 10_000, "(10)" + "L" * 10_000, "PPQ-" + "9" * 10_000, "\x1b[2J[red]x", "PPO-" + "1" * 9_000]
)
def test_a_code_of_any_length_and_look_is_kept_and_counts_nothing(floor: Floor, raw: str) -> None:
    bench = floor.bench("Bench 1")
    bench.open(floor.order(("SOAP", 2)))
    bench.scan(SOAP)
    bench.scan(raw)
    assert bench.send().accepted_through == 2
    assert bench.session is not None and bench.session.counts == (1,)


@pytest.mark.parametrize(
    "ref", ["", "X" * 100_000, "\x1b]0;x\x07", "PPT-" + "9" * 5000, "'; --", "#" + "0" * 5000, "٣", "9" * 5000]
)
def test_an_order_reference_of_any_look_is_refused_in_words(floor: Floor, ref: str) -> None:
    bench = floor.bench("Bench 1")
    request = wire.OpenRequest(ref=ref, session_id=str(uuid.uuid4()), person_id=floor.people["packer"], item=ref)
    assert 400 <= bench.call("POST", "/api/orders/open", request).status_code < 500
    release = wire.ReleaseRequest(ref=ref, person_id=floor.people["supervisor"])
    assert 400 <= bench.call("POST", "/api/orders/release", release).status_code < 500


@pytest.mark.parametrize("code", ["\x1b[2J", "X" * 4000, "PPC-OK", "]C1PPC-OK", " ppc-undo"])
def test_a_code_that_no_scanner_should_send_is_not_taught(floor: Floor, code: str) -> None:
    bench = floor.bench("Bench 1")
    request = wire.AttachRequest(code=code, sku="SOAP", person_id=floor.people["supervisor"])
    answer = bench.call("POST", "/api/codes", request)
    assert 400 <= answer.status_code < 500


def test_force_by_a_packer_without_the_right_gets_no_label_even_in_one_batch(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    bench.open(number)
    bench.scan("PPC-FORCE")
    bench.scan("PPR-UNREADABLE")
    with pytest.raises(DomainError) as refused:
        bench.buy()
    assert (refused.value.code, refused.value.facts["bought"]) == ("stopped", "not_bought")


def test_many_open_sessions_in_a_heartbeat(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    beat = wire.Heartbeat(at=floor.db.now(), open_sessions=tuple(str(uuid.uuid4()) for _ in range(40_000)))
    assert bench.call("POST", "/api/heartbeat", beat).status_code < 500


def test_a_request_that_comes_after_its_session_was_held_opens_nothing_twice(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    session_id = bench.open(number).session_id
    bench.scan("PPC-HOLD")
    bench.send()
    close_incident(floor.db, BOSS, floor.incident_id("bench_hold"), "looked at it")
    with pytest.raises(DomainError, match="fresh session id"):
        bench.open(number, session_id)
    assert floor.status(number) == "ready"
    assert bench.open(number).session_id != session_id


def test_each_box_of_an_order_that_is_only_verified_needs_a_label_of_its_own(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    set_mode(floor.db, BOSS, "Bench 1", Mode.VERIFY_ONLY)
    bench.open(number)
    for code in (SOAP, "PPX-NEW", SOAP):
        bench.scan(code)
    assert [bench.scan("1Z-OUTSIDE-1"), bench.scan("1Z-OUTSIDE-1")] == [Reason.OK, Reason.ALREADY_DONE]
    bench.send()
    assert (floor.status(number), floor.count("parcel")) == ("packing", 0)
    assert bench.scan("1Z-OUTSIDE-2") is Reason.OK
    bench.send()
    with floor.db.read() as connection:
        t = tables.parcel
        found = connection.execute(select(t.c.box_no, t.c.tracking, t.c.state, t.c.contents).order_by(t.c.box_no)).all()
    assert [tuple(row) for row in found] == [
        (1, "1Z-OUTSIDE-1", "ready", {"SOAP": 1}),
        (2, "1Z-OUTSIDE-2", "ready", {"SOAP": 1}),
    ]
    assert floor.status(number) == "packed"


def test_an_undo_that_waited_while_the_label_was_bought_takes_nothing_out_of_the_labelled_box(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    bench.open(number)
    for code in (SOAP, SOAP, "PPC-UNDO"):
        bench.scan(code)
    label = bench.buy()
    bench.scan("PPC-UNDO", later=5)
    bench.fact(FactKind.PARK)
    bench.fact(FactKind.RESUME)
    bench.scan(label.tracking, later=9)
    bench.send()
    assert bench.session is not None
    assert (bench.session.counts, floor.status(number)) == ((2,), "packed")
