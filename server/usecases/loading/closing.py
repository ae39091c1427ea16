"""Closing a load: the manifest is frozen, stock falls, channels are told, and what stayed behind is somebody's task."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Row

from printing import pdf
from printing.documents import LoadManifest
from server import carriers, wire
from server.db import load_closes, loads
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.dock.values import DockParcel, Load, ParcelState
from server.domain.errors import DomainError
from server.typed import learnt
from server.usecases.loading import close_asks, close_tasks, following, leaving, manifests
from server.usecases.loading.answers import answer
from server.usecases.loading.picture import checked, load_picture
from server.usecases.shipping.accounts import account
from server.usecases.staff.people import LOADS, at_bench, named


def closing(db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.ClosingRequest) -> wire.LoadAnswer:
    """Somebody asks for the summary of a load, or goes back to loading; raise DomainError("not_found")."""
    who = at_bench(db, actor, request.person_id, LOADS)
    with transaction(db, who, "closing") as tx:
        row = checked(tx.connection, loads.lock(tx, load_id), bench_id)
        if row.closed_at is None:
            row = loads.change(tx, load_id, closing_at=None if request.back else row.closing_at or tx.now)
            tx.note("load.back" if request.back else "load.closing", {}, load=load_id, bench=bench_id)
        return answer(tx.connection, row, tx.now)


def close_load(db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.CloseRequest) -> wire.LoadAnswer:
    """Close the load with what the person counted; closing it again gives the same answer.

    Raise DomainError("changed", loaded=) when another number is on it now, "pull_first", "set_aside", "need_reason",
    "not_found" or "not_signed_in". A close that was made with no network is refused for none of the first four.
    """
    if request.closed_at is not None:
        who = named(db, actor, request.person_id)
    else:
        who = at_bench(db, actor, request.person_id, LOADS)
    return again(lambda: _close(db, who, bench_id, load_id, request))


def manifest_pdf(db: Database, bench_id: int, load_id: str) -> bytes:
    """The closed load's manifest on paper: the same bytes every time. Raise DomainError("not_closed" | "not_found")."""
    with db.read() as connection:
        row = checked(connection, loads.find(connection, load_id), bench_id)
    if row.manifest is None:
        raise DomainError("not_closed", f"expected a closed load, {load_id} is open")
    return pdf.manifest(msgspec.convert(row.manifest, learnt(LoadManifest)))


def _close(db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.CloseRequest) -> wire.LoadAnswer:
    with transaction(db, actor, "close_load") as tx:
        row = checked(tx.connection, loads.lock(tx, load_id), bench_id)
        if row.closed_at is not None:
            if request.closed_at is None:
                close_asks.check_count(manifests.scanned(row.manifest), request.loaded, f"load {load_id} was closed")
            elif request.assume:
                on = [p.id for p in loads.parcels_on(tx.connection, [load_id])]
                leaving.not_assumed(tx, load_picture(tx.connection, row, tx.now), request, on)
            return answer(tx.connection, row, tx.now)
        freeze(tx, row, bench_id, request)
        closed = checked(tx.connection, loads.find(tx.connection, load_id), bench_id)
        return answer(tx.connection, closed, tx.now)


def freeze(tx: Transaction, row: Row[Any], bench_id: int, request: wire.CloseRequest, *, trusted: bool = False) -> None:
    """Close a locked load for good; ``trusted`` where the site itself assumes. Raise DomainError as ``close_load``."""
    request = request if trusted else close_asks.allowed(tx, row, request)
    load = load_picture(tx.connection, row, tx.now)
    rest = leaving.to_assume(load, request)
    on, ready, of_orders = leaving.locked(tx, row.id, rest)
    if request.closed_at is not None:
        on = leaving.without_later(tx, row.id, on, bench_id, request.closed_at)
    on = close_tasks.whole(tx, row, on, request)
    if request.closed_at is None:
        close_asks.check_assumed(load, request, len(rest), len(ready))
    else:
        leaving.not_assumed(tx, load, request, [p.id for p in (*on, *ready)])
    close_asks.count(tx, row, request, len(on), len(ready))
    if request.closed_at is None:
        close_asks.ask(load, request)
    else:
        close_tasks.left_unanswered(tx, row, load)
    leaving.assume(tx, row.id, ready, bench_id, request.supervisor)
    if request.waive_aside:
        leaving.waive_aside(tx, row.id, request.supervisor)
    on = [p for p in loads.parcels_on(tx.connection, [row.id]) if p.state == ParcelState.LOADED]
    missing = _missing(load, request, {p.id for p in on})
    close_tasks.cannot_reach(tx, row, request)
    manifest = manifests.made(tx, row, bench_id, manifests.What(on, missing, request))
    reason = request.left_reason.value if request.left_reason and missing else ""
    words = {"left_reason": reason, "left_words": request.left_words.strip() if missing else ""}
    known = request.cancels_known_at if request.closed_at is not None else None
    frozen = msgspec.to_builtins(manifest)
    loads.close(tx, row.id, request.person_id, manifest=frozen, cancels_known_at=known, **words)
    detail = {"loaded": len(on), "assumed": len(ready), "left_behind": len(missing), "reason": reason}
    tx.note("load.closed", detail, load=row.id, bench=bench_id)
    following.settled(tx, row)
    leaving.hand_over(tx, on, of_orders)
    if missing:
        close_tasks.left_behind(tx, row, missing, request)
    if on and _wants_to_know(tx, row.carrier):
        load_closes.want(tx, row.id, row.carrier)


def _wants_to_know(tx: Transaction, carrier: str) -> bool:
    """Whether the carrier is told what leaves; an account that cannot work keeps no vehicle waiting."""
    try:
        return carriers.capabilities(account(tx.connection, carrier)).manifest
    except DomainError:
        return False


def _missing(load: Load, request: wire.CloseRequest, on: Collection[str]) -> list[DockParcel]:
    """What was ready and stays. What was packed after the vehicle had left, it did not leave behind."""
    left_at = request.closed_at
    return [
        p
        for p in load.missing
        if p.parcel_id not in on and (left_at is None or p.seen_at_dock or p.seen_at is None or p.seen_at <= left_at)
    ]
