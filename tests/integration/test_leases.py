"""What a bench may pack with no server in sight, and what becomes of it when the server is there again."""

from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from server import wire
from server.app import create_app
from server.cli.group import packproof
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.rules import opened
from server.domain.packing.session import FactKind
from server.domain.people import Role
from server.http.call import Services
from server.usecases.benchwork import leases
from server.usecases.benchwork.freeing import free_bench
from server.usecases.picks.totes import bind
from server.usecases.record.incidents import close_incident
from server.usecases.sales.cancel import cancel_order
from server.usecases.staff import people
from tests.floor import BOSS, SOAP, Bench, Dock, Floor, one_engine
from tests.serving import uvicorn_of

DAY = 86_400.0


def lease_of(bench: Bench, *held: wire.HeldOrder) -> wire.LeaseAnswer:
    return bench.ask("POST", "/api/lease", wire.LeaseAnswer, wire.LeaseRequest(held=held))


def numbers(answer: wire.LeaseAnswer) -> list[str]:
    return [order.number for order in answer.orders]


def beat(bench: Bench) -> None:
    person = bench.floor.people["packer"]
    now = bench.floor.db.now()
    bench.ask("POST", "/api/heartbeat", wire.HeartbeatAnswer, wire.Heartbeat(at=now, person_id=person))


def begin_alone(bench: Bench, number: str, session_id: str = "6f9619ff-8b86-d011-b42d-00c04fc964ff") -> None:
    """Open an order of the lease as a station does which cannot reach the server."""
    order = next(o for o in lease_of(bench).orders if o.number == number)
    bench.session, bench.unsent, bench.seq = opened(session_id, order), [], 1
    at, person = bench.floor.db.now(), bench.floor.people["packer"]
    bench.unsent.append(
        wire.PackEvent(
            seq=1, at=at, kind="claim", person_id=person, raw=number, order_id=order.order_id, order_version=1
        )
    )


def test_a_bench_holds_its_next_twenty_orders_whole_and_the_most_urgent_first(floor: Floor) -> None:
    made = [floor.order(("SOAP", 1), ship_by=floor.db.now() + DAY - n) for n in range(25)]
    answer = lease_of(floor.bench("Bench 1"))
    assert numbers(answer) == list(reversed(made))[:20]
    assert answer.orders[0].lines[0].name == "Soap bar"
    assert answer.until - floor.db.now() > 3 * DAY
    assert numbers(lease_of(floor.bench("Bench 2"))) == list(reversed(made))[20:]


def test_what_a_bench_has_already_is_not_sent_again_and_a_packed_order_makes_room_for_the_next(floor: Floor) -> None:
    bench, made = floor.bench("Bench 1"), [floor.order(("SOAP", 1)) for _ in range(21)]
    first = lease_of(bench)
    held = [wire.HeldOrder(order_id=o.order_id, version=o.version) for o in first.orders]
    assert lease_of(bench, *held).orders == ()
    bench.pack(made[0], SOAP)
    again = lease_of(bench, *held)
    assert numbers(again) == made[20:]
    assert floor.order_id(made[0]) not in again.order_ids


def test_a_lease_says_in_which_tote_each_order_lies_also_when_it_was_put_there_later(floor: Floor) -> None:
    bench, first, second = floor.bench("Bench 1"), floor.order(("SOAP", 1)), floor.order(("SOAP", 1))
    assert lease_of(bench).totes == {}
    bind(floor.db, BOSS, second, "PPT-17")
    assert lease_of(bench).totes == {floor.order_id(second): "17"}
    assert first in numbers(lease_of(bench))


def test_a_supervisor_gives_a_days_worth(floor: Floor) -> None:
    bench, made = floor.bench("Bench 1"), [floor.order(("SOAP", 1)) for _ in range(30)]
    assert leases.set_size(floor.db, BOSS, "Bench 1", 200) == 30
    assert numbers(lease_of(bench)) == made
    assert leases.set_size(floor.db, BOSS, "Bench 1", 5) == 5
    assert numbers(lease_of(bench)) == made[:5]
    with pytest.raises(DomainError, match="expected 0 to 2000 orders, found -1"):
        leases.set_size(floor.db, BOSS, "Bench 1", -1)


