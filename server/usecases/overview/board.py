"""The supervisor's board: one reading of the whole floor, and the same without people for a wall screen."""

from dataclasses import replace
from datetime import datetime
from itertools import dropwhile
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Row

from server.db import board as rows
from server.db.transaction import Database
from server.domain.sales.orders import OrderStatus
from server.usecases.overview import board_benches, board_channels, board_urgent
from server.usecases.overview.board_values import (
    Board,
    Due,
    Flow,
    HourBar,
    IncidentCard,
    Incidents,
    NextOrder,
    Pace,
    Refused,
    RefusedKind,
)
from server.usecases.overview.board_words import incident_words, reason_words, spoken

HOUR = 3600.0
HOURS_SHOWN = 12
NEXT_ORDERS = 6
ITEMS_SHOWN = 3
TOP_INCIDENTS = 6
CROWD = 3
"""Fewer people than this and a sum would tell one person's errors (KPI-15), so a wall does not show it."""


def read_board(db: Database) -> Board:
    """The floor now. Several sites are shown together; "today" is the day of the first one."""
    now = db.now()
    with db.read() as connection:
        sites = rows.sites(connection)
        zone = _zone(sites[0].time_zone if sites else "UTC")
        midnight = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        board = Board(
            site=spoken(" + ".join(site.name for site in sites), 60),
            time_zone=zone.key,
            urgent=(),
            flow=_flow(connection, midnight.timestamp()),
            due=Due(*rows.due(connection, now)),
            pace=_pace(connection, now, midnight),
            refused=_refused(connection, midnight.timestamp()),
            benches=board_benches.cards(connection, now),
            channels=board_channels.cards(connection, now),
            incidents=_incidents(connection, now),
            queue=_queue(connection),
        )
    return replace(board, urgent=board_urgent.urgent(board, now))


def without_people(board: Board, now: float) -> Board:
    """The board for everybody's eyes: no names, no verdicts of one bench, no incident that leads to a person."""
    few = board.refused.people < CROWD
    refused = Refused(hidden=True) if few else replace(board.refused, people=0)
    top = tuple(replace(card, cause="", about="") for card in board.incidents.top)
    plain = replace(
        board,
        refused=refused,
        benches=tuple(board_benches.without_person(card) for card in board.benches),
        incidents=replace(board.incidents, top=top),
        people_shown=False,
    )
    return replace(plain, urgent=board_urgent.urgent(plain, now))


def open_incidents(connection: Connection, limit: int = 200) -> tuple[IncidentCard, ...]:
    """Open incidents in words, the nearest deadline first."""
    return tuple(_incident(row) for row in rows.open_incidents(connection, limit))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _flow(connection: Connection, midnight: float) -> Flow:
    counts = rows.status_counts(connection)
    loaded, shipped = rows.loaded_counts(connection, midnight)
    return Flow(
        waiting=counts.get(OrderStatus.READY, 0),
        packing=counts.get(OrderStatus.PACKING, 0),
        # An order stays packed until its load closes; on the board it is either beside the truck or on it.
        packed=max(0, counts.get(OrderStatus.PACKED, 0) - loaded),
        loaded=loaded,
        shipped=shipped,
        held=sum(counts.get(status, 0) for status in rows.HELD),
    )


def _pace(connection: Connection, now: float, midnight: datetime) -> Pace:
    day = midnight.timestamp()
    first = max(0, int((now - day) // HOUR) - HOURS_SHOWN + 1)
    hours = range(first, int((now - day) // HOUR) + 1)
    spans = [(day + h * HOUR, day + (h + 1) * HOUR) for h in hours]
    hour_units, day_units, *bars = rows.units_between(connection, [(now - HOUR, now + 1), (day, now + 1), *spans])
    hour_orders, day_orders = rows.orders_packed_since(connection, [now - HOUR, day])
    # Named by the clock on the wall, which jumps twice a year.
    names = ((midnight.timestamp() + h * HOUR) for h in hours)
    clock = (datetime.fromtimestamp(at, midnight.tzinfo).hour for at in names)
    shown = tuple(dropwhile(lambda bar: not bar.units, map(HourBar, clock, bars)))
    return Pace(hour_orders, hour_units, day_orders, day_units, shown)


def _refused(connection: Connection, midnight: float) -> Refused:
    counts = rows.scan_counts(connection, midnight)
    refused = sorted(((n, r) for r, n in counts.items() if r not in rows.NOT_REFUSED), key=lambda x: (-x[0], x[1]))
    kinds = tuple(RefusedKind(*reason_words(reason), count) for count, reason in refused)
    people = rows.people_scanning(connection, midnight)
    return Refused(sum(kind.count for kind in kinds), sum(counts.values()), people, kinds)


def _incidents(connection: Connection, now: float) -> Incidents:
    found, overdue = rows.incident_counts(connection, now)
    return Incidents(found, overdue, open_incidents(connection, TOP_INCIDENTS) if found else ())


def _incident(row: Row[Any]) -> IncidentCard:
    about = f"order {row.number}" if row.number else row.parcel_id or row.sku or ""
    words, cause, taken = incident_words(row.type), spoken(row.cause, 300), row.taken_at is not None
    return IncidentCard(row.id, words, cause, row.owner, row.deadline, row.opened_at, spoken(about, 80), taken)


def _queue(connection: Connection) -> tuple[NextOrder, ...]:
    found = rows.next_orders(connection, NEXT_ORDERS)
    lines: dict[int, list[Row[Any]]] = {row.id: [] for row in found}
    for line in rows.lines_of(connection, list(lines)) if found else ():
        lines[line.order_id].append(line)
    return tuple(_next(row, lines[row.id]) for row in found)


def _next(row: Row[Any], lines: list[Row[Any]]) -> NextOrder:
    items = tuple(_item(line) for line in lines[:ITEMS_SHOWN])
    units = sum(line.quantity for line in lines)
    more = max(0, len(lines) - ITEMS_SHOWN)
    number, channel, carrier = (spoken(text or "", 40) for text in (row.number, row.channel, row.carrier))
    return NextOrder(number, channel, carrier, units, row.ship_by, items, more)


def _item(line: Row[Any]) -> str:
    name = f"{line.name or line.title} {line.variant or ''}".strip()
    shelf = f" · {line.bin}" if line.bin else ""
    return spoken(f"{line.quantity} × {name}{shelf}", 90)
