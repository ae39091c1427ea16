"""The boxes of one order: what lies in which, and how one follows the other. Sums of their contents are the counts."""

from collections.abc import Collection
from dataclasses import replace

from server.domain.dock.barcodes import stands_for
from server.domain.packing.session import Phase, Session
from server.domain.packing.wants import NO_BOX, BoxChoice, PackedBox


def present(session: Session) -> tuple[int, ...]:
    """Units of each line in the box on the table; nothing once the last of several boxes is sealed."""
    gone = (box.contents for box in session.sealed)
    return tuple(sum(units) for units in zip(session.counts, *((-n for n in box) for box in gone), strict=True))


def all_sealed(session: Session) -> bool:
    """Whether an order in several boxes has its last one sealed. Always False for an order in one box."""
    return bool(session.sealed) and session.open_units == 0 and not any(present(session))


def box_number(session: Session) -> int:
    """Of the box on the table, from 1: the one being filled, then the one that waits for its label."""
    if not all_sealed(session):
        return len(session.sealed) + 1
    return next((n for n, box in enumerate(session.sealed, 1) if not box.labelled), len(session.sealed))


def box_total(session: Session) -> int:
    """How many boxes there are so far; all of them once every unit is verified."""
    return len(session.sealed) if all_sealed(session) else len(session.sealed) + 1


def all_boxes(session: Session) -> tuple[PackedBox, ...]:
    """Every box with something in it, that on the table last."""
    if all_sealed(session):
        return session.sealed
    kept = (session.weight_grams, released(session), session.parcel_id, session.tracking)
    return (*session.sealed, PackedBox(present(session), chosen(session), *kept, session.phase is Phase.CLOSED))


def chosen(session: Session) -> str | None:
    """The type of the box on the table: what was scanned, else what is preselected; None while nobody has said."""
    wants = session.order.wants
    if session.box_type is not None:
        return session.box_type
    if wants.own_box and in_own_box(session):
        return NO_BOX
    return None if session.sealed else wants.suggested


def in_own_box(session: Session) -> bool:
    """Whether all that lies on the table travels in the maker's box."""
    skus = {line.sku for line, units in zip(session.order.lines, present(session), strict=True) if units}
    return bool(skus) and skus <= set(session.order.wants.own_box)


def choice(session: Session, code: str | None) -> BoxChoice | None:
    """What is known of a box type; None for one that came after the order was opened."""
    if code == NO_BOX:
        return BoxChoice(NO_BOX, tare_grams=0)
    return next((box for box in session.order.wants.boxes if box.code == code), None)


def limit_grams(session: Session, code: str | None) -> int | None:
    """What a full box may weigh: the lower of the box's and the carrier's limit."""
    box = choice(session, code)
    limits = [n for n in (box.max_grams if box else None, session.order.wants.max_grams) if n is not None]
    return min(limits) if limits else None


def released(session: Session) -> str:
    """Why the weight of the box on the table was let pass; empty when it was right or nobody weighed."""
    begin = f"{release_key(session)}:"
    return next((key.removeprefix(begin) for key in session.confirmed if key.startswith(begin)), "")


def release_key(session: Session) -> str:
    """Begins what is kept in ``confirmed`` when a supervisor let the weight of this box pass; its reason follows."""
    return f"weight#{box_number(session)}"


def seal(session: Session) -> Session:
    """The box on the table is closed, and the next one is empty."""
    box = PackedBox(present(session), chosen(session), session.weight_grams, released(session))
    sealed = (*session.sealed, box)
    return fresh_table(replace(session, sealed=sealed))


def fresh_table(session: Session) -> Session:
    """Nothing is known of the box on the table yet."""
    plain = replace(session, box_type=None, weight_grams=None, weighed_off=None)
    return replace(plain, sealing=False, reopened=False)


def labelled(session: Session) -> Session:
    """The label was scanned on its box: the next box waits for its own, or all is done."""
    if not session.sealed:
        return replace(session, phase=Phase.CLOSED, unknown_run=0)
    index = box_number(session) - 1
    own = replace(session.sealed[index], parcel_id=session.parcel_id, tracking=session.tracking, labelled=True)
    boxes = tuple(own if n == index else box for n, box in enumerate(session.sealed))
    after = replace(session, sealed=boxes, unknown_run=0)
    if all(box.labelled for box in boxes):
        return replace(after, phase=Phase.CLOSED)
    return replace(after, phase=Phase.CHECKED, parcel_id=None, tracking=None)


def is_earlier_label(session: Session, code: str) -> bool:
    """Whether this label is on another box of the order already."""
    numbers = (number for box in session.sealed if box.labelled for number in (box.tracking, box.parcel_id))
    return any(stands_for(code, number) for number in numbers if number)


def can_reopen(session: Session) -> bool:
    """A box is opened again while nothing else is open on the table, and before a label is bought for any."""
    bought = session.tracking is not None or any(box.tracking for box in session.sealed)
    closed = session.phase is Phase.CHECKED or bool(session.sealed)
    return closed and not bought and (session.phase is Phase.CHECKED or not any(present(session)))


def reopened(session: Session) -> Session:
    """The box closed last is on the table again, to be weighed again; its type is kept."""
    if session.sealed:
        last = session.sealed[-1]
        session = replace(fresh_table(session), sealed=session.sealed[:-1], box_type=last.box_type)
    gone = f"{release_key(session)}:"
    confirmed = tuple(key for key in session.confirmed if not key.startswith(gone))
    after = replace(session, weight_grams=None, weighed_off=None, confirmed=confirmed, reopened=True)
    # With goods still to come it is the box they go into; else it is closed by hand.
    return replace(after, phase=Phase.PACKING, reopened=after.open_units == 0)


def unlabelled(session: Session, kept: Collection[str] = ()) -> Session:
    """The boxes as they were before any label, for a session that goes on elsewhere; ``kept``: parcels whose label was
    scanned on its box and stays there. Where that is every box, none stays: a session with nothing to do does not end.
    """
    stays = [box.labelled and box.parcel_id in kept for box in session.sealed]
    bare = replace(session, parcel_id=None, tracking=None)
    if all(stays):
        stays = [False] * len(stays)
    sealed = tuple(
        box if stay else replace(box, parcel_id=None, tracking=None, labelled=False)
        for box, stay in zip(session.sealed, stays, strict=True)
    )
    return replace(bare, sealed=sealed)
