"""What packers report by scan takes effect at the server: taken out, short, held, forced, taught, called, verified."""

import pytest
from sqlalchemy import select

from server import wire
from server.db import board as board_rows
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.order import Mode
from server.domain.packing.rules import judge
from server.domain.packing.session import Phase
from server.domain.people import Role
from server.reading import read
from server.usecases.benchwork.benches import set_mode
from server.usecases.overview.board import read_board
from server.usecases.record.incidents import close_incident
from server.usecases.staff import people
from tests.floor import BOSS, BRUSH, MUG, SOAP, SOAP_CASE, Bench, Dock, Floor, one_engine

OUTSIDE = "1Z999AA10123456784"


def scans(bench: Bench, *codes: str, person: str = "packer") -> Reason:
    """These codes by this person, two seconds apart; the bench's last verdict."""
    reason = Reason.OK
    for code in codes:
        assert bench.session is not None
        bench.seq += 1
        at = 1_000_000.0 + 2.0 * bench.seq
        verdict = judge(bench.session, read(code, bench.catalog, at=at))
        bench.session, reason = verdict.session, verdict.reason
        who = bench.floor.people[person]
        bench.unsent.append(
            wire.PackEvent(seq=bench.seq, at=at, kind="scan", person_id=who, raw=code, reason=verdict.reason)
        )
    return reason


def units_today(floor: Floor) -> int:
    """Units verified, as the board counts them."""
    with floor.db.read() as connection:
        return board_rows.units_between(connection, [(0.0, floor.db.now() + 1)])[0]


def column(floor: Floor, number: str, name: str) -> object:
    """One column of an order."""
    t = tables.order
    with floor.db.read() as connection:
        return connection.execute(select(t.c[name]).where(t.c.number == number)).scalar_one()


def test_what_is_taken_out_counts_no_more_anywhere(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 7), ("BRUSH", 1))
    bench.open(number)
    scans(bench, SOAP_CASE, BRUSH, "PPC-UNDO", SOAP_CASE, SOAP, "PPC-EMPTY", "PPC-EMPTY", SOAP)
    assert bench.send().stop is None
    assert units_today(floor) == 1
    with pytest.raises(DomainError, match="are not") as refused:
        bench.buy()
    assert refused.value.facts["open_units"] == 7
    scans(bench, SOAP_CASE, BRUSH)
    assert bench.buy().tracking
    assert units_today(floor) == 8


def test_goods_that_are_short_are_written_off_and_the_order_finds_another_way(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 3), ("BRUSH", 1))
    bench.open(number)
    assert scans(bench, SOAP, BRUSH, "PPR-SHORT", SOAP) is Reason.SHORT
    bench.send()
    [cause] = floor.incidents("bench_problem")
    stands = "its box stands aside with 2 of 4 units"
    assert cause == f"order {number}: SOAP short, reported by Packer Person at Bench 1; {stands}"
    assert len(floor.incidents("short_pick")) == 1
    assert floor.stock("SOAP")[0] < 100


@one_engine
def test_damaged_goods_leave_the_book_alone_and_the_order_with_its_bench(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 3))
    bench.open(number)
    scans(bench, SOAP, "PPC-PROBLEM", "PPR-DAMAGED")
    bench.send()
    assert (floor.status(number), floor.stock("SOAP")) == ("packing", (100, 3))
    assert "SOAP damaged" in floor.incidents("bench_problem")[0]
    assert floor.incidents("short_pick") == []
    again = bench.open(number)
    assert again.session_id and bench.session is not None
    assert (bench.session.phase, bench.session.counts) == (Phase.PARKED, (1,))


