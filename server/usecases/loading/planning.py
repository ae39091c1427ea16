"""Planning loads before their vehicles come: which carrier, which services, which trailer, and maybe which parcels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import load_marks, loads, parcels, sites, tables
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.dock.values import OtherLoad
from server.domain.errors import DomainError
from server.usecases.loading.known import other_load
from server.usecases.shipping.accounts import account, accounts

_CLEAN_MAX = {"trailer": 64, "driver": 120}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a load is to be. Without ``orders`` and ``parcels`` it takes whatever of its carrier is ready."""

    site: str
    carrier: str
    services: tuple[str, ...] = ()
    trailer: str = ""
    driver: str = ""
    cut_off: float | None = None
    orders: tuple[str, ...] = ()
    """Numbers of orders."""
    parcels: tuple[str, ...] = ()
    """Ids or tracking numbers."""


def plan_load(db: Database, actor: Actor, plan: Plan) -> str:
    """Plan a load and return its id.

    Raise DomainError("unknown_carrier" | "not_found" | "invalid") naming what was expected and found.
    """
    with transaction(db, actor, "plan_load") as tx:
        site = sites.by_code(tx.connection, plan.site)
        carrier = account(tx.connection, plan.carrier)
        said = {key: clean(key, getattr(plan, key)) for key in _CLEAN_MAX}
        order_ids = [named_order(tx.connection, number, site.id) for number in plan.orders]
        parcel_ids = [named_parcel(tx.connection, code, site.id) for code in plan.parcels]
        loads.lock_lanes(tx, site.id)
        not_planned_twice(tx, site.id, order_ids, parcel_ids)
        row = loads.create(
            tx,
            site_id=site.id,
            carrier=carrier.code,
            services=sorted(set(plan.services)),
            cut_off=plan.cut_off,
            listed=bool(order_ids or parcel_ids),
            **said,
        )
        load_marks.plan(tx, row.id, order_ids, parcel_ids)
        detail = {"carrier": carrier.code, "site": site.code, "orders": len(order_ids), "parcels": len(parcel_ids)}
        tx.note("load.planned", detail | said, load=row.id)
        return str(row.id)


def drop_load(db: Database, actor: Actor, load_id: str) -> None:
    """Its vehicle does not come; raise DomainError("not_found") unless it is planned and was never opened."""
    with transaction(db, actor, "drop_load") as tx:
        if not loads.drop(tx, load_id.strip().upper()):
            raise DomainError("not_found", f"expected a planned load that no dock has opened, found {load_id[:40]!r}")
        tx.note("load.dropped", {}, load=load_id.strip().upper())


def open_loads(db: Database) -> Mapping[str, tuple[OtherLoad, ...]]:
    """Loads that are planned or open, by the code of their site."""
    with db.read() as connection:
        names = {code: each.name for code, each in accounts(connection).items()}
        benches = {b.id: b.name for b in connection.execute(select(tables.bench.c.id, tables.bench.c.name))}
        found = {site.code: loads.of_site(connection, site.id) for site in sites.all_sites(connection)}
        counts = loads.counts(connection, [row.id for rows in found.values() for row in rows])
        return {
            site: tuple(other_load(row, names, benches, counts.get(row.id, 0)) for row in rows)
            for site, rows in found.items()
        }


def clean(key: str, text: str) -> str:
    """A name as people say it, on one line; raise DomainError("invalid")."""
    plain, most = " ".join(text.split()), _CLEAN_MAX[key]
    if len(plain) > most or not plain.isprintable():
        raise DomainError("invalid", f"{key}: expected at most {most} printable characters, found {text[:40]!r}")
    return plain


def named_order(connection: Connection, number: str, site_id: int) -> int:
    """The order with this number; raise DomainError("not_found") where this site has none."""
    o = tables.order
    row = connection.execute(select(o.c.id, o.c.site_id).where(o.c.number == number.strip())).first()
    if row is None or row.site_id != site_id:
        raise DomainError("not_found", f"there is no order {number[:40]!r} at this site")
    return int(row.id)


def named_parcel(connection: Connection, code: str, site_id: int) -> str:
    """The parcel with this id or number; raise DomainError("not_found") where this site has none."""
    row: Row[Any] | None = parcels.known_to(connection, code)
    if row is None or row.site_id != site_id:
        raise DomainError("not_found", f"there is no parcel {code[:40]!r} at this site")
    return str(row.id)


def not_planned_twice(tx: Transaction, site_id: int, order_ids: Iterable[int], parcel_ids: Iterable[str]) -> None:
    """Raise DomainError("invalid") where one of them is in the plan of another load."""
    by_order, by_parcel = load_marks.planned(tx.connection, site_id)
    taken = [by_order[each] for each in order_ids if each in by_order]
    taken += [by_parcel[each] for each in parcel_ids if each in by_parcel]
    if taken:
        raise DomainError("invalid", f"expected orders and parcels of no other plan, found some of load {taken[0]}")
