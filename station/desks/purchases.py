"""Label purchases in the background: asked until answered, always for the same session, so that it is bought once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError, Unavailable
from station.jobs import Backoff, Worker
from station.server_client import Postponed, ServerClient
from station.uplink import STOPS_FROM_SERVER, stop_of
from station.views import Note
from station.workplace import clean


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What the label flow does with what happens here; all called on the worker, without the lock."""

    wanted: Callable[[str], bool]
    """Whether the active box still waits for this session's label; called before every try."""
    unanswered: Callable[[str, str, Mapping[str, object]], None]
    """Nothing was decided: a Note or the server's words, and what they tell as facts."""
    answered: Callable[[str, wire.LabelAnswer], None]
    refused: Callable[[str, DomainError], None]
    stopped: Callable[[wire.SessionStop], None]
    copied: Callable[[str, wire.LabelAnswer], None]
    not_copied: Callable[[str, DomainError | None], None]
    """No copy was counted for this parcel: why, or None where the server does not answer."""


class Purchases:
    """Asks for labels on a worker. ``flush`` sends a session's events first: the server wants to see every unit."""

    def __init__(self, client: ServerClient, worker: Worker, flush: Callable[[str], None], outcomes: Outcomes) -> None:
        self._client, self._worker, self._flush, self._outcomes = client, worker, flush, outcomes
        self.asked: set[str] = set()
        """Sessions whose purchase was asked for, so that only the server knows whether it happened."""

    def ask(self, session_id: str) -> None:
        """Have the one label of this session, bought now or earlier."""
        backoff = Backoff()
        self._worker.do(lambda: self._buy(session_id, backoff))

    def copy(self, session_id: str, parcel_id: str) -> None:
        """Have one more print counted; never a purchase."""
        self._worker.do(lambda: self._copy(session_id, parcel_id))

    def _buy(self, session_id: str, backoff: Backoff) -> float | None:
        if not self._outcomes.wanted(session_id):
            return None
        try:
            self._flush(session_id)
            self.asked.add(session_id)
            answer = self._client.buy_label(session_id)
        except Unavailable as error:
            if error.facts.get("bought") == "not_bought":
                self.asked.discard(session_id)  # The server knows that no try of ours bought one.
            own_words = clean(str(error)) if isinstance(error, Postponed) else Note.AWAY_LABEL
            self._outcomes.unanswered(session_id, own_words, error.facts)
            return backoff.pause()
        except DomainError as error:
            self._refused(session_id, error)
            return None
        self._outcomes.answered(session_id, answer)
        return None

    def _refused(self, session_id: str, error: DomainError) -> None:
        self.asked.discard(session_id)
        if error.code in STOPS_FROM_SERVER:
            self._outcomes.stopped(self._whole(stop_of(session_id, error)))
        else:
            self._outcomes.refused(session_id, error)

    def _whole(self, stop: wire.SessionStop) -> wire.SessionStop:
        """With what must come out of the box of a changed order: a refusal does not say it, and nobody may leave the
        stop before it is on the screen. Without it, if the server is away by now: then the whole box is unpacked.
        """
        if stop.reason is not Reason.CHANGED:
            return stop
        try:
            answer = self._client.send_events(stop.session_id, wire.EventsRequest(events=()))
        except (Unavailable, DomainError):
            return stop
        return replace(stop, take_out=answer.take_out, add=answer.add)

    def _copy(self, session_id: str, parcel_id: str) -> None:
        try:
            self._flush(session_id)
            answer = self._client.reprint(parcel_id)
        except Unavailable:
            self._outcomes.not_copied(parcel_id, None)
        except DomainError as error:
            self._outcomes.not_copied(parcel_id, error)
        else:
            self._outcomes.copied(session_id, answer)
