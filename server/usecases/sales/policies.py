"""What people set about conflicts: the policy, each channel's path and permissions, substitutes and their matrix."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update

from server.db import conflict_rows, shelf_life, sites, stale, tables
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.booking.conflicts import Policy, policy_of
from server.domain.channels.rules import KEYS as RECONCILE_KEYS
from server.domain.channels.rules import ReconcileRules, reconcile_rules
from server.domain.errors import DomainError
from server.domain.sales.losing import ChannelRules, channel_rules
from server.domain.sales.substitution import ANY, Approval
from server.usecases.booking.reference import raise_version
from server.usecases.masterdata.masters import life_days
from server.usecases.shipping.accounts import account

_c = tables.channel


def set_policy(db: Database, actor: Actor, settings: Mapping[str, Any]) -> Policy:
    """Change who wins the last unit, at once; raise DomainError("invalid") naming what cannot work."""

    def once() -> Policy:
        with transaction(db, actor, "set_policy") as tx:
            raise_version(tx)
            before, version = conflict_rows.policy_settings(tx.connection)
            after = before | dict(settings)
            found = policy_of(after, version + 1)
            _known_channels(tx, found.channels)
            conflict_rows.put_policy(tx, after, version + 1)
            tx.note("conflict.policy", {"before": before, "after": after, "version": version + 1})
            return found

    return again(once)


def set_channel_rules(db: Database, actor: Actor, channel: str, settings: Mapping[str, Any]) -> ChannelRules:
    """Change what a channel permits (CNF-05, RTE-11); keys that are not named stay as they are."""

    def once() -> ChannelRules:
        with transaction(db, actor, "set_channel_rules") as tx:
            row = _channel(tx, channel)
            before = (row.policy or {}).get("losing", {})
            after = before | dict(settings)
            found = channel_rules(after)
            _put(tx, channel, "losing", after)
            cause = tx.note("channel.rules", {"before": before, "after": after}, channel=channel)
            if before.get("oversell", 0) != found.oversell:
                stale.everything(tx, cause)
            return found

    return again(once)


def set_fee(db: Database, actor: Actor, channel: str, percent: float) -> None:
    """What the channel keeps of a price, in per cent: less margin, a smaller dynamic buffer (BUF-07).

    Raise DomainError("not_found" | "invalid").
    """
    if not 0 <= percent <= 100:
        raise DomainError("invalid", f"fee: expected 0 to 100 per cent, found {percent:g}")
    with transaction(db, actor, "set_fee") as tx:
        before = (_channel(tx, channel).policy or {}).get("fee_percent", 0)
        _put(tx, channel, "fee_percent", percent)
        cause = tx.note("channel.fee", {"before": before, "after": percent}, channel=channel)
        if before != percent:
            stale.everything(tx, cause)


def set_life(db: Database, actor: Actor, channel: str, days: int) -> None:
    """For how many days goods must still be good when they are packed for this channel; -1 forgets it.

    The stricter of this and the product's own days counts. Raise DomainError("not_found" | "invalid").
    """
    kept = life_days(days)
    with transaction(db, actor, "set_life") as tx:
        before = (_channel(tx, channel).policy or {}).get(shelf_life.LIFE)
        _put(tx, channel, shelf_life.LIFE, kept)
        cause = tx.note("channel.life", {"before": before, "after": kept}, channel=channel)
        stale.mark(tx, shelf_life.dated(tx.connection), cause)


def set_reconcile(db: Database, actor: Actor, channel: str, settings: Mapping[str, Any]) -> ReconcileRules:
    """How often a platform is read back and how far it is corrected (REC-03, REC-05); None forgets a key.

    Keys: ``reconcile_minutes``, ``reconcile_fix``, ``reconcile_tolerance``. Raise DomainError("not_found" | "invalid").
    """
    odd = sorted(set(settings) - set(RECONCILE_KEYS))
    if odd:
        raise DomainError("invalid", f"expected {', '.join(RECONCILE_KEYS)}, found {', '.join(odd)[:80]}")
    with transaction(db, actor, "set_reconcile") as tx:
        policy = _channel(tx, channel).policy or {}
        after = {key: value for key, value in (policy | dict(settings)).items() if value is not None}
        found = reconcile_rules(after)
        before = {key: policy[key] for key in RECONCILE_KEYS if key in policy}
        tx.connection.execute(update(_c).where(_c.c.code == channel).values(policy=after))
        raise_version(tx)
        tx.note("channel.reconcile", {"before": before, "after": dict(settings)}, channel=channel)
        return found


def map_service(db: Database, actor: Actor, channel: str, words: str, *, carrier: str, service: str) -> None:
    """A channel's words for a service mean this carrier and service; from the first one on the others are held."""
    with transaction(db, actor, "map_service") as tx:
        account(tx.connection, carrier)
        row = _channel(tx, channel)
        _put(tx, channel, "services", (row.policy or {}).get("services", {}) | {words: [carrier, service]})
        tx.note("channel.service", {"words": words, "carrier": carrier, "service": service}, channel=channel)