def test_an_order_of_a_bench_that_answers_opens_wherever_its_slip_is_scanned(floor: Floor) -> None:
    holder, other, number = floor.bench("Bench 1"), floor.bench("Bench 2"), floor.order(("SOAP", 1))
    assert numbers(lease_of(holder)) == [number]
    beat(holder)
    other.open(number)
    assert lease_of(holder).order_ids == ()


def test_an_order_of_a_silent_bench_is_refused_with_its_name_until_the_bench_is_freed(floor: Floor) -> None:
    holder, other = floor.bench("Bench 3"), floor.bench("Bench 2")
    number, begun = floor.order(("SOAP", 1)), floor.order(("SOAP", 1))
    lease_of(holder)
    holder.open(begun)
    with pytest.raises(DomainError, match="is assigned to Bench 3, which is never heard of") as refused:
        other.open(number)
    assert (refused.value.code, refused.value.facts["bench"]) == (Reason.IN_USE, "Bench 3")
    freed = free_bench(floor.db, BOSS, "Bench 3")
    assert (freed.assigned, freed.boxes) == (1, (begun,))
    other.open(number)
    other.open(begun)


@one_engine
def test_a_supervisor_gives_and_frees_from_a_page_and_from_the_command_line(
    services: Services, tmp_path: Path, floor: Floor
) -> None:
    bench = floor.bench("Bench 3")
    numbers = [floor.order(("SOAP", 1)) for _ in range(3)]
    people.add_person(floor.db, BOSS, "Sue Visor", [Role.SUPERVISOR], login="sue", password="correct horse")
    headers = {"Authorization": f"Bearer {people.sign_in(floor.db, 'sue', 'correct horse')}"}
    with uvicorn_of(create_app(services.config, floor.db)) as url, httpx.Client(base_url=url, headers=headers) as page:
        assert page.put("/api/benches/Bench%203/lease", json={"orders": 2}).json() == {"held": 2}
        assert page.put("/api/benches/Bench%203/lease", json={"orders": -2}).status_code == 400
        bench.open(numbers[0])
        assert page.post("/api/benches/Bench%203/free").json() == {"assigned": 1, "boxes": [numbers[0]]}
        assert page.post("/api/benches/Bench%209/free").status_code == 404
    config = tmp_path / "server.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n')

    def said(*args: str) -> str:
        answer = CliRunner().invoke(packproof, ["bench", *args, "--config", str(config)])
        assert answer.exit_code == 0, answer.output
        return answer.output

    assert said("lease", "Bench 3", "3") == "Bench 3 holds 3 of 3 orders for when the server is away\n"
    bench.open(numbers[1])
    assert said("lease", "Bench 3") == "Bench 3 holds 2 of 3 orders for when the server is away\n"
    assert said("free", "Bench 3").splitlines() == [
        "2 orders of Bench 3 may be packed at any bench",
        f"order {numbers[1]} was begun there: look for its box, then pack it anew",
    ]


