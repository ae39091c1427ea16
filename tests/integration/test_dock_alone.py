"""Two docks of which one had no network: what their late scans say together of where a parcel is."""

from sqlalchemy import select

from server import wire
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import Load
from server.usecases.sales.cancel import cancel_order
from tests.floor import BOSS as OFFICE
from tests.floor import Bench, Dock, Floor, one_engine
from tests.ready_parcels import ready

pytestmark = one_engine


def late(dock: Dock, raw: str, reason: Reason, seconds: float = 60.0) -> None:
    """A scan that was made so long ago and comes only now."""
    now, person = dock.bench.floor.db.now(), dock.bench.floor.people["dock"]
    event = wire.DockEvent(seq=len(dock.events) + 1, at=now - seconds, person_id=person, raw=raw, reason=reason)
    dock.events.append(event)
    dock.send([event])


def two_docks(floor: Floor) -> tuple[Dock, Dock]:
    """At one load."""
    return Dock.at(floor.bench("Dock 1")), Dock.at(floor.bench("Dock 2"))


def test_a_parcel_taken_off_by_a_dock_that_never_knew_it_was_on_is_off(floor: Floor) -> None:
    parcel, (one, two) = ready(floor), two_docks(floor)
    late(one, parcel.tracking, Reason.OK)
    two.scan("PPC-UNLOAD")
    assert two.scan(parcel.tracking, reason=Reason.NOT_LOADED).reason is Reason.UNLOADED
    assert floor.parcel_state(parcel.parcel_id) == "ready"


def test_a_late_scan_of_a_parcel_that_was_taken_off_since_is_looked_into(floor: Floor) -> None:
    parcel, (one, two) = ready(floor), two_docks(floor)
    two.scan("PPC-UNLOAD")
    two.scan(parcel.tracking)
    late(one, parcel.tracking, Reason.OK)
    [cause] = floor.incidents("verdicts_differ")
    assert parcel.tracking in cause


def test_a_parcel_that_a_dock_thought_to_be_on_already_is_on(floor: Floor) -> None:
    parcel, (one, _) = ready(floor), two_docks(floor)
    late(one, parcel.tracking, Reason.ALREADY_LOADED)
    assert floor.parcel_state(parcel.parcel_id) == "loaded"


def test_a_cancelled_parcel_that_a_dock_thought_to_be_on_already_is_on_the_vehicle(floor: Floor) -> None:
    parcel, (one, _) = ready(floor), two_docks(floor)
    cancel_order(floor.db, OFFICE, floor.order_id(parcel.number))
    late(one, parcel.tracking, Reason.ALREADY_LOADED)
    x = tables.load_cancel
    with floor.db.read() as connection:
        assert connection.execute(select(x.c.parcel_id)).scalars().all() == [parcel.parcel_id]


def test_a_parcel_taken_off_a_load_that_was_closed_meanwhile_is_looked_into(floor: Floor) -> None:
    parcel, (one, two) = ready(floor), two_docks(floor)
    one.scan(parcel.tracking)
    two.scan("PPC-UNLOAD")
    one.bench.close_load(one.load.load_id, 1)
    two.scan(parcel.tracking, reason=Reason.UNLOADED)
    [cause] = floor.incidents("verdicts_differ")
    assert parcel.tracking in cause


def test_a_load_that_a_dock_began_alone_leaves_on_its_own_manifest_beside_one_opened_meanwhile(floor: Floor) -> None:
    mine, theirs = ready(floor), ready(floor)
    bench, other = floor.bench("Dock 1"), Dock.at(floor.bench("Dock 2"))
    yard = bench.ask("GET", "/api/dock/yard", wire.YardAnswer)
    assert {p.parcel_id for p in yard.load.parcels} == {mine.parcel_id, theirs.parcel_id}
    assert [each.load_id for each in yard.load.others] == [other.load.load_id]
    assert bench.call("GET", f"/api/dock/yard?seen={yard.version}").status_code == 304
    other.scan(theirs.tracking)
    began = floor.db.now() - 600.0
    # Whoever began it has left the house since: what stands in the vehicle is there all the same.
    request = wire.LoadRequest(carrier="own-van", person_id=4711, client_id="of its own", begun_at=began)
    first, again = (bench.ask("POST", "/api/loads", wire.LoadAnswer, request).load for _ in range(2))
    assert first.load_id == again.load_id != other.load.load_id
    late(Dock(bench, first), mine.tracking, Reason.OK, 590.0)
    bench.close_load(first.load_id, 1, closed_at=began + 60.0, cancels_known_at=began)
    with floor.db.read() as connection:
        rows = {row.id: row for row in connection.execute(select(tables.load))}
    assert [line["tracking"] for line in rows[first.load_id].manifest["lines"]] == [mine.tracking]
    assert rows[first.load_id].opened_at == began
    assert rows[other.load.load_id].closed_at is None
    assert floor.incidents("verdicts_differ") == []


