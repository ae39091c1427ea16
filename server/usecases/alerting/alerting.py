"""Every incident that opens becomes one alert for each route that wants it, and waits there until it has arrived."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select

from server import wire
from server.config import AlertRoute, Alerts
from server.db import alerts as rows
from server.db import sites, tables
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, transaction
from server.usecases.alerting.routing import Happened, channel_id_in, severity_of, wanting
from server.usecases.alerting.sending import Undelivered, send

SECONDS = 5.0
"""Between two looks when nobody says that something was committed."""
_LEASE = 60.0
_BATCH = 50
"""Alerts in one mail: a bad hour is one message, not hundreds."""
_WAIT_FIRST, _WAIT_MAX = 2.0, 300.0
_REST = 1.0
_LOUD_AFTER = 5
_SINCE = "alerts_since"
_BEFORE = 3600.0
"""How old an incident may be when alerts are switched on: what is older is known by then."""
_WORKER = Actor("alerts")
_v = tables.setting
log = structlog.get_logger("alerts")


class Alerting:
    """The worker's share. Any number of workers may run it over one database."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._since: float | None = None

    def __call__(self, db: Database) -> object:
        """Make alerts of new incidents and send what is due; True when there is more now."""
        if not self._alerts.route:
            return False
        made = self._make(db) | self._escalate(db)
        with db.read() as connection:
            due = rows.due(connection, db.now(), [route.name for route in self._alerts.route])
        sent = [self._send(db, route) for route in self._alerts.route if route.name in due]
        return made or any(sent)

    def _make(self, db: Database) -> bool:
        if self._since is None:
            self._since = _first_asked(db)
        since = self._since
        with db.read() as connection:
            if not rows.unseen(connection, since, 1):
                return False
        with transaction(db, _WORKER, "alert") as tx:
            found = rows.unseen(tx.connection, since, _BATCH)
            codes = {row.id: row.code for row in sites.channels(tx.connection, active_only=False)}
            for row in found:
                channel = row.channel or codes.get(channel_id_in(row.type, row.once_key) or 0, "")
                content = _content(row, channel)
                wanted = wanting(self._alerts.route, Happened(row.type, row.owner, channel))
                for name in wanted or [""]:
                    rows.add(tx, row.id, name, content)
        return len(found) == _BATCH

    def _escalate(self, db: Database) -> bool:
        """What nobody took in its time goes to the next route as well, once."""
        more = False
        for route in self._alerts.route:
            before = db.now() - route.escalate_minutes * 60
            if not route.escalate_to or not self._untaken(db, route, before):
                continue
            with transaction(db, _WORKER, "alert") as tx:
                found = rows.untaken(tx.connection, route.name, route.escalate_to, before, _BATCH)
                for row in found:
                    rows.add(tx, row.incident_id, route.escalate_to, {**row.content, "escalated_from": route.name})
            more |= len(found) == _BATCH
        return more

    def _untaken(self, db: Database, route: AlertRoute, before: float) -> bool:
        with db.read() as connection:
            return bool(rows.untaken(connection, route.name, route.escalate_to, before, 1))

    def _send(self, db: Database, route: AlertRoute) -> bool:
        with transaction(db, _WORKER, "claim") as tx:
            claimed = rows.claim(tx, route.name, _BATCH, _LEASE)
        if not claimed:
            return False
        # By webhook each is a message of its own. After one that fails the others wait for the next turn, before it: a
        # receiver that is away costs one wait, and one message that it does not like keeps no other back.
        groups = [claimed] if route.mail else [[row] for row in claimed]
        for nth, group in enumerate(groups):
            if not self._deliver(db, route, group):
                with transaction(db, _WORKER, "alert") as tx:
                    rows.later(tx, [row.id for rest in groups[nth + 1 :] for row in rest], tx.now + _REST)
                return False
        return len(claimed) == _BATCH

    def _deliver(self, db: Database, route: AlertRoute, group: Sequence[Row[Any]]) -> bool:
        contents = [{"id": f"alert_{row.id}", **row.content} for row in group]
        try:
            send(self._alerts, route, contents, db.now())
        except Undelivered as error:
            self._put_off(db, route, group, str(error))
            return False
        with transaction(db, _WORKER, "alert") as tx:
            rows.sent(tx, [row.id for row in group])
        log.info("alerted", route=route.name, incidents=[row.incident_id for row in group])
        return True

    def _put_off(self, db: Database, route: AlertRoute, group: Sequence[Row[Any]], trouble: str) -> None:
        tries = min(row.attempts for row in group)
        wait = min(_WAIT_MAX, _WAIT_FIRST * 2.0 ** min(tries, 10)) * (0.8 + 0.4 * random.random())  # noqa: S311
        with transaction(db, _WORKER, "alert") as tx:
            rows.failed(tx, [row.id for row in group], tx.now + wait, trouble)
        say = log.error if tries + 1 >= _LOUD_AFTER else log.warning
        say("nobody was alerted yet", route=route.name, alerts=len(group), tries=tries + 1, trouble=trouble)


def _content(row: Row[Any], channel: str) -> Mapping[str, Any]:
    return {
        "incident": row.id,
        "type": row.type,
        "severity": severity_of(row.type),
        "channel": channel,
        "owner": row.owner,
        "cause": row.cause,
        "opened_at": wire.instant(row.opened_at),
        "deadline": wire.instant(row.deadline),
        "order": row.number or "",
        "parcel": row.parcel_id or "",
        "sku": row.sku or "",
    }


def _first_asked(db: Database) -> float:
    """From when on incidents are told: an hour before the first time anybody asked."""
    with db.read() as connection:
        text = _kept(connection)
    if text is None:
        with transaction(db, _WORKER, "alert") as tx:
            first = insert_into(tx.connection, _v).values(key=_SINCE, value=str(tx.now - _BEFORE))
            tx.connection.execute(first.on_conflict_do_nothing())
            text = _kept(tx.connection)
    return float(text or 0.0)


def _kept(connection: Connection) -> str | None:
    return connection.execute(select(_v.c.value).where(_v.c.key == _SINCE)).scalar()
