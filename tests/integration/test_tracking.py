"""What is said of parcels becomes their state, alarms that close themselves, and orders that are delivered."""

import json
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import func, select, update

from server.db import parcels, tables, tracking
from server.db.transaction import Database, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.trade.shipping import Seen
from server.usecases.routes import promises
from server.usecases.sales.refunding import set_refunds
from server.usecases.starting.sites import add_channel, add_site
from server.usecases.tracking import figures, inbox, settings, settling
from server.usecases.tracking.cases import cases
from server.usecases.tracking.settling import settle
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, SECRET, sell, signed
from tests.floor import SOAP, Dock, Floor, one_engine
from tests.tracked import BEGAN, HOUR, Road, iso

DAY = 24 * HOUR


@pytest.fixture
def road(db: Database) -> Road:
    return Road(db)


def arrival(road: Road, order: str) -> tuple[int, int, float | None]:
    t = tables.order_arrival
    with road.db.read() as connection:
        row = connection.execute(select(t).where(t.c.channel_order_id == order)).one()
        return row.delivered, row.parcels, row.delivered_at


def told(road: Road, *events: dict[str, Any], source: str = "metro") -> inbox.Put:
    return inbox.tell(road.db, BOSS, json.dumps({"source": source, "events": events}).encode())


@one_engine
def test_events_end_in_the_same_state_in_whatever_order_and_how_often_they_come(road: Road) -> None:
    words = ("accepted", "out_for_delivery", "delivered")
    numbers = [f"N{n}" for n in range(6)]
    road.gone("S-1", *numbers)
    moments = dict(zip(words, (5, 3, 1), strict=True))
    for number, order in zip(numbers, permutations(words), strict=True):
        for status in (*order, order[0]):
            road.said(number, status, hours=moments[status])
    states = {(s.status, s.since, s.first_scan_at, s.delivered_at) for s in map(road.state, numbers)}
    assert states == {("delivered", BEGAN - HOUR, BEGAN - 5 * HOUR, BEGAN - HOUR)}
    with road.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.tracking_event)).scalar() == 18


def test_an_order_of_several_parcels_is_delivered_when_each_of_them_is(road: Road) -> None:
    road.gone("S-1", "A1", "A2")
    road.said("A1", "delivered")
    assert arrival(road, "S-1") == (1, 2, None)
    road.at += HOUR
    road.said("A2", "delivered")
    assert arrival(road, "S-1") == (2, 2, BEGAN + HOUR)
    road.at += HOUR
    road.said("A2", "returned")
    assert arrival(road, "S-1") == (1, 2, None)


@one_engine
def test_a_box_that_stayed_behind_keeps_its_order_from_being_delivered_and_a_cancelled_one_does_not(
    road: Road,
) -> None:
    road.packed("S-1", "A1", "A2")
    road.leave("A1")
    road.said("A1", "delivered")
    assert arrival(road, "S-1") == (1, 2, None)
    with transaction(road.db, BOSS, "test") as tx:
        parcels.set_state(tx, parcels.lock(tx, [road.made["A2"]])[road.made["A2"]], ParcelState.CANCELLED)
    road.later(1)
    assert arrival(road, "S-1") == (1, 1, BEGAN + HOUR)


@one_engine
def test_an_order_that_was_split_between_sites_is_delivered_when_the_parcels_of_all_its_parts_are(road: Road) -> None:
    add_site(road.db, BOSS, "WEST", "West", rank=1)
    count_on_hand(road.db, BOSS, "CANDLE", "WEST", 2)
    count_on_hand(road.db, BOSS, "CANDLE", "EAST", 1)
    promises.set_split(road.db, BOSS, "shop", True)
    sell(road.db, "S-1", ("CANDLE", 3))
    o = tables.order
    with road.db.read() as connection:
        one, two = connection.execute(
            select(o.c.number).where(o.c.channel_order_id == "S-1").order_by(o.c.id)
        ).scalars()
    for number, tracking_number in ((one, "A1"), (two, "A2")):
        road.boxed(number, tracking_number)
        road.leave(tracking_number)
    road.said("A1", "delivered")
    assert arrival(road, "S-1") == (1, 2, None)
    road.said("A2", "delivered")
    assert arrival(road, "S-1") == (2, 2, BEGAN)
    told_of = select(func.count()).select_from(tables.audit).where(tables.audit.c.action == "order.delivered")
    with road.db.read() as connection:
        assert connection.execute(told_of).scalar() == 2, "the record of each part says so"


