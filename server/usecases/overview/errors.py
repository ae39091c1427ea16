"""Errors by stage and channel (PCK-11), and what those caught would have cost (PCK-14)."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from server.db import error_counts as rows
from server.db import sites, tables
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, transaction
from server.domain.benchwork.reasons import COUNTS, Reason
from server.domain.benchwork.stages import CAUGHT, ONLY_WARNED, STAGES, USUAL_COST, Stage, worth
from server.domain.errors import DomainError

_COST_MAX = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """So many scans of one kind of error."""

    stage: Stage
    reason: Reason
    scans: int


@dataclass(frozen=True, slots=True)
class ChannelErrors:
    """One channel. ``good`` are scans that counted; ``cost`` is what one wrong parcel costs, in the shop's currency."""

    channel: str
    good: int
    errors: tuple[ErrorCount, ...]
    cost: Decimal

    @property
    def caught(self) -> int:
        """Wrong scans that were stopped."""
        return sum(each.scans for each in self.errors if each.reason in CAUGHT)

    @property
    def warned(self) -> int:
        """Wrong scans at benches that only warn: they would have been stopped."""
        return sum(each.scans for each in self.errors if each.reason in ONLY_WARNED)

    @property
    def saved(self) -> Decimal:
        """What those caught would have cost."""
        return worth(self.caught, self.cost)


def read_errors(db: Database, begin: float, end: float) -> tuple[ChannelErrors, ...]:
    """Every channel with a scan in this time; seconds since the epoch."""
    with db.read() as connection:
        found = rows.counts(connection, begin, end)
        channels = list(dict.fromkeys(channel for channel, _, _ in found))
        costs = rows.settings(connection, [_key(""), *map(_key, channels)])
    return tuple(_channel(channel, found, _cost(costs, channel)) for channel in channels)


def set_cost(db: Database, actor: Actor, cost: str, channel: str = "") -> Decimal:
    """What one wrong parcel costs, on every channel or on one; raise DomainError("invalid" | "not_found")."""
    try:
        amount = Decimal(cost)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= _COST_MAX:
        raise DomainError("invalid", f"expected an amount of 0 to {_COST_MAX}, found {cost[:40]!r}")
    with transaction(db, actor, "set_error_cost") as tx:
        if channel and sites.channel(tx.connection, channel) is None:
            raise DomainError("not_found", f"there is no channel {channel[:40]!r}")
        row = insert_into(tx.connection, tables.setting).values(key=_key(channel), value=str(amount))
        tx.connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": str(amount)}))
        tx.note("setting.error_cost", {"cost": str(amount), "channel": channel}, channel=channel or None)
    return amount


def _channel(channel: str, found: list[tuple[str, str, int]], cost: Decimal) -> ChannelErrors:
    own = {reason: scans for of, reason, scans in found if of == channel}
    good = sum(own.get(reason.value, 0) for reason in COUNTS)
    order = list(Stage)
    errors = [ErrorCount(stage, reason, own[reason]) for reason, stage in STAGES.items() if own.get(reason)]
    ranked = sorted(errors, key=lambda each: (order.index(each.stage), -each.scans, each.reason))
    return ChannelErrors(channel, good, tuple(ranked), cost)


def _cost(kept: dict[str, str], channel: str) -> Decimal:
    return Decimal(kept.get(_key(channel)) or kept.get(_key("")) or USUAL_COST)


def _key(channel: str) -> str:
    return f"error_cost:{channel}" if channel else "error_cost"
