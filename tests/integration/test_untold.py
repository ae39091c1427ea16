"""Everybody whose packed order was not told of is warned of, however many there are, and no warning ends too early."""

import pytest
from sqlalchemy import select

from server.db import tables
from server.usecases.loading import untold
from server.usecases.sales.cancel import cancel_order
from tests.floor import BOSS, Floor, one_engine
from tests.ready_parcels import ready

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
