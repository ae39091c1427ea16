"""A supervisor sends an order to another node, with a reason; a rule that is overridden often is reviewed."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from server.db import kits, orders, sites, tables, waves
from server.db import routing as rows
from server.db import stock as db_stock
from server.db.again import again
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.booking.reservation import Ask, Refused, Reserved
from server.domain.booking.stock import MoveKind
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.people import Role
from server.domain.routes.overrides import REVIEW_AFTER, REVIEW_DAYS, check_override, needs_review
from server.domain.routes.routing_values import Why
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.box_waiting import refuse_boxed
from server.usecases.booking import stock
from server.usecases.booking.deciding import decide_all
from server.usecases.booking.reference import Reference, reference
from server.usecases.record import incidents
from server.usecases.routes.needs import due_of_row, need_of_row
from server.usecases.routes.routed import count_routed, give_back_place
from server.usecases.routes.routing_trial import order_units
from server.usecases.sales.voiding import void_labels

_o = tables.order
_S = OrderStatus
_MOVABLE = frozenset({_S.READY, _S.ON_HOLD, _S.CONFLICT, _S.WAITING})
AFTER, DAYS = "routing_review_after", "routing_review_days"
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Overridden:
    """From where to where (site codes, from "" when it waited), against which rule; ``review`` is a new incident."""

    order: str
    from_site: str
    to_site: str
    rule: str
    review: int | None


def override(  # noqa: PLR0917 - who, with which right, what, where to, why
    db: Database, actor: Actor, roles: Collection[Role], order_id: int, site: str, reason: str
) -> Overridden:
    """Send an order to this node; its units there are reserved in the moment in which the others are given back.

    Restrictions are obeyed by everybody. Raise DomainError("forbidden" | "reason_needed" | "not_found" | "in_use" |
    "not_movable" | "already_there" | "not_there"); then nothing has changed.
    """
    refused = check_override(roles, reason)
    if refused is not None:
        raise DomainError(refused.code, refused.detail)

    def once() -> Overridden:
        with transaction(db, actor, "override") as tx:
            return _override(tx, order_id, site, reason.strip())

    return again(once)


def set_review(db: Database, actor: Actor, after: int, days: int) -> None:
    """How many overrides of one rule within how many days call for a review."""
    if not (1 <= after <= 1000 and 1 <= days <= 366):
        raise DomainError("invalid", f"expected 1 to 1000 overrides in 1 to 366 days, found {after} in {days}")
    with transaction(db, actor, "set_review") as tx:
        for key, value in ((AFTER, after), (DAYS, days)):
            row = insert_into(tx.connection, tables.setting).values(key=key, value=str(value))
            tx.connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": str(value)}))
        tx.note("routing.review", {"after": after, "days": days})


def _override(tx: Transaction, order_id: int, site_code: str, reason: str) -> Overridden:
    row = orders.lock(tx, order_id)
    to = sites.by_code(tx.connection, site_code)
    _check(row, to)
    refuse_boxed(tx, row, "not_movable")
    ref = reference(tx.connection, tx.now)
    codes = {each.id: each.code for each in sites.all_sites(tx.connection)}
    rule = overridden_rule(tx.connection, order_id, to.id)
    _move(tx, ref, row, to)
    before = codes.get(row.site_id, "")
    rows.add_override(
        tx, order_id=order_id, from_site=row.site_id, to_site=to.id, rule=rule, person=tx.actor.name, reason=reason
    )
    detail = {"from": before, "to": to.code, "rule": rule, "reason": reason}
    tx.note("route.overridden", detail, order=order_id)
    return Overridden(row.number, before, to.code, rule, _review(tx, rule))


def _check(row: Row[Any], to: Row[Any]) -> None:
    status = OrderStatus(row.status)
    if status is _S.PACKING:
        raise DomainError("in_use", f"order {row.number} is at a bench; `packproof release {row.number}` first")
    if status not in _MOVABLE:
        raise DomainError("not_movable", f"order {row.number} is {status}: only one that is not packed can be sent on")
    if not to.active:
        raise DomainError("not_there", f"site {to.code} is not active")
    if row.site_id == to.id:
        raise DomainError("already_there", f"order {row.number} is at {to.code} already")


def _move(tx: Transaction, ref: Reference, row: Row[Any], to: Row[Any]) -> None:
    router = ref.rules.router
    assert router is not None, "the loader always makes one"  # noqa: S101
    held = bool(db_stock.live(tx.connection, row.id))
    if row.status == _S.ON_HOLD and not held:
        raise DomainError(
            "not_movable", f"order {row.number} waits for a person ({row.held_because}) and holds nothing"
        )
    units = order_units(tx.connection, row.id)
    stock.release_order(tx, row.id, "sent to another node")
    if held:
        give_back_place(tx, row)
    w = tables.waiting_line
    tx.connection.execute(delete(w).where(w.c.order_id == row.id))
    need = need_of_row(tx.connection, ref, row, units)._replace(only=frozenset({to.id}), split_allowed=False)
    lawful = replace(ref, rules=replace(ref.rules, router=router.lawful()))
    [decision] = decide_all(tx, lawful, [Ask(MoveKind.RESERVE, units, need.channel, need, due=due_of_row(row))])
    if isinstance(decision, Refused):
        raise DomainError("not_there", _lacking(decision, row.number, to))
    _reserve(tx, row, to, decision)


def _reserve(tx: Transaction, row: Row[Any], to: Row[Any], decision: Reserved) -> None:
    # A label from the old site must not live on, and nobody there fetches it any more.
    void_labels(tx, row.id, f"was sent to {to.code}")
    waves.leave(tx, [row.id])
    kits.restamp(tx, row.id, reference(tx.connection, tx.now).rules.kits)
    db_stock.put_reserved(tx, {row.id: decision.moves})
    stock.write_down(tx, [stock.Posting(decision.moves, order_id=row.id, channel_id=row.channel_id)])
    columns: dict[str, Any] = {"site_id": to.id, "version": row.version + 1}
    if decision.routing is not None:
        columns["service"] = decision.routing.parts[0].service
    if row.status == _S.ON_HOLD:
        tx.connection.execute(update(_o).where(_o.c.id == row.id).values(**columns))
    else:
        cleared = {"held_because": "", "waiting_for": "", "waiting_since": None}
        orders.set_status(tx, row.id, _S.READY, **columns, **cleared)
        incidents.close_by_key(tx, f"conflict:{row.id}", f"a supervisor sent the order to {to.code}")
    count_routed(tx, [to.id])


def overridden_rule(connection: Connection, order_id: int, to_site: int) -> str:
    """Which rule stood against this node when the order was routed: a rule's id, or rank, lacks, ..."""
    found = rows.latest(connection, order_id)
    if found is None:
        return Why.RANK.value
    score = next((s for s in found[1].scored if s.site_id == to_site), None)
    return (score.rule_id or score.why.value) if score is not None else Why.RANK.value


