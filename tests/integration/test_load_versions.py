"""A dock that asks for its load every second gets it only when something has changed, and then at once."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from server import wire
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.dock.groups import unsure
from server.usecases.loading.pallets import put_on_pallet
from server.usecases.loading.planning import Plan, plan_load
from server.usecases.sales.cancel import cancel_order
from station.server_client import ServerClient
from station.views import DockView, StopView
from tests.bench_floor import OneBench
from tests.fakes import until
from tests.floor import BOSS, Bench, Dock, Floor, one_engine
from tests.load_follower import Follower
from tests.ready_parcels import parcel_of, ready


def asked(bench: Bench, load_id: str, seen: str) -> httpx.Response:
    """Ask for the load unless it is this version."""
    return bench.call("GET", f"/api/loads/{load_id}?seen={seen}")


def version(bench: Bench, load_id: str) -> str:
    """What the load is as now."""
    return bench.ask("GET", f"/api/loads/{load_id}", wire.LoadAnswer).version


def test_a_load_in_which_nothing_changed_comes_without_a_body_but_with_the_time(floor: Floor) -> None:
    ready(floor)
    bench = floor.bench("Dock 1")
    load_id = Dock.at(bench).load.load_id
    before, seen = floor.db.now(), version(bench, load_id)
    floor.order(("SOAP", 1))
    answer = asked(bench, load_id, seen)
    assert (answer.status_code, answer.content) == (304, b"")
    assert before <= float(answer.headers[wire.AS_OF_HEADER]) <= floor.db.now()
    assert asked(bench, load_id, "another").status_code == 200


def test_whatever_a_dock_can_see_makes_another_version(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    first, second, torn, wrong = ready(floor), ready(floor), ready(floor), ready(floor, "city-bikes")
    one, two = Dock.at(bench), Dock.at(floor.bench("Dock 2"))
    load_id = one.load.load_id
    p, c = tables.parcel, tables.load

    def write(statement: object) -> None:
        with floor.db.engine.begin() as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    sscc = "340123450000000017"
    changes: dict[str, Callable[[], object]] = {
        "loaded by another": lambda: two.scan(first.tracking),
        "set aside": lambda: two.scan(wrong.tracking),
        "scanned twice": lambda: two.scan(first.tracking),
        "a new parcel": lambda: ready(floor),
        "blocked": lambda: write(update(p).where(p.c.id == second.parcel_id).values(state="blocked")),
        "on a pallet": lambda: put_on_pallet(floor.db, BOSS, sscc, [second.tracking]),
        "another load": lambda: plan_load(floor.db, BOSS, Plan(site="EAST", carrier="city-bikes")),
        "in a plan": lambda: plan_load(
            floor.db, BOSS, Plan(site="EAST", carrier="own-van", parcels=(second.tracking,), trailer="T9")
        ),
        "its label void": lambda: write(
            update(p).where(p.c.id == torn.parcel_id).values(state="cancelled", cancelled_at=floor.db.now())
        ),
        "another label": lambda: parcel_of(floor, torn.number),
        "a cancel on the vehicle": lambda: cancel_order(floor.db, BOSS, floor.order_id(first.number)),
        "a cancel at the dock": lambda: cancel_order(floor.db, BOSS, floor.order_id(wrong.number)),
        "its driver": lambda: write(update(c).where(c.c.id == load_id).values(driver="M. Long")),
        "a ship-by": lambda: floor.set_order(second.number, ship_by=floor.db.now() + 60),
        "closed": lambda: bench.close_load(
            load_id, 0, waive_aside=True, supervisor=floor.people["supervisor"], unreachable=(first.parcel_id,)
        ),
    }
    seen, follower = version(bench, load_id), Follower(bench, load_id)
    assert follower.is_whole()
    for what, change in changes.items():
        change()
        assert asked(bench, load_id, seen).status_code == 200, what
        seen = version(bench, load_id)
        assert asked(bench, load_id, seen).status_code == 304, f"after {what}"
        assert follower.is_whole(), what
    assert follower.changes == len(changes)


@one_engine
def test_a_dock_that_hears_nothing_new_still_turns_red_within_two_seconds_of_a_cancel(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel, bench, said = ready(floor), floor.bench("Bench 1"), list[bool]()
    parts: list[str] = []
    real = ServerClient.load_since

    def heard(client: ServerClient, load_id: str, seen: str) -> wire.LoadAnswer | float:
        answer = real(client, load_id, seen)
        said.append(isinstance(answer, float))
        parts.extend([answer.base] if isinstance(answer, wire.LoadAnswer) else [])
        return answer

    monkeypatch.setattr(ServerClient, "load_since", heard)
    bench.open_load()
    with OneBench(tmp_path, url=str(floor.http.base_url), token=bench.token).sign_in("PPB-DOCK-0001") as station:
        station.scan("PPL-OWN-VAN")
        until(lambda: isinstance(station.bench.view, DockView), "the load to open")
        assert station.scan(parcel.tracking).reason is Reason.OK
        until(lambda: floor.parcel_state(parcel.parcel_id) == "loaded", "the scan to arrive")
        until(lambda: said[-1:] == [True], "an answer that nothing is new")
        cancel_order(floor.db, BOSS, floor.order_id(parcel.number))
        until(lambda: isinstance(station.bench.view, StopView), "the stop", seconds=2.0)
    assert parts[-1], "the stop came with the parcels that changed, not with all of them"


@one_engine
def test_of_many_parcels_one_scan_brings_few_again_and_a_name_brings_all(floor: Floor) -> None:
    first, *_ = [ready(floor) for _ in range(12)]
    bench = floor.bench("Dock 1")
    dock = Dock.at(bench)
    seen = bench.ask("GET", f"/api/loads/{dock.load.load_id}?changes=1", wire.LoadAnswer).version
    dock.scan(first.tracking)

    def news(version: str) -> wire.LoadAnswer:
        return bench.ask("GET", f"/api/loads/{dock.load.load_id}?seen={version}&changes=1", wire.LoadAnswer)

    some = news(seen)
    assert (some.base, len(some.groups), len(some.load.loaded)) == (seen, 1, 1)
    assert len(some.load.parcels) < 6
    person = tables.person
    with floor.db.engine.begin() as connection:
        connection.execute(update(person).values(name=person.c.name + " Again"))
    assert asked(bench, dock.load.load_id, some.version).status_code == 304, "nobody asks for names every second"
    whole = news(unsure(some.version))
    assert (whole.base, len(whole.load.parcels)) == ("", 12)
    assert whole.load.loaded[0].loaded_by == "Dock Person Again"
    assert (news(unsure(whole.version)).groups, news("v0.AAAA").base) == ((), "")
