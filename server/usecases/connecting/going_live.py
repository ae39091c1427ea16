"""A channel goes live when its checklist is done, or somebody says why it must anyway; it is paused and resumed."""

from server.db import channel_states, listings
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.usecases.connecting.checklist import Item, checklist, still_open
from server.usecases.connecting.keeping import channel_of, connecting, keep, live_since, locked
from server.usecases.connecting.resending import tell_again
from server.usecases.starting.sites import change_channel

REASON_MIN = 5
LAUNCH_DAYS = 14
"""Days of launch mode, which ends by itself (LCH-01)."""


def go_live(db: Database, actor: Actor, code: str, override: str = "") -> list[Item]:
    """Tell the channel its numbers and take its orders from now on; return the items that were overridden.

    Raise DomainError("not_ready") naming what is open, unless ``override`` says why it must go live anyway; and
    "already_live".
    """
    reason = " ".join(override.split())
    if override and len(reason) < REASON_MIN:
        raise DomainError("invalid", f"override: expected why, in {REASON_MIN} characters or more, found {reason!r}")
    with db.read() as connection:
        items = still_open(checklist(connection, code))
        if live_since(channel_of(connection, code)) is not None:
            raise DomainError("already_live", f"{code} went live already; `packproof channels resume {code}`")
    if items and not reason:
        names = ", ".join(item.name for item in items)
        raise DomainError(
            "not_ready", f"{code} cannot go live, these are open: {names}; see `packproof channels checklist {code}`"
        )
    with transaction(db, actor, "go_live") as tx:
        row = locked(tx, code)
        keep(tx, row, live_at=tx.now, override=reason or None)
        channel_states.note(tx, row.id, next_look=tx.now, denied_at=None)
        tx.note("channel.live", {"open": [item.name for item in items], "override": reason}, channel=code)
    _switch(db, actor, code, active=True)
    return items


def pause(db: Database, actor: Actor, code: str) -> None:
    """Tell it nothing and take nothing from it until it is resumed; raise DomainError("not_found")."""
    with transaction(db, actor, "pause_channel") as tx:
        row = locked(tx, code)
        if row.active and row.kind != "custom" and "live_at" not in connecting(row):
            keep(tx, row, live_at=live_since(row))
    _switch(db, actor, code, active=False)


def resume(db: Database, actor: Actor, code: str) -> None:
    """Take it up again: every number is told afresh. Raise DomainError("not_found"), "not_ready" before it was live."""
    with db.read() as connection:
        row = channel_of(connection, code)
        if live_since(row) is None:
            raise DomainError("not_ready", f"{code} has never been live; `packproof channels go-live {code}`")
    _switch(db, actor, code, active=True)
    if row.kind != "custom" and not row.active:
        with transaction(db, actor, "resume_channel") as tx:
            row = locked(tx, code)
            skus = {each.sku for each in listings.all_of(tx.connection, row.id) if each.sku and not each.gone}
            tell_again(tx, row.id, skus, tx.note("channel.resumed", {"listings": len(skus)}, channel=code))
            channel_states.note(tx, row.id, next_look=tx.now)


def _switch(db: Database, actor: Actor, code: str, *, active: bool) -> None:
    with db.read() as connection:
        row = channel_of(connection, code)
    change_channel(db, actor, code, row.settings, active=active)
