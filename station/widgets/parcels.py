"""Lists of parcels by order number and tracking barcode, and where each was seen last."""

from collections.abc import Sequence

from rich.style import Style

from server.domain.benchwork.handoff import DockParcel, Load
from station.site_time import hour
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, block, row
from station.wording import say

SHOWN_MAX = 100
"""Rows of the tallest terminal."""
TAIL = 6
"""Characters at the end of a number that tell the parcels of a dock apart."""


def aside_names(load: Load) -> list[str]:
    """The parcels set aside, newest first, as a person can find them: order number and tracking."""
    wanted = set(load.set_aside)
    by_id = {p.parcel_id: f"{p.order_number}  {p.tracking}" for p in load.parcels if p.parcel_id in wanted}
    return [by_id.get(code, code) for code in reversed(load.set_aside)]


def left_names(parcels: Sequence[DockParcel], time_zone: str) -> list[str]:
    """Parcels that are not on the load: their order, where they were seen last, and their number.

    A truck has thousands and a screen forty rows: what no screen can show has no words.
    """
    shown = [f"{p.order_number}  {_seen(p, time_zone)}" for p in parcels[:SHOWN_MAX]]
    return shown + [""] * (len(parcels) - len(shown))


def _seen(parcel: DockParcel, time_zone: str) -> str:
    if not parcel.seen_where:
        return parcel.tracking
    at = f" {hour(parcel.seen_at, time_zone)}" if parcel.seen_at else ""
    return f"{parcel.seen_where}{at} {parcel.seen_by}".strip() + f"  ..{parcel.tracking[-TAIL:]}"


def parcel_list(title: str, names: list[str], sheet: Sheet, size: tuple[int, int], pen: Style) -> Rows:
    """A heading with its count, then as many as there is room for; ``size`` is width and height."""
    width, height = size
    look = sheet.look
    rows = [row(width, look.text, [(f"{title}: {len(names) or say.NONE}", pen if names else look.quiet)])]
    room = height - 1
    shown = names if len(names) <= room else names[: max(0, room - 1)]
    rows += [row(width - 1, look.text, [(f"  {name}", look.text)]) for name in shown]
    if len(shown) < len(names):
        rows.append(row(width, look.text, [(f"  {say.and_more(len(names) - len(shown))}", look.quiet)]))
    return block(rows, width, height, look.text)
