"""Rows of allocation rules, and which SKUs a rule is about."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, true, update

from server.db import tables
from server.db.transaction import Transaction
from server.domain.sharing.allocation_rules import Kind, Rule
from server.domain.sharing.buffers import Formula
from server.domain.sharing.plans import Scope
from server.domain.sharing.windows import Window
from server.typed import learnt

_t, _p = tables.allocation_rule, tables.product


class Params(msgspec.Struct, omit_defaults=True):
    """What of a rule has no column of its own; ``percent`` in hundredths, times local in ``zone``."""

    units: int | None = None
    percent: int | None = None
    starts: str = ""
    ends: str = ""
    zone: str = ""
    formula: Formula | None = None


def rules(connection: Connection) -> list[Rule]:
    """Every rule that nobody ended, those before or after their window too, in the order of their ids."""
    query = select(_t).where(_t.c.ended_at.is_(None)).order_by(_t.c.id)
    return [_rule(row) for row in connection.execute(query)]


def add(tx: Transaction, rule: Rule) -> Rule:
    """Write a rule down; return it with its id."""
    window = rule.window or Window()
    params = Params(rule.units, rule.percent, window.starts, window.ends, window.zone, rule.formula)
    row = insert(_t).values(
        channel=rule.channel,
        sku=rule.sku,
        grp=rule.group,
        kind=rule.kind.value,
        params=msgspec.to_builtins(params),
        starts_at=window.opens if window.starts else None,
        ends_at=window.closes if window.ends else None,
        owner=rule.owner,
        reason=rule.note,
        at=tx.now,
    )
    return replace(rule, rule_id=int(tx.connection.execute(row.returning(_t.c.id)).scalar_one()))


def end(tx: Transaction, rule_ids: Iterable[int]) -> None:
    """They hold no longer; the rows stay."""
    tx.connection.execute(update(_t).where(_t.c.id.in_(sorted(rule_ids))).values(ended_at=tx.now))


def _rule(row: Row[Any]) -> Rule:
    params = msgspec.convert(row.params, learnt(Params))
    dated = params.starts or params.ends
    return Rule(
        rule_id=row.id,
        kind=Kind(row.kind),
        sku=row.sku,
        group=row.grp,
        channel=row.channel,
        units=params.units,
        percent=params.percent,
        window=Window(params.starts, params.ends, params.zone) if dated else None,
        formula=params.formula,
        owner=row.owner,
        note=row.reason,
    )


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """The products a change of rules is about, as a condition on ``product``."""
    if scope.everything:
        return true()
    return or_(_p.c.sku.in_(sorted(scope.skus)), _p.c.category.in_(sorted(scope.groups)))


def skus_of(connection: Connection, scope: Scope) -> list[str]:
    """Their SKUs in order."""
    return list(connection.execute(select(_p.c.sku).where(in_scope(scope)).order_by(_p.c.sku)).scalars())


def groups(connection: Connection) -> set[str]:
    """The categories there are."""
    return set(connection.execute(select(_p.c.category).distinct().where(_p.c.category != "")).scalars())
