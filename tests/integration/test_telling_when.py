"""Each channel is told of a parcel at its own moment, once, and never of one that is cancelled (SBK-02, SBK-07)."""

from typing import Any

import pytest
from sqlalchemy import select, update

from server.cli.parcel_text import told_lines
from server.db import parcels, tables
from server.db.exposure import shipments
from server.db.transaction import Database, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.tracking.telling import TellAt
from server.usecases.outward.telling_when import handed_over, ready, set_tell_at
from server.usecases.record.incidents import close_incident, open_incident
from server.usecases.sales.cancel import cancel_order
from server.usecases.tracking.figures import Told, told_figures
from server.usecases.tracking.settling import settle
from tests.book import BOSS
from tests.floor import SOAP, Floor, one_engine
from tests.tracked import BEGAN, Road

pytestmark = one_engine


@pytest.fixture
def road(db: Database) -> Road:
    return Road(db)


def figures(road: Road) -> Told:
    with road.db.read() as connection:
        [found] = told_figures(connection, BEGAN - 1)
    return found


@pytest.mark.parametrize(
    ("moment", "at_label", "at_manifest", "at_scan"),
    [("manifest", False, True, True), ("label", True, True, True), ("carrier-scan", False, False, True)],
)
def test_a_channel_is_told_at_its_own_moment_and_once(
    road: Road, moment: str, at_label: bool, at_manifest: bool, at_scan: bool
) -> None:
    assert set_tell_at(road.db, BOSS, "shop", moment) is TellAt.MANIFEST
    road.packed("S-1", "A1")
    assert ("A1" in road.told()) is at_label
    road.leave("A1")
    assert ("A1" in road.told()) is at_manifest
    road.said("A1", "label_created")
    assert ("A1" in road.told()) is at_manifest
    road.said("A1", "accepted")
    assert ("A1" in road.told()) is at_scan
    with transaction(road.db, BOSS, "again") as tx:
        row = parcels.find(tx.connection, road.made["A1"])
        assert row is not None
        handed_over(tx, row)
        ready(tx, row)
    assert road.told() == {"A1": "waiting"}


def test_a_label_that_was_not_scanned_on_its_box_is_not_sure_and_not_told(road: Road) -> None:
    set_tell_at(road.db, BOSS, "shop", "label")
    road.packed("S-1", "A1")
    with transaction(road.db, BOSS, "test") as tx:
        tx.connection.execute(tables.outbox.delete().where(tables.outbox.c.kind == "shipment"))
        for state in (ParcelState.BOUGHT, ParcelState.BLOCKED):
            ready(tx, parcels.set_state(tx, parcels.lock(tx, [road.made["A1"]])[road.made["A1"]], state))
    assert road.told() == {}


def test_a_box_whose_label_was_doubted_is_told_when_a_person_has_settled_it(road: Road) -> None:
    road.packed("S-1", "A1")
    parcel = road.made["A1"]
    with transaction(road.db, BOSS, "test") as tx:
        parcels.set_state(tx, parcels.lock(tx, [parcel])[parcel], ParcelState.BLOCKED)
        incident = open_incident(tx, IncidentType.LABEL_SWAP, "two boxes, one label", parcel_id=parcel)
    assert incident is not None
    set_tell_at(road.db, BOSS, "shop", "label")
    assert road.told() == {}
    close_incident(road.db, BOSS, incident, "looked at both boxes")
    assert road.told() == {"A1": "waiting"}


def test_a_cancelled_parcel_is_never_told_also_when_it_was_queued(road: Road) -> None:
    set_tell_at(road.db, BOSS, "shop", "label")
    road.packed("S-1", "A1")
    road.packed("S-2", "A2")
    cancel_order(road.db, BOSS, ("shop", "S-1"), "the buyer asked")
    assert road.told() == {"A1": "withdrawn", "A2": "waiting"}
    with road.db.read() as connection:
        assert shipments(connection, BEGAN - 1) == {1: (0, 1, 0)}
    with transaction(road.db, BOSS, "again") as tx:
        row = parcels.find(tx.connection, road.made["A1"])
        assert row is not None
        handed_over(tx, row)
    road.said("A1", "accepted")
    assert road.told()["A1"] == "withdrawn"


