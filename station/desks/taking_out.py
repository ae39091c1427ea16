"""A channel changed the order while its box was packed: what the stop says while goods come out of the box."""

from collections.abc import Sequence

from server.domain.benchwork.reasons import Reason
from server.domain.packing.leaving import LineChange
from server.domain.packing.session import Phase, Verdict
from server.domain.packing.taking_out import waits_for_goods
from station.views import Note
from station.workplace import clean

NOTES = frozenset({Note.OUT_OF_BOX, Note.ALL_OUT, Note.STAYS_IN, Note.TAKE_OUT_FIRST, Note.LEFT_TO_LEAD})
_REFUSED = {Reason.NOTHING_TO_TAKE: Note.STAYS_IN, Reason.NOT_NOW: Note.TAKE_OUT_FIRST}


def note_of(verdict: Verdict) -> Note | None:
    """What to say of a scan at such a stop; None for any other."""
    session = verdict.session
    if session.phase is not Phase.ENDED or session.leaving is None:
        return None
    if verdict.reason is Reason.TAKEN_OUT:
        return Note.OUT_OF_BOX if waits_for_goods(session) else Note.ALL_OUT
    return _REFUSED.get(verdict.reason) if waits_for_goods(session) else None


def shown(changes: Sequence[LineChange]) -> tuple[tuple[str, str, int], ...]:
    """As the stop screen names them: name, what differs, units."""
    return tuple((clean(change.name), clean(change.variant), change.units) for change in changes)
