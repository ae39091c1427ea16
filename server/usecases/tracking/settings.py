"""What people set about tracking: thresholds, remedies, and the meaning of words that nobody had explained."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.db import sites, tracking
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.tracking.alarms import Limits, checked_limits, limits_of
from server.domain.tracking.cases import ANY, Rule, read_rules
from server.domain.tracking.status import Status
from server.usecases.record.incidents import close_by_key
from server.usecases.tracking.inbox import clean, word_key

_CARRIER_MAX, _SERVICE_MAX = 32, 64


def set_limits(db: Database, actor: Actor, carrier: str, service: str, settings: Mapping[str, int | None]) -> Limits:
    """Thresholds of a carrier and service, each "*" for all; None forgets one. All parcels are looked at again.

    Return what holds for them now. Raise DomainError("invalid").
    """
    place = _place(carrier, service)
    with transaction(db, actor, "set_tracking_limits") as tx:
        held = tracking.lock_setting(tx, tracking.LIMITS) or {}
        before = held.get(place, {})
        wanted = {**before, **settings}
        after = checked_limits({name: value for name, value in wanted.items() if value is not None})
        kept = {key: value for key, value in {**held, place: after}.items() if value}
        tracking.write_setting(tx, tracking.LIMITS, kept)
        tracking.look_at_all(tx)
        tx.note("tracking.limits", {"place": place, "before": before, "after": after})
        return limits_of(kept, carrier, service)


def limits(db: Database) -> dict[str, dict[str, int]]:
    """What is set, by ``carrier/service``."""
    with db.read() as connection:
        found: dict[str, dict[str, int]] = tracking.set_of(connection, tracking.LIMITS) or {}
    return found


def set_rules(db: Database, actor: Actor, given: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The company's own rules of remedies, before the built-in ones; the first that fits decides.

    Raise DomainError("invalid" | "not_found").
    """
    rules = read_rules(given)
    with transaction(db, actor, "set_tracking_rules") as tx:
        known = {row.code for row in sites.channels(tx.connection, active_only=False)}
        odd = sorted({rule.channel for rule in rules} - known - {ANY})
        if odd:
            raise DomainError("not_found", f"there is no channel {', '.join(odd)[:80]}")
        before = tracking.lock_setting(tx, tracking.RULES)
        tracking.write_setting(tx, tracking.RULES, [dict(each) for each in given])
        tx.note("tracking.rules", {"before": before or [], "after": [dict(each) for each in given]})
    return rules


def explain(db: Database, actor: Actor, provider: str, key: str, status: str) -> int:
    """These words mean this, also for parcels that have them already; how many events they are.

    Raise DomainError("invalid" | "not_found").
    """
    if status not in set(Status) - {Status.UNKNOWN}:
        known = ", ".join(each for each in Status if each is not Status.UNKNOWN)
        raise DomainError("invalid", f"expected one of {known}, found {clean(status, 40)!r}")
    with transaction(db, actor, "explain_word") as tx:
        found = tracking.explain(tx, provider, key, Status(status))
        if found is None:
            raise DomainError("not_found", f"{clean(provider, 40)} never said {clean(key, 80)!r}")
        close_by_key(tx, word_key(provider, key), f"it means {status}")
        tx.note("tracking.word", {"provider": provider, "key": key, "means": status, "events": found})
    return found


def _place(carrier: str, service: str) -> str:
    for name, text, most in (("carrier", carrier, _CARRIER_MAX), ("service", service, _SERVICE_MAX)):
        if not 0 < len(text) <= most or not text.isprintable() or "/" in text:
            raise DomainError("invalid", f"{name}: expected a code or *, found {clean(text, 40)!r}")
    if carrier == ANY and service != ANY:
        raise DomainError("invalid", "service: expected * with every carrier, a service belongs to one of them")
    return f"{carrier}/{service}"
