"""Parcels that are late, silent or lost: told once, and closed by themselves when the facts change (TRK-04, TRK-08)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from server import carriers
from server.carriers import Account
from server.db import parcels, tables, tracking
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.tracking.alarms import Alarm, Facts, Limits, alarms, asked_until, limits_of, next_look
from server.domain.tracking.cases import Rule, read_rules
from server.usecases.record import incidents
from server.usecases.sales.refunding import refunded_lost
from server.usecases.shipping.accounts import accounts
from server.usecases.tracking.arrivals import arrived_meanwhile
from server.usecases.tracking.cases import open_case

LOOKS = 500
"""Parcels of one run."""
_TYPES = {
    Alarm.NEVER_SCANNED: IncidentType.NEVER_SCANNED,
    Alarm.STUCK: IncidentType.PARCEL_STUCK,
    Alarm.SLIPPED: IncidentType.DELIVERY_SLIPPED,
    Alarm.FAILED_DELIVERY: IncidentType.DELIVERY_FAILED,
    Alarm.LOST: IncidentType.PARCEL_LOST,
}
_t = tables.parcel_track
_WATCH = Actor("tracking")


@dataclass(frozen=True, slots=True)
class Watch:
    """What decides beside the events of a parcel, read once for many."""

    limits: Mapping[str, Mapping[str, Any]]
    rules: tuple[Rule, ...]
    accounts: Mapping[str, Account]

    @classmethod
    def of(cls, tx: Transaction) -> "Watch":
        """As it is set now."""
        connection = tx.connection
        rules = read_rules(tracking.set_of(connection, tracking.RULES) or [])
        return cls(tracking.set_of(connection, tracking.LIMITS) or {}, rules, accounts(connection))

    def limits_for(self, row: Row[Any]) -> Limits:
        """Of a parcel's carrier and service."""
        return limits_of(self.limits, row.carrier, row.service)

    def expects_scans(self, carrier: str) -> bool:
        """Whether silence of this carrier means something: it tells of scans, or somebody set limits for it."""
        found = self.accounts.get(carrier)
        if any(key.partition("/")[0] == carrier for key in self.limits):
            return True
        if found is None:
            return False
        try:
            can = carriers.capabilities(found)
        except DomainError:
            return False
        return can.track or can.hear


def look(db: Database) -> bool:
    """Parcels of which time alone may have changed something; True when there may be more right now."""
    arrived_meanwhile(db)
    with db.read() as connection:
        due = _due(connection, db.now())
    for at in range(0, len(due), 50):
        some = due[at : at + 50]
        with transaction(db, _WATCH, "look_at_parcels") as tx:
            tracking.lock_orders_of(tx, some)
            parcels.lock(tx, some)
            watch = Watch.of(tx)
            for row in tracking.parcels_of(tx.connection, some):
                settled_alarms(tx, row, watch)
    return len(due) == LOOKS


def settled_alarms(tx: Transaction, row: Row[Any], watch: Watch) -> None:
    """Open and close what follows from a parcel's state now; the caller holds its lock and its order's.

    Each is told once: it is told again only after it had gone away.
    """
    state = tracking.begin(tx, row.id)
    journey = tracking.journey_of(state)
    expects = watch.expects_scans(row.carrier) or journey.first_scan is not None
    facts = Facts(journey, state.handed_at, row.deliver_by, expects)
    limits = watch.limits_for(row)
    found = {} if row.state == ParcelState.CANCELLED else alarms(facts, limits, tx.now)
    before = {Alarm(each) for each in state.raised}
    for alarm in sorted(found.keys() - before):
        _open(tx, row, watch, alarm, found[alarm])
    for alarm in sorted(before - found.keys()):
        incidents.close_by_key(tx, _key(row, alarm), _over(tx, row, alarm))
    raised = sorted(alarm.value for alarm in found)
    looks = [
        next_look(facts, limits, tx.now),
        _still_asked(tx, row, state, asked_until(facts, limits, state.asked_from)),
    ]
    look_at = min((moment for moment in looks if moment is not None), default=None)
    tracking.write(tx, row.id, raised=raised, look_at=look_at)


def _still_asked(tx: Transaction, row: Row[Any], state: Row[Any], until: float | None) -> float | None:
    """Until when its carrier is asked; once that has passed it is asked no more, and whoever looks finds it said."""
    if state.poll_at is None or until is None or until > tx.now:
        return until if state.poll_at is not None else None
    tracking.write(tx, row.id, poll_at=None)
    tx.note(
        "tracking.ended", {"carrier": row.carrier, "silent_since": state.last_at}, parcel=row.id, order=row.order_id
    )
    return None


def _open(tx: Transaction, row: Row[Any], watch: Watch, alarm: Alarm, why: str) -> None:
    carrier = watch.accounts[row.carrier].name if row.carrier in watch.accounts else row.carrier
    cause = f"parcel {row.tracking} of order {row.order_number} with {carrier}: {why}"
    about = {"order_id": row.order_id, "parcel_id": row.id, "once_key": _key(row, alarm)}
    incident = incidents.open_incident(tx, _TYPES[alarm], cause, **about)
    if incident is not None:
        open_case(tx, incident, row, alarm, rules=watch.rules, carrier=carrier)


def _over(tx: Transaction, row: Row[Any], alarm: Alarm) -> str:
    if alarm is Alarm.LOST and refunded_lost(tx.connection, row.channel_id, row.order_number, row.id):
        return f"it is no longer so, but {row.channel} was told to pay it back: the buyer may get both"
    return "it is no longer so"


def _key(row: Row[Any], alarm: Alarm) -> str:
    return f"track:{alarm.value}:{row.id}"


def _due(connection: Connection, now: float) -> list[str]:
    query = select(_t.c.parcel_id).where(_t.c.look_at <= now).order_by(_t.c.look_at, _t.c.parcel_id).limit(LOOKS)
    return list(connection.execute(query).scalars())