@one_engine
def test_a_failed_delivery_is_a_persons_matter_at_its_event_and_closes_itself(road: Road) -> None:
    road.gone("S-1", "A1")
    road.said("A1", "attempted")
    [cause] = road.incidents("delivery_failed")
    assert "A1" in cause and "S-1" not in cause and "tried once" in cause
    road.at += HOUR
    road.said("A1", "attempted")
    assert len(road.incidents("delivery_failed")) == 1
    road.at += HOUR
    road.said("A1", "delivered")
    assert (road.incidents("delivery_failed"), len(road.incidents("delivery_failed", "closed"))) == ([], 1)


@one_engine
def test_stuck_never_scanned_and_slipped_are_told_once_and_close_themselves(road: Road) -> None:
    settings.set_limits(road.db, BOSS, "own-van", "*", {"scan_hours": 12, "stuck_hours": 30})
    road.gone("S-1", "A1")
    road.promise("S-1", BEGAN + 2 * DAY)
    road.later(11.9)
    assert road.incidents("never_scanned") == []
    road.later(0.1)
    road.later(1)
    assert [cause.partition(": ")[2] for cause in road.incidents("never_scanned")] == [
        "it was handed over 12 h ago and never scanned"
    ]
    road.said("A1", "in_transit", eta=BEGAN + 4 * DAY)
    assert road.incidents("never_scanned") == []
    assert len(road.incidents("delivery_slipped")) == 1
    road.later(30)
    road.later(1)
    assert len(road.incidents("parcel_stuck")) == 1
    road.said("A1", "arrived", eta=BEGAN + 2 * DAY)
    assert road.incidents("parcel_stuck") == road.incidents("delivery_slipped") == []
    road.later(31)
    assert len(road.incidents("parcel_stuck")) == 1
    with transaction(road.db, BOSS, "it was taken off and cancelled") as tx:
        parcels.set_state(tx, parcels.lock(tx, [road.made["A1"]])[road.made["A1"]], ParcelState.CANCELLED)
    road.said("A1", "label_created")
    assert road.incidents("parcel_stuck") == [], "nobody waits for a parcel that is cancelled"


@one_engine
def test_an_alarm_that_a_person_closed_is_not_told_again_while_it_is_still_true(road: Road) -> None:
    road.gone("S-1", "A1")
    road.said("A1", "exception")
    with road.db.engine.begin() as connection:
        connection.execute(update(tables.incident).values(state="closed", once_key=None))
    road.later(5)
    road.said("A1", "exception")
    assert road.incidents("delivery_failed") == []
    road.said("A1", "in_transit", hours=-0.5)
    road.at += 2 * HOUR
    road.said("A1", "exception")
    assert len(road.incidents("delivery_failed")) == 1


@one_engine
def test_silence_of_our_own_van_means_nothing(road: Road) -> None:
    road.gone("S-1", "A1")
    road.later(2_000)
    with road.db.read() as connection:
        assert connection.execute(select(tables.incident.c.cause)).all() == []


@one_engine
def test_a_lost_parcel_opens_a_case_with_an_owner_a_text_and_a_remedy_by_channel_and_value(road: Road) -> None:
    settings.set_rules(road.db, BOSS, [{"alarm": "lost", "channel": "shop", "value_below": 500, "remedy": "refund"}])
    road.gone("S-1", "A1")
    road.gone("S-2", "A2")
    with road.db.engine.begin() as connection:
        for order, value in (("S-1", 499), ("S-2", 4_000)):
            connection.execute(
                update(tables.order).where(tables.order.c.channel_order_id == order).values(amount_due=value)
            )
    for number in ("A1", "A2"):
        road.said(number, "lost")
    with road.db.read() as connection:
        found = [cases(connection, road.made[number])[0] for number in ("A1", "A2")]
    assert [(case.remedy, case.owner, case.state) for case in found] == [
        ("refund", "desk", "open"),
        ("replacement", "desk", "open"),
    ]
    assert "S-2" in found[1].text and "A2" in found[1].text
    with pytest.raises(DomainError, match="there is no channel nowhere"):
        settings.set_rules(road.db, BOSS, [{"alarm": "lost", "channel": "nowhere", "remedy": "refund"}])


