"""The shelf held less than the book said: what is missing is written off, and the orders go on another way (RTE-21)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from server.db import orders, pack_log, sites, waves
from server.db import stock as db_stock
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.booking.stock import Move, MoveKind, StockKey
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.picks.picking import Give, share_out
from server.domain.picks.short_pick import Remedy, Written, write_off
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork import packing
from server.usecases.benchwork.box_waiting import box_waits, refuse_boxed
from server.usecases.booking import stock
from server.usecases.booking.stock import Posting
from server.usecases.picks.waves import to_fetch
from server.usecases.record.incidents import open_incident
from server.usecases.routes import rerouting
from server.usecases.routes.rerouting import Rerouted

_HELD = (OrderStatus.READY, OrderStatus.PACKING)


class Found(NamedTuple):
    """``units`` of a SKU were all there was; ``lot`` None means any lot, the first expired first."""

    sku: str
    units: int
    lot: str | None = None


class ShortPick(NamedTuple):
    """``written`` left the book; ``rerouted`` are the orders that were short, the most urgent first."""

    sku: str
    site: str
    written: Written
    rerouted: tuple[Rerouted, ...]
    incident_id: int | None


def short_in_wave(db: Database, actor: Actor, wave_id: int, found: Found, *, site_id: int | None = None) -> ShortPick:
    """A picker found too little for all of a wave's orders that want it.

    Whole orders are served first, in the wave's order. Raise DomainError: not_found, invalid, not_short.
    """

    def once() -> ShortPick:
        with transaction(db, actor, "short_pick") as tx:
            wave = waves.find(tx.connection, wave_id)
            if site_id not in (None, wave.site_id):
                raise DomainError("not_found", f"there is no wave {wave_id} at this site")
            rows = waves.orders_of(tx.connection, wave_id)
            ranked = [row.id for row in rows if to_fetch(row) and row.site_id == wave.site_id]
            return _Hunt(tx, wave.site_id, wave.site_code, f"wave {wave_id}").short(ranked, found)

    return again(once)


def short_of_order(db: Database, actor: Actor, order_id: int, found: Found) -> ShortPick:
    """Too little was there for one order that is ready or being packed; raise as ``short_in_wave``, and not_ready.

    Raise DomainError("already_packed") where its units lie in a box that waits for another label.
    """

    def once() -> ShortPick:
        with transaction(db, actor, "short_pick") as tx:
            return short_of(tx, orders.lock(tx, order_id), found)

    return again(once)


def short_at_bench(db: Database, actor: Actor, bench_id: int, session_id: str, found: Found) -> ShortPick:
    """The same from the bench that packs it; raise DomainError("not_found" | "taken_over") as its scans do."""

    def once() -> ShortPick:
        with transaction(db, actor, "short_pick") as tx:
            order, session = packing.held(tx, bench_id, session_id)
            if session.state in pack_log.OVER:
                raise DomainError(session.stop or Reason.ALREADY_DONE, f"order {order.number} is not packed here")
            return short_of(tx, order, found)

    return again(once)


def short_of(tx: Transaction, order: Row[Any], found: Found) -> ShortPick:
    """As ``short_of_order`` inside a transaction that holds the order's lock; what it refuses has changed nothing."""
    if order.status not in _HELD or order.site_id is None:
        raise DomainError(Reason.NOT_READY, f"order {order.number} is {order.status}: nothing is fetched for it")
    refuse_boxed(tx, order, "already_packed")
    site = next(row for row in sites.all_sites(tx.connection) if row.id == order.site_id)
    return _Hunt(tx, site.id, site.code, f"order {order.number}").short([order.id], found)


