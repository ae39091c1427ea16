"""The record on a file for a dispute, without buyer data: JSON lines, or CSV that holds no formula (AUD-06)."""

import csv
import heapq
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TextIO

from sqlalchemy import Connection, select

from server.db import audit_events, tables
from server.db.audit_events import Happening, Span
from server.domain.errors import DomainError
from server.usecases.record.timeline import happened

EVER = Span(0.0, float(2**40))
COLUMNS = (
    *("time", "event", "batch", "what", "who", "bench", "site", "channel", "order", "sku", "lot", "parcel"),
    *("on_hand", "reserved", "held", "in_transit", "reason", "detail"),
)
"""``event`` and ``batch`` are ids of the record; the four counters are changes, detail is JSON."""

_COUNTERS = ("on_hand", "reserved", "held", "in_transit")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_CODE = re.compile(r"[!-~]{1,64}")
_STATUS = re.compile(r"\d{3}\b")
Row = dict[str, Any]


class Format(StrEnum):
    """How rows are written."""

    JSON = "json"
    CSV = "csv"


def of_ref(connection: Connection, ref: str, span: Span = EVER) -> Iterator[Row]:
    """Everything about an order or a parcel as its timeline tells it; raise DomainError("not_found")."""
    return (_row(h) for h in happened(connection, ref) if span.since <= h.at < span.until)


def of_sku(connection: Connection, sku: str, span: Span = EVER) -> Iterator[Row]:
    """All events of a product and what channels were told of it, however many; raise DomainError("not_found")."""
    p, t = tables.product, tables.delivery
    if connection.execute(select(p.c.sku).where(p.c.sku == sku)).first() is None:
        raise DomainError("not_found", f"there is no product {sku[:64]!r}")
    told = audit_events.told_about("stock", [sku]) & (t.c.at >= span.since) & (t.c.at < span.until)
    return _merged(
        audit_events.moves_of(connection, span, tables.ledger.c.sku == sku),
        audit_events.transitions_of(connection, span, ("sku", sku)),
        audit_events.deliveries(connection, told, None),
    )


def of_span(connection: Connection, span: Span) -> Iterator[Row]:
    """All events of a span of time and what channels were told."""
    t = tables.delivery
    return _merged(
        audit_events.moves_of(connection, span),
        audit_events.transitions_of(connection, span),
        audit_events.deliveries(connection, (t.c.at >= span.since) & (t.c.at < span.until), None),
    )


def write(rows: Iterable[Row], out: TextIO, form: Format) -> int:
    """Write the rows as they come; return how many."""
    return _WRITERS[form](rows, out)


def moment(text: str) -> float:
    """A date or time in ISO form as seconds since the epoch, local where it names no zone; raise DomainError."""
    try:
        return datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        expected = "a date or time such as 2026-11-21 or 2026-11-21T09:00:00+00:00"
        raise DomainError("invalid", f"expected {expected}, found {text[:40]!r}") from None


def cell(value: Any) -> Any:
    """A CSV cell: numbers as they are, text without control characters and without being a formula to anybody."""
    if value is None or isinstance(value, int):
        return value
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _merged(*streams: Iterator[Happening]) -> Iterator[Row]:
    return (_row(h) for h in heapq.merge(*streams, key=lambda h: (h.at, h.place)))


def _row(h: Happening) -> Row:
    at = datetime.fromtimestamp(h.at, UTC).isoformat(timespec="milliseconds")
    row: Row = {"time": at, "event": h.event, "batch": h.batch, "what": h.what, "who": h.who}
    row |= {name: getattr(h, name) for name in ("bench", "site", "channel", "order", "sku", "lot", "parcel")}
    row |= {name: h.units.get(name) for name in _COUNTERS}
    return row | {"reason": h.reason, "detail": _without_buyer(h)}


def _without_buyer(h: Happening) -> dict[str, Any]:
    """What devices and channels said, as far as it can be nobody's name or address.

    A carrier's two-dimensional code has the address in it, and a channel may answer with the whole order.
    """
    detail = dict(h.detail)
    if "raw" in detail and detail["raw"] and not _CODE.fullmatch(detail["raw"]):
        detail["raw"] = f"({len(detail['raw'])} characters, not shown)"
    if "answer" in detail:
        status = _STATUS.match(detail["answer"])
        detail["answer"] = status.group() if status else ""
    return detail


def _write_json(rows: Iterable[Row], out: TextIO) -> int:
    written = 0
    for row in rows:
        out.write(json.dumps({name: value for name, value in row.items() if value not in (None, "", {})}) + "\n")
        written += 1
    return written


def _write_csv(rows: Iterable[Row], out: TextIO) -> int:
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    written = 0
    for row in rows:
        detail = json.dumps(row["detail"], ensure_ascii=False) if row["detail"] else ""
        writer.writerow([cell(value) for value in (row | {"detail": detail}).values()])
        written += 1
    return written


_WRITERS: dict[Format, Callable[[Iterable[Row], TextIO], int]] = {Format.JSON: _write_json, Format.CSV: _write_csv}
