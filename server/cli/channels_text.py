"""Lines of `packproof channels`, at most 80 characters wide."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from server.cli.columns import columns
from server.cli.exceptions_text import units
from server.cli.refusal import one_line

if TYPE_CHECKING:
    from server.usecases.connecting.checklist import Item
    from server.usecases.connecting.dry_run import Number
    from server.usecases.connecting.importing import Imported
    from server.usecases.connecting.launch import Launch
    from server.usecases.talking.health import Health

WIDTH = 80
SHOWN = 20
"""Listings that are named before the rest is only counted."""


def health_lines(found: Iterable["Health"], now: float) -> Iterator[str]:
    """A line for each channel, and one below it that says what to do where there is something to do."""
    head = ("CHANNEL", "STATE", "ORDER", "PUSH", "LAG", "OUT", "IN", "FAILED", "PARKED", "RETRY")
    yield columns(*zip(head, _WIDTHS, strict=True))
    for each in found:
        cells = (
            each.channel[:14],
            each.state.value,
            _ago(each.order_at, now),
            _ago(each.push_at, now),
            span(each.lag) if each.lag >= 1 else "-",
            each.out or "-",
            each.back or "-",
            each.failures or "-",
            each.parked or "-",
            span(each.retry_at - now) if each.retry_at is not None else "-",
        )
        yield columns(*zip(cells, _WIDTHS, strict=True))
        if each.state != "healthy" or each.advice != "nothing to do":
            yield from _wrapped(each.advice)
        if each.trouble and each.state in {"denied", "failing", "late"}:
            yield from _wrapped(f"it said: {each.trouble[:140]}")


_WIDTHS = (14, 8, 6, 6, 6, 6, 5, 6, 6, 6)


def health_shown(each: "Health") -> dict[str, Any]:
    """The same values as JSON."""
    return asdict(each) | {"state": each.state.value}


def span(seconds: float) -> str:
    """ "45 s", "12 m", "3 h", "9 d"."""
    seconds = max(0.0, seconds)
    for size, word in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {word}"
    return f"{int(seconds)} s"


def _ago(at: float | None, now: float) -> str:
    return "-" if at is None else span(now - at)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(one_line(text), WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def imported_lines(found: "Imported") -> Iterator[str]:
    """What an import did, then each listing of which somebody must say what it is."""
    by = {name: sum(p.by == name for p in found.proposals) for name in ("sku", "gtin", "alias", "kept")}
    words = {"sku": "by SKU", "gtin": "by GTIN", "alias": "by what was taught", "kept": "as before"}
    told = ", ".join(f"{n} {words[name]}" for name, n in by.items() if n) or "none"
    yield f"{len(found.proposals)} listings; mapped: {told}; not mapped: {len(found.open)}"
    if found.gone:
        yield f"{found.gone} are not on sale there any more"
    for title, some in (("look at these", found.doubtful), ("not mapped", found.open)):
        for p in some[:SHOWN]:
            could = f"; could be {' or '.join(p.candidates)}" if p.candidates else ""
            yield one_line(
                f"{title}: {p.listing.ref} {p.listing.sku or '(no SKU)'} {p.listing.title[:40]!r}: {p.why}{could}"
            )
        if len(some) > SHOWN:
            yield f"  and {len(some) - SHOWN} more"


def number_lines(numbers: Iterable["Number"]) -> Iterator[str]:
    """Every number a channel would be told."""
    yield columns(("LISTING", 22), ("THERE CALLED", 18), ("SKU", 18), ("SHOWS", 7), ("WOULD BE", 0))
    for each in numbers:
        live = units(each.live)
        mark = "" if each.changes else " ="
        yield columns(
            (each.ref[-22:], 22), (each.channel_sku[:18], 18), (each.sku[:18], 18), (live, 7), (f"{each.told}{mark}", 0)
        )


def checklist_lines(items: Iterable["Item"]) -> Iterator[str]:
    """One line for each item, and what to do about those that are open."""
    for item in items:
        yield columns(("done" if item.done else "OPEN", 5), (item.name, 12), (item.says, 0))
        if not item.done and item.fix:
            yield f"{'':<19}{one_line(item.fix)}"


def launch_lines(found: "Launch", code: str) -> Iterator[str]:
    """The days of a launch."""
    from server.cli.clocks import when

    if found.live_at is None:
        yield f"{code} was not launched; `packproof channels go-live {code}` does it"
        return
    state = (
        f"day {found.day} of 14, until {when(found.ends_at)}"
        if found.on
        else f"launch mode ended {when(found.ends_at)}"
    )
    yield f"{code}: live since {when(found.live_at)}, {state}"
    if found.override:
        yield one_line(f"it went live with open items: {found.override}")
    yield columns(
        ("DAY", 11),
        ("ORDERS", 7),
        ("UNITS", 7),
        ("SHIPPED", 8),
        ("HELD", 6),
        ("CANCELLED BY US", 16),
        ("TOLD", 7),
        ("UNTOLD", 0),
    )
    for day in found.days:
        yield columns(
            (day.day.isoformat(), 11),
            (day.orders, 7),
            (day.units, 7),
            (day.shipped, 8),
            (day.held, 6),
            (day.cancelled_by_us, 16),
            (day.told, 7),
            (day.untold, 0),
        )


def shown_lines(shown: dict[str, Any]) -> Iterator[str]:
    """Everything that is set for one channel."""
    state = "active" if shown["active"] else "not active"
    yield one_line(f"{shown['channel']}: {shown['name']} ({shown['kind']}), {state}")
    for title, rows in (("settings", shown["settings"]), ("policy", shown["policy"])):
        for name, value in rows.items():
            if value:
                yield columns((title, 9), (name, 20), (value, 0))
    yield columns(("WHAT", 8), ("WHO SAYS SO", 24), ("HOW", 0))
    for what, row in shown["truth"].items():
        yield columns((what, 8), (row["who"], 24), (row["rule"], 0))