def add_matrix_rule(db: Database, actor: Actor, category: str, channel: str, approval: Approval) -> int:
    """May products of this category on this channel be substituted? ``*`` is any. It replaces the same cell."""
    t = tables.substitution_rule
    with transaction(db, actor, "add_matrix_rule") as tx:
        if channel != ANY:
            _channel(tx, channel)
        same = (t.c.category == category) & (t.c.channel == channel)
        tx.connection.execute(update(t).where(same).values(active=False))
        row = {"category": category, "channel": channel, "approval": approval.value, "actor": actor.name, "at": tx.now}
        made = int(tx.connection.execute(insert(t).values(**row).returning(t.c.id)).scalar_one())
        tx.note("substitution.rule", {"rule": made, "category": category, "approval": approval.value}, channel=channel)
        return made


def add_substitute(
    db: Database, actor: Actor, sku: str, substitute: str, *, channel: str = "", automatic: bool = True
) -> None:
    """``substitute`` may stand in for ``sku`` (on one channel, or on all) where the matrix approves."""
    t, p = tables.substitution, tables.product
    with transaction(db, actor, "add_substitute") as tx:
        known = set(tx.connection.execute(select(p.c.sku).where(p.c.sku.in_([sku, substitute]))).scalars())
        if sku == substitute or known != {sku, substitute}:
            raise DomainError("invalid", f"expected two products, found {sku!r} and {substitute!r}")
        channel_id = int(_channel(tx, channel).id) if channel else 0
        same = (t.c.sku == sku) & (t.c.substitute_sku == substitute) & (t.c.channel_id == channel_id)
        values = {"automatic": automatic, "approved_by": actor.name, "at": tx.now, "active": True}
        if tx.connection.execute(update(t).where(same).values(**values)).rowcount == 0:
            row = {"sku": sku, "substitute_sku": substitute, "channel_id": channel_id} | values
            tx.connection.execute(insert(t).values(**row))
        tx.note("substitution.pair", {"sku": sku, "substitute": substitute, "automatic": automatic}, sku=sku)


def _channel(tx: Transaction, code: str) -> Any:
    row = sites.channel(tx.connection, code)
    if row is None:
        raise DomainError("not_found", f"there is no channel {code!r}")
    return tx.connection.execute(select(_c).where(_c.c.id == row.id).with_for_update()).one()


def _put(tx: Transaction, channel: str, key: str, value: Any) -> None:
    row = _channel(tx, channel)
    tx.connection.execute(update(_c).where(_c.c.id == row.id).values(policy=(row.policy or {}) | {key: value}))
    raise_version(tx)


def _known_channels(tx: Transaction, codes: tuple[str, ...]) -> None:
    known = [row.code for row in sites.channels(tx.connection, active_only=False)]
    odd = [code for code in codes if code not in known]
    if odd:
        raise DomainError("not_found", f"there is no channel {', '.join(odd)}; there are: {', '.join(known)}")
