"""Rows of rates: versions of the rules, choices, and the prices that are remembered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.rates.values import Decision, Offer
from server.typed import learnt

_r, _d, _q, _p = tables.rate_rules, tables.rate_decision, tables.rate_quote, tables.parcel
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Kind:
    """Parcels that cost the same: where they leave from and go to, how heavy (upper grams) and how large they are."""

    site_id: int
    zone: str
    weight_class: int
    size: str


def active_row(connection: Connection) -> Row[Any] | None:
    """The version in force as it was written; None before the first."""
    return connection.execute(select(_r).where(_r.c.active).order_by(_r.c.version.desc()).limit(1)).first()


def add_rules(tx: Transaction, data: Mapping[str, Any], reason: str) -> int:
    """A new version in force; older ones stay for what was chosen by them."""
    last = int(tx.connection.execute(select(func.coalesce(func.max(_r.c.version), 0))).scalar_one())
    tx.connection.execute(update(_r).where(_r.c.active).values(active=False))
    row = {"version": last + 1, "rules": dict(data), "active": True, "at": tx.now, "actor": tx.actor.name}
    tx.connection.execute(insert(_r).values(**row, reason=reason))
    return last + 1


def keep(tx: Transaction, order: Row[Any], box_no: int, decision: Decision, rules_version: int) -> int:
    """A choice with everything it weighed; its id."""
    carrier, service = decision.way or ("", "")
    chosen, default = decision.chosen, decision.default
    row = {
        "order_id": order.id,
        "box_no": box_no,
        "at": tx.now,
        "order_version": order.version,
        "site_id": order.site_id,
        "rules_version": rules_version,
        "grams": decision.need.grams,
        "decision": msgspec.to_builtins(decision),
        "carrier": carrier,
        "service": service,
        "by": decision.by.value,
        "currency": chosen.currency if chosen else "",
        "price": str(chosen.price) if chosen else None,
        "default_price": str(default.price) if default else None,
    }
    return int(tx.connection.execute(insert(_d).values(**row).returning(_d.c.id)).scalar_one())


def use(tx: Transaction, decision_id: int) -> None:
    """A label is asked for by this choice now."""
    tx.connection.execute(update(_d).where(_d.c.id == decision_id).values(used_at=tx.now))


def decision_of(row: Row[Any]) -> Decision:
    """What a row of ``rate_decision`` holds."""
    return msgspec.convert(row.decision, learnt(Decision))


def latest(connection: Connection, order_id: int, box_no: int) -> Row[Any] | None:
    """The last choice for a box of an order."""
    query = select(_d).where(_d.c.order_id == order_id, _d.c.box_no == box_no)
    return connection.execute(query.order_by(_d.c.id.desc()).limit(1)).first()


def latest_used(connection: Connection, order_id: int) -> Row[Any] | None:
    """The last choice by which a label of this order was asked for."""
    query = select(_d).where(_d.c.order_id == order_id, _d.c.used_at.is_not(None))
    return connection.execute(query.order_by(_d.c.id.desc()).limit(1)).first()


def of_order(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    """One choice for each box of an order, by box: the last by which a label was asked for, else the last."""
    rows = connection.execute(select(_d).where(_d.c.order_id == order_id).order_by(_d.c.id)).all()
    used = {row.box_no: row for row in rows if row.used_at is not None}
    found = {row.box_no: row for row in rows} | used
    return [found[number] for number in sorted(found)]


def last(connection: Connection, most: int) -> Sequence[Row[Any]]:
    """The newest choices with their orders' numbers, the newest first."""
    o = tables.order
    query = select(_d, o.c.number).join(o, o.c.id == _d.c.order_id).order_by(_d.c.id.desc())
    return connection.execute(query.limit(most)).all()


def shipped(connection: Connection, since: float, until: float) -> Sequence[Any]:
    """Choices by which labels were bought that are not void: when and where, and the prices; one for each parcel."""
    s = tables.site
    newest = select(func.max(_d.c.id)).where(_d.c.used_at.is_not(None)).group_by(_d.c.order_id, _d.c.box_no)
    bought = (_p.c.order_id == _d.c.order_id) & (_p.c.box_no == _d.c.box_no)
    live = (_p.c.purchase == "bought") & _p.c.cancelled_at.is_(None) & _p.c.void_wanted_at.is_(None)
    there = select(_p.c.number).where(bought, live, _p.c.carrier == _d.c.carrier).exists()
    query = (
        select(_d.c.used_at, s.c.time_zone, _d.c.currency, _d.c.price, _d.c.default_price)
        .join(s, s.c.id == _d.c.site_id)
        .where(_d.c.id.in_(newest), _d.c.used_at >= since, _d.c.used_at < until, _d.c.price.is_not(None), there)
    )
    return connection.execute(query).all()


def remember(tx: Transaction, offers: Iterable[Offer], kind: Kind) -> None:
    """The last prices of these accounts for such parcels, in the order of their keys."""
    where = asdict(kind)
    found = {(offer.account, offer.service): offer for offer in offers if offer.priced}
    for _, offer in sorted(found.items()):
        said = {
            "price": str(offer.price),
            "currency": offer.currency,
            "name": offer.name,
            "days": offer.days,
            "at": tx.now,
        }
        row = insert_into(tx.connection, _q).values(account=offer.account, service=offer.service, **where, **said)
        keys = ["account", "service", *where]
        tx.connection.execute(row.on_conflict_do_update(index_elements=keys, set_=said))


def forget(tx: Transaction, accounts: Iterable[str]) -> None:
    """What these accounts named is worth nothing: they do not let us in, so that they sell nothing either."""
    for account in sorted(accounts):
        tx.connection.execute(delete(_q).where(_q.c.account == account))


def remembered(connection: Connection, accounts: Iterable[str], kind: Kind, *, since: float) -> list[Offer]:
    """What these accounts named for such parcels since then."""
    here = [_q.c[name] == value for name, value in asdict(kind).items()]
    query = select(_q).where(_q.c.account.in_(sorted(accounts)), *here, _q.c.at >= since)
    return [
        Offer(
            account=row.account,
            service=row.service,
            price=Decimal(row.price),
            currency=row.currency,
            name=row.name,
            days=row.days,
            cached_at=row.at,
        )
        for row in connection.execute(query.order_by(_q.c.account, _q.c.service))
    ]


def days_ago(now: float, days: int) -> float:
    """So many days before."""
    return now - days * _DAY


def as_it_came(connection: Connection, order: Row[Any]) -> tuple[str, str]:
    """The order's own (carrier, service), also after a choice has written others into its row."""
    before = latest_used(connection, order.id)
    if before is None or (before.carrier, before.service) != (order.carrier, order.service):
        return order.carrier, order.service
    need = decision_of(before).need
    return need.carrier, need.paid
