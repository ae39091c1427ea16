"""Seller-caused cancels per channel against its limit (CAN-06)."""

from server.db import conflict_rows, sites
from server.db.transaction import Actor, Database, transaction
from server.domain.incidents import IncidentType
from server.domain.sales.cancellation import CancelRate, Standing
from server.domain.sales.losing import channel_rules
from server.usecases.record import incidents

_DAY = 86_400.0
_WATCH = Actor("cancel watch")


def cancel_rates(db: Database) -> list[CancelRate]:
    """One for each active channel, over the days in which the channel counts."""
    with db.read() as connection:
        found = []
        for row in sites.channels(connection):
            rules = channel_rules((row.policy or {}).get("losing", {}))
            since = db.now() - rules.cancel_days * _DAY
            orders, cancels = conflict_rows.cancel_counts(connection, row.id, since)
            found.append(CancelRate(row.code, orders, cancels, rules.cancel_limit))
        return found


def watch(db: Database) -> None:
    """Tell a person once when a channel nears its limit, and take it back when the rate has fallen."""
    for rate in cancel_rates(db):
        key = f"cancels:{rate.channel}"
        alarming = rate.standing in (Standing.NEAR, Standing.OVER)
        with db.read() as connection:
            told = incidents.is_open(connection, key)
        if alarming == told:
            continue
        with transaction(db, _WATCH, "cancel_rate") as tx:
            if alarming:
                incidents.open_incident(tx, IncidentType.CANCEL_RATE, rate.sentence, once_key=key)
            else:
                incidents.close_by_key(tx, key, rate.sentence)
