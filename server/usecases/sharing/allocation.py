"""Who may sell how much of what: rules set, replaced and ended by people, effective at once (BUF-01 to BUF-09)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from server.db import allocation as db_allocation
from server.db import catalogue, sites, stale
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.sharing.allocation import Allocation
from server.domain.sharing.allocation_rules import Rule
from server.domain.sharing.offers import CLAIMING, Pool
from server.domain.sharing.plans import TAKING, Change, Excess, Scope, concerned, excess
from server.usecases.booking.reference import Reference, lock_version, raise_version, reference
from server.usecases.sharing import offering, shares
from server.usecases.sharing.allocation_plans import PlanFile, RuleWish, rule_of, rules_of

SHOWN = 200
"""Products whose numbers are shown before and after."""
_SOME = 500
"""Products read at once."""
_NAMED = 5
"""Excesses that a refusal names."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One set of rules takes the place of another."""

    added: tuple[Rule, ...] = ()
    ended: tuple[Rule, ...] = ()
    anew: bool = False
    """The plans of all these products begin now, whatever channels took before."""

    @property
    def scope(self) -> Scope:
        """The products it is about."""
        return concerned(self.ended, self.added)

    def begins(self, now: float) -> bool:
        """Whether counting begins anew for all of them now."""
        return self.anew and any(r.kind in CLAIMING and r.active(now) for r in (*self.added, *self.ended))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a switch does: every channel's number before and after for the first of ``products``."""

    added: tuple[Rule, ...]
    ended: tuple[Rule, ...]
    changes: tuple[Change, ...]
    products: int
    excesses: tuple[Excess, ...]
    """Only with over-allocation on."""


def set_rule(
    db: Database, actor: Actor, wish: RuleWish, *, dry_run: bool = False, over_allocation: bool = False
) -> Outcome:
    """Make a rule; it takes the place of the one for the same products, channel, purpose and dates.

    Raise DomainError("invalid" | "not_found" | "over_allocated").
    """

    def switch(connection: Connection, rules: Sequence[Rule]) -> Switch:
        made = rule_of(wish, actor.name, _zone(connection))
        return Switch((made,), tuple(rule for rule in rules if _place(rule) == _place(made)))

    return _switch(db, actor, switch, dry_run=dry_run, over_allocation=over_allocation)


def put_plan(
    db: Database, actor: Actor, file: PlanFile, *, dry_run: bool = False, over_allocation: bool = False
) -> Outcome:
    """Put plans to work; each takes the place of all rules of its scope at its dates, and counts from now.

    Raise DomainError("invalid" | "not_found"), and "over_allocated" naming the excess when the parts exceed the stock.
    """

    def switch(connection: Connection, rules: Sequence[Rule]) -> Switch:
        zone = _zone(connection)
        places = [(p.sku, p.group, p.starts, p.ends, (p.zone or zone) if p.starts or p.ends else "") for p in file.plan]
        if len(set(places)) < len(places):
            raise DomainError("invalid", "expected one plan for each scope and dates, found two for one")
        made = [rule for plan in file.plan for rule in rules_of(plan, actor.name, zone)]
        return Switch(tuple(made), tuple(rule for rule in rules if _scope_and_dates(rule) in places), anew=True)

    return _switch(db, actor, switch, dry_run=dry_run, over_allocation=over_allocation or file.over_allocation)


def end_rules(db: Database, actor: Actor, rule_ids: Iterable[int], *, dry_run: bool = False) -> Outcome:
    """These rules hold no longer; raise DomainError("not_found")."""
    wanted = set(rule_ids)

    def switch(_connection: Connection, rules: Sequence[Rule]) -> Switch:
        ended = tuple(rule for rule in rules if rule.rule_id in wanted)
        missing = wanted - {rule.rule_id for rule in ended}
        if missing:
            raise DomainError("not_found", f"there is no rule {min(missing)} that holds; `packproof allocate show`")
        return Switch(ended=ended)

    return _switch(db, actor, switch, dry_run=dry_run, over_allocation=True)


def restart(db: Database, actor: Actor, scope: Scope) -> None:
    """Shares and protected amounts count from now on, from the units there are now."""

    def once() -> None:
        with transaction(db, actor, "allocation") as tx:
            shares.begin_anew(tx, scope)
            about = {"skus": sorted(scope.skus), "groups": sorted(scope.groups), "everything": scope.everything}
            cause = tx.note("allocation.restarted", about, sku=_one(scope))
            stale.where(tx, db_allocation.in_scope(scope), cause)

    again(once)


_Switching = Callable[[Connection, Sequence[Rule]], Switch]


def _switch(db: Database, actor: Actor, switching: _Switching, *, dry_run: bool, over_allocation: bool) -> Outcome:
    if dry_run:
        with db.read() as connection:
            rules = db_allocation.rules(connection)
            return _weigh(connection, rules, switching(connection, rules), db.now(), over_allocation)

    def once() -> Outcome:
        with transaction(db, actor, "allocation") as tx:
            lock_version(tx)
            rules = db_allocation.rules(tx.connection)
            switch = switching(tx.connection, rules)
            outcome = _weigh(tx.connection, rules, switch, tx.now, over_allocation)
            return replace(outcome, added=_put(tx, rules, switch, over=bool(outcome.excesses)))

    return again(once)


