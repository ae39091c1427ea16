"""The weight of the active box, taken by itself once it is all that is open."""

from collections.abc import Callable

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing import boxes as rules_of_boxes
from server.domain.packing.session import Fact, FactKind, Phase, Session
from server.domain.packing.steps import open_steps
from server.domain.packing.wants import StepKind
from station.desks.boxes import Box, Boxes
from station.scale import Weigher
from station.views import Note
from station.workplace import Workplace


def waits_for_weight(session: Session) -> bool:
    """Whether the box only waits to be weighed."""
    if session.phase is not Phase.STEPS or session.stop is not None:
        return False
    return open_steps(session)[0].kind is StepKind.WEIGHT


class Weighing:
    """Asks the scale while a box waits for it; call everything with the workplace's lock held."""

    def __init__(
        self, place: Workplace, boxes: Boxes, weigher: Weigher | None, follow: Callable[[Box, Box], None]
    ) -> None:
        self._place, self._boxes, self._weigher, self._follow = place, boxes, weigher, follow
        self._asked: tuple[str, int] | None = None
        self._since = 0.0
        self._on_table = ""

    @property
    def due(self) -> bool:
        """Whether ``tick`` has a weight to take."""
        return self._grams() is not None

    def tick(self) -> None:
        """Journal the weight, and say what it means."""
        grams, box = self._grams(), self._boxes.active
        if grams is None or box is None or self._weigher is None:
            return
        after = self._boxes.happened(box, Fact(FactKind.WEIGHT, grams=grams))
        self._weigher.used(_key(box), grams)
        self._asked = None
        self._follow(box, after)
        trouble = after.session.weighed_off
        if trouble is None:
            tone = Tone.BOX_DONE if after.session.phase is Phase.CHECKED else Tone.LINE_FULL
            self._place.sound(self._place.say(Reason.OK, tone, item=str(grams), detail=Note.WEIGHED))
        else:
            self._place.sound(self._place.say(trouble.reason, Tone.LOOK, item=str(grams), detail=Note.WEIGHED_OFF))

    def _grams(self) -> int | None:
        if self._weigher is None:
            return None
        box, now = self._boxes.active, self._place.clock()
        before, self._on_table = self._on_table, _key(box) if box else ""
        if before and before != self._on_table:
            self._weigher.left(before)
        self._weigher.watch()
        if box is None or not waits_for_weight(box.session):
            self._asked = None
            return None
        if self._asked != (box.session_id, box.seq):
            self._asked, self._since = (box.session_id, box.seq), now
        return self._weigher.steady(_key(box), self._since, now)


def _key(box: Box) -> str:
    """Which box this is, of which order."""
    return f"{box.session_id} {rules_of_boxes.box_number(box.session)}"
