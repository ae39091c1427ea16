"""What this bench holds of buyers who were erased is let go: their labels and papers in the print queue."""

import logging

from server.domain.errors import DomainError, Unavailable
from station.print_jobs import PrintJobs
from station.workplace import Workplace

LOOK_SECONDS = 600.0
_log = logging.getLogger("packproof.station")


class Forgetting:
    """On a worker of the bench's; its leases go by themselves within seconds."""

    def __init__(self, place: Workplace, jobs: PrintJobs) -> None:
        self._place, self._jobs = place, jobs
        self._done: set[str] = set()

    def look(self) -> float:
        """Ask whose they are, and forget their paper; the seconds until the next time."""
        try:
            numbers = self._place.client.erased().numbers
        except (Unavailable, DomainError) as error:
            _log.debug("nobody says whose paper is to be forgotten: %s", error)
            return LOOK_SECONDS
        for number in set(numbers) - self._done:
            self._jobs.erase(number)
        self._done = set(numbers)
        return LOOK_SECONDS
