"""A carrier that does not let us in any more is somebody's task before a bench stands there without a label."""

from sqlalchemy import Connection, or_, select

from server import carriers
from server.db import tables
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError, Unavailable
from server.domain.incidents import IncidentType
from server.usecases.record import incidents
from server.usecases.shipping.keeping import check

CHECK_EVERY = 3_600.0
_DETAIL_MAX = 200
_WATCH = Actor("carriers")
_t = tables.carrier_account


def watch(db: Database) -> None:
    """Once an hour each carrier is asked, at no cost, whether it lets us in; one incident until it does again."""
    with db.read() as connection:
        due = _due(connection, db.now())
    for code in due:
        try:
            check(db, _WATCH, code)
        except Unavailable:
            continue  # Asked again with the next look; benches say themselves that it is away.
        except DomainError as error:
            _tell(db, code, error)
        else:
            _tell(db, code, None)


def _due(connection: Connection, now: float) -> list[str]:
    old = or_(_t.c.checked_at.is_(None), _t.c.checked_at < now - CHECK_EVERY)
    rows = connection.execute(select(_t.c.code, _t.c.provider).where(_t.c.active, old).order_by(_t.c.code))
    return [row.code for row in rows if carriers.can_be_asked(row.provider)]


def _tell(db: Database, code: str, error: DomainError | None) -> None:
    key = f"carrier:{code}"
    with transaction(db, _WATCH, "carrier_access") as tx:
        if error is None:
            incidents.close_by_key(tx, key, "the carrier lets us in again")
        else:
            cause = f"{error.detail[:_DETAIL_MAX]}: give {code} credentials that work with `packproof carriers add`"
            incidents.open_incident(tx, IncidentType.CARRIER_DENIED, cause, once_key=key)
