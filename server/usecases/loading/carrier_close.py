"""Telling a carrier what leaves on a closed load (SCAN form, ground close): once for each load, until it has answered.

Nothing is accepted before the carrier says so: until then the load shows "asking" or "pending".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.db import load_closes, loads
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.trade.shipping import HandedOver, Shipment
from server.usecases.loading.leaving import NAMED_MAX
from server.usecases.loading.picture import checked
from server.usecases.record.incidents import close_by_key, open_incident
from server.usecases.shipping.accounts import counter_of, name_of

FIRST_SECONDS = 15.0
MOST_SECONDS = 900.0
PATIENCE = 120.0
"""Seconds for which one worker has a load for itself."""
WORRY_TRIES = 8
"""So many answers that are none, and a person finds out: about an hour."""
AT_ONCE = 10
_MEDIA = {"pdf": "application/pdf", "zpl": "text/plain; charset=utf-8"}
_ACTOR = Actor("carrier close")


@dataclass(frozen=True, slots=True)
class Form:
    """The carrier's own paper, as it made it."""

    data: bytes
    media_type: str


def tick(db: Database) -> bool:
    """The worker's share; True while there may be more."""
    with db.read() as connection:
        found = load_closes.due(connection, db.now(), AT_ONCE)
    for load_id in found:
        tell(db, load_id)
    return len(found) == AT_ONCE


def tell(db: Database, load_id: str) -> None:
    """Ask the carrier of one load that is due; several processes may do so at once: one of them does."""
    with transaction(db, _ACTOR, "carrier_close_asks") as tx:
        mine = load_closes.claim(tx, load_id, tx.now + PATIENCE)
        rows = load_closes.shipments(tx.connection, load_id) if mine is not None else ()
    if mine is None:
        return
    shipments = [Shipment(row.id, row.tracking, row.shipment_id or "", row.service) for row in rows]
    try:
        said: HandedOver | Trouble = counter_of(db, mine.carrier).carrier.manifest(shipments, load_id, mine.reference)
    except Trouble as trouble:
        said = trouble
    except DomainError as error:
        said = Denied(str(error))
    _heard(db, mine, said)


def form(db: Database, bench_id: int, load_id: str) -> Form:
    """The carrier's paper of a load.

    Raise DomainError("not_found"), "not_ready" while the carrier may still give one, or "no_form" where it will not.
    """
    with db.read() as connection:
        checked(connection, loads.find(connection, load_id), bench_id)
        row = load_closes.find(connection, load_id)
    if row is None or row.paper is None:
        waits = row is not None and row.state in ("asking", "pending")
        raise DomainError("not_ready" if waits else "no_form", f"the carrier has given no paper for load {load_id}")
    return Form(bytes(row.paper), _MEDIA.get(row.format, "application/octet-stream"))


def _heard(db: Database, mine: Row[Any], said: HandedOver | Trouble) -> None:
    columns = _columns(mine, said, db.now())
    key = f"carrier_close:{mine.load_id}"
    with transaction(db, _ACTOR, "carrier_close") as tx:
        load_closes.write(tx, mine.load_id, **columns)
        state = columns.get("state", mine.state)
        detail = {"state": state, "text": columns.get("text", ""), "left_out": columns.get("left_out", [])}
        tx.note("load.carrier_close", detail, load=mine.load_id)
        if state == "closed":
            close_by_key(tx, key, "the carrier took it")
            _left_out(tx, mine, columns["left_out"])
        elif state == "refused" or mine.tries >= WORRY_TRIES:
            name = name_of(tx.connection, mine.carrier)
            what = "refused" if state == "refused" else "has not accepted"
            cause = f"{name} {what} the parcels of load {mine.load_id}: {detail['text'] or 'it gave no reason'}"
            open_incident(tx, IncidentType.CARRIER_CLOSE, cause[:500], once_key=key)


def _left_out(tx: Transaction, mine: Row[Any], numbers: Sequence[str]) -> None:
    """What is on the vehicle and not on the carrier's own list: nobody there waits for it."""
    if numbers:
        more = f" and {len(numbers) - NAMED_MAX} more" if len(numbers) > NAMED_MAX else ""
        cause = (
            f"{name_of(tx.connection, mine.carrier)} took load {mine.load_id} without {len(numbers)} of its parcels, "
            f"their labels may be void or on another form: {', '.join(numbers[:NAMED_MAX])}{more}"
        )
        open_incident(tx, IncidentType.CARRIER_CLOSE, cause, once_key=f"left_out:{mine.load_id}")


def _columns(mine: Row[Any], said: HandedOver | Trouble, now: float) -> dict[str, Any]:
    later = now + min(MOST_SECONDS, FIRST_SECONDS * 2.0 ** min(mine.tries, 10))
    match said:
        case HandedOver(state="closed"):
            paper = {"format": said.paper.format, "paper": said.paper.data} if said.paper is not None else {}
            done = {"state": "closed", "reference": said.reference, "text": said.text, "left_out": list(said.left_out)}
            return done | paper | {"next_at": None, "done_at": now}
        case HandedOver(state="pending"):
            reference = said.reference or mine.reference
            return {"state": "pending", "reference": reference, "text": said.text, "next_at": later}
        case HandedOver():
            return {"state": "refused", "text": said.text, "left_out": list(said.left_out), "next_at": None}
        case Refused():
            return {"state": "refused", "text": said.detail, "next_at": None}
        case Throttled():
            return {"next_at": now + max(said.after, 1.0)}
        case Away() | Denied() | Trouble():
            return {"text": said.detail, "next_at": later}
