"""A carrier's driver is ordered to fetch what is ready at a site: once for a site, a carrier and a day."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from server.calls.troubles import Denied, Refused, Trouble
from server.db import sites, tables
from server.db.transaction import Actor, Database, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError, Unavailable
from server.trade.shipping import Pickup, PickupWish, Shipment
from server.usecases.benchwork.drawing import address_of
from server.usecases.shipping.accounts import Counter, counter_of
from server.usecases.shipping.sound import heard

MOST = 1_000
"""Parcels that one visit may be booked for."""
_p, _l = tables.parcel, tables.parcel_label


def book(db: Database, actor: Actor, code: str, site_code: str, span: tuple[str, str], *, note: str = "") -> Pickup:
    """Order a driver of this carrier for everything that is ready; ``span``: from and until, ``2026-03-02 14:00`` each
    by the site's clock. The same day again says what is booked.

    Raise DomainError("not_found" | "invalid" | "cannot" | "nothing_ready" | "refused" | "denied"), Unavailable.
    """
    counter = _counter(db, code)
    with db.read() as connection:
        site = sites.by_code(connection, site_code)
        earliest, latest = (_moment(text, site.time_zone) for text in span)
        shipments = _ready(connection, site, code)
    if not db.now() < latest or not earliest < latest:
        raise DomainError("invalid", f"expected a time to come, and its end after it, found {span[0]} to {span[1]}")
    if not shipments:
        raise DomainError("nothing_ready", f"no parcel for {counter.account.name} is ready at {site.code}")
    wish = PickupWish(
        address=address_of(site), earliest=earliest, latest=latest, shipments=shipments, note=note.strip()[:120]
    )
    key = f"{site.code}:{span[0][:10]}"
    visit = _asked(counter, lambda: counter.carrier.book_pickup(wish, key))
    detail = {"state": visit.state, "reference": visit.reference, "parcels": len(shipments), "from": span[0]}
    with transaction(db, actor, "book_pickup") as tx:
        tx.note("carrier.pickup", detail, carrier=code)
    return visit


def cancel(db: Database, actor: Actor, code: str, site_code: str, day: str) -> Pickup:
    """Nobody comes on this day (``2026-03-02``); cancelling again is harmless. Raise as ``book``."""
    counter = _counter(db, code)
    with db.read() as connection:
        site = sites.by_code(connection, site_code)
    visit = _asked(counter, lambda: counter.carrier.cancel_pickup(f"{site.code}:{day[:10]}"))
    with transaction(db, actor, "cancel_pickup") as tx:
        tx.note("carrier.pickup", {"state": visit.state, "reference": visit.reference, "day": day[:10]}, carrier=code)
    return visit


def _counter(db: Database, code: str) -> Counter:
    counter = counter_of(db, code)
    if not counter.can.pickup:
        raise DomainError("cannot", f"{counter.account.name} sends no driver when it is asked from here")
    return counter


def _asked(counter: Counter, call: Callable[[], Pickup]) -> Pickup:
    name = counter.account.name
    try:
        visit = heard(counter.account.code, call)
    except Denied as trouble:
        raise DomainError("denied", f"{name} does not let us in: {trouble.detail}") from trouble
    except Refused as trouble:
        raise DomainError("refused", f"{name} sends no driver: {trouble.detail}") from trouble
    except Trouble as trouble:
        why = f"{name} does not answer: {trouble.detail}; ask again, no second driver is ordered by it"
        raise Unavailable(why) from trouble
    if visit.state == "refused":
        raise DomainError("refused", f"{name} sends no driver: {visit.text}")
    return visit


def _ready(connection: Connection, site: Row[Any], code: str) -> tuple[Shipment, ...]:
    here = (_p.c.site_id == site.id) & (_p.c.carrier == code) & (_p.c.state == ParcelState.READY.value)
    columns = (_p.c.id, _p.c.tracking, _p.c.service, _l.c.shipment_id)
    query = select(*columns).outerjoin(_l, _l.c.parcel_id == _p.c.id).where(here).order_by(_p.c.number).limit(MOST)
    rows = connection.execute(query)
    return tuple(Shipment(row.id, row.tracking, row.shipment_id or "", row.service) for row in rows)


def _moment(text: str, time_zone: str) -> float:
    try:
        at = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(time_zone))
    except ValueError as error:
        raise DomainError("invalid", f"time: expected one like 2026-03-02 14:00, found {text[:20]!r}") from error
    return at.astimezone(UTC).timestamp()
