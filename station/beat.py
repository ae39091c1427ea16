"""The heartbeat's message: this bench as the supervisor's page shows it."""

from printing.printers.troubles import remedy
from server import wire
from station.desks.bell import Bell
from station.desks.boxes import Boxes
from station.desks.loads import Loads
from station.desks.redirecting import Redirecting
from station.views import Lamp, State
from station.workplace import Workplace


def message(
    place: Workplace, boxes: Boxes, loads: Loads, bell: Bell, lamps: tuple[Lamp, Lamp], *, paper: Redirecting
) -> wire.Heartbeat:
    """How this bench is now, and its scanner and printer; call it with the workplace's lock held."""
    scanner, printer = lamps
    box, person, flash = boxes.active, place.person, place.flash
    session = box.session if box else None
    return wire.Heartbeat(
        at=place.clock(),
        unsent=place.journal.unsent,
        desk=place.desk if person else "sign-in",
        person_id=person.person_id if person else None,
        signed_in_at=place.signed_in_at if person else None,
        order_number=box.number if box else None,
        phase=session.phase.value if session else None,
        verified=sum(session.counts) if session else 0,
        units=sum(line.quantity for line in session.order.lines) if session else 0,
        since=box.opened_at if box else None,
        last_reason=flash.reason if flash else None,
        last_at=place.flash_at if flash else None,
        load_id=loads.book.load.load_id if loads.book else None,
        scanner=_spoken(scanner),
        printer=_printer(printer),
        open_sessions=boxes.open_sessions(),
        call_since=bell.since,
        call_reason=bell.why,
        printers=paper.jobs.printers,
        paper_elsewhere=paper.jobs.abroad(place.clock()),
        paper_done=paper.done,
    )


def _printer(lamp: Lamp) -> str:
    """What the printers say of themselves and what to do about it; or how they are."""
    todo = remedy(lamp.words)
    if lamp.state is State.NEEDS_HAND:
        return f"{lamp.words}: {todo}" if todo else lamp.words
    return " ".join(part for part in (lamp.state.value, lamp.words) if part)


def _spoken(lamp: Lamp) -> str:
    """A stable code for the server's pages, or what the device says of itself; the language there is the server's."""
    return lamp.words or lamp.state.value