@one_engine
@pytest.mark.parametrize(("hours", "paid"), [(100, 0), (240, 1)])
def test_only_a_lost_parcel_is_paid_back_by_the_policy_and_never_a_late_one(road: Road, hours: int, paid: int) -> None:
    set_refunds(road.db, BOSS, "shop", lost=True)
    rules = [{"alarm": alarm, "channel": "shop", "remedy": "refund"} for alarm in ("stuck", "lost")]
    settings.set_rules(road.db, BOSS, rules)
    road.gone("S-1", "A1")
    road.said("A1", "accepted")
    road.later(hours)
    with road.db.read() as connection:
        words = select(func.count()).select_from(tables.outbox).where(tables.outbox.c.kind == "refund")
        assert connection.execute(words).scalar() == paid


@one_engine
def test_a_parcel_that_is_lost_found_and_lost_again_is_paid_back_once_with_no_other_parcels_units(road: Road) -> None:
    set_refunds(road.db, BOSS, "shop", lost=True)
    settings.set_rules(road.db, BOSS, [{"alarm": "lost", "channel": "shop", "remedy": "refund"}])
    road.gone("S-1", "A1", "A2")
    road.said("A2", "delivered")
    road.said("A1", "accepted")
    road.later(240)
    road.said("A1", "in_transit")
    closed = "it is no longer so, but shop was told to pay it back: the buyer may get both"
    with road.db.read() as connection:
        assert connection.execute(select(tables.incident.c.resolution)).scalars().all() == [closed]
    road.later(240)
    assert len(road.incidents("parcel_lost")) == 1
    with road.db.read() as connection:
        words = select(tables.outbox.c.payload).where(tables.outbox.c.kind == "refund")
        [word] = connection.execute(words).scalars()
    assert [line["quantity"] for line in word["data"]["lines"]] == [1]


@one_engine
def test_an_unknown_word_is_flagged_once_and_what_a_person_says_it_means_holds_for_all_parcels(road: Road) -> None:
    road.gone("S-1", "A1", "A2")
    for number in ("A1", "A2"):
        road.said(number, "", words=f"Parked in bay {number[1]}")
    assert len(road.incidents("tracking_word")) == 1
    assert "bay" not in road.incidents("tracking_word")[0], "the words may name a buyer"
    assert [road.state(number).status for number in ("A1", "A2")] == ["unknown", "unknown"]
    assert settings.explain(road.db, BOSS, "metro", "words parked in bay", "arrived") == 2
    settle(road.db)
    assert [road.state(number).status for number in ("A1", "A2")] == ["arrived", "arrived"]
    assert road.incidents("tracking_word") == []
    road.gone("S-3", "A3")
    road.said("A3", "", words="Parked in bay 9")
    assert road.state("A3").status == "arrived"
    with pytest.raises(DomainError, match="expected one of label_created"):
        settings.explain(road.db, BOSS, "metro", "words parked in bay", "unknown")


@one_engine
def test_what_is_said_before_we_know_the_parcel_counts_as_soon_as_we_do(road: Road) -> None:
    put = told(road, {"tracking": "a1", "at": iso(road.at), "status": "accepted"})
    assert put == inbox.Put(1, ("a1",))
    settle(road.db)
    road.packed("S-1", "A1")
    road.at += settling.SOON
    settle(road.db)
    assert road.state("A1").status == "accepted"
    told(road, {"tracking": "NOT-OURS", "at": iso(road.at), "status": "accepted"})
    for _ in range(3):
        road.at += settling.WAITS
        settle(road.db)
    with road.db.read() as connection:
        waits = select(tables.tracking_event.c.tracking).where(tables.tracking_event.c.settle_at.is_not(None))
        assert connection.execute(waits).all() == []


@one_engine
def test_a_new_date_for_an_event_that_is_known_replaces_its_old_one(road: Road) -> None:
    road.gone("S-1", "A1")
    at = road.at
    for days in (5, 3):
        road.at += 60
        road.said("A1", "in_transit", hours=(road.at - at) / HOUR, eta=BEGAN + days * DAY)
    assert road.state("A1").eta == BEGAN + 3 * DAY
    with road.db.read() as connection:
        assert len(connection.execute(select(tables.tracking_event)).all()) == 1


