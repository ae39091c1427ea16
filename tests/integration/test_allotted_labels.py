"""Labels allotted to benches beforehand: one number for one parcel, whatever happens while nobody can ask (SYN-12)."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from server import wire
from server.calls.troubles import Away, Refused
from server.carriers import Capabilities
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.domain.packing.order import Mode
from server.domain.packing.rules import opened
from server.domain.packing.session import FactKind
from server.simulated.demo import furnishing
from server.trade.orders import ShipTo
from server.usecases.benchwork import benches, leases
from server.usecases.benchwork.freeing import free_bench
from server.usecases.masterdata.catalogue import put_product
from server.usecases.record.incidents import close_incident
from server.usecases.record.timeline import happened
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.changing import change_address
from server.usecases.shipping import rate_rules
from server.usecases.warehouse.kits import define_kit
from station.views import Bought, LabelStage, PackView
from tests.bench_floor import OneBench
from tests.carriers_in_memory import offer
from tests.fakes import until
from tests.floor import BOSS, SOAP, Bench, Dock, Floor, one_engine
from tests.integration.test_labels import MeteredCarrier, serve_all
from tests.rate_market import open_market
from tests.weather import Mood, weather


def lease_of(bench: Bench, *held: wire.HeldOrder) -> wire.LeaseAnswer:
    return bench.ask("POST", "/api/lease", wire.LeaseAnswer, wire.LeaseRequest(held=held))


def labels_of(answer: wire.LeaseAnswer) -> dict[str, str]:
    """Tracking numbers by order number."""
    return {one.label.label.order_number: one.label.tracking for one in answer.labels}


def rows_of(floor: Floor, number: str) -> list[tuple[str, str, str | None]]:
    """(purchase, state, tracking) of every parcel of an order, void ones too."""
    with floor.db.read() as connection:
        t = tables.parcel
        found = connection.execute(select(t).where(t.c.order_id == floor.order_id(number)).order_by(t.c.number))
        return [(row.purchase, row.state, row.tracking) for row in found]


@dataclass
class Alone:
    """A bench that packs an order by its lease, as a station does which cannot reach the server."""

    bench: Bench
    number: str
    label: wire.LabelAnswer
    events: list[wire.PackEvent] = field(default_factory=list)

    @classmethod
    def begin(cls, bench: Bench, number: str) -> "Alone":
        """Take the lease with its labels, then claim the order."""
        answer = lease_of(bench)
        order = next(o for o in answer.orders if o.number == number)
        label = next(one.label for one in answer.labels if one.order_id == order.order_id)
        bench.session, bench.unsent, bench.seq = opened(str(uuid.uuid4()), order), [], 0
        bench._happened("claim", raw=number, order_id=order.order_id, order_version=order.version)
        return cls(bench, number, label)

    def packs(self, *codes: str) -> "Alone":
        """Verify, use the label, scan it back."""
        for code in codes:
            self.bench.scan(code)
        self.bench.fact(FactKind.LABEL, parcel_id=self.label.parcel_id, tracking=self.label.tracking, box=1)
        self.bench.scan(self.label.tracking)
        return self


def test_a_lease_brings_one_label_for_each_order_and_none_of_them_twice(floor: Floor) -> None:
    first, second = floor.bench("Bench 1"), floor.bench("Bench 2")
    made = [floor.order(("SOAP", 1)) for _ in range(6)]
    leases.set_size(floor.db, BOSS, "Bench 1", 4)
    answer, others = lease_of(first), lease_of(second)
    assert list(labels_of(answer)) == made[:4]
    assert list(labels_of(others)) == made[4:]
    given = [*labels_of(answer).values(), *labels_of(others).values()]
    assert len(set(given)) == 6
    paper = answer.labels[0].label.label
    assert (paper.ship_to.name, paper.order_number, paper.boxes, paper.tracking) == ("Zoe Quill", made[0], 1, given[0])
    held = [wire.HeldOrder(order_id=o.order_id, version=1, tracking=labels_of(answer)[o.number]) for o in answer.orders]
    assert lease_of(first, *held).labels == ()
    bare = wire.HeldOrder(order_id=held[3].order_id, version=1)
    assert labels_of(lease_of(first, *held[:3], bare, *held[4:])) == {made[3]: given[3]}, "what it lost comes again"
    assert {row for number in made for row in rows_of(floor, number)} == {
        ("allotted", "allotted", one) for one in given
    }


@one_engine
def test_an_order_that_a_limit_keeps_off_its_way_gets_no_label_beforehand(floor: Floor) -> None:
    put_product(floor.db, BOSS, Product("SET", "Camping set"), [])
    define_kit(floor.db, BOSS, "SET", {"MUG": 1})
    mug, _ = floor.order(("MUG", 1)), floor.order(("SET", 1))
    rate_rules.set_rules(floor.db, BOSS, {"limits": [{"way": "own-van", "never_to": ["US"], "skus": ["SET"]}]})
    assert list(labels_of(lease_of(floor.bench("Bench 1")))) == [mug]


@one_engine
def test_a_label_beforehand_goes_the_cheapest_way_and_where_that_is_not_ours_there_is_none(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_market(floor, monkeypatch) as market:
        market.alpha.offers = market.beta.offers = [offer("ground", "9.00")]
        ours = floor.order(("SOAP", 1))
        floor.set_order(ours, carrier="beta")
        assert lease_of(market.bench).labels == (), "nobody has said what it costs yet"
        market.settled(ours)
        market.beta.offers = [offer("ground", "2.60")]
        theirs = floor.order(("SOAP", 1))
        given = labels_of(lease_of(market.bench))
        assert list(given) == [ours], "the own vans ask 3.90"
        market.settled(theirs)
        assert list(labels_of(lease_of(market.bench))) == [ours]
        label = market.bench.pack(ours, SOAP)
        assert (label.tracking, market.way(ours)[0], market.way(ours)[2]) == (given[ours], "own-van", "own-van")
        market.bench.pack(theirs, SOAP)
        assert market.way(theirs)[0] == "beta"


def test_a_box_packed_alone_becomes_the_parcel_with_the_number_on_its_paper(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    box = Alone.begin(bench, number).packs(SOAP, SOAP)
    assert bench.send().stop is None
    assert (floor.status(number), rows_of(floor, number)) == ("packed", [("bought", "ready", box.label.tracking)])
    assert bench.send_raw(bench.unsent).stop is None
    assert len(floor.audited("label.bought")) == 1
    dock = Dock.at(bench)
    assert dock.scan(box.label.tracking).reason is Reason.OK
    assert floor.incidents("verdicts_differ") == []
    with floor.db.read() as connection:
        said = [row.what for row in happened(connection, box.label.tracking)]
    assert [what for what in said if what.startswith("label.")] == ["label.intent", "label.allotted", "label.bought"]


def test_asked_online_the_bench_gets_the_number_it_was_allotted_and_no_other(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    allotted = labels_of(lease_of(bench))[number]
    assert bench.pack(number, SOAP).tracking == allotted
    assert rows_of(floor, number) == [("bought", "ready", allotted)]


def test_a_bench_that_never_heard_the_answer_uses_its_label_and_there_is_still_one_parcel(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    allotted = lease_of(bench).labels[0].label
    bench.open(number)
    bench.scan(SOAP)
    bench.send()
    assert bench.session is not None
    lost = bench.ask("POST", f"/api/sessions/{bench.session.session_id}/label", wire.LabelAnswer)
    Alone(bench, number, allotted).packs()
    assert bench.send().stop is None
    assert (lost.tracking, rows_of(floor, number)) == (allotted.tracking, [("bought", "ready", allotted.tracking)])


@one_engine
def test_the_guide_of_a_demo_begun_again_names_the_label_that_is_kept_for_its_order(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    next_one = furnishing.next_tracking(floor.db, number)
    floor.order(("SOAP", 1))
    assert labels_of(lease_of(bench))[number] == furnishing.next_tracking(floor.db, number) == next_one


def test_a_label_used_for_a_box_that_is_not_verified_is_refused_and_never_leaves(floor: Floor) -> None:
    """FLR-01: whatever a bench says, and by whatever way."""
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    box = Alone.begin(bench, number)
    bench.scan(SOAP)
    bench.send()
    assert bench.session is not None
    with pytest.raises(DomainError) as refusal:
        bench.ask("POST", f"/api/sessions/{bench.session.session_id}/label", wire.LabelAnswer)
    assert (refusal.value.code, refusal.value.facts["open_units"]) == ("not_packed", 1)
    with pytest.raises(DomainError, match="has no label yet"):
        bench.ask("POST", f"/api/parcels/{box.label.parcel_id}/reprint", wire.LabelAnswer)
    box.packs()
    assert bench.send().stop is Reason.STOPPED
    assert "with 1 units not verified" in floor.incidents("verdicts_differ")[0]
    assert rows_of(floor, number) == [("allotted", "allotted", box.label.tracking)]
    assert Dock.at(bench).scan(box.label.tracking).reason is Reason.NOT_PACKED


def test_a_parcel_that_reaches_the_dock_before_its_scans_do_waits_for_them(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    box, dock = Alone.begin(bench, number).packs(SOAP), Dock.at(floor.bench("Dock"))
    assert not [p.tracking for p in dock.load.parcels], "what is only allotted is nothing that stands here"
    assert dock.scan(box.label.tracking).reason is Reason.NOT_PACKED
    assert [p.tracking for p in dock.load.parcels] == [box.label.tracking], "now this dock can say so by itself"
    bench.send()
    assert dock.scan(box.label.tracking).reason is Reason.OK


def test_the_box_of_an_order_cancelled_meanwhile_is_pulled_and_its_number_refused(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    box = Alone.begin(bench, number).packs(SOAP)
    cancel_order(floor.db, BOSS, floor.order_id(number))
    assert rows_of(floor, number) == [("allotted", "cancelled", box.label.tracking)]
    assert Dock.at(bench).scan(box.label.tracking).reason is Reason.CANCELLED
    assert bench.send().stop is Reason.CANCELLED
    assert rows_of(floor, number) == [("bought", "cancelled", box.label.tracking)]
    (cause,) = floor.incidents("pull_parcel")
    assert f"was cancelled while Bench 1 was away: pull its box, destroy its label {box.label.tracking}" in cause
    close_incident(floor.db, BOSS, floor.incident_id("pull_parcel"), "unpacked")
    assert Dock.at(bench).scan(box.label.tracking).reason is Reason.CANCELLED, "for good"


def test_a_dead_benchs_labels_are_void_and_the_next_bench_gets_numbers_of_its_own(floor: Floor) -> None:
    dead, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    numbers = [floor.order(("SOAP", 1)) for _ in range(3)]
    box = Alone.begin(dead, numbers[0]).packs(SOAP)
    before = set(labels_of(lease_of(dead)).values())
    free_bench(floor.db, BOSS, "Bench 1")
    assert {row[1] for number in numbers for row in rows_of(floor, number)} == {"cancelled"}
    after = labels_of(lease_of(other))
    assert (list(after), before & set(after.values())) == (numbers, set())
    assert other.pack(numbers[0], SOAP).tracking == after[numbers[0]]
    # It is heard of again after all.
    assert dead.send().stop is Reason.TAKEN_OVER
    assert [row[1] for row in rows_of(floor, numbers[0])] == ["cancelled", "ready"]
    dock = Dock.at(other)
    assert dock.scan(after[numbers[0]]).reason is Reason.OK
    assert dock.scan(box.label.tracking).reason is Reason.VOID_LABEL
    assert f"destroy its label {box.label.tracking}" in floor.incidents("pull_parcel")[0]


def test_a_freed_bench_that_comes_back_first_keeps_its_box_and_the_others_label_is_void(floor: Floor) -> None:
    first, other, number = floor.bench("Bench 1"), floor.bench("Bench 2"), floor.order(("SOAP", 1))
    box = Alone.begin(first, number).packs(SOAP)
    free_bench(floor.db, BOSS, "Bench 1")
    spare = labels_of(lease_of(other))[number]
    assert first.send().stop is None
    assert rows_of(floor, number) == [("bought", "ready", box.label.tracking), ("allotted", "cancelled", spare)]


def test_an_order_opened_at_another_bench_gets_a_label_of_that_bench(floor: Floor) -> None:
    holder, other, number = floor.bench("Bench 1"), floor.bench("Bench 2"), floor.order(("SOAP", 1))
    allotted = labels_of(lease_of(holder))[number]
    person, now = floor.people["packer"], floor.db.now()
    holder.ask("POST", "/api/heartbeat", wire.HeartbeatAnswer, wire.Heartbeat(at=now, person_id=person))
    bought = other.pack(number, SOAP).tracking
    assert bought != allotted
    assert rows_of(floor, number) == [("allotted", "cancelled", allotted), ("bought", "ready", bought)]


def test_another_address_means_another_label_and_the_one_with_the_old_address_never_leaves(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    box = Alone.begin(bench, number).packs(SOAP)
    new = ShipTo(name="Zoe Quill", lines=("9 New Street",), city="Reno", postcode="89501", country="US", phone="")
    change_address(floor.db, BOSS, floor.order_id(number), new)
    assert floor.status(number) == "ready", "nothing of it is labelled as far as anybody knows"
    fresh = lease_of(bench).labels[0]
    assert (fresh.version, fresh.label.label.ship_to.lines) == (2, ("9 New Street",))
    assert fresh.label.tracking != box.label.tracking
    assert bench.send().stop is Reason.CHANGED
    assert Dock.at(bench).scan(box.label.tracking).reason is Reason.VOID_LABEL
    assert bench.pack(number, SOAP).tracking != box.label.tracking


def test_labels_go_with_a_smaller_lease_and_an_old_one(floor: Floor) -> None:
    bench, made = floor.bench("Bench 1"), [floor.order(("SOAP", 1)) for _ in range(3)]
    lease_of(bench)
    leases.set_size(floor.db, BOSS, "Bench 1", 1)
    assert [rows_of(floor, number)[0][1] for number in made] == ["allotted", "cancelled", "cancelled"]
    with floor.db.engine.begin() as connection:
        connection.execute(tables.lease.update().values(until=1.0))
    leases.set_size(floor.db, BOSS, "Bench 1", 0)
    assert [rows_of(floor, number)[0][1] for number in made] == ["cancelled"] * 3


def test_benches_that_ask_at_once_never_share_a_number(floor: Floor) -> None:
    there = [floor.bench(f"Bench {n}") for n in range(1, 4)]
    made = [floor.order(("SOAP", 1)) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lease_of, there * 2))
    final = [set(labels_of(lease_of(bench)).items()) for bench in there]
    assert sorted(number for each in final for number, _ in each) == sorted(made)
    assert len({tracking for each in final for _, tracking in each}) == 6
    for answer, last in zip(answers, final * 2, strict=True):
        assert set(labels_of(answer).items()) <= last, "what was given once stays the same"


@one_engine
@pytest.mark.parametrize("why", ["the carrier cannot", "another tool prints", "a label is bought already"])
def test_no_label_is_allotted_where_none_may_be(floor: Floor, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    if why == "the carrier cannot":
        serve_all(monkeypatch, MeteredCarrier())
    elif why == "another tool prints":
        benches.set_mode(floor.db, BOSS, "Bench 1", Mode.VERIFY_ONLY)
    else:
        other = floor.bench("Bench 2")
        other.open(number)
        other.scan(SOAP)
        other.buy()
        free_bench(floor.db, BOSS, "Bench 2")
    answer = lease_of(bench)
    assert (len(answer.orders), answer.labels) == (1, ())


@one_engine
def test_a_carrier_that_fails_gives_no_label_and_is_asked_again_with_the_same_key(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    metered = MeteredCarrier(capabilities=Capabilities(allot=True))
    serve_all(monkeypatch, metered)
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    metered.fail_after = Away("read timed out", maybe_done=True)
    assert lease_of(bench).labels == ()
    allotted = labels_of(lease_of(bench))[number]
    assert (set(metered.sold), len(metered.sold)) == ({*metered.asked}, 1), "a label lost on its way is not bought anew"
    assert bench.pack(number, SOAP).tracking == allotted
    refused = floor.order(("SOAP", 1))
    metered.fail_before = Refused("the postcode does not exist")
    assert [lease_of(bench).labels for _ in range(3)] == [(), (), ()]
    assert rows_of(floor, refused) == [("allotted", "cancelled", None)], "refused once, asked no more"
    assert bench.pack(refused, SOAP).tracking not in ("", allotted)


@one_engine
def test_a_label_of_another_bench_or_of_nobody_is_no_label_here(floor: Floor) -> None:
    bench, other = floor.bench("Bench 1"), floor.bench("Bench 2")
    leases.set_size(floor.db, BOSS, "Bench 1", 1)
    number, theirs = floor.order(("SOAP", 1)), floor.order(("SOAP", 1))
    box, foreign = Alone.begin(bench, number), next(iter(lease_of(other).labels)).label
    assert foreign.label.order_number == theirs
    Alone(bench, number, foreign).packs(SOAP)
    assert bench.send().stop is Reason.STOPPED
    assert floor.incidents("verdicts_differ")
    assert rows_of(floor, theirs) == [("allotted", "allotted", foreign.tracking)]
    assert rows_of(floor, number)[0][:2] == ("allotted", "allotted")
    assert box.label.tracking != foreign.tracking


@one_engine
def test_no_buyer_is_kept_with_leases_and_allotted_labels(floor: Floor) -> None:
    floor.order(("SOAP", 1))
    lease_of(floor.bench("Bench 1"))
    with floor.db.read() as connection:
        kept = [str(connection.execute(select(t)).all()) for t in (tables.lease, tables.parcel, tables.audit)]
    assert all(secret not in "".join(kept) for secret in ("Zoe Quill", "7 Hidden Lane", "Springfield"))


def test_a_bench_labels_three_boxes_through_a_cut_and_the_dock_loads_what_still_stands(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real station, a real server, a network that is gone between them."""
    monkeypatch.setattr("station.desks.leased.REFRESH_SECONDS", 0.1)
    good, cancelled, also_good = numbers = [floor.order(("SOAP", 1)) for _ in range(3)]
    token = floor.bench("Bench 1").token
    with (
        weather(str(floor.http.base_url)) as sky,
        OneBench(tmp_path / "bench", url=sky.url, token=token).sign_in("PPB-PACKER-0001") as bench,
    ):
        until(lambda: len(bench.journal.allotted()) == 3, "the labels")
        sky.mood, on_paper = Mood.CUT, {}
        for n, number in enumerate(numbers, 1):
            bench.scan(f"PPO-{number}")
            until(lambda: isinstance(bench.bench.view, PackView), "the order, with no server")
            assert bench.scan(SOAP).reason is Reason.OK
            bench.reach(LabelStage.SCAN_LABEL)
            assert bench.pack_view.bought is Bought.ALLOTTED
            on_paper[number] = bench.pack_view.session.tracking or ""
            assert len(bench.printer.jobs) == n
            assert on_paper[number].encode() in bench.printer.jobs[-1].replace(b" ", b"")
            bench.scan(on_paper[number])
            assert bench.reach_queue().just_closed == number
        cancel_order(floor.db, BOSS, floor.order_id(cancelled))
        sky.mood = Mood.FAIR
        until(lambda: bench.journal.unsent == 0, "everything to arrive with no further scan", 20)
        until(lambda: bench.journal.allotted() == {}, "the addresses to be forgotten")
    for number in (good, also_good):
        assert rows_of(floor, number) == [("bought", "ready", on_paper[number])]
    (cause,) = floor.incidents("pull_parcel")
    assert f"destroy its label {on_paper[cancelled]}" in cause
    dock = Dock.at(floor.bench("Dock"))
    assert [dock.scan(on_paper[n]).reason for n in (good, also_good, cancelled)] == [Reason.OK] * 2 + [Reason.CANCELLED]
    assert floor.incidents("verdicts_differ") == []