class _Hunt:
    """One shelf that was short, in one transaction; ``where`` names the wave or order it was fetched for."""

    def __init__(self, tx: Transaction, site_id: int, site: str, where: str) -> None:
        self._tx, self._site_id, self._site, self._where = tx, site_id, site, where
        self._orders: Mapping[int, Row[Any]] = {}

    def short(self, ranked: Sequence[int], found: Found) -> ShortPick:
        """Write off what is missing, then serve whoever is short; ``ranked`` are the orders, the first served first."""
        tx, sku = self._tx, found.sku
        self._orders = waves.lock_orders(tx, ranked)
        held = [o for o in ranked if self._may_fetch(self._orders[o])]
        levels = db_stock.lock(tx, {sku}.union(*(rerouting.skus_of(tx, order_id) for order_id in held)))
        by_lot = self._claims(held, found, {key[2]: level.expires_on for key, level in levels.items() if key[0] == sku})
        wanted = sum(give.units for gives in by_lot.values() for give in gives)
        if not wanted:
            raise DomainError("invalid", f"{self._where} holds no {sku} at {self._site}")
        if not 0 <= found.units < wanted:
            what = f"expected less than the {wanted} units of {sku} that are wanted, found {found.units}"
            raise DomainError("not_short", what)
        short: dict[int, int] = {}
        off, left = Written(0, 0), found.units
        for lot, gives in by_lot.items():
            here = min(left, sum(give.units for give in gives))
            left -= here
            lost = _lost(gives, share_out(here, gives))
            gone = write_off(sum(give.units for give in gives), here, levels[sku, self._site_id, lot].available)
            self._leave_book((sku, self._site_id, lot), lost, gone)
            off = Written(off.missing + gone.missing, off.unsold + gone.unsold)
            short = {o: short.get(o, 0) + lost.get(o, 0) for o in held if o in short or o in lost}
        why = self._why(sku)
        done = tuple(rerouting.serve_short(tx, self._orders[o], {sku: n}, why) for o, n in short.items())
        return ShortPick(sku, self._site, off, done, self._tell(sku, off, done))

    def _may_fetch(self, order: Row[Any]) -> bool:
        here = order.status in _HELD and order.site_id == self._site_id
        return here and not box_waits(self._tx, order.id)

    def _why(self, sku: str) -> str:
        return f"was short of {sku} at {self._site}"

    def _claims(self, held: Sequence[int], found: Found, ends: Mapping[str, str]) -> dict[str, list[Give]]:
        """What the orders hold of it, by lot: the one that expires first is emptied first."""
        by_lot: dict[str, list[Give]] = {}
        for order_id in held:
            for row in db_stock.live(self._tx.connection, order_id):
                if (row.sku, row.site_id) == (found.sku, self._site_id) and found.lot in (None, row.lot):
                    by_lot.setdefault(row.lot, []).append(Give(order_id, row.quantity))
        return {lot: by_lot[lot] for lot in sorted(by_lot, key=lambda lot: (ends.get(lot) or "9999", lot))}

    def _leave_book(self, key: StockKey, lost: Mapping[int, int], gone: Written) -> None:
        """Each order's missing units are released and written off at once; what was for sale goes with no order."""
        (sku, site_id, lot), why = key, self._why(key[0])
        postings = []
        for order_id, n in lost.items():
            db_stock.shrink_reserved(self._tx, order_id, key, n)
            release = Move(MoveKind.RELEASE, sku, site_id, d_reserved=-n, lot=lot)
            moves = [release, Move(MoveKind.WRITE_OFF, sku, site_id, -n, lot=lot)]
            channel_id = self._orders[order_id].channel_id
            postings.append(Posting(moves, order_id=order_id, channel_id=channel_id, reason=f"the order {why}"))
        if gone.unsold:
            moves = [Move(MoveKind.WRITE_OFF, sku, site_id, -gone.unsold, lot=lot)]
            postings.append(Posting(moves, reason=f"the shelf is empty: {self._where} {why}"))
        stock.post(self._tx, postings)

    def _tell(self, sku: str, off: Written, done: tuple[Rerouted, ...]) -> int | None:
        codes = {row.id: row.code for row in sites.all_sites(self._tx.connection)}
        fates = "; ".join(_fate(each, codes) for each in done)
        unsold = f", nor {off.unsold} that were for sale" if off.unsold else ""
        what = f"{off.missing} of {sku} are not on the shelf at {self._site}{unsold}; all are written off"
        cause, order_id = f"{self._where}: {what}; {fates}"[:2000], done[0].order_id
        return open_incident(self._tx, IncidentType.SHORT_PICK, cause, order_id=order_id, sku=sku)


def _lost(gives: Sequence[Give], got: Sequence[Give]) -> dict[int, int]:
    pairs = zip(gives, got, strict=True)
    return {give.order_id: give.units - had.units for give, had in pairs if give.units > had.units}


def _fate(each: Rerouted, codes: Mapping[int, str]) -> str:
    site = codes.get(each.site_id or 0, "")
    match each.remedy:
        case Remedy.STAY:
            return f"order {each.number} takes other stock at {site}"
        case Remedy.SPLIT:
            return f"the rest of order {each.number} leaves from {site} as {each.part}"
        case Remedy.MOVE:
            return f"order {each.number} leaves from {site}: put back what was picked"
        case Remedy.LOSE:
            return f"order {each.number} has no stock: put back what was picked"
