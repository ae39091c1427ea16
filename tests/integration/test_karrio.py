"""UPS through the library on a real database: what one server bought, another knows."""

import httpx

from server.calls.troubles import Away
from server.db.transaction import Database
from server.trade.shipping import Purchased
from server.usecases.shipping import purchasing
from server.usecases.shipping.accounts import call_through, counter_of
from server.usecases.shipping.keeping import put_account
from server.usecases.shipping.purchasing import Unbought
from tests.book import BOSS
from tests.floor import one_engine
from tests.karrio_here import needs_karrio
from tests.unit.karrio.places import UPS, request, ups

needs_karrio()

SHIP = "/api/shipments/v2409/ship"


@one_engine
def test_a_purchase_is_known_after_a_restart_and_a_lost_one_is_never_repeated(db: Database) -> None:
    place = ups()

    def start() -> None:
        call_through(db, httpx.Client(transport=httpx.MockTransport(place)))

    start()
    put_account(db, BOSS, "ups", "karrio", UPS, name="UPS")
    assert counter_of(db, "ups").can.look_up
    bought = purchasing.ask(db, "ups", request("ups_ground", "PCL0000001"))
    assert isinstance(bought, Purchased)
    start()
    assert purchasing.look_up(db, "ups", "PCL0000001") == bought
    assert purchasing.ask(db, "ups", request("ups_ground", "PCL0000001")) == bought

    healthy = place.answers[SHIP]
    place.fails(SHIP, httpx.ReadTimeout)
    lost = purchasing.ask(db, "ups", request("ups_ground", "PCL0000002"))
    assert isinstance(lost, Unbought)
    assert (type(lost.error), lost.bought, lost.final) == (Away, "unknown", False)
    place.answers[SHIP] = healthy
    start()
    again = purchasing.ask(db, "ups", request("ups_ground", "PCL0000002"), unsure=True, settles=True)
    assert isinstance(again, Unbought)
    assert again.bought == "unknown"
    nothing = purchasing.look_up(db, "ups", "PCL0000003")
    assert isinstance(nothing, Unbought)
    assert nothing.bought == "not_bought"
    assert place.paths().count(SHIP) == 2