def _lacking(refused: Refused, number: str, to: Row[Any]) -> str:
    if refused.share:
        return f"what {to.code} has is kept for other channels"
    routing = refused.routing
    node = next((s for s in routing.scored if s.site_id == to.id), None) if routing is not None else None
    if node is not None and node.lacks:
        short = "; ".join(f"{s.sku}: {s.wanted} wanted, {s.available} available" for s in node.lacks)
        return f"{to.code} does not hold order {number}: {short}"
    rule = f' by "{node.rule_id}"' if node is not None and node.rule_id else ""
    return f"{to.code} may not ship order {number}: it is restricted{rule}"


def _review(tx: Transaction, rule: str) -> int | None:
    after, days = _limits(tx.connection)
    times = rows.unreviewed(tx.connection, rule, tx.now - days * _DAY)
    if not needs_review(times, tx.now, after, days):
        return None
    cause = f'rule "{rule}" was overridden {len(times)} times in {days} days: should it stay as it is?'
    found = incidents.open_incident(tx, IncidentType.ROUTING_REVIEW, cause, once_key=f"routing_review:{rule}")
    if found is not None:
        rows.mark_reviewed(tx, rule, found)
    return found


def _limits(connection: Connection) -> tuple[int, int]:
    t = tables.setting
    found = {row.key: int(row.value) for row in connection.execute(select(t).where(t.c.key.in_([AFTER, DAYS])))}
    return found.get(AFTER, REVIEW_AFTER), found.get(DAYS, REVIEW_DAYS)
