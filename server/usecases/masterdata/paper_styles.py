"""The papers of each channel: kept with the rest, so that every server fills them alike (LBL-05, INV-01)."""

import msgspec
from sqlalchemy import Connection, delete, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.typed import learnt
from server.usecases.masterdata.paper_style import PaperStyle

EVERY_CHANNEL = "default"
_v = tables.setting
_c = tables.channel


def style_of(connection: Connection, channel: str) -> PaperStyle:
    """The style of a channel, else that of every channel, else a label and nothing more."""
    keys = [_key(channel), _key(EVERY_CHANNEL)]
    kept = {row.key: row.value for row in connection.execute(select(_v).where(_v.c.key.in_(keys)))}
    text = next((kept[key] for key in keys if key in kept), None)
    return msgspec.json.decode(text, type=learnt(PaperStyle)) if text else PaperStyle()


def set_style(db: Database, actor: Actor, channel: str, style: PaperStyle) -> None:
    """Print this channel's papers so from the next label on; raise DomainError("not_found") for no channel."""
    with transaction(db, actor, "set_papers") as tx:
        _check_channel(tx.connection, channel)
        value = msgspec.json.encode(style).decode()
        tx.connection.execute(
            insert_into(tx.connection, _v).values(key=_key(channel), value=value).on_conflict_do_nothing()
        )
        tx.connection.execute(update(_v).where(_v.c.key == _key(channel)).values(value=value))
        tx.note("papers.set", {"channel": channel, "slip": style.slip, "logo": style.look.logo is not None})


def remove_style(db: Database, actor: Actor, channel: str) -> bool:
    """Forget a channel's style; whether there was one."""
    with transaction(db, actor, "remove_papers") as tx:
        gone = tx.connection.execute(delete(_v).where(_v.c.key == _key(channel))).rowcount
        if gone:
            tx.note("papers.removed", {"channel": channel})
        return bool(gone)


def styles(connection: Connection) -> dict[str, PaperStyle]:
    """All of them by channel."""
    rows = connection.execute(select(_v).where(_v.c.key.startswith(_key(""), autoescape=True)).order_by(_v.c.key))
    return {row.key.removeprefix(_key("")): msgspec.json.decode(row.value, type=learnt(PaperStyle)) for row in rows}


def _check_channel(connection: Connection, channel: str) -> None:
    codes = [row.code for row in connection.execute(select(_c.c.code).order_by(_c.c.code))]
    if channel != EVERY_CHANNEL and channel not in codes:
        raise DomainError("not_found", f"expected a channel ({', '.join(codes)}) or {EVERY_CHANNEL}, found {channel!r}")


def _key(channel: str) -> str:
    return f"papers:{channel}"
