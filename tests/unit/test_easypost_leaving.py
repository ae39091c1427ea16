"""SCAN forms: one for a load, without void labels, and accepted only when EasyPost says so (FLR-10)."""

import pytest

from server.calls.troubles import Away, Throttled
from server.simulated.platforms.base import Ask, NoAnswer, Said
from server.simulated.platforms.faults import Fault
from tests.easypost_stand import Stand


def test_a_load_gets_one_form_with_its_paper_and_asked_again_the_same() -> None:
    stand = Stand()
    leaving = stand.others("standard", "expedited")
    told = stand.carrier.manifest(leaving, "LOAD1")
    assert (told.state, told.left_out) == ("closed", ())
    assert told.paper is not None
    assert told.paper.data.startswith(b"%PDF")
    assert stand.carrier.manifest(leaving, "LOAD1") == told
    assert len(stand.easypost.forms) == 1


def test_a_form_that_is_still_being_made_is_pending_until_it_is_made() -> None:
    stand = Stand()
    stand.easypost.form_asks = 2
    leaving = stand.others("standard")
    states = []
    told = stand.carrier.manifest(leaving, "LOAD1")
    while told.state == "pending":
        states.append(told.state)
        told = stand.carrier.manifest(leaving, "LOAD1", told.reference)
    assert (states, told.state, len(stand.easypost.forms)) == (["pending", "pending"], "closed", 1)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE])
def test_a_form_whose_answer_was_lost_is_found_in_its_shipments(fault: Fault) -> None:
    stand = Stand()
    leaving = stand.others("standard", "standard")
    stand.easypost.faults.once(fault, "POST", "/scan_forms")
    with pytest.raises(Away):
        stand.carrier.manifest(leaving, "LOAD1")
    stand.restart()
    told = stand.carrier.manifest(leaving, "LOAD1")
    assert (told.state, list(stand.easypost.forms)) == ("closed", [told.reference])


def test_void_labels_and_those_on_another_form_are_left_out_and_named() -> None:
    stand = Stand()
    first, void, last = stand.others("standard", "standard", "standard")
    stand.carrier.manifest([first], "LOAD1")
    stand.carrier.void(void)
    told = stand.carrier.manifest([first, void, last], "LOAD2")
    assert (told.state, set(told.left_out)) == ("closed", {first.tracking, void.tracking})
    [_, form] = stand.easypost.forms.values()
    assert form["tracking_codes"] == [last.tracking]
    assert stand.carrier.manifest([first, void, last], "LOAD2").left_out == told.left_out


def test_only_parcels_of_the_postal_service_want_a_form() -> None:
    stand = Stand()
    usps, ups = stand.others("standard", "overnight")
    assert stand.carrier.manifest([ups], "LOAD1").state == "closed"
    assert stand.easypost.forms == {}
    stand.carrier.manifest([usps, ups], "LOAD2")
    assert [form["tracking_codes"] for form in stand.easypost.forms.values()] == [[usps.tracking]]


def test_a_form_that_failed_is_refused_in_words_and_made_anew_when_it_is_asked_for_again() -> None:
    stand = Stand()
    stand.easypost.failing_forms = 1
    leaving = stand.others("standard")
    told = stand.carrier.manifest(leaving, "LOAD1")
    assert (told.state, told.text) == ("refused", "USPS does not take the form.")
    assert stand.carrier.manifest(leaving, "LOAD1").state == "closed"


def test_too_many_calls_leave_the_form_for_later() -> None:
    stand = Stand()
    leaving = stand.others("standard")
    stand.easypost.faults.once(Fault.TOO_MANY, "POST", "/scan_forms")
    with pytest.raises(Throttled):
        stand.carrier.manifest(leaving, "LOAD1")
    stand.at += 3
    assert stand.carrier.manifest(leaving, "LOAD1").state == "closed"


def test_after_a_lost_answer_the_void_labels_are_still_named() -> None:
    stand = Stand()
    void, good = stand.others("standard", "standard")
    stand.carrier.void(void)
    made = stand.easypost.route

    def route(ask: Ask) -> Said:
        said = made(ask)
        # The first call is refused for the void label, the second makes the form.
        if ask.path.endswith("/scan_forms") and said.status == 200:
            raise NoAnswer
        return said

    stand.easypost.route = route  # type: ignore[method-assign]
    with pytest.raises(Away):
        stand.carrier.manifest([void, good], "LOAD1")
    stand.easypost.route = made  # type: ignore[method-assign]
    told = stand.carrier.manifest([void, good], "LOAD1")
    assert (told.state, told.left_out, len(stand.easypost.forms)) == ("closed", (void.tracking,), 1)


def test_a_paper_that_cannot_be_fetched_keeps_the_form_pending() -> None:
    stand = Stand()
    leaving = stand.others("standard")
    stand.easypost.faults.once(Fault.BROKEN, "GET", "/files/sf")
    told = stand.carrier.manifest(leaving, "LOAD1")
    assert (told.state, "its paper is not here yet" in told.text) == ("pending", True)
    assert stand.carrier.manifest(leaving, "LOAD1", told.reference).state == "closed"


def test_when_every_label_is_void_the_form_is_refused() -> None:
    stand = Stand()
    [label] = stand.others("standard")
    stand.carrier.void(label)
    told = stand.carrier.manifest([label], "LOAD1")
    assert (told.state, told.left_out) == ("refused", (label.tracking,))
