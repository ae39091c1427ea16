"""What becomes of an order that found no stock: it goes down its channel's path, step by step, on record (CNF-04)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, update

from server.db import conflict_rows, orders, tables, waiting_rows
from server.db.transaction import Transaction
from server.domain.booking.reservation import Refused
from server.domain.incidents import IncidentType
from server.domain.sales.cancellation import CancelReason
from server.domain.sales.losing import Chances, ChannelRules, Outcome, Step, channel_rules, path
from server.domain.sales.orders import OrderStatus
from server.usecases.booking.reference import Reference
from server.usecases.record import incidents
from server.usecases.sales.cancel import cancel_in
from server.usecases.sales.gathering import Plan, elsewhere, send_together
from server.usecases.sales.substituting import Swap, find_swap, put_swap
from server.usecases.sales.why_lost import once, why_lost

_WAITS = {Step.OTHER_LOCATION: "transfer", Step.INBOUND: "inbound", Step.BACKORDER: "backorder"}


@dataclass(frozen=True, slots=True)
class _Loss:
    """The order, and what lacks of each leaf SKU."""

    row: Row[Any]
    lacking: Mapping[str, int]
    rules: ChannelRules


def lose(tx: Transaction, ref: Reference, order_id: int, number: str, refused: Refused) -> None:
    """The order is in CONFLICT and holds nothing: take the first step of its path that can be taken.

    Nothing waits for a person unless the path says ask (CNF-02). What happened is kept on the order and in one
    incident, which is closed at once where nobody is asked.
    """
    row = orders.find(tx.connection, order_id)
    assert row is not None, "the caller has just written it"  # noqa: S101
    lacking = {s.sku: max(1, s.wanted - s.available) for s in refused.shortages}
    loss = _Loss(row, lacking, rules_of(ref, row.channel_id))
    several = len(ref.rules.sites) > 1 and not refused.share
    plan = (
        elsewhere(tx, ref, row, _wanted(tx, ref, order_id)) if several and _tries(loss, Step.OTHER_LOCATION) else None
    )
    swap = find_swap(tx, ref, row, lacking) if _tries(loss, Step.SUBSTITUTE) else None
    outcome = path(_chances(tx, loss, plan, swap), loss.rules.path)
    why = why_lost(tx, ref, row, refused)
    short = "; ".join(f"{s.sku}: {s.wanted} wanted, {s.available} available" for s in refused.shortages)
    cause = f"order {number} was sold without stock: {short}{f'. {why}' if why else ''}"
    sku = refused.shortages[0].sku if refused.shortages else None
    key = f"conflict:{order_id}"
    incidents.open_incident(tx, IncidentType.STOCK_CONFLICT, cause, order_id=order_id, sku=sku, once_key=key)
    _record(tx, row, outcome, why or short)
    _act(tx, ref, loss, outcome, plan=plan, swap=swap)
    if outcome.step is not Step.ASK:
        incidents.close_by_key(tx, key, f"by the path of {row.channel}: {_words(outcome.step)}; {outcome.why}")


def rules_of(ref: Reference, channel_id: int) -> ChannelRules:
    """What a channel permits; nothing while nobody switched anything on."""
    channel = ref.channels.get(channel_id)
    return channel_rules((channel.policy or {}).get("losing", {}) if channel else {})


def _tries(loss: _Loss, step: Step) -> bool:
    return step in loss.rules.path


def _wanted(tx: Transaction, ref: Reference, order_id: int) -> dict[str, int]:
    """Units of leaf SKUs that the order's lines come to."""
    units: dict[str, int] = {}
    for line in orders.lines(tx.connection, order_id):
        for leaf, n in ref.rules.kits.expand(line.sku, line.quantity).items() if line.sku else ():
            units[leaf] = units.get(leaf, 0) + n
    return {sku: n for sku, n in units.items() if sku not in ref.made_to_order}


def _kits(tx: Transaction, ref: Reference, order_id: int) -> dict[str, int]:
    """Units of kits among its lines: one that was built before would serve it as well as its components."""
    units: dict[str, int] = {}
    for line in orders.lines(tx.connection, order_id):
        if line.sku and ref.rules.kits.expands(line.sku):
            units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def _chances(tx: Transaction, loss: _Loss, plan: Plan | None, swap: Swap | None) -> Chances:
    rules, lacking = loss.rules, loss.lacking
    left = 0
    if rules.oversell:
        used = waiting_rows.oversold(tx.connection, loss.row.channel_id, lacking)
        left = max(0, min(rules.oversell - used.get(sku, 0) for sku in lacking))
    return Chances(
        elsewhere=plan.words if plan else "",
        inbound_at=_covered_at(tx, lacking) if _tries(loss, Step.INBOUND) else None,
        ship_by=loss.row.ship_by,
        backorder=rules.backorder,
        oversell=left,
        lacking=max(lacking.values(), default=0),
        substitute=swap.why if swap is not None and swap.automatic else "",
        unapproved=swap.why if swap is not None and not swap.automatic else "",
    )


def _covered_at(tx: Transaction, lacking: Mapping[str, int]) -> float | None:
    """When everything that lacks, after what older orders wait for, will have come; None when it will not."""
    skus = tuple(sorted(lacking))
    coming = once(tx, ("arrivals", skus), lambda: conflict_rows.arrivals(tx.connection, skus, tx.now))
    if not coming:
        return None
    owed = waiting_rows.waited_for(tx.connection, lacking)
    latest = tx.now
    for sku, units in lacking.items():
        needed = units + owed.get(sku, 0)
        for at, n in coming.get(sku, ()):
            needed -= n
            if needed <= 0:
                latest = max(latest, at)
                break
        else:
            return None
    return latest


def _record(tx: Transaction, row: Row[Any], outcome: Outcome, why: str) -> None:
    detail = outcome.detail() | {"because": why}
    tx.connection.execute(update(tables.order).where(tables.order.c.id == row.id).values(decided=detail))
    tx.note("order.lost", detail, order=row.id)
    if outcome.oversold:
        tx.note("channel.oversold", {"units": outcome.oversold, "order": row.number}, channel=row.channel, order=row.id)


def _act(
    tx: Transaction, ref: Reference, loss: _Loss, outcome: Outcome, *, plan: Plan | None, swap: Swap | None
) -> None:
    row = loss.row
    if outcome.step in _WAITS:
        waiting_for = "oversell" if outcome.oversold else _WAITS[outcome.step]
        if plan is not None and outcome.step is Step.OTHER_LOCATION:
            send_together(tx, plan, row.number)
        orders.set_status(tx, row.id, OrderStatus.WAITING, held_because="")
        waiting_rows.join(tx, row.id, _wanted(tx, ref, row.id) | _kits(tx, ref, row.id), waiting_for)
    elif outcome.step is Step.SUBSTITUTE and swap is not None:
        put_swap(tx, row, swap)
    elif outcome.step is Step.CANCEL:
        cancel_in(tx, row, outcome.why, CancelReason.OUT_OF_STOCK, tell=True)


def _words(step: Step) -> str:
    return step.value.replace("_", " ")