def _weigh(connection: Connection, rules: Sequence[Rule], switch: Switch, now: float, over: bool) -> Outcome:
    """What the switch would do; raise DomainError when it must not."""
    ref = reference(connection, now)
    _check(connection, ref, switch.added)
    after = after_switch(rules, switch)
    allocation = Allocation.of(after, now)
    codes = [row.code for row in sites.channels(connection)]
    skus = db_allocation.skus_of(connection, switch.scope)
    moments = sorted(
        {max(now, rule.window.opens if rule.window else now) for rule in switch.added if rule.kind in TAKING}
    )
    takers = [Allocation.of(after, moment) for moment in moments]
    shown: list[Change] = []
    found: list[Excess] = []
    for start in range(0, len(skus) if takers else min(len(skus), SHOWN), _SOME):
        some = skus[start : start + _SOME]
        stand = offering.read_stand(connection, ref, some, now, also=allocation)
        begun = stand.with_pools(lambda pool: _begun(pool, switch, now))
        plain = [begun.pools[sku] for sku in some if not ref.rules.kits.expands(sku)]
        found += [over_it for taker in takers for pool in plain if (over_it := excess(taker, pool)) is not None]
        few = some[: max(0, SHOWN - start)]
        was, becomes = stand.offers(ref.allocation, few, codes), begun.offers(allocation, few, codes)
        shown += [Change(sku, code, was[sku][code], becomes[sku][code]) for sku in few for code in codes]
    if found and not over:
        _refuse(found)
    return Outcome(switch.added, switch.ended, tuple(shown), len(skus), tuple(found))


def after_switch(rules: Iterable[Rule], switch: Switch) -> list[Rule]:
    """All rules as they will be; new ones get ids behind all others, as the database will give them."""
    ended = {rule.rule_id for rule in switch.ended}
    known = list(rules)
    first = max((rule.rule_id for rule in known), default=0) + 1
    kept = [rule for rule in known if rule.rule_id not in ended]
    return kept + [replace(rule, rule_id=first + n) for n, rule in enumerate(switch.added)]


def _begun(pool: Pool, switch: Switch, now: float) -> Pool:
    """The pool as the new rules will count it: a plan counts from now, a new share counts its own channel from now."""
    claims = [rule for rule in switch.added if rule.kind in CLAIMING and rule.active(now)]
    if switch.begins(now):
        return pool._replace(used={})
    channels = {rule.channel for rule in claims}
    return pool._replace(used={code: n for code, n in pool.used.items() if code not in channels})


def _refuse(found: Sequence[Excess]) -> None:
    named = "; ".join(str(one) for one in found[:_NAMED])
    more = f"; and {len(found) - _NAMED} more products" if len(found) > _NAMED else ""
    detail = f"{named}{more}. Take less, or allow over-allocation"
    raise DomainError("over_allocated", detail, sku=found[0].sku, excess=found[0].units, products=len(found))


def _put(tx: Transaction, rules: Sequence[Rule], switch: Switch, *, over: bool) -> tuple[Rule, ...]:
    """Write the switch down; every server follows it from the commit on."""
    scope = switch.scope
    db_allocation.end(tx, [rule.rule_id for rule in switch.ended])
    added = tuple(db_allocation.add(tx, rule) for rule in switch.added)
    claims = [rule for rule in added if rule.kind in CLAIMING and rule.active(tx.now)]
    if switch.begins(tx.now):
        shares.begin_anew(tx, scope)
        claims = []
    for rule in claims:
        channel = sites.channel(tx.connection, rule.channel)
        shares.begin_anew(tx, concerned([], [rule]), channel.id if channel else None)
    after = [*(rule for rule in rules if rule not in switch.ended), *added]
    shares.drop_untracked(tx, scope, Allocation.of(after, tx.now))
    raise_version(tx)
    detail = {"added": [described(r) for r in added], "ended": [r.rule_id for r in switch.ended]}
    cause = tx.note("allocation.changed", detail | ({"over_allocation": True} if over else {}), sku=_one(scope))
    stale.where(tx, db_allocation.in_scope(scope), cause)
    return added


def described(rule: Rule) -> str:
    """A rule in one line: "share of 30 units of CANDLE for amazon"."""
    what = f"{rule.kind.replace('_', ' ')}{f' {rule.amount}' if rule.amount else ''}"
    of = rule.sku or (f"group {rule.group}" if rule.group else "every product")
    dates = f", {rule.window}" if rule.window else ""
    return f"{what} of {of} for {rule.channel or 'every channel'}{dates}"


def _check(connection: Connection, ref: Reference, added: Iterable[Rule]) -> None:
    """Every name in a rule means something."""
    codes = {row.code for row in ref.channels.values()}
    groups = db_allocation.groups(connection)
    known = catalogue.known(connection, {rule.sku for rule in added})
    for rule in added:
        if rule.channel and rule.channel not in codes:
            there = ", ".join(sorted(codes)) or "none yet"
            raise DomainError("not_found", f"there is no channel {rule.channel[:40]!r}; there are: {there}")
        if rule.sku and rule.sku not in known:
            raise DomainError("not_found", f"there is no product {rule.sku[:64]!r}")
        if rule.group and rule.group not in groups:
            there = ", ".join(sorted(groups)) or "none yet"
            raise DomainError("not_found", f"no product is in group {rule.group[:64]!r}; there are: {there}")
        if rule.slot == "mode" and ref.rules.kits.expands(rule.sku):
            raise DomainError("invalid", f"{rule.sku} is sold from its components: share those, or cap the kit")


def _place(rule: Rule) -> tuple[object, ...]:
    return rule.slot, rule.sku, rule.group, rule.channel, rule.window


def _scope_and_dates(rule: Rule) -> tuple[str, ...]:
    window = rule.window
    return rule.sku, rule.group, *((window.starts, window.ends, window.zone) if window else ("", "", ""))


def _one(scope: Scope) -> str | None:
    """The SKU a change is about, when it is about one."""
    return next(iter(scope.skus)) if len(scope.skus) == 1 and not (scope.groups or scope.everything) else None


def _zone(connection: Connection) -> str:
    """The time zone of dates that name none: that of the first site."""
    return next((row.time_zone for row in sites.all_sites(connection)), "UTC")
