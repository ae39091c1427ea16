"""The simulated EasyPost: numbers that scanners believe, levers that do what they say."""

import pytest

from server.simulated.carriers.easypost_book import tracking_number, ups_check, usps_check, zone
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.faults import Fault
from tests.easypost_stand import Stand, as_shipment


@pytest.mark.parametrize("number", ["9400100105442285876350", "9400100105442285862681", "9405500208303109884137"])
def test_the_check_digit_of_the_postal_service_is_that_of_its_own_numbers(number: str) -> None:
    # Numbers that EasyPost shows in its pages and recorded answers.
    assert usps_check(number[:-1]) == int(number[-1])


@pytest.mark.parametrize("number", ["1Z5R89390357567127", "1Z999AA10123456784"])
def test_the_check_digit_of_ups_is_that_of_its_published_numbers(number: str) -> None:
    assert ups_check(number[2:-1]) == int(number[-1])


def test_no_number_comes_twice() -> None:
    numbers = {tracking_number(carrier, n) for carrier in ("USPS", "UPS") for n in range(500)}
    assert len(numbers) == 1000
    assert {len(number) for number in numbers} == {18, 22}
    assert (zone("97201", "97299"), zone("00100", "99900"), zone("", "x")) == (1, 9, 1)


def ask(stand: Stand, method: str, path: str, key: str = "", body: bytes = b"{}") -> Said:
    headers = {"authorization": key} if key else {}
    return stand.easypost.answer(Ask(method, path, path, (), headers, body, f"https://easypost.test{path}"))


def test_it_lets_nobody_in_without_the_key_and_knows_no_other_paths() -> None:
    stand = Stand()
    stand.buy()
    assert ask(stand, "GET", "/v2/trackers").status == 401
    key = "Basic RVpUSy1zaW11bGF0ZWQ6"
    assert ask(stand, "GET", "/v2/trackers", key).status == 200
    assert ask(stand, "GET", "/v2/shipments/shp_none", key).status == 404
    assert ask(stand, "DELETE", "/v2/shipments", key).status == 404
    assert ask(stand, "POST", "/v2/shipments", key, b"no json").status == 422
    assert ask(stand, "POST", "/v2/shipments", key, b'{"shipment": {"parcel": {"weight": 0}}}').status == 422


def test_a_picture_that_was_not_asked_for_is_drawn_as_zpl() -> None:
    stand = Stand()
    stand.easypost.faults.once(Fault.LOST_AFTER, "POST", "/buy")
    with pytest.raises(Exception, match="ReadTimeout"):
        stand.buy()
    [there] = stand.easypost.live()
    there["postage_label"] = {"label_url": "https://easypost.test/files/x.png", "label_file_type": "image/png"}
    label = stand.buy().label
    assert label is not None
    assert label.data.startswith(b"^XA")


def test_its_control_moves_parcels_and_refunds() -> None:
    stand = Stand()
    label = as_shipment(stand.buy())
    control = stand.easypost.CONTROLS
    told = [control["advance"](stand.easypost, {"tracking": label.tracking})["status"] for _ in range(6)]
    assert told == ["pre_transit", "in_transit", "in_transit", "out_for_delivery", "delivered", "delivered"]
    assert control["advance"](stand.easypost, {"tracking": label.tracking, "status": "returned"}) == {
        "status": "returned"
    }
    assert len(stand.easypost.outgoing) == 7
    control["refund"](stand.easypost, {"tracking": label.tracking, "status": "refunded"})
    shown = control["parcels"](stand.easypost, {})
    assert shown["parcels"][0]["refund"] == "refunded"
    assert control["refuse"](stand.easypost, {"postcode": "94107"}) == {"refused": ["94107"]}
