"""A PIN after the badge: five wrong ones, then a minute of waiting for each further try; a restart forgets neither."""

from dataclasses import dataclass

from server import wire
from server.domain.benchwork.scans import QUANTITY_PREFIX, Scan
from server.domain.people import PIN_LENGTH, pin_fits
from station.workplace import Workplace

TRIES_MAX = 5
LOCK_SECONDS = 60.0
PATIENCE_SECONDS = 30.0
"""After so long without an answer the question is dropped: whoever asked has gone."""
_KEY = "pin_tries"


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong PINs of one person since their last right one. ``locked_until`` is in seconds since the epoch."""

    count: int = 0
    locked_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose PIN is asked for since when, and what their badge was scanned for."""

    person: wire.PersonCard
    since: float
    mid_box: bool
    units: tuple[int, int]
    before_id: int
    digits: str = ""
    """Scanned so far, from the number codes of the sheet."""


class Pins:
    """The tries of everybody at this bench; call everything with the workplace's lock held."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._tries: dict[int, Tries] | None = None

    def locked(self, person_id: int) -> float:
        """Seconds until this person may try again; 0 when they may now."""
        return max(0.0, self._known().get(person_id, Tries()).locked_until - self._place.clock())

    def fits(self, person: wire.PersonCard, pin: str) -> bool:
        """Whether it is the PIN. A wrong one is counted, and from the fifth on locks. Raise JournalFailed."""
        known = self._known()
        if pin_fits(person.pin_hash, pin):
            if known.pop(person.person_id, None) is not None:
                self._keep(known)
            return True
        count = known.get(person.person_id, Tries()).count + 1
        until = self._place.clock() + LOCK_SECONDS if count >= TRIES_MAX else 0.0
        known[person.person_id] = Tries(count, until)
        self._keep(known)
        return False

    def left(self, person_id: int) -> int:
        """Tries before the lock."""
        return max(0, TRIES_MAX - self._known().get(person_id, Tries()).count)

    def _known(self) -> dict[int, Tries]:
        if self._tries is None:
            kept = self._place.journal.get(_KEY)
            self._tries = wire.decode(kept, dict[int, Tries]) if kept else {}
        return self._tries

    def _keep(self, tries: dict[int, Tries]) -> None:
        self._place.journal.put(_KEY, wire.encode(tries))


def digits_of(scan: Scan) -> str:
    """The digits of a whole PIN, typed or sent by a number pad; empty for anything else. A product code is none."""
    text = scan.payload
    fits = PIN_LENGTH[0] - 1 <= len(text) <= PIN_LENGTH[1] + 2 and text.isascii() and text.isdecimal()
    return text if fits and not scan.matches else ""


def digit_of(scan: Scan) -> str:
    """The digit of a number code of the command sheet (``PPQ-7``); empty for anything else."""
    text = scan.payload.removeprefix(QUANTITY_PREFIX)
    return text if scan.payload.startswith(QUANTITY_PREFIX) and len(text) == 1 and text.isdecimal() else ""
