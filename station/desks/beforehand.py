"""The label a bench was allotted for an order, filled in for the box that is packed now: no server is asked for it."""

from dataclasses import replace
from typing import TypeVar

from printing.documents import GiftSlip, PackingSlip, ReturnSlip
from server import wire
from server.domain.booking.lots import day_in
from server.domain.packing.captured import spoken_lots
from server.domain.packing.session import Session
from station.workplace import Workplace

Slip = TypeVar("Slip", PackingSlip, GiftSlip, ReturnSlip)


def label_for(place: Workplace, session: Session) -> wire.LabelAnswer | None:
    """The label of this box, used already or to be used; None where none was allotted for this order as it is here.

    An order in several boxes waits for the server whole: its labels and papers say how many boxes there are.
    """
    kept = place.journal.allotted_label(session.order.order_id)
    if kept is None or kept.version != session.order.version or session.sealed:
        return None
    if session.tracking not in (None, kept.label.tracking):
        return None
    return _filled(kept.label, session, day_in(place.clock(), session.order.time_zone).isoformat())


def _filled(answer: wire.LabelAnswer, session: Session, day: str) -> wire.LabelAnswer:
    """With the weight and the day that nobody knew beforehand; papers with the lots in the box."""
    label = replace(answer.label, ship_date=day, weight_grams=session.weight_grams or answer.label.weight_grams)
    papers = answer.papers
    slip = _with_lots(replace(papers.slip, date=day), session) if papers.slip else None
    gift = _with_lots(papers.gift_slip, session) if papers.gift_slip else None
    back = _with_lots(papers.return_slip, session) if papers.return_slip else None
    return replace(answer, label=label, papers=replace(papers, slip=slip, gift_slip=gift, return_slip=back))


def _with_lots(slip: Slip, session: Session) -> Slip:
    lots = spoken_lots(session.captured)
    return replace(slip, lines=tuple(replace(line, lot=lots.get(line.sku, "")) for line in slip.lines))