def test_a_held_order_keeps_its_units_and_goes_on_when_its_incident_is_closed(floor: Floor) -> None:
    bench, other, number = floor.bench("Bench 1"), floor.bench("Bench 2"), floor.order(("SOAP", 3))
    bench.open(number)
    scans(bench, SOAP, SOAP, "PPC-HOLD")
    assert bench.send().stop is None
    assert (floor.status(number), column(floor, number, "held_because")) == ("on_hold", "at_bench")
    assert "held by Packer Person at Bench 1" in floor.incidents("bench_hold")[0]
    with pytest.raises(DomainError) as refused:
        other.open(number)
    assert refused.value.code == Reason.ON_HOLD
    close_incident(floor.db, BOSS, floor.incident_id("bench_hold"), "looked at it")
    other.open(number)
    assert other.session is not None and other.session.counts == (2,), "its box goes on where it was"
    scans(other, SOAP)
    assert other.buy().tracking
    assert floor.stock("SOAP") == (100, 3)


def test_a_unit_verified_by_hand_is_reported_with_its_reason(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    bench.open(number)
    assert scans(bench, "PPC-FORCE", "PPR-UNREADABLE", person="force-verify") is Reason.FORCED
    assert bench.buy().tracking
    [cause] = floor.incidents("forced")
    assert cause.startswith(
        f"order {number}: 1 of SOAP verified by hand (unreadable) by Force-Verify Person at Bench 1"
    )
    assert units_today(floor) == 1


@pytest.mark.parametrize("person", ["packer", "supervisor", "admin"])
@one_engine
def test_whoever_lacks_the_right_gets_no_label_for_a_unit_verified_by_hand(floor: Floor, person: str) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    bench.open(number)
    scans(bench, "PPC-FORCE", "PPR-UNREADABLE", person=person)
    assert bench.send().stop is Reason.STOPPED
    with pytest.raises(DomainError) as refused:
        bench.ask("POST", f"/api/sessions/{bench.session.session_id}/label", wire.LabelAnswer)  # type: ignore[union-attr]
    assert refused.value.code == Reason.STOPPED
    assert "who may not" in floor.incidents("forced")[0]
    assert floor.count("parcel") == 0


def test_a_code_taught_at_a_bench_counts_everywhere_and_can_mean_nothing_else(floor: Floor) -> None:
    bench = floor.bench("Bench 1")

    def attach(code: str, sku: str, person: str) -> wire.AttachAnswer:
        request = wire.AttachRequest(code=code, sku=sku, person_id=floor.people[person])
        return bench.ask("POST", "/api/codes", wire.AttachAnswer, request)

    assert attach("8712345678906", "SOAP", "supervisor").added
    assert not attach("8712345678906", "SOAP", "attach-codes").added
    number = floor.order(("SOAP", 1))
    bench.open(number)
    assert scans(bench, "8712345678906") is Reason.OK
    assert floor.audited("product.code_added") == [("Supervisor Person", "Bench 1")]
    refused = {}
    for code, sku, person in (
        ("8712345678906", "MUG", "supervisor"),
        (MUG, "SOAP", "supervisor"),
        ("PPC-OK", "SOAP", "supervisor"),
        ("8712345678907", "SOAP", "supervisor"),
        ("NEW-1", "NOPE", "supervisor"),
        ("NEW-1", "SOAP", "packer"),
    ):
        with pytest.raises(DomainError) as error:
            attach(code, sku, person)
        refused[code, sku, person] = error.value.code
    assert list(refused.values()) == [
        *("code_taken", "code_taken", "reserved_code", "invalid", "unknown_sku", "not_signed_in")
    ]


@one_engine
def test_of_a_gs1_code_only_the_product_is_taught(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    request = wire.AttachRequest(
        code="]C1010871234567890617301231\x1d10LOT-7", sku="SOAP", person_id=floor.people["supervisor"]
    )
    assert bench.ask("POST", "/api/codes", wire.AttachAnswer, request).added
    assert read("8712345678906", bench.catalog, at=0.0).matches[0].sku == "SOAP"


def test_a_bench_that_only_verifies_buys_nothing_and_ships_with_the_other_tools_label(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    set_mode(floor.db, BOSS, "Bench 1", Mode.VERIFY_ONLY)
    number = floor.order(("SOAP", 1), ("MUG", 1))
    bench.open(number)
    scans(bench, SOAP, MUG)
    with pytest.raises(DomainError) as refused:
        bench.buy()
    assert (refused.value.code, refused.value.facts["bought"]) == (Reason.NOT_NOW, "not_bought")
    assert scans(bench, OUTSIDE) is Reason.OK
    assert bench.send().stop is None
    assert floor.status(number) == "packed"
    with floor.db.read() as connection:
        parcel = connection.execute(select(tables.parcel)).one()
    assert (parcel.tracking, parcel.state, parcel.purchase) == (OUTSIDE, "ready", "bought")
    dock = Dock.at(bench)
    assert dock.scan(OUTSIDE).reason is Reason.OK


def test_one_label_on_two_boxes_stops_the_second(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    set_mode(floor.db, BOSS, "Bench 1", Mode.VERIFY_ONLY)
    first, second = floor.order(("SOAP", 1)), floor.order(("SOAP", 1))
    bench.open(first)
    scans(bench, SOAP, OUTSIDE)
    bench.send()
    bench.open(second)
    scans(bench, SOAP, OUTSIDE)
    assert bench.send().stop is Reason.STOPPED
    assert floor.status(second) == "packing"
    assert len(floor.incidents("label_swap")) == 1


@one_engine
def test_a_mode_is_audited_shown_on_the_board_and_told_to_the_bench(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    version = bench.ask("GET", "/api/snapshot", wire.Snapshot).version
    set_mode(floor.db, BOSS, "Bench 1", Mode.WARN)
    set_mode(floor.db, BOSS, "Bench 1", Mode.WARN)
    snapshot = bench.ask("GET", "/api/snapshot", wire.Snapshot)
    assert (snapshot.mode, snapshot.version > version) == (Mode.WARN, True)
    assert floor.audited("bench.mode") == [("the boss", "")]
    bench.ask(
        "POST",
        "/api/heartbeat",
        wire.HeartbeatAnswer,
        wire.Heartbeat(at=floor.db.now(), desk="pack", person_id=floor.people["packer"]),
    )
    [card] = read_board(floor.db).benches
    assert card.words == "ready for an order · only warns"
    number = floor.order(("SOAP", 1))
    assert bench.open(number).order.mode is Mode.WARN
    assert scans(bench, MUG, SOAP) is Reason.OK
    assert bench.send().stop is None


def beat(bench: Bench, call_since: float | None, why: Reason | None = None) -> wire.HeartbeatAnswer:
    now = bench.floor.db.now()
    message = wire.Heartbeat(
        at=now, desk="pack", person_id=bench.floor.people["packer"], call_since=call_since, call_reason=why
    )
    return bench.ask("POST", "/api/heartbeat", wire.HeartbeatAnswer, message)


def test_a_call_is_on_top_of_the_board_until_somebody_answers_it(floor: Floor) -> None:
    bench, at = floor.bench("Bench 1"), floor.db.now() - 60.0
    assert not beat(bench, at, Reason.WRONG_ITEM).call_answered
    assert not beat(bench, at, Reason.WRONG_ITEM).call_answered
    top = read_board(floor.db).urgent[0]
    assert top.words == "Bench 1 calls: wrong item"
    assert top.since is not None and abs(top.since - at) < 1.0
    assert [line.words for line in read_board(floor.db).urgent].count("A bench calls") == 0
    close_incident(floor.db, BOSS, floor.incident_id("bench_call"), "I go there")
    assert beat(bench, at, Reason.WRONG_ITEM).call_answered
    assert not beat(bench, None).call_answered
    assert [line.words for line in read_board(floor.db).urgent if line.call] == []


@one_engine
def test_a_call_taken_back_at_the_bench_closes_its_incident(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    beat(bench, 100.0)
    beat(bench, None)
    assert floor.incidents("bench_call") == []


@one_engine
def test_the_right_to_verify_by_hand_is_a_persons_own(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    people.set_roles(floor.db, BOSS, floor.people["packer"], [Role.PACKER, Role.FORCE_VERIFY])
    bench.open(number)
    scans(bench, "PPC-FORCE", "PPR-MISLABELLED")
    assert bench.buy().tracking
