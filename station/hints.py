"""Guide mode: which line of the guide comes next. The guide's six lines are in the order of the work."""

from server.domain.packing.session import Phase
from station.views import (
    DockLobbyView,
    HelpView,
    LabelStage,
    LoadSummaryView,
    PackView,
    QueueView,
    SignInView,
    StopView,
    View,
)
from station.wording import say

SIGN_IN, OPEN, WRONG, PACK, LABEL, DOCK = range(6)


class Hints:
    """Says for a view what to do next. Remembers only that a stop was seen, because that step is done once."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        self._lines = lines
        self._stopped_once = False

    def __call__(self, view: View) -> str:
        """The line for this view; empty when the guide has another number of lines than six."""
        if isinstance(view, HelpView):
            return say.HINT_WAIT
        if isinstance(view, StopView):
            self._stopped_once = True
            return say.HINT_STOP
        if isinstance(view, LoadSummaryView) and view.closed:
            return say.HINT_DONE
        asks = isinstance(view, DockLobbyView) and view.asks
        if asks or (isinstance(view, PackView) and view.session.phase is Phase.STEPS):
            return say.HINT_STEP
        index = self._index(view)
        if index is None:
            return say.HINT_WAIT
        return self._lines[index] if len(self._lines) == DOCK + 1 else ""

    def _index(self, view: View) -> int | None:
        match view:
            case SignInView():
                return SIGN_IN
            case QueueView():
                return DOCK if view.just_closed else OPEN
            case PackView(stage=LabelStage.NONE):
                return PACK if self._stopped_once or any(view.session.counts) else WRONG
            case PackView(stage=LabelStage.SCAN_LABEL | LabelStage.PRINTING):
                return LABEL
            case PackView():
                return None
            case _:
                return DOCK
