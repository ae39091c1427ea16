"""A driver is ordered once, whatever is lost on the way, and not for a day on which nobody comes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from server.calls.troubles import Away
from server.simulated.platforms.faults import Fault
from server.trade.shipping import PickupWish, Shipment
from tests.easypost_stand import HOME, Stand

WISH = PickupWish(address=HOME, earliest=1_800_010_000.0, latest=1_800_020_000.0, shipments=(), note="dock 3")


def wished(stand: Stand, parcels: int) -> PickupWish:
    return replace(WISH, shipments=tuple(stand.others(*["standard"] * parcels)))


@pytest.mark.parametrize("parcels", [1, 3])
def test_a_driver_is_ordered_at_the_cheapest_price_and_asked_again_it_is_the_same(parcels: int) -> None:
    stand = Stand()
    wish = wished(stand, parcels)
    booked = stand.carrier.book_pickup(wish, "EAST:2027-01-15")
    assert (booked.state, booked.cost, booked.currency) == ("booked", Decimal("5.10"), "USD")
    stand.restart()
    assert stand.carrier.book_pickup(wish, "EAST:2027-01-15") == booked
    (there,) = stand.easypost.pickups.values()
    assert (there["status"], there["instructions"]) == ("scheduled", "dock 3")
    assert there["min_datetime"] == "2027-01-15T10:46:40Z"


def test_an_answer_that_is_lost_orders_no_second_driver() -> None:
    stand = Stand()
    wish = wished(stand, 1)
    stand.easypost.faults.once(Fault.LOST_AFTER, "POST", "/buy")
    with pytest.raises(Away):
        stand.carrier.book_pickup(wish, "EAST:2027-01-15")
    assert stand.carrier.book_pickup(wish, "EAST:2027-01-15").state == "booked"
    assert [each["status"] for each in stand.easypost.pickups.values()] == ["scheduled"]


def test_a_driver_who_was_cancelled_may_be_ordered_anew() -> None:
    stand = Stand()
    wish = wished(stand, 1)
    first = stand.carrier.book_pickup(wish, "EAST:2027-01-15")
    for _ in range(2):
        assert stand.carrier.cancel_pickup("EAST:2027-01-15").state == "cancelled"
    second = stand.carrier.book_pickup(wish, "EAST:2027-01-15")
    states = [each["status"] for each in stand.easypost.pickups.values()]
    assert (second.reference != first.reference, states) == (True, ["canceled", "scheduled"])


def test_what_easypost_will_not_do_is_said_in_its_words() -> None:
    stand = Stand()
    wish = replace(wished(stand, 1), latest=WISH.earliest)
    refused = stand.carrier.book_pickup(wish, "EAST:2027-01-15")
    assert (refused.state, "needs parcels and a time" in refused.text) == ("refused", True)
    nobody = replace(WISH, shipments=(Shipment("PCL0", "TRK00000000"),))
    assert "none of these parcels" in stand.carrier.book_pickup(nobody, "EAST:2027-01-15").text
