"""What each person did at this bench today, for a quiet word at sign-out. Nobody else is told."""

from dataclasses import dataclass, replace

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.session import Phase, Session
from station.views import Pace
from station.workplace import Workplace

CAUGHT = frozenset(
    {
        *(Reason.WRONG_ITEM, Reason.OVER_QUANTITY, Reason.WRONG_LOT, Reason.EXPIRED, Reason.DUPLICATE_SERIAL),
        *(Reason.WRONG_LABEL, Reason.WEIGHT_MISMATCH, Reason.BOX_NOT_ALLOWED, Reason.WARN_WRONG_ITEM),
        Reason.WARN_OVER_QUANTITY,
    }
)
"""Verdicts after which something wrong did not leave the house."""
_KEY = "pace"


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's day (ISO, by the site's clock)."""

    day: str
    pace: Pace


class Paces:
    """Everybody's shift at this bench; call everything with the workplace's lock held.

    Kept in the journal with each order and each sign-out: a power cut may forget the units of one box, no more.
    """

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._shifts: dict[int, Shift] | None = None

    def scanned(self, person_id: int, before: Session, after: Session, reason: Reason, tone: Tone) -> None:
        """One scan of this person: what it counted, caught or finished."""
        done = after.phase is Phase.CLOSED and before.phase is not Phase.CLOSED
        units, caught = sum(after.counts) - sum(before.counts), int(reason in CAUGHT and tone is not Tone.GOOD)
        if not (units or caught or done):
            return
        pace = self.of(person_id)
        pace = replace(pace, orders=pace.orders + done, units=max(0, pace.units + units), caught=pace.caught + caught)
        self._known()[person_id] = Shift(self._day(), pace)
        if done:
            self.keep()

    def of(self, person_id: int) -> Pace:
        """What this person did today."""
        shift = self._known().get(person_id)
        return shift.pace if shift and shift.day == self._day() else Pace()

    def keep(self) -> None:
        """Write it down; shifts of other days are forgotten. Raise JournalFailed."""
        today = self._day()
        self._shifts = {who: shift for who, shift in self._known().items() if shift.day == today}
        self._place.journal.put(_KEY, wire.encode(self._shifts), durable=False)

    def _known(self) -> dict[int, Shift]:
        if self._shifts is None:
            kept = self._place.journal.get(_KEY)
            self._shifts = wire.decode(kept, dict[int, Shift]) if kept else {}
        return self._shifts

    def _day(self) -> str:
        return self._place.today
