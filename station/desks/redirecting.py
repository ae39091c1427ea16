"""PRINTER: paper comes out of the next printer set up for this bench; it stops nothing and changes nothing in a box.

A supervisor says the same from afar, of all paper or of one kind.
"""

from server import wire
from server.domain.benchwork.reasons import STOPS, Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing.corrections import CONFIRM_SECONDS
from station.print_jobs import Moved, PrintJobs
from station.views import Flash, Note
from station.workplace import Workplace


class Redirecting:
    """Each PRINTER is one step further, and after the last place home again; with the workplace's lock held."""

    def __init__(self, place: Workplace, jobs: PrintJobs) -> None:
        self._place, self.jobs = place, jobs
        self._at = 0.0
        self.done: tuple[str, ...] = ()
        """The orders from afar that were carried out, until the server has heard so."""

    def scan(self, scan: Scan) -> Flash | None:
        """What PRINTER does; None for every other code."""
        place, now = self._place, self._place.clock()
        if scan.command is not Command.PRINTER or scan.bounce or scan.problem:
            return None
        if 0.0 <= now - self._at < CONFIRM_SECONDS:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        moved = self.jobs.send_elsewhere()
        if moved is None:
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.NO_OTHER_PRINTER)
        self._at = now
        return place.say(Reason.OK, Tone.LOOK, scan, item=moved.place, detail=_told(moved))

    def heard(self, answer: wire.HeartbeatAnswer) -> None:
        """What the server says of paper: each order is carried out once, and whose paper comes out here is shown."""
        listed = tuple(order.order_id for order in answer.paper)
        if (listed, answer.guests) == (self.done, self.jobs.guests):
            return
        with self._place.changing():
            self.jobs.guests = answer.guests
            for order in answer.paper:
                if order.order_id not in self.done:
                    self._carry_out(order)
            self.done = listed

    def _carry_out(self, order: wire.PaperOrder) -> None:
        moved, flash = self.jobs.send_to(order.kind, order.to), self._place.flash
        # A stop must not leave the screen; the bottom row says where it prints as well.
        if moved is not None and (flash is None or flash.reason not in STOPS):
            self._place.sound(self._place.say(Reason.OK, Tone.LOOK, item=moved.place, detail=_told(moved)))


def _told(moved: Moved) -> Note:
    return Note.REDIRECTED if moved.away else Note.PRINTS_HERE
