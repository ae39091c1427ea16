"""Boxes that stand aside."""

from server.domain.benchwork.reasons import ENDS_SESSION
from station.views import ParkedBox
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, row
from station.wording import say


def parked_boxes(boxes: tuple[ParkedBox, ...], sheet: Sheet, width: int, height: int) -> Rows:
    """A heading and one row for each box, newest last; nothing when no box is parked or there is no room."""
    look = sheet.look
    if not boxes or height < 2:
        return []
    shown = boxes[: height - 1]
    more = f"   {say.and_more(len(boxes) - len(shown))}" if len(shown) < len(boxes) else ""
    rows = [row(width, look.text, [(f"▣ {say.PARKED}", look.variant), (more, look.quiet)])]
    for box in shown:
        waited, pen = say.ago(sheet.now - box.since), look.variant if box.reason in ENDS_SESSION else look.text
        rows.append(
            row(
                width,
                look.text,
                [(f"  {box.number}  ", look.strong), (say.parked_why(box.reason, box.to_go), pen)],
                [(waited, look.quiet)],
            )
        )
    return rows
