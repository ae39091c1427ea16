"""The lines of an order as a list which always shows the line of the last scan."""

from collections.abc import Iterable

from server.domain.packing.session import Session
from station.widgets.look import Look
from station.widgets.strips import Piece, Row, Rows, block, row
from station.wording import say

EDGES_FROM = 4
"""Rows from which on a list can spare two of them for what it hides."""


def working_index(session: Session) -> int:
    """The line to scan now: that of the last scan while it is open, else the next open one, else the last scanned."""
    last = last_index(session)
    order = [*range(last, len(session.counts)), *range(last)]
    return next((index for index in order if session.open_of(index)), last)


def last_index(session: Session) -> int:
    """The line of the last scan; the first line before any."""
    numbers = [line.line_no for line in session.order.lines]
    return numbers.index(session.last_line) if session.last_line in numbers else 0


def order_lines(session: Session, width: int, height: int, look: Look) -> Rows:
    """At most ``height`` rows. Rows at the edges tell how many lines and units lie outside."""
    count, kits, at = len(session.order.lines), _kits(session), working_index(session)
    spread = 2 if (count + len(kits)) * 2 <= height else 1
    if count + len(kits) <= height:
        rows: Rows = []
        for index in range(count):
            rows += [row(width, look.text, [(f"   {kits[index]}", look.accent)])] if index in kits else []
            rows += [_line(session, index, width, look, working=index == at)] + [row(width, look.text)] * (spread - 1)
        return block(rows, width, height, look.text)
    if height < EDGES_FROM:
        shown = range(last_index(session), count)[: max(0, height)]
        few = [_line(session, index, width, look, working=index == at) for index in shown]
        return block(few, width, height, look.text)
    first, shown = _window(session, height)
    rows = [_line(session, index, width, look, working=index == at) for index in shown]
    if first:
        rows.insert(0, row(width, look.text, [("     " + say.above(*_sum(session, range(first))), look.accent)]))
    after = range(shown.stop, count)
    if after:
        rows.append(row(width, look.text, [("     " + say.below(*_sum(session, after)), look.accent)]))
    return block(rows, width, height, look.text)


def _kits(session: Session) -> dict[int, str]:
    """The kit above the first of its components, by the index of that line."""
    lines = session.order.lines
    above = ["", *(line.kit_sku for line in lines)]
    return {i: line.kit_name for i, line in enumerate(lines) if line.kit_sku and line.kit_sku != above[i]}


def _window(session: Session, height: int) -> tuple[int, range]:
    """The lines to show: the last scan and the working line with it, if they are near each other."""
    count = len(session.order.lines)
    last, working = last_index(session), working_index(session)
    top = min(last, working) if abs(last - working) < height - 3 else last
    if top + 1 < height - 1:
        return 0, range(height - 1)
    first = top - 1
    if count - first <= height - 1:
        first = count - (height - 1)
        return first, range(first, count)
    return first, range(first, first + height - 2)


def _sum(session: Session, indices: Iterable[int]) -> tuple[int, int]:
    listed = list(indices)
    return len(listed), sum(session.open_of(index) for index in listed)


def _line(session: Session, index: int, width: int, look: Look, *, working: bool) -> Row:
    line, done = session.order.lines[index], session.counts[index]
    full = done >= line.quantity
    working = working and not full
    name, counts = (look.quiet, look.quiet) if full else (look.strong, look.strong)
    variant, ground = (look.quiet if full else look.variant), look.text
    if working:
        name = counts = look.bar_strong
        variant, ground = look.bar_variant, look.bar
    lead = "▶" if working else ("✔" if full else " ")
    pieces: list[Piece] = [
        (f" {lead} {done:>2} / {line.quantity:<3}", counts),
        (f" {'└ ' if line.kit_sku else ''}{line.name}", name),
        (f"   {line.variant}" if line.variant else "", variant),
    ]
    if session.last_line == line.line_no:
        pieces.append(("   ◀", look.bar_strong if working else look.accent))
    shelf: list[Piece] = [(f"{line.bin} ", look.bar if working else look.quiet)] if line.bin else []
    return row(width, ground, pieces, right=shelf)
