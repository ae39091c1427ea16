"""The four steps after the last unit, as a row of boxes: done, now, to come."""

from station.views import Bought, LabelStage
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, centred, joined, row
from station.wording import say

_ORDER = (LabelStage.CHECKED, LabelStage.BUYING, LabelStage.PRINTING, LabelStage.SCAN_LABEL)


def steps(sheet: Sheet, stage: LabelStage, bought: Bought, width: int) -> Rows:
    """Three rows. Done has a tick, now a pointer and the bright ground, to come a ring."""
    now = _ORDER.index(stage) if stage in _ORDER else -1
    each = (width - 3) // 4
    names = say.STEPS_ALLOTTED if bought is Bought.ALLOTTED else say.STEPS
    boxes: list[Rows] = []
    for index, name in enumerate(names):
        sign, pen = ("✔", sheet.look.done) if index < now else ("▶", sheet.look.card_strong)
        if index > now:
            sign, pen = "○", sheet.look.bar
        boxes.append([row(each, pen), centred(each, pen, [(f"{sign} {name}", pen)]), row(each, pen)])
    gap = row(1, sheet.look.text)
    rows = [joined([b for box in boxes for b in (box[y], gap)][:-1]) for y in range(3)]
    return [one.widened(width, sheet.look.text) for one in rows]
