"""Lists of parcels by order number and tracking barcode."""

from rich.style import Style

from server.domain.benchwork.handoff import Load
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, block, row
from station.wording import say


def aside_names(load: Load) -> list[str]:
    """The parcels set aside, newest first, as a person can find them: order number and tracking."""
    by_id = {p.parcel_id: f"{p.order_number}  {p.tracking}" for p in load.parcels}
    return [by_id.get(code, code) for code in reversed(load.set_aside)]


def missing_names(load: Load) -> list[str]:
    """Ready parcels of this carrier that are on no load."""
    return [f"{p.order_number}  {p.tracking}" for p in load.missing]


def parcel_list(title: str, names: list[str], sheet: Sheet, size: tuple[int, int], pen: Style) -> Rows:
    """A heading with its count, then as many as there is room for; ``size`` is width and height."""
    width, height = size
    look = sheet.look
    rows = [row(width, look.text, [(f"{title}: {len(names) or say.NONE}", pen if names else look.quiet)])]
    room = height - 1
    shown = names if len(names) <= room else names[: max(0, room - 1)]
    rows += [row(width, look.text, [(f"  {name}", look.text)]) for name in shown]
    if len(shown) < len(names):
        rows.append(row(width, look.text, [(f"  {say.and_more(len(names) - len(shown))}", look.quiet)]))
    return block(rows, width, height, look.text)
