"""A dock's picture of its load: the same after a restart, and the same on top of whatever the server knew before."""

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from server import wire
from server.domain.benchwork.handoff import Load, ParcelState, judge
from server.domain.dock.judging import pallet_ids
from server.domain.dock.values import Pallet
from station.desks.load_book import LoadBook
from station.journal import DockEntry
from tests import builders

STATES = (
    ParcelState.READY,
    ParcelState.READY,
    ParcelState.READY,
    ParcelState.BOUGHT,
    ParcelState.BLOCKED,
    ParcelState.CANCELLED,
)
SSCC = "003456789012345675"
CODES = [f"TRK{n:0>8}" for n in range(len(STATES) + 1)]
COMMANDS = ["PPC-UNLOAD", "PPC-REMAINING", "PPC-ASIDE-DONE", "PPC-OK", "nobody knows", builders.MUG, SSCC]


def a_load() -> Load:
    parcels = tuple(builders.parcel(str(n), state) for n, state in enumerate(STATES))
    other = builders.parcel(str(len(STATES)), carrier="post")
    return replace(builders.load((*parcels, other)), pallets=(Pallet(SSCC, ("P-0", "P-1")),))


def scanned(codes: list[str]) -> tuple[LoadBook, list[DockEntry]]:
    """A book after these scans, and its journal."""
    book, log = LoadBook(a_load(), "s"), []
    for code in codes:
        scan = builders.scan(code)
        verdict = judge(book.load, scan)
        event = wire.DockEvent(
            seq=book.seq + 1,
            at=1.0,
            person_id=3,
            raw=code,
            reason=verdict.reason,
            mode=book.load.mode,
            parcels=pallet_ids(book.load, scan),
        )
        log.append(DockEntry(event, scan))
        book.take(event, verdict, scan)
    return book, log


def told(load: Load) -> tuple[object, ...]:
    """What a loader sees of it."""
    loaded = {p.parcel_id for p in load.loaded}
    return loaded, set(load.set_aside), set(load.remaining), load.stop, load.not_counted


ANY = st.lists(st.sampled_from(CODES + COMMANDS), max_size=25)


@example(["PPC-UNLOAD", CODES[4]])
@settings(max_examples=150, deadline=None)
@given(ANY)
def test_a_restart_shows_the_load_as_it_was(codes: list[str]) -> None:
    book, log = scanned(codes)
    again = LoadBook(a_load(), "s")
    again.replay(log)
    assert (told(again.load), again.load.mode, again.seq) == (told(book.load), book.load.mode, book.seq)


@settings(max_examples=150, deadline=None)
@given(ANY)
def test_what_the_server_has_not_heard_stays_on_top_of_its_picture(codes: list[str]) -> None:
    book, log = scanned(codes)
    before = told(book.load)
    book.merge(a_load(), frozenset(entry.event.seq for entry in log))
    assert told(book.load) == before


@settings(max_examples=150, deadline=None)
@given(ANY)
def test_a_server_that_heard_everything_and_agrees_changes_nothing(codes: list[str]) -> None:
    book, _ = scanned(codes)
    before = told(book.load)
    base = replace(book.load, stop=None, stop_item="", not_counted=())
    assert book.merge(base, frozenset())[0] is None
    assert told(book.load) == before
