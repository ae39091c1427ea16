"""A site that is down: nothing is promised from it, and its unpacked orders leave from elsewhere (RTE-21)."""

from collections.abc import Sequence
from typing import NamedTuple

import structlog
from sqlalchemy import select, update

from server.db import orders, sites, stale, tables
from server.db import stock as db_stock
from server.db.again import again
from server.db.transaction import Actor, Database, transaction
from server.domain.incidents import IncidentType
from server.domain.picks.short_pick import Remedy
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.box_waiting import box_waits
from server.usecases.booking.reference import raise_version
from server.usecases.record import incidents
from server.usecases.routes.rerouting import LIVE, Rerouted, leave_site

_o, _s = tables.order, tables.site
_BATCH = 500

log = structlog.get_logger("site_down")


class SiteDown(NamedTuple):
    """How many of a site's orders another site ships now, and the numbers of those that found no stock."""

    moved: int
    lost: tuple[str, ...]


def set_active(db: Database, actor: Actor, site: str, active: bool, reason: str = "") -> SiteDown:
    """Switch a site on or off; off, every order that is not packed there is routed again.

    Routing and published numbers follow at once. What is packed already still leaves from the site's dock, also
    when its box waits for another label. Raise DomainError("not_found").
    """
    with transaction(db, actor, "set_site_active") as tx:
        row = sites.by_code(tx.connection, site)
        if row.active != active:
            tx.connection.execute(update(_s).where(_s.c.id == row.id).values(active=active))
            raise_version(tx)
            stale.everything(tx)
            tx.note("site.active" if active else "site.down", {"site": site, "reason": reason[:200]}, site=row.id)
        if active:
            incidents.close_by_key(tx, f"site_down:{row.id}", "the site is active again")
            return SiteDown(0, ())
    return _reroute(db, actor, row.id, site, LIVE)


def reroute_from_inactive(db: Database) -> None:
    """What came to a site in the moment in which it went down, or was left by a server that died, goes on too."""
    with db.read() as connection:
        waiting = (_o.c.site_id == _s.c.id) & _o.c.status.in_([OrderStatus.READY.value, OrderStatus.PACKING.value])
        query = select(_s.c.id, _s.c.code).where(_s.c.active.is_(False), select(_o.c.id).where(waiting).exists())
        down = connection.execute(query).all()
    for site in down:
        _reroute(db, Actor("server"), site.id, site.code, (OrderStatus.READY, OrderStatus.PACKING))


def _reroute(db: Database, actor: Actor, site_id: int, code: str, statuses: Sequence[OrderStatus]) -> SiteDown:
    moved, lost, after = 0, [], 0
    while ids := _orders_at(db, site_id, statuses, after):
        for order_id in ids:
            found = again(lambda order_id=order_id: _leave(db, actor, order_id, site_id, code))  # type: ignore[misc]
            if found is not None and found.remedy is Remedy.MOVE:
                moved += 1
            elif found is not None:
                lost.append(found.number)
        after = ids[-1]
    done = SiteDown(moved, tuple(lost))
    if moved or lost:
        _tell(db, actor, site_id, code, done)
    return done


def _orders_at(db: Database, site_id: int, statuses: Sequence[OrderStatus], after: int) -> list[int]:
    with db.read() as connection:
        here = (_o.c.site_id == site_id) & _o.c.status.in_([s.value for s in statuses]) & (_o.c.id > after)
        query = select(_o.c.id).where(here).order_by(_o.c.id).limit(_BATCH)
        return list(connection.execute(query).scalars())


def _leave(db: Database, actor: Actor, order_id: int, site_id: int, code: str) -> Rerouted | None:
    with transaction(db, actor, "leave_site") as tx:
        order = orders.lock(tx, order_id)
        held = order.status == OrderStatus.ON_HOLD
        if (
            order.site_id != site_id
            or order.status not in LIVE
            or (held and not db_stock.live(tx.connection, order_id))
            or box_waits(tx, order_id)
        ):
            return None
        return leave_site(tx, order, f"cannot leave from {code}, which is down")


def _tell(db: Database, actor: Actor, site_id: int, code: str, done: SiteDown) -> None:
    names = ", ".join(done.lost[:40]) + (f" and {len(done.lost) - 40} more" if len(done.lost) > 40 else "")
    rest = f"; no other site has the stock for {names}" if done.lost else ""
    cause = f"site {code} is down: {done.moved} orders leave from other sites now{rest}"
    with transaction(db, actor, "site_down") as tx:
        incidents.open_incident(tx, IncidentType.SITE_DOWN, cause, once_key=f"site_down:{site_id}")
    log.info("rerouted", site=code, moved=done.moved, lost=len(done.lost))