def test_a_silent_bench_keeps_its_own_orders_and_opens_them_itself(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    lease_of(bench)
    assert bench.open(number).order.number == number


def test_an_order_packed_with_no_server_in_sight_is_adopted_with_every_scan_at_its_time(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    begin_alone(bench, number)
    opened_at = bench.unsent[0].at
    bench.scan(SOAP)
    bench.scan(SOAP)
    bench.fact(FactKind.PARK)
    assert bench.send().stop is None
    assert floor.status(number) == "packing"
    bench.fact(FactKind.RESUME)
    label = bench.buy()
    bench.scan(label.tracking)
    bench.send()
    assert (floor.status(number), floor.parcel_state(label.parcel_id)) == ("packed", "ready")
    assert lease_of(bench).order_ids == ()
    assert floor.incidents("verdicts_differ") == []
    assert opened_at <= bench.floor.db.now()


def test_sending_the_claim_again_adopts_nothing_twice(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    begin_alone(bench, number)
    bench.scan(SOAP)
    sent = list(bench.unsent)
    bench.send()
    assert bench.send_raw(sent).accepted_through == 2
    assert floor.count("pack_session") == 1
    assert floor.count("pack_event") == 2


def test_an_order_cancelled_meanwhile_keeps_its_scans_and_becomes_a_task(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    begin_alone(bench, number)
    cancel_order(floor.db, BOSS, floor.order_id(number))
    bench.scan(SOAP)
    bench.fact(FactKind.PARK)
    assert bench.send().stop is Reason.CANCELLED
    assert floor.count("pack_event") == 3
    (cause,) = floor.incidents("pull_parcel")
    assert cause == f"order {number} was cancelled while Bench 1 was away: pull its box and put its goods back"
    assert floor.stock("SOAP") == (100, 0)


def test_an_order_taken_over_meanwhile_is_pulled_and_stays_with_the_other_bench(floor: Floor) -> None:
    bench, other, number = floor.bench("Bench 1"), floor.bench("Bench 2"), floor.order(("SOAP", 1))
    begin_alone(bench, number)
    free_bench(floor.db, BOSS, "Bench 1")
    other.pack(number, SOAP)
    bench.scan(SOAP)
    assert bench.send().stop is Reason.TAKEN_OVER
    assert floor.incidents("pull_parcel") == [
        f"order {number} was packed at another bench while Bench 1 was away: pull its box and put its goods back"
    ]
    assert floor.status(number) == "packed"


def test_a_box_with_a_label_finished_after_its_order_went_elsewhere_is_refused_at_the_dock(floor: Floor) -> None:
    bench, other, number = floor.bench("Bench 1"), floor.bench("Bench 2"), floor.order(("SOAP", 1))
    bench.open(number)
    bench.scan(SOAP)
    label = bench.buy()
    # From here on the bench is alone; the supervisor gives its order to another one.
    free_bench(floor.db, BOSS, "Bench 1")
    assert other.pack(number, SOAP).tracking == label.tracking
    assert floor.parcel_state(label.parcel_id) == "ready"
    bench.scan(label.tracking)
    assert bench.send().stop is Reason.TAKEN_OVER
    assert floor.parcel_state(label.parcel_id) == "blocked", "two boxes carry one label"
    assert Dock.at(other).scan(label.tracking).reason is Reason.WRONG_LABEL
    close_incident(floor.db, BOSS, floor.incident_id("pull_parcel"), "the box of Bench 1 is unpacked")
    assert floor.parcel_state(label.parcel_id) == "ready"


def test_an_order_changed_meanwhile_is_not_packed_on_by_the_old_copy(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    begin_alone(bench, number)
    floor.set_order(number, version=2)
    lease_of(bench)
    assert bench.send().stop is Reason.CHANGED
    assert floor.status(number) == "ready"


def test_a_late_answer_and_a_claim_make_one_session(floor: Floor) -> None:
    """The bench asked, did not wait for the answer, and began by itself: the server has both requests in the end."""
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    begin_alone(bench, number)
    assert bench.session is not None
    kept, session, seq = list(bench.unsent), bench.session, bench.seq
    bench.open(number, session.session_id)
    bench.session, bench.unsent, bench.seq = session, kept, seq
    bench.scan(SOAP)
    assert bench.send().stop is None
    assert floor.count("pack_session") == 1


def test_the_queue_of_a_bench_shows_what_others_hold_after_everything_else(floor: Floor) -> None:
    first, second = floor.bench("Bench 1"), floor.bench("Bench 2")
    urgent, later = floor.order(("SOAP", 1), ship_by=floor.db.now() + 60), floor.order(("SOAP", 1))
    leases.set_size(floor.db, BOSS, "Bench 1", 1)
    beat(first)
    shown = second.ask("GET", "/api/queue", wire.Queue)
    assert [item.number for item in shown.items] == [later, urgent]
    assert [i.number for i in first.ask("GET", "/api/queue", wire.Queue).items] == [urgent, later]