def test_what_is_told_and_not_loaded_and_loaded_and_not_told_is_listed_and_never_silent(road: Road) -> None:
    set_tell_at(road.db, BOSS, "shop", "label")
    road.packed("S-1", "A1")
    road.packed("S-2", "A2")
    road.take_all()
    cancel_order(road.db, BOSS, ("shop", "S-2"), "the buyer asked")
    set_tell_at(road.db, BOSS, "shop", "carrier_scan")
    road.gone("S-3", "A3")
    road.packed("S-4", "A4")
    road.said("A4", "accepted")
    found = figures(road)
    assert (found.tell_at, found.confirmed, found.pending, found.failed) == (TellAt.CARRIER_SCAN, 2, 1, 0)
    assert found.loaded_not_told == ("A3",)
    assert found.told_not_loaded == ("A1", "A4")
    assert found.cancelled_but_told == ("A2",)
    assert found.scanned_not_loaded == ("A4",)


@pytest.mark.parametrize("tried", [{"attempts": 1}, {"claimed_until": BEGAN + 60}])
def test_a_parcel_cancelled_after_a_try_without_an_answer_is_listed_as_perhaps_told(
    road: Road, tried: dict[str, Any]
) -> None:
    set_tell_at(road.db, BOSS, "shop", "label")
    road.packed("S-1", "A1")
    road.packed("S-2", "A2")
    t = tables.outbox
    with road.db.engine.begin() as connection:
        connection.execute(update(t).where(t.c.key == road.made["A1"]).values(**tried))
    for order in ("S-1", "S-2"):
        cancel_order(road.db, BOSS, ("shop", order), "the buyer asked")
    assert road.told() == {"A1": "withdrawn", "A2": "withdrawn"}
    found = figures(road)
    assert (found.cancelled_but_told, found.cancelled_maybe_told) == ((), ("A1",))
    assert any("cancelled, and perhaps told: 1: A1" in line for line in told_lines([found]))


def test_for_a_channel_told_at_the_manifest_nothing_differs(road: Road) -> None:
    road.gone("S-1", "A1", "A2")
    road.packed("S-2", "A3")
    road.said("A1", "accepted")
    road.take_all()
    found = figures(road)
    assert (found.confirmed, found.loaded_not_told, found.told_not_loaded) == (2, (), ())


def test_a_parcel_that_is_past_the_new_moment_is_told_when_the_policy_changes(road: Road) -> None:
    set_tell_at(road.db, BOSS, "shop", "carrier_scan")
    road.gone("S-1", "A1")
    road.packed("S-2", "A2")
    assert road.told() == {}
    set_tell_at(road.db, BOSS, "shop", "manifest")
    assert road.told() == {"A1": "waiting"}
    set_tell_at(road.db, BOSS, "shop", "label")
    assert road.told() == {"A1": "waiting", "A2": "waiting"}
    with pytest.raises(DomainError, match="tell-at: expected manifest, label, carrier_scan, found 'soon'"):
        set_tell_at(road.db, BOSS, "shop", "soon")
    with pytest.raises(DomainError, match="there is no channel 'nowhere'"):
        set_tell_at(road.db, BOSS, "nowhere", "label")


def test_the_first_scan_tells_a_parcel_that_no_load_had_only_to_a_channel_that_waits_for_scans(road: Road) -> None:
    road.packed("S-1", "A1")
    road.said("A1", "accepted")
    settle(road.db)
    assert road.told() == {}


def test_at_a_real_bench_the_label_counts_when_it_was_scanned_on_its_box(floor: Floor) -> None:
    set_tell_at(floor.db, BOSS, "shop", "label")
    bench = floor.bench("Bench 1")
    bench.open(floor.order(("SOAP", 1)))
    bench.scan(SOAP)
    label = bench.buy()
    assert shipments_of(floor) == []
    bench.scan(label.tracking)
    bench.send()
    assert shipments_of(floor) == [label.parcel_id]


def shipments_of(floor: Floor) -> list[str]:
    """Ids of the parcels that were queued for their channel."""
    t = tables.outbox
    with floor.db.read() as connection:
        return list(connection.execute(select(t.c.key).where(t.c.kind == "shipment")).scalars())
