"""The read-only address under which phones see the loads of one dock, and nothing else."""

from server.db import people as rows
from server.db import sites
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.secrets import digest, new_token

KIND = "dock"


def add_phone_link(db: Database, actor: Actor, site_code: str) -> str:
    """A read-only token for the phones of a site's dock; the one before it ends. Raise DomainError("not_found")."""
    token = new_token()
    with transaction(db, actor, "add_phone_link") as tx:
        site = sites.by_code(tx.connection, site_code)
        rows.revoke_web_sessions(tx, kind=KIND, site_id=site.id)
        rows.insert_web_session(tx, token_digest=digest(token), kind=KIND, name=f"dock {site.code}", site_id=site.id)
        tx.note("dock.phone_link", {"site": site.code})
    return token


def end_phone_link(db: Database, actor: Actor, site_code: str) -> None:
    """Phones of this site's dock show nothing any more; raise DomainError("not_found") where there is no address."""
    with transaction(db, actor, "end_phone_link") as tx:
        site = sites.by_code(tx.connection, site_code)
        if not rows.revoke_web_sessions(tx, kind=KIND, site_id=site.id):
            raise DomainError("not_found", f"the dock of {site.code} has no address for phones")
        tx.note("dock.phone_link_ended", {"site": site.code})
