"""Reports of exceptions, launches and exposure as lines of text and CSV."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from server.cli.columns import columns
from server.cli.refusal import one_line
from server.domain.channels.deviations import UNCOUNTED

if TYPE_CHECKING:
    from server.db.exposure import Exposure, Window
    from server.usecases.overview.exceptions import LaunchReport

_TITLES = {
    "deltas": "numbers that differed by channel",
    "locations": "places that differed from the book",
    "short": "promised and not there",
}
_HEADER = (
    "section",
    "channel",
    "site",
    "sku",
    "listing",
    "before",
    "after",
    "difference",
    "orders",
    "cause",
    "fixed_by",
)


def lines_of(report: Mapping[str, Any]) -> Iterator[str]:
    """All three sections, also the empty ones."""
    yield f"exceptions of {report['day']}"
    for section, title in _TITLES.items():
        yield f"{title}: {report['counts'][section]}"
        for row in report[section]:
            yield _line(section, row)
            if row.get("orders"):
                yield f"     orders {one_line(', '.join(row['orders']))}"


def _line(section: str, row: Mapping[str, Any]) -> str:
    if section == "deltas":
        change = f"{units(row['before'])} -> {units(row['after'])}"
        done = row["fixed_by"] or row["state"]
        cells = ((row["channel"], 10), (row["listing"], 16), (change, 12), (done, 7), (row["because"], 0))
    elif section == "locations":
        cells = ((row["site"], 10), (row["sku"], 16), (f"{row['difference']:+}", 6), (row["cause"], 19), (row["by"], 0))
    else:
        cells = (
            (row["channel"], 10),
            (row["sku"], 16),
            (units(row["units"]), 6),
            (row["state"], 7),
            (row["cause"], 0),
        )
    return f"  {columns(*cells)}"


def units(number: int | None) -> str:
    """Units for people; ``no end`` where a channel sells without counting."""
    return "-" if number is None else "no end" if number == UNCOUNTED else str(number)


def csv_of(report: Mapping[str, Any]) -> Iterator[str]:
    """A header, and a row for each exception."""
    yield _csv(_HEADER)
    for section in _TITLES:
        for row in report[section]:
            why = row.get("because") if section == "deltas" else row["cause"]
            difference = row.get("difference", row.get("units"))
            cells = (section, row.get("channel"), row.get("site"), row["sku"], row.get("listing"), row.get("before"))
            more = (row.get("after"), difference, " ".join(row.get("orders") or ()), why, row.get("fixed_by"))
            yield _csv((*cells, *more))


def _csv(cells: tuple[Any, ...]) -> str:
    """A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    text = ["" if cell is None else one_line(str(cell)) for cell in cells]
    safe = [f"'{cell}" if cell[:1] in "=+-@" and not cell[1:].isdecimal() and cell else cell for cell in text]
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(safe)
    return line.getvalue()


def launch_lines(report: "LaunchReport") -> Iterator[str]:
    """By family and warehouse."""
    heads = ("family", "warehouse", "orders", "sold", "cancelled", "shipped", "overdue", "on time", "sell-through")
    widths = (14, 10, 6, 6, 9, 7, 7, 7, 12)
    yield columns(*zip(heads, widths, strict=True))
    for row in report.rows:
        punctual = "-" if row.punctual is None else f"{100 * row.punctual:.0f} %"
        share = f"{100 * report.sell_through(row.family):.0f} %"
        cells = (row.family or "-", row.warehouse or "-", row.orders, row.sold, row.cancelled, row.shipped, row.overdue)
        yield columns(*zip((*cells, punctual, share), widths, strict=True))
    if not report.rows:
        yield f"nothing was sold on {one_line(report.channel)} in this time"


def exposure_lines(
    names: Mapping[int, str], found: Mapping[int, "Exposure"], told: Mapping[int, tuple[int, int, int]]
) -> Iterator[str]:
    """One line for each channel and time, and one for its shipments."""
    yield columns(("channel", 16), ("over", 6), ("pushes", 8), ("p50", 8), ("p95", 8), ("longest", 9))
    for channel_id, code in names.items():
        each = found.get(channel_id)
        for over, window in (("24 h", each.day), ("30 d", each.month)) if each else ():
            yield columns((code, 16), (over, 6), (window.pushes, 8), *_seconds(window))
        confirmed, pending, failed = told.get(channel_id, (0, 0, 0))
        yield f"  {one_line(code)}: shipments confirmed {confirmed}, pending {pending}, failed {failed}"


def _seconds(window: "Window") -> tuple[tuple[object, int], ...]:
    return (f"{window.p50:.2f} s", 8), (f"{window.p95:.2f} s", 8), (f"{window.longest:.2f} s", 9)
