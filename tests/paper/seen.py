"""What the database says at one moment, as plain values."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from server.db import tables
from server.db.transaction import Database

Key = tuple[str, str, str]
"""(SKU, code of the site, lot)."""


@dataclass
class SeenOrder:
    """``claims`` are units it holds now, ``lines`` (SKU, units still wanted, kit version), ``waits`` units by SKU.

    ``instead``: (what was sold, what goes in the box) by line, where they differ; ``left`` what was shipped.
    """

    number: str
    channel: str
    status: str
    because: str
    placed_at: float
    lines: list[tuple[str, int, int | None]] = field(default_factory=list)
    claims: Counter[Key] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)
    waiting_for: str = ""
    instead: dict[int, tuple[str, str]] = field(default_factory=dict)
    left: Counter[Key] = field(default_factory=Counter)
    sale: tuple[str, str] = ("", "")
    """Channel and its own id: parts of one order share them."""
    by_line: dict[int, tuple[str, int]] = field(default_factory=dict)
    boxed: bool = False
    """Whether a bench made a parcel of it."""


@dataclass
class SeenHold:
    """``claims`` are the units of its lines, whether they are still kept or not."""

    channel: str
    state: str
    claims: Counter[Key] = field(default_factory=Counter)

    @property
    def live(self) -> bool:
        """Whether its units are kept."""
        return self.state in {"held", "confirmed"}


@dataclass
class Row:
    """The counters of one row."""

    on_hand: int
    reserved: int
    held: int
    in_transit: int
    expires_on: str


class Serial(NamedTuple):
    """Where a unit with a serial number is."""

    state: str
    order: int | None


@dataclass
class Seen:
    """All of it. ``words``: the ledger's sums of (on hand, in transit) by (kind, SKU); ``told``: published numbers."""

    rows: dict[Key, Row]
    orders: dict[int, SeenOrder]
    holds: dict[str, SeenHold]
    words: dict[tuple[str, str], tuple[int, int]]
    told: dict[tuple[str, str], int]
    fetched: dict[int, int] = field(default_factory=dict)
    """The wave whose picker fetches an order now, by order."""
    waved: set[int] = field(default_factory=set)
    """Orders that are in a wave of their site, or in a tote there."""
    serials: dict[str, Serial] = field(default_factory=dict)

    def claims(self, channel: str = "") -> Counter[Key]:
        """What orders and checkouts keep, of one channel or of all."""
        found = Counter[Key]()
        for order in self.orders.values():
            found.update(order.claims if channel in ("", order.channel) else {})
        for hold in self.holds.values():
            found.update(hold.claims if hold.live and channel in ("", hold.channel) else {})
        return found

    def waited(self) -> Counter[str]:
        """Units that older orders wait for."""
        return sum((order.waits for order in self.orders.values()), Counter[str]())


def look(db: Database) -> Seen:
    """Read it."""
    with db.read() as c:
        sites = {row.id: row.code for row in c.execute(select(tables.site))}
        channels = {row.id: row.code for row in c.execute(select(tables.channel))}
        orders = {
            r.id: SeenOrder(
                r.number,
                channels[r.channel_id],
                r.status,
                r.held_because,
                r.placed_at,
                waiting_for=r.waiting_for,
                sale=(channels[r.channel_id], r.channel_order_id),
            )
            for r in c.execute(select(tables.order).order_by(tables.order.c.id))
        }
        for r in c.execute(select(tables.order_line)):
            if r.sku and r.quantity > r.cancelled:
                orders[r.order_id].lines.append((r.sku, r.quantity - r.cancelled, r.kit_version))
                orders[r.order_id].by_line[r.line_no] = (r.sku, r.quantity - r.cancelled)
            if r.substituted_for:
                orders[r.order_id].instead[r.line_no] = (r.substituted_for, r.sku)
        for r in c.execute(select(tables.reservation).where(tables.reservation.c.state != "released")):
            kept = orders[r.order_id].claims if r.state == "reserved" else orders[r.order_id].left
            kept[r.sku, sites[r.site_id], r.lot] += r.quantity
        for order_id in c.execute(
            select(tables.parcel.c.order_id).where(tables.parcel.c.session_id.is_not(None))
        ).scalars():
            orders[order_id].boxed = True
        for r in c.execute(select(tables.waiting_line)):
            orders[r.order_id].waits[r.sku] += r.quantity
        found = {r.id: (r.key, SeenHold(channels[r.channel_id], r.state)) for r in c.execute(select(tables.hold))}
        for r in c.execute(select(tables.hold_line)):
            found[r.hold_id][1].claims[r.sku, sites[r.site_id], r.lot] += r.quantity
        rows = {
            (r.sku, sites[r.site_id], r.lot): Row(r.on_hand, r.reserved, r.held, r.in_transit, r.expires_on)
            for r in c.execute(select(tables.stock))
        }
        ledger, outbox = tables.ledger, tables.outbox
        sums = select(ledger.c.kind, ledger.c.sku, func.sum(ledger.c.d_on_hand), func.sum(ledger.c.d_transit))
        told = select(outbox.c.channel_id, outbox.c.key, outbox.c.payload).where(outbox.c.kind == "stock")
        return Seen(
            rows,
            orders,
            dict(found.values()),
            {(k, sku): (int(a), int(b)) for k, sku, a, b in c.execute(sums.group_by(ledger.c.kind, ledger.c.sku))},
            {(channels[r.channel_id], r.key): int(r.payload["data"]["available"]) for r in c.execute(told)},
            *_before_the_bench(c),
            {r.serial: Serial(r.state, r.order_id) for r in c.execute(select(tables.serial_unit))},
        )


def _before_the_bench(c: Connection) -> tuple[dict[int, int], set[int]]:
    w, wo, o, t = tables.wave, tables.wave_order, tables.order, tables.tote_order
    of_site = select(wo, w.c.state).join(w, w.c.id == wo.c.wave_id).join(o, o.c.id == wo.c.order_id)
    rows = c.execute(of_site.where(w.c.site_id == o.c.site_id)).all()
    in_totes = select(t.c.order_id).join(o, o.c.id == t.c.order_id).where(t.c.site_id == o.c.site_id)
    fetched = {r.order_id: r.wave_id for r in rows if r.state == "picking" and r.picked_at is None}
    return fetched, {r.order_id for r in rows} | set(c.execute(in_totes).scalars())
