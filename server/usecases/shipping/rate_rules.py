"""Rules of rates: in force, changed by people at once, and tried on what was chosen before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from server.db import rates as rows
from server.db import sites
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.rates.choosing import choose
from server.domain.rates.rules import Limit, Rules
from server.domain.rates.rules_data import named_accounts, read_rules
from server.domain.rates.values import By, Decision
from server.usecases.booking.reference import raise_version
from server.usecases.shipping.accounts import accounts

PAST = 200
PAST_MAX = 5_000
_REASON_MAX = 255


@dataclass(frozen=True, slots=True)
class Difference:
    """A parcel that would have gone another way; ways as ``ups/03 6.80 USD``."""

    order: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What other rules would have done with the last choices."""

    decisions: int
    differences: tuple[Difference, ...]


def rules_in_force(connection: Connection) -> tuple[int, Mapping[str, Any]]:
    """The version and the rules as they were written; 0 and none before the first."""
    row = rows.active_row(connection)
    return (row.version, row.rules) if row is not None else (0, {})


def rules_now(connection: Connection) -> Rules | None:
    """The rules with the accounts as they are now; None while there are none."""
    row = rows.active_row(connection)
    return with_accounts(connection, read_rules(row.rules, row.version)) if row is not None else None


def with_accounts(connection: Connection, rules: Rules) -> Rules:
    """The rules with what each account may be given: only active ones, up to the weight that was said for them."""
    found = [account for account in accounts(connection).values() if account.active]
    heavy = tuple(Limit(way=each.code, max_grams=each.max_grams) for each in found if each.max_grams is not None)
    return replace(rules, accounts=tuple(each.code for each in found), limits=rules.limits + heavy)


def set_rules(db: Database, actor: Actor, data: Mapping[str, Any], reason: str = "") -> int:
    """Put these rules in force at once; their version. Raise DomainError("bad_rate_rule" | "invalid")."""
    why = reason.strip()
    if len(why) > _REASON_MAX or not (why.isprintable() or not why):
        raise DomainError("invalid", f"reason: expected at most {_REASON_MAX} printable characters, found {len(why)}")

    def once() -> int:
        with transaction(db, actor, "set_rate_rules") as tx:
            return _put(tx, data, why)

    return again(once)


def set_channel(db: Database, actor: Actor, channel: str, changes: Mapping[str, Any]) -> int:
    """Change what holds for one channel (``shop``, ``ways``, ``economy``, ``expedite``, ``default``); the version.

    Raise DomainError("not_found" | "bad_rate_rule").
    """

    def once() -> int:
        with transaction(db, actor, "set_rate_channel") as tx:
            # Also the lock: two people who write rules at once do not lose one another's.
            raise_version(tx)
            row = rows.active_row(tx.connection)
            return _put(tx, _changed(row.rules if row is not None else {}, channel, changes), f"channel {channel}")

    return again(once)


def try_channel(db: Database, channel: str, changes: Mapping[str, Any], past: int = PAST) -> Trial:
    """As ``try_rules``, of a change to one channel."""
    with db.read() as connection:
        _, before = rules_in_force(connection)
    return try_rules(db, _changed(before, channel, changes), past)


def try_rules(db: Database, data: Mapping[str, Any], past: int = PAST) -> Trial:
    """What the last ``past`` choices would have been by these rules, from the offers of then; changes nothing.

    A channel that is not switched on would have kept each order's own way. Raise DomainError("bad_rate_rule").
    """
    with db.read() as connection:
        rules = _checked(connection, data)
        listed = rows.last(connection, min(past, PAST_MAX))
    pairs = [(row.number, decision := rows.decision_of(row), _again(decision, rules)) for row in listed]
    shown = [Difference(number, in_short(old), in_short(new)) for number, old, new in pairs if old.way != new.way]
    return Trial(len(pairs), tuple(shown))


def in_short(decision: Decision) -> str:
    """``ups/03 6.80 USD``, or the way without a price, or "no carrier"."""
    if decision.chosen is not None:
        return f"{decision.chosen.way} {decision.chosen.price} {decision.chosen.currency}"
    return "/".join(decision.way) if decision.way else "no carrier"


def _again(decision: Decision, rules: Rules) -> Decision:
    need = decision.need
    if not rules.channel(need.channel).shop:
        return Decision(need=need, way=need.own, by=By.OWN, why="nothing is chosen for this channel")
    return choose(decision.offers, need, rules, decision.silent)


def _changed(before: Mapping[str, Any], channel: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    channels = dict(before.get("channels") or {})
    channels[channel] = dict(channels.get(channel) or {}) | dict(changes)
    return dict(before) | {"channels": channels}


def _put(tx: Transaction, data: Mapping[str, Any], reason: str) -> int:
    raise_version(tx)
    found = _checked(tx.connection, data)
    before = rows.active_row(tx.connection)
    version = rows.add_rules(tx, data, reason)
    shopped = sorted(code for code, rule in found.channels.items() if rule.shop)
    detail = {"version": version, "before": before.version if before is not None else 0, "shopped": shopped}
    tx.note("rates.rules", detail | {"reason": reason})
    return version


def _checked(connection: Connection, data: Mapping[str, Any]) -> Rules:
    rules = read_rules(data)
    known = accounts(connection)
    for code, where in named_accounts(rules).items():
        if code not in known:
            raise DomainError("bad_rate_rule", f"{where}: expected one of {', '.join(known)}, found {code!r}")
    channels = [row.code for row in sites.channels(connection, active_only=False)]
    odd = sorted(set(rules.channels) - set(channels))
    if odd:
        raise DomainError("bad_rate_rule", f"channels: expected {', '.join(channels)}, found {odd[0]!r}")
    return with_accounts(connection, rules)
