"""Benches: enrolled with a one-time secret, holding a token of their own that can be revoked."""

from sqlalchemy.exc import IntegrityError

from server.db import people as rows
from server.db import sites
from server.db.catalogue import raise_version
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.packing.order import Mode
from server.domain.routes.nodes import Duty
from server.secrets import digest, new_token
from server.usecases.routes.nodes import check_duty
from server.wire import JoinAnswer

JOIN_MINUTES = 60
_USED = 0.0
"""The expiry of a join secret that was used; its digest stays, so that a second use can be told so."""


def add_bench(db: Database, actor: Actor, name: str, site_code: str) -> int:
    """Add a bench at a site and return its id; raise DomainError("not_found" | "invalid" | "wrong_node")."""
    clean = " ".join(name.split())
    if not 0 < len(clean) <= 64 or not clean.isprintable():
        raise DomainError("invalid", f"expected a bench name of 1 to 64 printable characters, found {name!r}")
    try:
        with transaction(db, actor, "add_bench") as tx:
            site = sites.by_code(tx.connection, site_code)
            check_duty(site, Duty.BENCH)
            bench_id = rows.insert_bench(tx, clean, site.id)
            raise_version(tx)
            tx.note("bench.added", {"name": clean, "site": site.code}, bench=bench_id)
    except IntegrityError as error:
        raise DomainError("invalid", f"there is a bench {clean!r} already") from error
    return bench_id


def new_join_secret(db: Database, actor: Actor, bench_name: str, minutes: int = JOIN_MINUTES) -> str:
    """A secret good for one enrolment of this bench within ``minutes``; an earlier one is void."""
    secret = new_token()
    with transaction(db, actor, "new_join_secret") as tx:
        bench = rows.bench_named(tx.connection, bench_name)
        rows.change_bench(tx, bench.id, join_digest=digest(secret), join_expires_at=tx.now + 60 * minutes)
        tx.note("bench.join_secret", {"minutes": minutes}, bench=bench.id)
    return secret


def join(db: Database, secret: str) -> JoinAnswer:
    """Enrol the bench this secret was made for: one time. Its earlier token, if any, is void.

    Raise DomainError("join_unknown" | "join_used" | "join_expired").
    """
    token = new_token()
    with transaction(db, Actor("join code"), "join") as tx:
        found = rows.bench_joining(tx, digest(secret.strip()))
        if found is None:
            raise DomainError("join_unknown", "this join code is not known here, or a newer one was made; ask for one")
        if found.join_expires_at == _USED:
            raise DomainError("join_used", f"this join code of {found.name} was used already; ask for a new one")
        if found.join_expires_at is None or found.join_expires_at < tx.now:
            raise DomainError("join_expired", f"this join code of {found.name} is too old; ask for a new one")
        columns = {"token_digest": digest(token), "enrolled_at": tx.now, "revoked": False, "join_expires_at": _USED}
        rows.change_bench(tx, found.id, **columns)
        bench = rows.bench(tx.connection, found.id)
        tx.note("bench.joined", {"name": bench.name}, bench=bench.id)
        return JoinAnswer(bench_id=bench.id, bench=bench.name, site=bench.site_code, token=token)


def set_mode(db: Database, actor: Actor, bench_name: str, mode: Mode) -> None:
    """How much this bench stops from now on (FLR-09); an order that is open, or on its lease, keeps the mode it had."""
    with transaction(db, actor, "set_mode") as tx:
        bench = rows.bench_named(tx.connection, bench_name)
        if bench.mode == mode.value:
            return
        rows.change_bench(tx, bench.id, mode=mode.value)
        raise_version(tx)
        tx.note("bench.mode", {"before": bench.mode, "after": mode.value}, bench=bench.id)


def revoke_bench(db: Database, actor: Actor, bench_name: str) -> None:
    """This bench may do nothing any more until it joins again; its open orders stay its own until released."""
    with transaction(db, actor, "revoke_bench") as tx:
        bench = rows.bench_named(tx.connection, bench_name)
        # An unused join secret would let it in again.
        rows.change_bench(tx, bench.id, revoked=True, token_digest=None, join_digest=None, join_expires_at=None)
        tx.note("bench.revoked", {"name": bench.name}, bench=bench.id)
