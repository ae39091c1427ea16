"""Opening orders and packing them over the real routes, on both engines."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update

from server import wire
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.session import FactKind, Phase
from server.domain.people import Role
from server.usecases.benchwork.opening import release_order
from server.usecases.record.incidents import close_incident
from server.usecases.sales.cancel import cancel_order
from server.usecases.staff import people
from tests.floor import BOSS, BRUSH, MUG, SOAP, SOAP_CASE, Bench, Floor, one_engine


def log_of(floor: Floor) -> list[tuple[int, str, str, int, str]]:
    """(seq, server's reason, bench's reason, units, raw) of every kept event."""
    with floor.db.read() as connection:
        t = tables.pack_event
        rows = connection.execute(select(t).order_by(t.c.session_id, t.c.seq))
        return [(r.seq, r.reason, r.bench_reason, r.units, r.raw) for r in rows]


def heartbeat(bench: Bench, *sessions: str, at: float | None = None) -> wire.HeartbeatAnswer:
    now = bench.floor.db.now() if at is None else at
    return bench.ask(
        "POST", "/api/heartbeat", wire.HeartbeatAnswer, wire.Heartbeat(at=now, open_sessions=tuple(sessions))
    )


def test_a_packed_order_has_a_ready_parcel_and_a_log_of_every_scan(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 7), ("BRUSH", 1))
    bench.open(number)
    for code in (SOAP_CASE, BRUSH, SOAP):
        bench.scan(code)
    assert floor.status(number) == "packing"
    label = bench.buy()
    bench.scan(label.tracking)
    assert bench.send().stop is None
    assert (floor.status(number), floor.parcel_state(label.parcel_id)) == ("packed", "ready")
    assert [units for _, _, _, units, _ in log_of(floor)] == [6, 1, 1, 0, 0]
    assert floor.audited("parcel.ready") == [("Packer Person", "Bench 1")]
    assert floor.audited("session.opened") == [("Packer Person", "Bench 1")]
    assert floor.stock("SOAP") == (100, 7)


def test_of_benches_opening_one_order_at_once_exactly_one_wins_and_the_others_see_who(floor: Floor) -> None:
    benches = [floor.bench(f"Bench {n}") for n in range(4)]
    for _ in range(4):
        number, gate = floor.order(("SOAP", 1)), Barrier(len(benches))

        def race(bench: Bench, number: str = number, gate: Barrier = gate) -> str:
            gate.wait()
            try:
                bench.open(number)
            except DomainError as refusal:
                return f"{refusal.code} {refusal.facts['bench']} {refusal.facts['person']}"
            return f"won {bench.name}"

        with ThreadPoolExecutor(len(benches)) as pool:
            ends = sorted(pool.map(race, benches))
        winner = ends[-1].removeprefix("won ")
        assert ends == [f"in_use {winner} Packer Person"] * 3 + [f"won {winner}"]


def test_the_same_request_again_claims_nothing_more(floor: Floor) -> None:
    bench, number, session_id = floor.bench("Bench 1"), floor.order(("SOAP", 1)), str(uuid.uuid4())
    first, again = bench.open(number, session_id), bench.open(number, session_id)
    assert first == again
    assert floor.count("pack_session") == 1


@one_engine
def test_a_bench_that_lost_its_disk_goes_on_where_it_was(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    first = bench.open(number)
    bench.scan(SOAP)
    bench.scan(BRUSH)
    bench.send()
    resumed = bench.open(number)
    assert resumed.session_id == first.session_id
    assert bench.session is not None
    assert (bench.session.counts, bench.session.stop is not None) == ((1,), True)
    bench.scan("PPC-OK")
    bench.scan(SOAP)
    assert bench.buy().tracking


@one_engine
def test_an_order_is_found_by_slip_channel_number_parcel_and_tracking(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 1))
    answer = bench.open(f"ppo-{number}")
    bench.scan(SOAP)
    label = bench.buy()
    for ref in (number, f"#{number}", "s-1", label.parcel_id, label.tracking.lower()):
        assert bench.open(ref).session_id == answer.session_id


@one_engine
def test_each_order_that_cannot_be_packed_says_why(floor: Floor) -> None:
    bench, west = floor.bench("Bench 1"), floor.bench("Bench W", "WEST")
    held, conflict, gone, here = (floor.order(("SOAP", 1)) for _ in range(4))
    floor.set_order(held, status="on_hold", held_because="unknown_sku")
    floor.set_order(conflict, status="conflict")
    cancel_order(floor.db, BOSS, floor.order_id(gone))
    done = floor.order(("MUG", 1))
    bench.pack(done, MUG)
    refused = {}
    for name, where, ref in (
        ("held", bench, held),
        ("conflict", bench, conflict),
        ("gone", bench, gone),
        ("done", bench, done),
        ("unknown", bench, "no-such-order"),
        ("elsewhere", west, here),
        ("empty", bench, " PPO- "),
    ):
        with pytest.raises(DomainError) as refusal:
            where.open(ref)
        refused[name] = refusal.value
    codes = {name: error.code for name, error in refused.items()}
    assert codes == {
        "held": "on_hold",
        "conflict": "not_ready",
        "gone": "cancelled",
        "done": "already_done",
        "unknown": "unknown_code",
        "elsewhere": "not_ready",
        "empty": "unknown_code",
    }
    assert refused["held"].facts["held_because"] == "unknown_sku"
    assert (refused["done"].facts["bench"], refused["done"].facts["person"]) == ("Bench 1", "Packer Person")
    assert "East house" not in refused["elsewhere"].detail
    assert floor.status(here) == "ready"


@one_engine
def test_an_order_held_at_import_names_the_products_that_are_missing(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    number = floor.sold(("SOAP", 1), ("NEW-TEA", 2), ("NEW-CUP", 1))
    assert floor.status(number) == "on_hold"
    with pytest.raises(DomainError) as refusal:
        bench.open(number)
    assert (refusal.value.code, refusal.value.facts["held_because"]) == ("on_hold", "unknown_sku")
    assert refusal.value.detail == f"order {number} is on hold: no product has the SKU NEW-TEA, NEW-CUP"


@one_engine
def test_only_people_who_pack_may_open_an_order(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    for person in ("dock", "desk"):
        with pytest.raises(DomainError) as refusal:
            bench.open(number, person=person)
        assert (refusal.value.code, refusal.value.facts["status"]) == ("not_signed_in", 409)
    people.set_active(floor.db, BOSS, floor.people["packer"], False)
    with pytest.raises(DomainError, match="not active"):
        bench.open(number)
    assert floor.status(number) == "ready"
    assert bench.open(number, person=Role.SUPERVISOR).session_id


def test_scans_sent_twice_count_once(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 3))
    bench.open(number)
    bench.scan(SOAP)
    bench.scan(SOAP)
    sent = list(bench.unsent)
    assert [bench.send_raw(sent).accepted_through for _ in range(3)] == [2, 2, 2]
    assert [units for _, _, _, units, _ in log_of(floor)] == [1, 1]


def test_the_same_scans_arriving_on_two_connections_at_once_count_once(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 3))
    bench.open(number)
    bench.scan(SOAP)
    bench.scan(SOAP)
    sent = list(bench.unsent)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: bench.send_raw(sent).accepted_through, range(4)))
    assert answers == [2, 2, 2, 2]
    assert len(log_of(floor)) == 2


@one_engine
def test_a_gap_is_refused_with_nothing_kept(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 3))
    bench.open(number)
    for _ in range(3):
        bench.scan(SOAP)
    first, _, third = bench.unsent
    with pytest.raises(DomainError) as refusal:
        bench.send_raw([first, third])
    assert (refusal.value.code, refusal.value.facts["expected"], refusal.value.facts["found"]) == ("gap", 2, 3)
    assert log_of(floor) == []


@one_engine
def test_another_bench_cannot_write_into_a_session(floor: Floor) -> None:
    mine, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    mine.open(floor.order(("SOAP", 1)))
    mine.scan(SOAP)
    other.session = mine.session
    with pytest.raises(DomainError) as refusal:
        other.send_raw(mine.unsent)
    assert refusal.value.code == "taken_over"
    assert log_of(floor) == []


def test_a_bench_that_takes_a_wrong_item_is_stopped_and_gets_no_label(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    bench.open(number)
    bench.scan(BRUSH, reason=Reason.OK)
    answer = bench.send()
    assert answer.stop is Reason.STOPPED
    assert log_of(floor) == [(1, "wrong_item", "ok", 0, BRUSH)]
    assert len(floor.incidents("verdicts_differ")) == 1
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert (refusal.value.code, refusal.value.facts["bought"]) == ("stopped", "not_bought")
    with pytest.raises(DomainError) as held:
        bench.open(number)
    assert held.value.code == "on_hold"
    close_incident(floor.db, BOSS, floor.incident_id("verdicts_differ"), "box emptied")
    assert floor.status(number) == "ready"
    assert bench.pack(number, SOAP).tracking


def test_a_unit_the_bench_refused_does_not_count_here_either(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    bench.open(number)
    before = bench.session
    bench.scan(SOAP, reason=Reason.UNKNOWN_CODE)
    assert bench.send().stop is None
    bench.session = before
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert refusal.value.facts["open_units"] == 1
    bench.scan(SOAP)
    label = bench.buy()
    bench.scan(label.tracking)
    bench.send()
    assert floor.status(number) == "packed"
    assert [(reason, said, units) for _, reason, said, units, _ in log_of(floor)][:2] == [
        ("ok", "unknown_code", 0),
        ("ok", "ok", 1),
    ]


@one_engine
def test_a_label_or_a_stop_that_the_server_never_gave_stops_the_parcel(floor: Floor) -> None:
    for kind, facts in (
        (FactKind.LABEL, {"parcel_id": "PCL9999999", "tracking": "PV00000000000"}),
        (FactKind.STOP, {"reason": Reason.CANCELLED}),
    ):
        bench, number = floor.bench(f"Bench {kind}"), floor.order(("SOAP", 1))
        bench.open(number)
        bench.scan(SOAP)
        bench.fact(kind, **facts)
        assert bench.send().stop is Reason.STOPPED
        assert floor.status(number) == "packing"
    assert len(floor.incidents("verdicts_differ")) == 2


def test_a_label_on_the_wrong_box_stops_both_boxes(floor: Floor) -> None:
    one, two = floor.bench("Bench 1"), floor.bench("Bench 2")
    mine, theirs = floor.order(("SOAP", 1)), floor.order(("MUG", 1))
    other = two.pack(theirs, MUG)
    one.open(mine)
    one.scan(SOAP)
    own = one.buy()
    assert one.scan(other.tracking) is Reason.WRONG_LABEL
    one.send()
    assert [floor.parcel_state(p.parcel_id) for p in (own, other)] == ["blocked", "blocked"]
    (cause,) = floor.incidents("label_swap")
    assert own.tracking in cause
    assert other.tracking in cause
    one.scan("PPC-OK")
    one.scan(own.tracking)
    one.send()
    assert floor.parcel_state(own.parcel_id) == "ready"
    assert floor.parcel_state(other.parcel_id) == "blocked"
    close_incident(floor.db, BOSS, floor.incident_id("label_swap"), "labels compared")
    assert floor.parcel_state(other.parcel_id) == "ready"
    assert (floor.status(mine), floor.status(theirs)) == ("packed", "packed")


@one_engine
def test_the_long_barcode_of_another_boxs_label_stops_both_boxes_and_names_its_order(floor: Floor) -> None:
    one, two = floor.bench("Bench 1"), floor.bench("Bench 2")
    other, t = two.pack(floor.order(("MUG", 1)), MUG), tables.parcel
    with floor.db.engine.begin() as connection:
        usps = update(t).where(t.c.id == other.parcel_id).values(tracking="9400111206206406260787")
        connection.execute(usps)
    one.open(floor.order(("SOAP", 1)))
    one.scan(SOAP)
    own = one.buy()
    assert one.scan("420787459400111206206406260787") is Reason.WRONG_LABEL
    one.send()
    assert [floor.parcel_state(p.parcel_id) for p in (own, other)] == ["blocked", "blocked"]
    with pytest.raises(DomainError) as refused:
        floor.bench("Bench 3").open("420787459400111206206406260787")
    assert refused.value.code == Reason.ALREADY_DONE


def test_two_swapped_labels_stay_blocked_until_both_incidents_are_closed(floor: Floor) -> None:
    benches = [floor.bench("Bench 1"), floor.bench("Bench 2")]
    labels = []
    for bench in benches:
        bench.open(floor.order(("SOAP", 1)))
        bench.scan(SOAP)
        labels.append(bench.buy())
    benches[0].scan(labels[1].tracking)
    benches[1].scan(labels[0].parcel_id)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Bench.send, benches))
    for bench, label in zip(benches, labels, strict=True):
        bench.scan("PPC-OK")
        assert bench.scan(label.tracking) is Reason.OK
        bench.send()
    states = [floor.parcel_state(label.parcel_id) for label in labels]
    assert states == ["blocked", "blocked"]
    assert len(floor.incidents("label_swap")) == 2
    with floor.db.read() as connection:
        ids = list(connection.execute(select(tables.incident.c.id)).scalars())
    for incident in ids:
        close_incident(floor.db, BOSS, incident, "labels compared")
    assert [floor.parcel_state(label.parcel_id) for label in labels] == ["ready", "ready"]


def test_a_cancel_while_packing_reaches_the_bench_and_blocks_the_label(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    session_id = bench.open(number).session_id
    bench.scan(SOAP)
    assert heartbeat(bench, session_id).stops == ()
    cancel_order(floor.db, BOSS, floor.order_id(number))
    (stop,) = heartbeat(bench, session_id).stops
    assert (stop.session_id, stop.reason) == (session_id, Reason.CANCELLED)
    bench.scan(SOAP)
    assert bench.send().stop is Reason.CANCELLED
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    assert (refusal.value.code, refusal.value.facts["bought"]) == ("cancelled", "not_bought")
    bench.fact(FactKind.STOP, reason=Reason.CANCELLED)
    assert bench.send().accepted_through == 3
    assert floor.incidents("verdicts_differ") == []
    assert floor.stock("SOAP") == (100, 0)
    assert floor.count("parcel") == 0


@one_engine
def test_a_cancel_after_the_label_keeps_the_box_from_closing(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    bench.open(number)
    bench.scan(SOAP)
    label = bench.buy()
    cancel_order(floor.db, BOSS, floor.order_id(number))
    bench.scan(label.tracking)
    assert bench.send().stop is Reason.CANCELLED
    assert floor.parcel_state(label.parcel_id) == "cancelled"
    (cause,) = floor.incidents("cancelled_after_packing")
    assert f"void label {label.tracking}" in cause
    assert "at the bench" in cause


def test_a_cancel_after_packing_sends_somebody_for_the_box(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    label = bench.pack(number, SOAP)
    cancel_order(floor.db, BOSS, floor.order_id(number))
    assert floor.parcel_state(label.parcel_id) == "cancelled"
    (cause,) = floor.incidents("cancelled_after_packing")
    assert f"void label {label.tracking}" in cause
    assert "pull it" in cause


def test_the_text_of_a_badge_is_never_kept(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    bench.open(number)
    person, now = floor.people["packer"], floor.db.now()
    raws = ["PPB-PACKER-0001", "]C0ppb-packer-0001", "x\0PPB-PACKER-0001"]
    bench.send_raw(
        [
            wire.PackEvent(seq=seq, at=now, kind="scan", person_id=person, raw=raw, reason=Reason.NOT_NOW)
            for seq, raw in enumerate(raws, start=1)
        ]
    )
    assert len(log_of(floor)) == 3
    with floor.db.read() as connection:
        kept = str(connection.execute(select(tables.pack_event)).all()).upper()
    assert "PACKER-0001" not in kept


@one_engine
def test_a_parked_box_is_taken_up_again_and_gets_its_label(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    bench.open(number)
    bench.scan(SOAP)
    bench.fact(FactKind.PARK)
    label = bench.buy()
    bench.fact(FactKind.RESUME)
    assert bench.session is not None
    assert bench.session.phase is Phase.LABEL
    bench.scan(label.tracking)
    bench.send()
    assert floor.status(number) == "packed"


def test_a_released_order_is_packed_elsewhere_with_the_label_it_has(floor: Floor) -> None:
    first, second = floor.bench("Bench 1"), floor.bench("Bench 2")
    number = floor.order(("SOAP", 1))
    session_id = first.open(number).session_id
    first.scan(SOAP)
    label = first.buy()
    release_order(floor.db, BOSS, floor.order_id(number))
    (stop,) = heartbeat(first, session_id).stops
    assert stop.reason is Reason.TAKEN_OVER
    assert second.pack(number, SOAP).tracking == label.tracking
    assert floor.count("parcel") == 1
    assert floor.status(number) == "packed"


def test_a_clock_that_is_off_opens_one_incident_and_closes_it_when_right(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    now = floor.db.now()
    for _ in range(3):
        heartbeat(bench, at=now - 45)
    (cause,) = floor.incidents("clock_off")
    assert "45 s behind" in cause or "46 s behind" in cause
    heartbeat(bench, at=floor.db.now())
    assert floor.incidents("clock_off") == []
    assert floor.count("incident") == 1


@one_engine
def test_the_queue_shows_the_most_urgent_order_first_and_only_this_site_s(floor: Floor) -> None:
    now = floor.db.now()
    late, none, soon = floor.order(("SOAP", 1), ship_by=now + 9000), floor.order(("SOAP", 2)), ""
    soon = floor.order(("SOAP", 3), ("MUG", 1), ship_by=now + 60)
    queue = floor.bench("Bench 1").ask("GET", "/api/queue", wire.Queue)
    assert [item.number for item in queue.items] == [soon, late, none]
    assert (queue.items[0].units, queue.items[0].lines, queue.waiting) == (4, 2, 3)
    assert floor.bench("Bench W", "WEST").ask("GET", "/api/queue", wire.Queue).waiting == 0


def test_the_snapshot_rises_with_people_and_holds_no_badge_text(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    before = bench.ask("GET", "/api/snapshot", wire.Snapshot)
    assert heartbeat(bench).snapshot_version == before.version
    people.add_person(floor.db, BOSS, "New Hand", [Role.PACKER], "PPB-NEWHAND-77")
    after = bench.ask("GET", "/api/snapshot", wire.Snapshot)
    assert after.version > before.version
    assert heartbeat(bench).snapshot_version == after.version
    assert "New Hand" in {card.name for card in after.people}
    assert b"NEWHAND" not in wire.encode(after)
    assert {lane.carrier for lane in after.lanes} == {"own-van", "city-bikes"}
