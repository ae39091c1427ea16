"""A carrier's driver is ordered for what is ready at a site; own vans come by themselves."""

from datetime import UTC, datetime

import pytest

from server.domain.errors import DomainError, Unavailable
from server.simulated.platforms.faults import Fault
from server.usecases.shipping import pickups
from tests.carriers import easypost_behind, shippable
from tests.floor import BOSS, SOAP, Floor, one_engine

pytestmark = one_engine


def test_a_driver_comes_for_what_is_ready_and_once_a_day(floor: Floor) -> None:
    day = datetime.fromtimestamp(floor.db.now() + 86_400, UTC).strftime("%Y-%m-%d")
    span = (f"{day} 14:00", f"{day} 17:00")
    with easypost_behind(floor.db) as easypost:
        shippable(floor.db)
        with pytest.raises(DomainError, match="no parcel for EasyPost is ready at EAST"):
            pickups.book(floor.db, BOSS, "easypost", "EAST", span)
        floor.bench("Bench 1").pack(floor.order(("SOAP", 1), carrier="easypost"), SOAP)
        for wrong in (("tomorrow", span[1]), (span[1], span[0]), ("2001-01-01 14:00", "2001-01-01 17:00")):
            with pytest.raises(DomainError, match="expected"):
                pickups.book(floor.db, BOSS, "easypost", "EAST", wrong)
        easypost.faults.once(Fault.LOST_AFTER, "POST", "/buy")
        with pytest.raises(Unavailable, match="no second driver"):
            pickups.book(floor.db, BOSS, "easypost", "EAST", span)
        booked = pickups.book(floor.db, BOSS, "easypost", "EAST", span, note="dock 3")
        assert (booked.state, str(booked.cost), len(easypost.pickups)) == ("booked", "5.10", 1)
        (there,) = easypost.pickups.values()
        assert there["min_datetime"].startswith(day) and there["min_datetime"][11:13] in ("21", "22"), (
            "14:00 in Oakland"
        )
        assert pickups.cancel(floor.db, BOSS, "easypost", "EAST", day).state == "cancelled"
        assert len(floor.audited("carrier.pickup")) == 2
    with pytest.raises(DomainError, match="sends no driver"):
        pickups.book(floor.db, BOSS, "own-van", "EAST", span)
