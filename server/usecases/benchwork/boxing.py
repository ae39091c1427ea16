"""The boxes of a session on the server: their labels, who supervised, what closing them means, what they weighed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from server import wire
from server.db import allotments, parcels, sku_weights
from server.db import people as people_rows
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.packing import boxes
from server.domain.packing.captured import serials_in
from server.domain.packing.session import Session
from server.domain.packing.wants import PackedBox
from server.domain.people import Role
from server.usecases.benchwork.judging import Judged, Known
from server.usecases.outward import telling_when
from server.usecases.record.incidents import swaps_of

SUPERVISES = frozenset({Role.SUPERVISOR, Role.ADMIN})


def known_of(connection: Connection, session: Row[Any], sent: Iterable[wire.PackEvent], *, stopped: bool) -> Known:
    """What the server knows beside the log: labels of this session's boxes, and who of these may supervise."""
    rows = parcels.all_of_session(connection, session.id)
    labels = frozenset((p.id, p.tracking, p.box_no) for p in rows if p.purchase == "bought")
    asked = {event.person_id for event in sent if event.kind == "supervisor"}
    people = (people_rows.person(connection, person_id) for person_id in sorted(asked))
    may = frozenset(p.id for p in people if p and p.active and not SUPERVISES.isdisjoint(people_rows.roles_of(p)))
    return Known(labels, stopped, may, _beforehand(connection, session, rows, sent))


def _beforehand(
    connection: Connection, session: Row[Any], own: Sequence[Row[Any]], sent: Iterable[wire.PackEvent]
) -> frozenset[tuple[str, str, int]]:
    """Labels allotted to the bench that these events say it used; none where the box has another one already."""
    said = {event.parcel_id for event in sent if event.kind == "label"}
    first = next((p.id for p in own if p.box_no == 1), None)
    given = allotments.given_to(connection, session, said) if said else ()
    return frozenset((p.id, p.tracking, 1) for p in given if first in (None, p.id))


def note_supervised(tx: Transaction, order: Row[Any], session: Row[Any], before: Session, after: Session) -> None:
    """Boxes opened again and weights let pass are on record with who and why."""
    about = {"order": order.id, "bench": session.bench_id}
    for key in after.confirmed:
        if key.startswith("weight#") and key not in before.confirmed:
            box, _, why = key.removeprefix("weight#").partition(":")
            tx.note("box.weight_released", {"box": box, "why": why, "grams": _grams(after, int(box))}, **about)
    if after.reopened and not before.reopened:
        tx.note("box.opened_again", {"box": boxes.box_number(after)}, **about)


def _grams(session: Session, number: int) -> int | None:
    there = boxes.all_boxes(session)
    return there[number - 1].weight_grams if number <= len(there) else None


def count_copies(tx: Transaction, order_id: int, judged: Iterable[Judged]) -> None:
    """Labels that the bench printed once more from what it kept; the order's lock is held."""
    known = (each.event for each in judged if each.event.kind == "reprint" and not each.differs)
    printed = Counter(event.parcel_id for event in known)
    own = [p.id for p in parcels.of_order(tx.connection, order_id) if p.id in printed] if printed else []
    for parcel in parcels.lock(tx, own).values() if own else ():
        copied(tx, parcel, printed[parcel.id])


def copied(tx: Transaction, parcel: Row[Any], copies: int = 1) -> Row[Any]:
    """A bought label was printed again, so many times: counted and audited; the parcel's lock is held."""
    after = parcels.change(tx, parcel.id, reprints=parcel.reprints + copies)
    tx.note("label.reprinted", {"reprints": after.reprints}, parcel=parcel.id, order=parcel.order_id)
    return after


def note_serials(tx: Transaction, order_id: int, packed: Session) -> None:
    """On record: which unit went in which box of a packed order."""
    boxed: dict[str, list[str]] = {}
    for (sku, serial), number in serials_in(packed).items():
        boxed.setdefault(f"box {number}", []).append(f"{sku} {serial}")
    if boxed:
        tx.note("order.serials", {box: ", ".join(units) for box, units in boxed.items()}, order=order_id)


def close_all(tx: Transaction, session: Row[Any]) -> None:
    """Every box of the order has its label on it. One stays blocked while its label was found on another box too."""
    rows = parcels.lock(tx, [p.id for p in parcels.all_of_session(tx.connection, session.id)])
    for parcel in sorted(rows.values(), key=lambda row: int(row.box_no)):
        free = not swaps_of(tx.connection, parcel.id)
        after = ParcelState.READY if free else ParcelState.BLOCKED
        ready = parcels.set_state(tx, parcel, after, "label scanned on its box", ready_at=tx.now)
        telling_when.ready(tx, ready)


def learn(tx: Transaction, session: Session) -> None:
    """What one unit weighs, from boxes with one SKU whose weight nobody had to let pass; the box's tare is known."""
    for box in boxes.all_boxes(session):
        choice = boxes.choice(session, box.box_type)
        tare = choice.tare_grams if choice else None
        skus = units_of(session, box)
        if len(skus) != 1 or not box.weight_grams or box.released or tare is None:
            continue
        ((sku, units),) = skus.items()
        grams = (box.weight_grams - tare) / units
        if grams > 0:
            sku_weights.learn(tx, sku, grams)


def units_of(session: Session, box: PackedBox) -> Counter[str]:
    """Units by SKU of one box."""
    found = Counter[str]()
    for line, units in zip(session.order.lines, box.contents, strict=True):
        if units:
            found[line.sku] += units
    return found
