"""Everybody whose packed order was not told of is warned of, however many there are, and no warning ends too early."""

import json

import pytest
from sqlalchemy import select, update

from server.db import tables
from server.usecases.loading import untold
from server.usecases.outward.telling_when import set_tell_at
from server.usecases.sales.cancel import cancel_order
from server.usecases.tracking import inbox
from server.usecases.tracking.settling import settle
from tests.floor import BOSS, Dock, Floor, one_engine
from tests.ready_parcels import ready
from tests.tracked import iso

pytestmark = one_engine


def ended(floor: Floor) -> list[str]:
    """Orders whose warning is over."""
    i, o = tables.incident, tables.order
    query = select(o.c.number).join(i, i.c.order_id == o.c.id).where(i.c.type == "untold", i.c.state != "open")
    with floor.db.read() as connection:
        return list(connection.execute(query).scalars())


def test_more_untold_orders_than_one_look_takes_are_all_warned_of_and_none_is_ended(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untold, "MOST", 2)
    now = floor.db.now()
    late = [ready(floor, ship_by=now + 3600.0) for _ in range(5)]
    looks = [untold.watch(floor.db) for _ in range(3)]
    assert (looks, len(floor.incidents("untold"))) == ([True, True, False], 5)
    urgent = ready(floor, ship_by=now + 60.0)
    assert not untold.watch(floor.db)
    assert (len(floor.incidents("untold")), ended(floor)) == (6, [])
    cancel_order(floor.db, BOSS, floor.order_id(late[0].number))
    untold.watch(floor.db)
    assert (len(floor.incidents("untold")), ended(floor)) == (5, [late[0].number])
    assert any(urgent.number in cause for cause in floor.incidents("untold"))


def test_a_parcel_that_left_is_warned_of_where_its_channel_waits_for_a_scan_that_does_not_come(floor: Floor) -> None:
    dock, soon = Dock.at(floor.bench("Dock 1")), floor.db.now() + 3600.0
    gone, later = ready(floor, ship_by=soon), ready(floor, ship_by=soon + 86_400.0)
    for each in (gone, later):
        dock.scan(each.tracking)
    set_tell_at(floor.db, BOSS, "shop", "carrier_scan")
    dock.bench.close_load(dock.load.load_id, 2)
    untold.watch(floor.db)
    assert [cause.partition(": ")[2].partition(",")[0] for cause in floor.incidents("untold")] == ["it has left"]
    event = {"tracking": gone.tracking, "at": iso(floor.db.now()), "status": "accepted"}
    inbox.tell(floor.db, BOSS, json.dumps({"source": "metro", "events": [event]}).encode())
    settle(floor.db)
    untold.watch(floor.db)
    assert (floor.incidents("untold"), ended(floor)) == ([], [gone.number])


def test_what_left_is_no_matter_of_a_channel_that_is_told_nothing(floor: Floor) -> None:
    dock, parcel = Dock.at(floor.bench("Dock 1")), ready(floor, ship_by=floor.db.now() + 3600.0)
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.channel).values(settings={}, policy={"tell_at": "carrier_scan"}))
    dock.scan(parcel.tracking)
    dock.bench.close_load(dock.load.load_id, 1)
    untold.watch(floor.db)
    assert floor.incidents("untold") == []
