"""Where the paper of a bench comes out: a supervisor sends it elsewhere or home, as PRINTER does at the bench.

The bench knows its printers and does it; with no server in sight it goes on as it was told last.
"""

from collections.abc import Sequence
from uuid import uuid4

import msgspec
from sqlalchemy import Connection

from printing.kinds import KINDS
from server import wire
from server.db import paper_orders as rows
from server.db import people
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError

ORDER_SECONDS = 900.0
"""A bench that was away for longer does not do it any more: what was wrong then may be right by now."""
GUEST_SECONDS = 900.0
"""A bench that was not heard of for longer is not spoken of any more."""


def send_paper(db: Database, actor: Actor, bench_name: str, kind: str, to: str) -> tuple[wire.PrinterSeen, ...]:
    """Send paper of a kind (empty: all of it) of a bench to a printer (empty: home); what its printers were before.

    The bench does it with its next heartbeat. Raise DomainError("not_found" | "invalid").
    """
    with transaction(db, actor, "send_paper") as tx:
        bench = people.bench_named(tx.connection, bench_name)
        seen = _seen(tx.connection, bench.id)
        _check(bench.name, seen, kind, to)
        rows.add(tx, str(uuid4()), bench.id, kind, to)
        tx.note("bench.paper", {"kind": kind or "all", "to": to or "home"}, bench=bench.id)
    return seen


def printers(db: Database, bench_name: str) -> tuple[wire.PrinterSeen, ...]:
    """The printers of a bench whose paper may go elsewhere, as it said last. Raise DomainError("not_found")."""
    with db.read() as connection:
        return _seen(connection, people.bench_named(connection, bench_name).id)


def orders(tx: Transaction, bench_id: int, done: Sequence[str]) -> tuple[wire.PaperOrder, ...]:
    """What this bench is to do; call it with each heartbeat."""
    found = rows.of_bench(tx.connection, bench_id)
    over = [row.id for row in found if row.id in done or tx.now - row.at > ORDER_SECONDS]
    rows.drop(tx, over)
    return tuple(
        wire.PaperOrder(order_id=row.id, kind=row.kind, to=row.to_printer) for row in found if row.id not in over
    )


def guests(tx: Transaction, bench_id: int) -> tuple[wire.PaperFor, ...]:
    """Whose paper comes out at this bench, by what the others said last."""
    found = rows.elsewhere(tx.connection, bench_id, tx.now - GUEST_SECONDS)
    if not found:
        return ()
    here = people.bench(tx.connection, bench_id).name
    return tuple(
        wire.PaperFor(bench=row.name, order_number=paper.order_number)
        for row in found
        for paper in _paper(row.beat)
        if paper.bench.strip() == here
    )


def _paper(beat: dict[str, object]) -> Sequence[wire.PaperFor]:
    return msgspec.convert(beat.get("paper_elsewhere", ()), tuple[wire.PaperFor, ...])


def _seen(connection: Connection, bench_id: int) -> tuple[wire.PrinterSeen, ...]:
    said = people.last_beat(connection, bench_id).get("printers", ())
    return msgspec.convert(said, tuple[wire.PrinterSeen, ...])


def _check(bench: str, seen: Sequence[wire.PrinterSeen], kind: str, to: str) -> None:
    """Raise DomainError("invalid") for a kind there is not, or a printer that none of its own may send that kind to."""
    if kind and kind not in KINDS:
        raise DomainError("invalid", f"expected a kind of paper ({', '.join(KINDS)}), found {kind!r}")
    named = [printer for printer in seen if kind in printer.kinds]
    able = seen if not kind else named or [printer for printer in seen if not printer.kinds]
    places = sorted({name for printer in able for name in printer.redirect})
    if not places:
        raise DomainError("invalid", f"{bench} has no printer set up (redirect) to send {kind or 'paper'} to")
    if to and to not in places:
        raise DomainError(
            "invalid", f"expected a printer of {bench} for {kind or 'paper'}: {', '.join(places)}; found {to!r}"
        )
