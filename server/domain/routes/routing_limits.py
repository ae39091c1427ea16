"""What may not go: restrictions by destination, SKU, category and service; lines pinned to nodes; services offered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from server.domain.routes.nodes import Node
from server.domain.routes.routing_rules import EVERYTHING, Rule, RuleKind, Scope
from server.domain.routes.routing_values import Need

_NOTHING: Mapping[str, str] = {}


def applies(rule: Rule, need: Need, now: float) -> bool:
    """Whether a rule is about this order, or about one of its lines, at this moment."""
    if not _in_time(rule, now):
        return False
    scope = rule.scope
    return scope is EVERYTHING or (_about(scope, need) and (not scope.names_lines or any(lines(scope, need))))


def lines(scope: Scope, need: Need) -> tuple[str, ...]:
    """The SKUs of the order that a scope is about; all, when it names neither SKUs nor categories."""
    if not scope.names_lines:
        return tuple(need.units)
    return tuple(s for s in need.units if s in scope.skus or need.categories.get(s, "") in scope.categories)


def _about(scope: Scope, need: Need, any_service: bool = False) -> bool:
    return (
        (not scope.channels or need.channel in scope.channels)
        and (not scope.countries or need.country in scope.countries)
        and (not scope.postcodes or need.postcode.startswith(scope.postcodes))
        and (any_service or not scope.services or need.service in scope.services)
        and (scope.value_from is None or need.value >= scope.value_from)
        and (scope.value_below is None or need.value < scope.value_below)
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """Strict pins and restrictions of a rule set."""

    pins: tuple[Rule, ...] = ()
    restrictions: tuple[Rule, ...] = ()
    services_differ: bool = False
    """Whether some node does not offer every service."""

    @classmethod
    def of(cls, rules: Iterable[Rule], services_differ: bool) -> "Limits":
        """Pick them out; ``rules`` by tier."""
        listed = tuple(rules)
        pins = tuple(r for r in listed if r.kind is RuleKind.PINNED and r.strict)
        return cls(pins, tuple(r for r in listed if r.kind is RuleKind.RESTRICTION), services_differ)

    @property
    def any(self) -> bool:
        """Whether there is anything to obey."""
        return bool(self.pins or self.restrictions or self.services_differ)

    def seen_by(self, need: Need, now: float) -> "Blocks":
        """What of it is about this order. The first pin by tier has a line; a restriction always counts."""
        if not self.any:
            return Blocks(need)
        pinned: dict[str, Rule] = {}
        for rule in self.pins:
            if applies(rule, need, now):
                for sku in lines(rule.scope, need):
                    pinned.setdefault(sku, rule)
        bans: list[_Lines] = []
        service_rules: list[_Lines] = []
        for rule in self.restrictions:
            if _in_time(rule, now) and _about(rule.scope, need, any_service=True):
                skus = frozenset(lines(rule.scope, need))
                about_services = rule.permits or rule.forbids or rule.scope.services
                if skus:
                    (service_rules if about_services else bans).append((rule, skus))
        return Blocks(need, pinned, tuple(bans), tuple(service_rules), self.services_differ)


def _in_time(rule: Rule, now: float) -> bool:
    return (rule.starts is None or now >= rule.starts) and (rule.ends is None or now < rule.ends)


_Lines = tuple[Rule, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The limits of one order."""

    need: Need
    pinned: Mapping[str, Rule] = field(default_factory=dict)
    bans: tuple[_Lines, ...] = ()
    service_rules: tuple[_Lines, ...] = ()
    services_differ: bool = False

    def at(self, node: Node) -> Mapping[str, str]:
        """SKUs that must not come from this node, each with the id of the rule ("" when no carrier there does it)."""
        if not (self.pinned or self.bans or self.service_rules or self.services_differ):
            return _NOTHING
        blocked: dict[str, str] = {}
        for sku in self.need.units:
            rule_id = self._blocker(node, sku)
            if rule_id is not None:
                blocked[sku] = rule_id
        return blocked

    def _blocker(self, node: Node, sku: str) -> str | None:
        for rule, skus in self.bans:
            if sku in skus and (not rule.nodes or node.site_id in rule.nodes):
                return rule.rule_id
        pin = self.pinned.get(sku)
        if pin is not None and node.site_id not in pin.nodes:
            return pin.rule_id
        if self.service(node, (sku,)) is None:
            return next((rule.rule_id for rule, _ in self._about(node, (sku,))), "")
        return None

    def service(self, node: Node, skus: Iterable[str]) -> str | None:
        """The service these SKUs go by from this node: the one asked for, or the first permitted; None when none is."""
        asked = self.need.service
        if not (self.service_rules or self.services_differ):
            return asked
        rules = self._about(node, skus)
        candidates = [asked, *(service for rule, _ in rules for service in rule.permits)]
        return next((s for s in candidates if _offered(node, s) and all(_allows(r, s) for r, _ in rules)), None)

    def _about(self, node: Node, skus: Iterable[str]) -> list[_Lines]:
        wanted = frozenset(skus)
        return [e for e in self.service_rules if wanted & e[1] and (not e[0].nodes or node.site_id in e[0].nodes)]


def _offered(node: Node, service: str) -> bool:
    return not node.services or not service or service in node.services


def _allows(rule: Rule, service: str) -> bool:
    # A restriction's services are those it is about, whichever the buyer asked for: no detour may end in one of them.
    if rule.scope.services and service not in rule.scope.services:
        return True
    if not (rule.permits or rule.forbids):
        return False
    return service not in rule.forbids and (not rule.permits or service in rule.permits)