@one_engine
def test_a_channel_never_decides_of_a_parcel_that_becomes_anothers_after_it_told_of_its_number(road: Road) -> None:
    add_channel(road.db, BOSS, "other", "Other", {"secret": SECRET})

    def tells(channel: str, status: str) -> None:
        body = {"source": "mall", "events": [{"tracking": "A1", "at": iso(road.at), "status": status}]}
        raw = json.dumps(body).encode()
        inbox.tell_signed(road.db, BOSS, channel, signed(raw, f"m-{channel}"), raw)

    tells("other", "delivered")
    tells("shop", "accepted")
    settle(road.db)
    road.gone("S-1", "A1")
    road.at += settling.SOON
    settle(road.db)
    assert (road.state("A1").status, road.state("A1").over) == ("accepted", False)
    road.at += settling.WAITS
    assert settle(road.db) is False
    with road.db.read() as connection:
        refused = select(tables.audit.c.detail).where(tables.audit.c.action == "tracking.not_theirs")
        assert connection.execute(refused).scalars().all() == [{"source": "channel:other", "said": "delivered"}]
        assert [row.source for row in tracking.events_of(connection, road.made["A1"])] == ["channel:shop"]


@one_engine
def test_a_carrier_never_decides_of_a_parcel_of_another_carrier_s(road: Road) -> None:
    road.gone("S-1", "A1", carrier="easypost")

    def tells(account: str, status: str) -> None:
        said = [Seen(tracking="A1", at=road.at, code=status, words="", event_id=f"{account}-{status}")]
        inbox.put(road.db, BOSS, inbox.Voice(account, "easypost", "webhook"), said)
        settle(road.db)

    tells("easypost", "in_transit")
    tells("easypost-west", "delivered")
    assert (road.state("A1").status, road.state("A1").over) == ("in_transit", False)
    road.said("A1", "out_for_delivery", hours=-0.1)
    assert road.state("A1").status == "out_for_delivery", "somebody of the office may speak of all parcels"
    with road.db.read() as connection:
        refused = select(tables.audit.c.detail).where(tables.audit.c.action == "tracking.not_theirs")
        assert connection.execute(refused).scalars().all() == [{"source": "easypost-west", "said": "delivered"}]


@one_engine
def test_a_date_that_is_no_date_of_delivery_is_dropped_and_the_event_counts(road: Road) -> None:
    road.gone("S-1", "A1")
    road.promise("S-1", BEGAN + DAY)
    event = {"tracking": "A1", "at": iso(road.at), "status": "in_transit"}
    told(road, {**event, "eta": "9999-12-31T23:59:59-12:00"})
    settle(road.db)
    assert (road.state("A1").status, road.state("A1").eta, road.incidents("delivery_slipped")) == (
        "in_transit",
        None,
        [],
    )
    for days, eta in ((360, BEGAN + 360 * DAY), (370, BEGAN + 360 * DAY)):
        told(road, {**event, "eta": iso(BEGAN + days * DAY)})
        settle(road.db)
        assert road.state("A1").eta == eta


@one_engine
@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({"at": iso(BEGAN), "status": "accepted"}, "tracking"),
        ({"tracking": " ", "at": iso(BEGAN), "status": "accepted"}, r"events\[1\]: tracking: expected"),
        ({"tracking": "A1", "at": iso(BEGAN)}, r"events\[1\]: expected a status of ours"),
        ({"tracking": "A1", "at": iso(BEGAN), "status": "flown"}, r"status: expected one of .*, found 'flown'"),
        ({"tracking": "A1", "at": "2026-01-01T00:00:00", "status": "lost"}, "at: expected a time with its zone"),
        ({"tracking": "A1", "at": iso(BEGAN), "status": "lost", "cost": 3}, "cost"),
    ],
)
def test_a_bad_event_is_refused_by_name_and_nothing_of_its_message_is_kept(
    road: Road, event: dict[str, Any], named: str
) -> None:
    with pytest.raises(DomainError, match=named):
        told(road, {"tracking": "A1", "at": iso(BEGAN), "status": "accepted"}, event)
    with road.db.read() as connection:
        assert connection.execute(select(tables.tracking_event)).all() == []


