"""The way of a parcel at its last scan: what was chosen when the order opened, or chosen anew where it changed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from server.db import allotments, labels, pack_log, parcels
from server.db import rates as rows
from server.db.again import again
from server.db.transaction import Actor, Database, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.packing import boxes
from server.domain.packing.session import Phase
from server.domain.rates.circuit import REST_SECONDS
from server.domain.rates.drift import Paid
from server.domain.rates.values import Decision, Offer, Verdict
from server.domain.rates.words import explain
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.boxing import units_of
from server.usecases.benchwork.judging import unpacked
from server.usecases.benchwork.packing import held
from server.usecases.record.incidents import close_by_key, open_incident
from server.usecases.shipping import quoting
from server.usecases.shipping.bought import no_carrier_key
from server.usecases.shipping.limiting import hold_to_limits
from server.usecases.shipping.quoting import Kept
from server.usecases.shipping.rate_needs import Box, shopped

WAIT = 1.0
"""Seconds that a last scan may wait for prices."""
_SAID_MAX = 400


def settle(db: Database, actor: Actor, bench_id: int, session_id: str) -> None:
    """Write the chosen carrier and service into the order whose box is about to get its label; before any purchase.

    Where the channel does not want it the way is only held against the limits. Nothing happens while units are open,
    for another bench's session, and when the box has a label, one that may be bought for all we know, or one that was
    allotted to its bench. Where certainly no label was bought, another account is taken if any can. Waits for prices
    for at most ``WAIT`` seconds. Raise DomainError("no_carrier"), with an incident, where no way may be taken.
    """
    with db.read() as connection:
        found = _waiting(connection, bench_id, session_id) if rows.active_row(connection) is not None else None
        if found is None:
            return
        keeps_its_way = shopped(connection, found.order_id) is None
    if keeps_its_way:
        hold_to_limits(db, actor, found.order_id, found.box)
        return
    kept = _chosen(db, actor, found)
    if kept is None:
        return
    again(lambda: _apply(db, actor, bench_id, found, kept))
    if kept.decision.way is None:
        says = {"says": "label_no_way", "why": kept.decision.why}
        raise DomainError("no_carrier", _cause(kept.decision), bought="not_bought", **says)


def offer_for(connection: Connection, parcel: Row[Any]) -> Offer | None:
    """The offer by which the way of this parcel was chosen; None where it goes as its order came."""
    row = rows.latest(connection, parcel.order_id, parcel.box_no)
    if row is None or row.used_at is None or (row.carrier, row.service) != (parcel.carrier, parcel.service):
        return None
    return rows.decision_of(row).chosen


def why(connection: Connection, order_id: int) -> tuple[str, ...]:
    """The choice for each box of an order in sentences; one sentence where nothing was chosen."""
    listed = rows.of_order(connection, order_id)
    if not listed:
        return ("nothing was chosen: the parcel goes with the carrier and service of its order",)
    said: list[str] = []
    for row in listed:
        head = [f"box {row.box_no}:"] if len(listed) > 1 else []
        said += [*head, *explain(rows.decision_of(row)), *(f"the label cost {paid}" for paid in _paid(connection, row))]
    return tuple(said)


def _paid(connection: Connection, row: Row[Any]) -> Iterator[Paid]:
    """What the label of a choice cost, where that is not what was offered."""
    bought = [p for p in parcels.of_order(connection, row.order_id) if p.purchase == "bought"]
    for parcel in bought:
        kept = labels.kept(connection, parcel.id)
        if kept is None or row.price is None or (parcel.box_no, parcel.carrier) != (row.box_no, row.carrier):
            continue
        paid = Paid(Decimal(row.price), row.currency, Decimal(kept.cost), kept.currency)
        if paid.differs and parcel.state != ParcelState.CANCELLED:
            yield paid


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A box that waits for a label, and the parcel for which its ``carrier`` has just sold none.

    Whoever asks for the label next gives that parcel up where the order goes with another carrier then.
    """

    order_id: int
    session_id: str
    box: Box
    unsold: str = ""
    carrier: str = ""


