"""SKUs whose published numbers must be computed again although no counter moved. Mark them last in a transaction."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Label, and_, bindparam, delete, or_, select, true

from server.db import tables
from server.db.bulk import insert_rows
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_t, _p = tables.stale, tables.product
_SOME = 200
"""Rows named in one statement."""


def everything(tx: Transaction, cause: int | None = None) -> None:
    """Every product: a channel came, or a rule for all of them changed; ``cause`` is the audit event that says so."""
    where(tx, true(), cause)


def where(tx: Transaction, which: ColumnElement[bool], cause: int | None = None) -> None:
    """The products of which this condition on ``product`` is true."""
    # A SELECT without a condition would make the ON CONFLICT behind it ambiguous on SQLite.
    named = select(_p.c.sku, *_values(cause)).where(which, _p.c.sku != "").order_by(_p.c.sku)
    made = insert_into(tx.connection, _t).from_select(["sku", "mark", "cause"], named)
    new = {"mark": made.excluded.mark, "cause": made.excluded.cause}
    tx.connection.execute(made.on_conflict_do_update(index_elements=["sku"], set_=new))


def mark(tx: Transaction, skus: Iterable[str], cause: int | None = None) -> None:
    """These products."""
    mark_no = secrets.randbits(62)
    rows = [{"sku": sku, "mark": mark_no, "cause": cause} for sku in sorted(set(skus))]
    insert_rows(tx.connection, _t, rows, "ON CONFLICT (sku) DO UPDATE SET mark = excluded.mark, cause = excluded.cause")


def peek(connection: Connection, limit: int) -> dict[str, tuple[int, int | None]]:
    """(mark, cause) of up to so many SKUs."""
    rows = connection.execute(select(_t).order_by(_t.c.sku).limit(limit))
    return {row.sku: (row.mark, row.cause) for row in rows}


def clear(tx: Transaction, seen: Mapping[str, tuple[int, int | None]]) -> None:
    """They were told as they were when ``seen``; one that was marked again meanwhile stays."""
    names = sorted(seen)
    for start in range(0, len(names), _SOME):
        same = [and_(_t.c.sku == sku, _t.c.mark == seen[sku][0]) for sku in names[start : start + _SOME]]
        tx.connection.execute(delete(_t).where(or_(*same)))


def _values(cause: int | None) -> tuple[Label[Any], Label[Any]]:
    return (
        bindparam("mark", secrets.randbits(62), BigInteger()).label("mark"),
        bindparam("cause", cause, BigInteger()).label("cause"),
    )
