"""What stands between a load and its close: what the person saw, what was asked, and who may say it.

A vehicle that has left is not called back: what would refuse the close of one that stands here becomes an incident.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from server import wire
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.dock.figures import assumable, before_close
from server.domain.dock.values import Load
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.usecases.benchwork.taking_over import SUPERVISES
from server.usecases.record.incidents import open_incident
from server.usecases.staff.people import may

_WORDS = {
    Reason.PULL_FIRST: (
        "a cancelled parcel is on the load: say whether it was pulled or cannot be reached",
        "load_pull_first",
    ),
    Reason.SET_ASIDE: (
        "parcels were set aside: scan each where it belongs, or after the ASIDE DONE code",
        "load_set_aside",
    ),
    Reason.NEED_REASON: ("parcels stay behind: say why, once for all of them", "load_need_reason"),
}
"""What is asked before a load closes, and the name of that sentence at the dock."""


def allowed(tx: Transaction, row: Row[Any], request: wire.CloseRequest) -> wire.CloseRequest:
    """What a supervisor must say, without it where they may not say it (any more) and the vehicle has left already."""
    if not (request.assume or request.waive_aside) or may(tx.connection, request.supervisor, SUPERVISES):
        return request
    what = f"expected a supervisor's badge to close with what was not scanned, found person {request.supervisor}"
    if request.closed_at is None:
        raise DomainError(Reason.NOT_SIGNED_IN, what, says="load_badge")
    cause = f"load {row.id} left with no network, nothing is assumed on it and nothing set aside is settled: {what}"
    open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, once_key=f"supervisor:{row.id}")
    return replace(request, assume=False, waive_aside=False, assumed=0)


def check_assumed(load: Load, request: wire.CloseRequest, wanted: int, ready: int) -> None:
    """The rest is what the person saw, and may still leave."""
    seen, rest = set(request.assumed_ids), {p.parcel_id for p in assumable(load)}
    if ready != wanted or (request.assume and seen and seen != rest):
        what = "expected the parcels that were on the screen, found that others are ready by now"
        raise DomainError(Reason.CHANGED, what, says="load_others", loaded=len(load.loaded), counted=request.loaded)


def check_count(found: int, counted: int, state: str) -> None:
    if found != counted:
        what = f"expected the {counted} parcels that were counted, found {found}: {state}"
        raise DomainError(Reason.CHANGED, what, says="load_counted", loaded=found, counted=counted)


def count(tx: Transaction, row: Row[Any], request: wire.CloseRequest, scanned: int, assumed: int) -> None:
    """What the person saw is what is closed; a vehicle that has left is not called back, the difference is a task."""
    if request.closed_at is None:
        check_count(scanned, request.loaded, f"load {row.id} is open")
        check_count(assumed, request.assumed, f"would be assumed on load {row.id}")
    elif row.follows:
        return  # The dock counted with it what is on the load that left without it.
    elif scanned != request.loaded or (not request.assumed_ids and assumed != request.assumed):
        cause = (
            f"load {row.id} was closed with no network: the dock counted {request.loaded} scanned and "
            f"{request.assumed} assumed, the server {scanned} and {assumed}"
        )
        open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, once_key=f"count:{row.id}")


def ask(load: Load, request: wire.CloseRequest) -> None:
    asked = replace(load, set_aside=()) if request.waive_aside else load
    given = request.left_reason is not None
    questions = before_close(asked, reason_given=given, unreachable=request.unreachable, assume=request.assume)
    if questions:
        left = {"set_aside": len(load.set_aside), "left": len(load.missing)}
        words, says = _WORDS[questions[0]]
        raise DomainError(questions[0], words, says=says, **left)