def _waiting(connection: Connection, bench_id: int, session_id: str) -> _Waiting | None:
    """The box of this bench that waits for a label; None where there is none to choose a way for."""
    kept = pack_log.session(connection, session_id)
    if kept is None or kept.bench_id != bench_id or kept.stop:
        return None
    verified = unpacked(kept.folded)
    if verified.open_units or verified.phase is Phase.CLOSED:
        return None
    number = boxes.box_number(verified)
    live = [p for p in parcels.of_order(connection, kept.order_id) if p.state != ParcelState.CANCELLED]
    given = allotments.of_order(connection, kept.order_id) if number == 1 else None
    theirs = given is not None and (given.allotted_to, given.allotted_version) == (kept.bench_id, kept.order_version)
    begun = [p for p in live if p.box_no == number]
    if theirs or not all(p.box_no == number and _unsold(connection, p) for p in begun):
        return None
    box = boxes.all_boxes(verified)[number - 1]
    contents = dict(units_of(verified, box)) if verified.sealed else None
    unsold = (begun[0].id, begun[0].carrier) if begun else ()
    return _Waiting(kept.order_id, kept.id, Box(number, box.box_type, box.weight_grams, contents), *unsold)


def _unsold(connection: Connection, parcel: Row[Any]) -> bool:
    """Whether a label was asked for and certainly not bought."""
    if parcel.purchase != "intent" or parcel.tracking is not None:
        return False
    begun = labels.intent(connection, parcel.id)
    return begun is not None and begun.unsure_since is None


def _chosen(db: Database, actor: Actor, waiting: _Waiting) -> Kept | None:
    """The stored choice where it still holds; else a new one, within the same second.

    A further box of an order has its way already: it is only held against the limits, and nobody is waited for.
    """
    order_id, box, began = waiting.order_id, waiting.box, time.monotonic()
    if waiting.unsold:
        failed = waiting.carrier
        return _nobody_else(db, waiting) or quoting.ask(db, actor, order_id, box, seconds=WAIT, failed=failed)
    found = _still_good(db, order_id, box)
    if found is None and box.number > 1:
        return quoting.ask(db, actor, order_id, box, live=False)
    if found is None and quoting.wait(db, order_id, WAIT):
        return quoting.ask(db, actor, order_id, box, live=False)
    left = max(0.1, WAIT - (time.monotonic() - began))
    return found or _still_good(db, order_id, box) or quoting.ask(db, actor, order_id, box, seconds=left)


def _nobody_else(db: Database, waiting: _Waiting) -> Kept | None:
    """The choice of an earlier press, when nobody but the account that had failed could take the box.

    For as long as an account rests nobody is asked again: a packer who presses is told at once how it stands.
    """
    found = _still_good(db, waiting.order_id, waiting.box, REST_SECONDS)
    if found is None or found.decision.way is None or found.decision.way[0] != waiting.carrier:
        return None
    failed = (each.account for each in found.decision.silent if each.verdict is Verdict.FAILED)
    return found if waiting.carrier in failed else None


def _still_good(db: Database, order_id: int, box: Box, fresh: float = quoting.FRESH) -> Kept | None:
    with db.read() as connection:
        return quoting.still_good(connection, db.now(), order_id, box, fresh)


def _apply(db: Database, actor: Actor, bench_id: int, waiting: _Waiting, kept: Kept) -> None:
    """Write the way into the order, or open an incident where there is none."""
    with transaction(db, actor, "order_way") as tx:
        order, session = held(tx, bench_id, waiting.session_id)
        if order.status != OrderStatus.PACKING or session.stop:
            return  # Whoever asks for the label is told why there is none.
        if kept.decision.way is None:
            told = f"order {order.number}: {_cause(kept.decision)}{_rejected(kept.decision)}"[:_SAID_MAX]
            once = no_carrier_key(order.id)
            open_incident(tx, IncidentType.LABEL_FAILED, told, order_id=order.id, once_key=once)
            return
        begun = parcels.lock(tx, [waiting.unsold]) if waiting.unsold else {}
        if not all(_unsold(tx.connection, parcel) for parcel in begun.values()):
            return  # Somebody has asked for it again meanwhile: it may be bought, with the way it has.
        quoting.take(tx, order, kept)
        close_by_key(tx, no_carrier_key(order.id), "a carrier was found")


def _cause(decision: Decision) -> str:
    return f"no carrier may take the parcel; {decision.why}"


def _rejected(decision: Decision) -> str:
    told = dict.fromkeys(f"{each.offer.way}: {each.text}" for each in decision.judged)
    return f". Rejected: {'; '.join(told)}" if told else ""
