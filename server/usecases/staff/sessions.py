"""Sessions of the pages: ending a person's, and knowing a wall screen's."""

from sqlalchemy import select, update

from server.db import tables
from server.db.transaction import Actor, Database, transaction
from server.secrets import digest

_t = tables.web_session


def sign_out(db: Database, actor: Actor, token: str) -> None:
    """Revoke a person's session; an unknown token and a wall screen's are left alone."""
    with transaction(db, actor, "sign_out") as tx:
        mine = (_t.c.token_digest == digest(token)) & (_t.c.kind == "person") & _t.c.revoked.is_(False)
        person = tx.connection.execute(update(_t).where(mine).values(revoked=True).returning(_t.c.person_id)).scalar()
        if person is not None:
            tx.note("person.signed_out", person=person)


def is_link(db: Database, token: str, kind: str) -> bool:
    """Whether this is the token of a screen of this kind (wall | dock) that may still look."""
    with db.read() as connection:
        row = connection.execute(select(_t).where(_t.c.token_digest == digest(token), _t.c.kind == kind)).first()
    return row is not None and not row.revoked and (row.expires_at is None or row.expires_at >= db.now())
