"""Whatever happens at the dock on a day: loaded = on the manifest = told to the channels (SBK-01, HND-01)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from server import wire
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.dock.figures import assumable
from server.domain.dock.judging import judge
from server.domain.dock.values import LeftReason
from server.reading import read
from server.usecases.loading.answers import read_load
from server.usecases.loading.closing import close_load
from server.usecases.loading.dock import take_events
from server.usecases.sales.cancel import cancel_order
from tests.floor import BOSS, Dock, Floor, one_engine
from tests.load_follower import Follower
from tests.ready_parcels import Ready, ready

PARCELS = 4
STEP = st.tuples(st.sampled_from(["load", "load", "unload", "cancel", "remains", "more", "late"]), st.integers(0, 9))
DAY = st.tuples(st.lists(STEP, min_size=4, max_size=8), st.booleans(), st.booleans())


@one_engine
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DAY)
def test_loaded_manifest_and_told_are_one_set_after_any_day(floor: Floor, day: Any) -> None:
    steps, hurry, offline = day
    bench = floor.bench(f"Dock {floor.orders_made}")
    parcels = [ready(floor, "own-van" if n else "city-bikes") for n in range(PARCELS)]
    dock = Dock.at(bench)
    follower = Follower(bench, dock.load.load_id)
    for verb, which in steps:
        _STEPS[verb](dock, parcels, which)
        assert follower.is_whole(), "a dock that is told only what changed has all of it"
    _close(dock, hurry=hurry, offline=offline)
    assert follower.is_whole()
    loaded, listed, told = _sets(floor)
    assert loaded == listed == told
    for parcel in parcels:
        gone = floor.status(parcel.number) == "cancelled"
        assert not (gone and parcel.parcel_id in told), "a cancelled parcel is never told"


def _scan(dock: Dock, raw: str, *, reason: Reason | None = None) -> None:
    """A scan by what the dock was last told: of a cancel since then it has no news. Past the socket, which is slow."""
    bench = dock.bench
    verdict = judge(dock.load, read(raw, bench.catalog, at=0.0))
    event = wire.DockEvent(
        seq=len(dock.events) + 1,
        at=bench.floor.db.now(),
        person_id=bench.floor.people["dock"],
        raw=raw,
        reason=reason or verdict.reason,
        mode=dock.load.mode,
    )
    dock.events.append(event)
    request = wire.DockEventsRequest(dock_session=dock.dock_session, events=(event,))
    answer = take_events(bench.floor.db, BOSS, bench.bench_id, dock.load.load_id, request)
    dock.load = replace(answer.load, stop=verdict.load.stop, mode=verdict.load.mode)


def _load(dock: Dock, parcels: list[Ready], which: int) -> None:
    _scan(dock, parcels[which % len(parcels)].tracking)
    _acknowledge(dock)


def _unload(dock: Dock, parcels: list[Ready], which: int) -> None:
    _scan(dock, "PPC-UNLOAD")
    _load(dock, parcels, which)


def _remains(dock: Dock, parcels: list[Ready], which: int) -> None:
    _scan(dock, "PPC-REMAINING")
    _load(dock, parcels, which)
    _scan(dock, "PPC-OK")


def _late(dock: Dock, parcels: list[Ready], which: int) -> None:
    """The dock has no news and takes whatever it scans."""
    _scan(dock, parcels[which % len(parcels)].tracking, reason=Reason.OK)


def _cancel(dock: Dock, parcels: list[Ready], which: int) -> None:
    cancel_order(dock.bench.floor.db, BOSS, dock.bench.floor.order_id(parcels[which % len(parcels)].number))


def _more(dock: Dock, parcels: list[Ready], which: int) -> None:
    parcels.append(ready(dock.bench.floor, "own-van" if which % 2 else "city-bikes"))


def _acknowledge(dock: Dock) -> None:
    if dock.load.stop is not None:
        _scan(dock, "PPC-OK")


_STEPS: dict[str, Callable[[Dock, list[Ready], int], None]] = {
    "load": _load,
    "unload": _unload,
    "remains": _remains,
    "cancel": _cancel,
    "more": _more,
    "late": _late,
}


def _close(dock: Dock, *, hurry: bool, offline: bool) -> None:
    bench, load_id = dock.bench, dock.load.load_id
    load = read_load(bench.floor.db, bench.bench_id, load_id).load
    supervisor = bench.floor.people["supervisor"]
    rest = tuple(p.parcel_id for p in assumable(load)) if hurry else ()
    said: dict[str, Any] = {"waive_aside": True, "supervisor": supervisor, "assume": hurry}
    said |= {"assumed": len(rest), "assumed_ids": rest}
    if offline:
        said |= {"closed_at": bench.floor.db.now(), "cancels_known_at": bench.floor.db.now()}
    said["unreachable"] = tuple(c.parcel_id for c in load.cancelled_on if not c.answer)
    request = wire.CloseRequest(
        person_id=bench.floor.people["dock"], loaded=len(load.loaded), left_reason=LeftReason.OTHER, **said
    )
    assert close_load(bench.floor.db, BOSS, bench.bench_id, load_id, request).load.closed


def _sets(floor: Floor) -> tuple[set[str], set[str], set[str]]:
    """On closed loads, on their manifests, told."""
    load, on, x = tables.load, tables.load_parcel, tables.outbox
    with floor.db.read() as connection:
        closed = select(on.c.parcel_id).join(load, load.c.id == on.c.load_id).where(load.c.closed_at.is_not(None))
        loaded = set(connection.execute(closed).scalars())
        frozen = connection.execute(select(load.c.manifest).where(load.c.closed_at.is_not(None))).scalars()
        listed = {line["parcel_id"] for manifest in frozen for line in manifest["lines"]}
        told = set(connection.execute(select(x.c.key).where(x.c.kind == "shipment")).scalars())
    return loaded, listed, told
