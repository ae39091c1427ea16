"""PRINTER: paper comes out of the next printer set up for this bench; it stops nothing and changes nothing in a box."""

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing.corrections import CONFIRM_SECONDS
from station.print_jobs import PrintJobs
from station.views import Flash, Note
from station.workplace import Workplace


class Redirecting:
    """Each PRINTER is one step further, and after the last place home again; with the workplace's lock held."""

    def __init__(self, place: Workplace, jobs: PrintJobs) -> None:
        self._place, self._jobs = place, jobs
        self._at = 0.0

    def scan(self, scan: Scan) -> Flash | None:
        """What PRINTER does; None for every other code."""
        place, now = self._place, self._place.clock()
        if scan.command is not Command.PRINTER or scan.bounce or scan.problem:
            return None
        if 0.0 <= now - self._at < CONFIRM_SECONDS:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        moved = self._jobs.send_elsewhere()
        if moved is None:
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.NO_OTHER_PRINTER)
        self._at = now
        detail = Note.REDIRECTED if moved.away else Note.PRINTS_HERE
        return place.say(Reason.OK, Tone.LOOK, scan, item=moved.place, detail=detail)