def test_a_load_that_a_dock_joined_alone_and_that_left_without_it_becomes_a_load_of_its_own(floor: Floor) -> None:
    mine, bench, other = ready(floor), floor.bench("Dock 1"), Dock.at(floor.bench("Dock 2"))
    joined, began = other.load.load_id, floor.db.now() - 600.0

    def told(key: str) -> str:
        person = floor.people["dock"]
        request = wire.LoadRequest(carrier="own-van", load_id=joined, person_id=person, client_id=key, begun_at=began)
        return bench.ask("POST", "/api/loads", wire.LoadAnswer, request).load.load_id

    assert told("while it stands here") == joined
    other.bench.close_load(joined, 0)
    own = told("it has left")
    assert own != joined and told("it has left") == own
    late(Dock(bench, bench.ask("GET", f"/api/loads/{own}", wire.LoadAnswer).load), mine.tracking, Reason.OK, 590.0)
    assert bench.close_load(own, 1, closed_at=floor.db.now(), cancels_known_at=began).load.loaded[0].load_id == own
    assert floor.incidents("verdicts_differ") == []


def test_a_joined_load_that_the_server_does_not_have_or_that_is_elsewhere_becomes_a_load_of_its_own(
    floor: Floor,
) -> None:
    bench, elsewhere = floor.bench("Dock 1"), Dock.at(floor.bench("Dock W", "WEST"))
    for joined in ("LOAD000999", elsewhere.load.load_id):
        own = begun(bench, f"joined {joined}", load_id=joined)
        assert own.load_id != joined and not own.closed
        assert begun(bench, f"joined {joined}", load_id=joined).load_id == own.load_id, "asked again it is the same"


def test_a_load_begun_alone_that_another_dock_closed_before_its_first_scan_came_begins_anew(floor: Floor) -> None:
    mine, bench = ready(floor), floor.bench("Dock 1")
    lost = begun(bench, "its own")
    other = Dock.at(floor.bench("Dock 2"))
    assert other.load.load_id == lost.load_id
    other.bench.close_load(lost.load_id, 0)
    own = begun(bench, "its own")
    assert own.load_id != lost.load_id and begun(bench, "its own").load_id == own.load_id
    late(Dock(bench, own), mine.tracking, Reason.OK, 590.0)
    now = floor.db.now()
    closed = bench.close_load(own.load_id, 1, closed_at=now - 500.0, cancels_known_at=now - 600.0)
    assert [p.parcel_id for p in closed.load.loaded] == [mine.parcel_id]
    assert begun(bench, "its own").load_id == own.load_id, "one that left with its scans is that load for ever"
    assert floor.incidents("verdicts_differ") == []


def test_what_a_dock_scanned_before_it_closed_leaves_also_where_its_clock_fell_back(floor: Floor) -> None:
    mine, theirs, bench = ready(floor), ready(floor), floor.bench("Dock 1")
    own, now = begun(bench, "its own"), floor.db.now()
    late(Dock(bench, own), mine.tracking, Reason.OK, 500.0)
    late(Dock(floor.bench("Dock 2"), own), theirs.tracking, Reason.OK, 10.0)
    answer = bench.close_load(own.load_id, 1, closed_at=now - 4_000.0, cancels_known_at=now - 700.0)
    assert [p.parcel_id for p in answer.load.loaded] == [mine.parcel_id]
    [cause] = floor.incidents("verdicts_differ")
    assert theirs.tracking in cause and mine.tracking not in cause


def begun(bench: Bench, key: str, load_id: str = "") -> Load:
    """What the server says of a load that a dock began ten minutes ago, or joined, with no network."""
    person, began = bench.floor.people["dock"], bench.floor.db.now() - 600.0
    request = wire.LoadRequest(carrier="own-van", person_id=person, load_id=load_id, client_id=key, begun_at=began)
    return bench.ask("POST", "/api/loads", wire.LoadAnswer, request).load
