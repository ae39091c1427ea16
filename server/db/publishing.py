"""Where the fan-out stands, which committed events it has not seen, and what the channels were told last."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Select, func, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.typed import learnt

KEY = "fan_out"
_v, _batch, _ledger = tables.setting, tables.batch, tables.ledger


@dataclass(frozen=True, slots=True)
class Standing:
    """``seq``: the last committed batch that was looked at; ``at``: until when dated rules and days were."""

    seq: int = 0
    at: float = 0.0


def standing(connection: Connection) -> Standing:
    """Where the fan-out stands; before the beginning when it never ran."""
    text = connection.execute(select(_v.c.value).where(_v.c.key == KEY)).scalar()
    return msgspec.json.decode(text, type=learnt(Standing)) if text else Standing()


def claim(tx: Transaction) -> Standing | None:
    """The same, locked until the transaction ends; None while another worker has it."""
    row = insert_into(tx.connection, _v).values(key=KEY, value=_text(Standing())).on_conflict_do_nothing()
    tx.connection.execute(row)
    query = select(_v.c.value).where(_v.c.key == KEY).with_for_update(skip_locked=True)
    text = tx.connection.execute(query).scalar()
    return msgspec.json.decode(text, type=learnt(Standing)) if text else None


def advance(tx: Transaction, after: Standing) -> None:
    """Move on; the caller has claimed it."""
    tx.connection.execute(update(_v).where(_v.c.key == KEY).values(value=_text(after)))


def last_batch(connection: Connection) -> int:
    """The newest committed batch; 0 before the first."""
    return int(connection.execute(select(func.max(_batch.c.seq))).scalar() or 0)


def moved(connection: Connection, after: int, last: int) -> dict[str, int]:
    """The newest event of every SKU that the batches in (after, last] moved."""
    query = (
        select(_ledger.c.sku, func.max(_ledger.c.id))
        .select_from(_batch.join(_ledger, _ledger.c.id.between(_batch.c.first_id, _batch.c.last_id)))
        .where(_batch.c.seq > after, _batch.c.seq <= last)
        .group_by(_ledger.c.sku)
    )
    return {sku: int(event) for sku, event in connection.execute(query)}


def is_behind(connection: Connection, skus: Select[tuple[str]]) -> bool:
    """Whether one of these SKUs was moved by a batch that the fan-out has not seen."""
    query = (
        select(_ledger.c.id)
        .select_from(_batch.join(_ledger, _ledger.c.id.between(_batch.c.first_id, _batch.c.last_id)))
        .where(_batch.c.seq > standing(connection).seq, _ledger.c.sku.in_(skus))
    )
    return connection.execute(query.limit(1)).first() is not None


def told(connection: Connection, skus: Sequence[str]) -> dict[tuple[int, str], int]:
    """The newest number on its way to each channel, or taken by it: by (channel id, SKU)."""
    t = tables.outbox
    query = select(t.c.channel_id, t.c.key, t.c.payload).where(t.c.kind == "stock", t.c.key.in_(skus))
    return {(row.channel_id, row.key): int(row.payload["data"]["available"]) for row in connection.execute(query)}


def waiting(connection: Connection, channels: Sequence[int], skus: Sequence[str]) -> dict[tuple[int, str], float]:
    """When what waits for these channels may go out: by (channel id, SKU)."""
    if not channels:
        return {}
    t = tables.outbox
    query = select(t.c.channel_id, t.c.key, t.c.next_at).where(t.c.kind == "stock", t.c.state == "waiting")
    rows = connection.execute(query.where(t.c.channel_id.in_(channels), t.c.key.in_(skus)))
    return {(row.channel_id, row.key): row.next_at for row in rows}


def _text(standing: Standing) -> str:
    return msgspec.json.encode(standing).decode()
