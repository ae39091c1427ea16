"""A box that goes on under another session: at another bench, or at any bench after it was released with its goods."""

from dataclasses import replace

from server.domain.packing.boxes import all_sealed, unlabelled
from server.domain.packing.order import OrderLine, PackOrder
from server.domain.packing.session import Phase, Session
from server.domain.packing.steps import settled


def can_carry(before: Session, order: PackOrder) -> bool:
    """Whether what was verified for ``before`` is still what the order wants, line for line."""
    return _wanted(before.order) == _wanted(order) and any(before.counts)


def carried(session: Session, before: Session) -> Session:
    """The fresh ``session`` with everything that was verified in the box before; its label is asked for anew.

    Asking for a label again gives the one that was bought; a box on the table is weighed anew. Of several boxes those
    that ``before`` calls labelled keep their label: who hands a box on says which (see ``boxes.unlabelled``). A session
    in which something happened stays as it is.
    """
    if any(session.counts) or session.phase is not Phase.PACKING or not can_carry(before, session.order):
        return session
    box = before if all_sealed(before) else replace(before, weight_grams=None, weighed_off=None)
    after = replace(
        unlabelled(box, [each.parcel_id for each in box.sealed if each.parcel_id]),
        session_id=session.session_id,
        order=session.order,
        stop=None,
        asked=None,
        unknown_run=0,
        counted=None,
        last_line=None,
        leaving=None,
    )
    return settled(after)


def verified(session: Session) -> tuple[int, int]:
    """Units verified, and units wanted."""
    return sum(session.counts), sum(line.quantity for line in session.order.lines)


def _wanted(order: PackOrder) -> tuple[tuple[int, str, int], ...]:
    return tuple(_key(line) for line in order.lines)


def _key(line: OrderLine) -> tuple[int, str, int]:
    return line.line_no, line.sku, line.quantity
