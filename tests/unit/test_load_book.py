"""What a dock says of a parcel that it loaded and the server did not, or that must come off again."""

from dataclasses import replace

from server import wire
from server.domain.benchwork.handoff import Load, ParcelState, judge
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import OnTruck
from station.desks.load_book import LoadBook
from tests import builders

MUG, SOAP = builders.parcel("1"), builders.parcel("2")


def loaded() -> LoadBook:
    """A dock that put one of two parcels on its load, and the server has its scan."""
    book, scan = LoadBook(builders.load((MUG, SOAP)), "s"), builders.scan(MUG.tracking)
    book.take(wire.DockEvent(seq=1, at=1.0, person_id=3, raw=scan.raw), judge(book.load, scan), scan)
    return book


def must_come_off(*answers: str, state: ParcelState = ParcelState.CANCELLED) -> Load:
    """The server's picture of the load with this parcel to be pulled."""
    on = tuple(OnTruck(MUG.parcel_id, MUG.tracking, "1", 1, 1, 5.0, answer=each) for each in answers)
    return replace(builders.load((replace(MUG, state=state), SOAP)), cancelled_on=on)


def test_a_parcel_that_the_server_did_not_load_is_told_and_set_aside_also_where_no_rule_is_against_it() -> None:
    book = loaded()
    assert book.merge(builders.load((MUG, SOAP)), frozenset()) == (MUG, Reason.NOT_LOADED)
    assert book.load.set_aside == (MUG.parcel_id,)
    assert book.merge(builders.load((MUG, SOAP)), frozenset()) == (None, Reason.OK), "told once"


def test_a_parcel_that_another_dock_took_off_later_is_simply_off() -> None:
    book = loaded()
    here = replace(MUG, state=ParcelState.LOADED, load_id="L-1")
    book.merge(builders.load((here, SOAP)), frozenset())
    assert book.merge(builders.load((MUG, SOAP)), frozenset()) == (None, Reason.OK)
    assert not book.load.set_aside


def test_a_cancelled_parcel_stops_the_dock_and_a_blocked_one_says_why_it_must_come_off() -> None:
    book, blocked = LoadBook(builders.load((MUG, SOAP)), "s"), LoadBook(builders.load((MUG, SOAP)), "s")
    assert book.merge(must_come_off(""), frozenset())[1] is Reason.CANCELLED
    assert book.load.stop is Reason.CANCELLED
    assert blocked.merge(must_come_off("", state=ParcelState.BLOCKED), frozenset())[1] is Reason.WRONG_LABEL
    assert blocked.load.stop is None


def test_one_that_was_pulled_and_is_on_the_vehicle_again_is_told_again() -> None:
    book = LoadBook(builders.load((MUG, SOAP)), "s")
    for answer, reason in (("pulled", Reason.OK), ("", Reason.CANCELLED), ("", Reason.OK)):
        assert book.merge(must_come_off(answer), frozenset())[1] is reason
        book.load = replace(book.load, stop=None)