@one_engine
def test_text_from_outside_is_kept_without_control_bytes_and_a_clock_that_is_ahead_counts_as_now(road: Road) -> None:
    road.gone("S-1", "A1")
    road.said("A1", "", hours=-50, code="IT\x1b[31m", words="In transit\x00\r\nto \x9b nowhere", where="B\x07onn")
    with road.db.read() as connection:
        row = connection.execute(select(tables.tracking_event)).one()
    assert (row.code, row.words, row.place) == ("IT [31m", "In transit to nowhere", "B onn")
    assert (row.at, row.said_at) == (road.at, road.at + 50 * HOUR)


@one_engine
def test_what_names_who_signed_is_erased_with_the_address_and_the_journey_stays(road: Road) -> None:
    road.gone("S-1", "A1")
    road.said("A1", "", words="Delivered, signed by Zoe Quill", where="7 Hidden Lane")
    with transaction(road.db, BOSS, "erase") as tx:
        row = parcels.find(tx.connection, road.made["A1"])
        assert row is not None
        tracking.erase(tx, row.order_id)
        [event] = tracking.events_of(tx.connection, row.id)
    assert (event.words, event.place, event.status, road.state("A1").status) == ("", "", "delivered", "delivered")


@one_engine
def test_one_parcel_that_cannot_be_settled_keeps_no_other_back(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    road.gone("S-1", "A1")
    road.gone("S-2", "A2")
    follow = settling._follow

    def odd(tx: Any, row: Any, watch: Any) -> bool:
        if row.tracking == "A1":
            raise ZeroDivisionError
        return follow(tx, row, watch)

    monkeypatch.setattr(settling, "_follow", odd)
    told(road, *({"tracking": number, "at": iso(road.at), "status": "accepted"} for number in ("A1", "A2")))
    settle(road.db)
    assert (road.state("A1").status, road.state("A2").status) == ("", "accepted")
    monkeypatch.undo()
    road.at += settling.BROKEN
    settle(road.db)
    assert road.state("A1").status == "accepted"


@one_engine
def test_a_cancelled_parcel_that_its_carrier_scans_is_a_persons_matter(road: Road) -> None:
    road.packed("S-1", "A1")
    with transaction(road.db, BOSS, "test") as tx:
        parcels.set_state(tx, parcels.lock(tx, [road.made["A1"]])[road.made["A1"]], ParcelState.CANCELLED)
    road.said("A1", "accepted")
    assert [cause for cause in road.incidents("cancelled_after_packing") if "its carrier has scanned it" in cause]


@one_engine
def test_the_share_of_parcels_scanned_within_a_day_is_told_by_carrier(road: Road) -> None:
    road.gone("S-1", "A1", "A2", "A3", "A4")
    road.said("A1", "accepted", hours=-0.9)
    road.at += 30 * HOUR
    road.said("A2", "accepted")
    road.gone("S-2", "A5")
    with road.db.read() as connection:
        by_carrier, by_bench = figures.compliance(connection, BEGAN - 1, road.at + 1, road.at)
    assert [(each.name, each.scanned, each.handed_over, each.share) for each in by_carrier] == [
        ("own-van", 1, 4, 0.25)
    ], "the day of the fifth is not over"
    assert by_bench == []


@one_engine
def test_the_share_of_parcels_scanned_within_a_day_is_told_by_the_bench_that_packed_them(floor: Floor) -> None:
    one, two = floor.bench("Bench 1"), floor.bench("Bench 2")
    numbers = [bench.pack(floor.order(("SOAP", 1)), SOAP).tracking for bench in (one, one, two)]
    dock = Dock.at(floor.bench("Dock 1"))
    for number in numbers:
        dock.scan(number)
    dock.bench.close_load(dock.load.load_id, 3)
    began = floor.db.now()
    events = [{"tracking": numbers[0], "at": iso(began + 60), "status": "accepted"}]
    inbox.tell(floor.db, BOSS, json.dumps({"source": "metro", "events": events}).encode())
    settle(floor.db)
    with floor.db.read() as connection:
        _, by_bench = figures.compliance(connection, began - HOUR, began + HOUR, began + 2 * DAY)
    assert [(each.name, each.scanned, each.handed_over) for each in by_bench] == [("Bench 1", 1, 2), ("Bench 2", 0, 1)]
