"""Routing rules as values: what a rule set says, in tiers. Reading one from data is ``routing_rules_data``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RuleKind(StrEnum):
    """What a rule looks at. Its measure is a number per node, and a lower one is better.

    STOCK         minus the units left of the scarcest SKU after this order
    COMPLETENESS  units the node lacks; ``weight`` 0 lets an order be split although one node holds it all
    PROXIMITY     kilometres to the buyer
    COST          handling and carriage, minor units
    SPEED         hours until it is at the door
    MARGIN        minus what is left of the value after the node's fee and cost, minor units
    SLA           1 when it leaves after the order's ship-by
    CAPACITY      1 when the node has its orders for today
    CUT_OFF       calendar days until it leaves; today is 0
    LEAD_TIME     open days the supplier needs
    PRIORITY      the node's position in the rule's list
    PINNED        1 for every node that is not in the rule's list
    RESTRICTION   no measure: what may not go, from where, by what
    """

    STOCK = "stock"
    COMPLETENESS = "completeness"
    PROXIMITY = "proximity"
    COST = "cost"
    SPEED = "speed"
    MARGIN = "margin"
    SLA = "sla"
    CAPACITY = "capacity"
    CUT_OFF = "cut_off"
    LEAD_TIME = "lead_time"
    PRIORITY = "priority"
    PINNED = "pinned"
    RESTRICTION = "restriction"


NEGATED = frozenset({RuleKind.STOCK, RuleKind.MARGIN})
"""Kinds of which more is better: their limit is a minimum."""
YES_NO = frozenset({RuleKind.SLA, RuleKind.CAPACITY, RuleKind.PINNED})
"""Kinds that need no limit: 0 passes."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which orders a rule is about; an empty set means any. ``skus`` and ``categories`` name lines, the rest orders."""

    channels: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    postcodes: tuple[str, ...] = ()
    """Beginnings of postcodes, in normal form: "96" is Hawaii."""
    services: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    value_from: int | None = None
    value_below: int | None = None

    @property
    def names_lines(self) -> bool:
        """Whether it is about some lines of an order only."""
        return bool(self.skus or self.categories)


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Lower tiers decide first; inside a tier, measures are multiplied by ``weight`` and added.

    ``step``    measures are compared in steps of that size: 100 km makes 99 and 12 the same and 101 worse
    ``limit``   the last measure that passes; beyond it a strict rule refuses the node, others only put it behind
    ``nodes``   ids: of PRIORITY and PINNED those preferred, of RESTRICTION those it is about (none: all)
    ``permits`` RESTRICTION: only these services, the first instead of one that is not among them
    ``forbids`` RESTRICTION: not these services; with neither, nothing goes at all
    ``parts``   COMPLETENESS: at most so many parcels when an order is split; 0 is any number
    """

    rule_id: str
    kind: RuleKind
    tier: int = 1
    name: str = ""
    scope: Scope = EVERYTHING
    nodes: tuple[int, ...] = ()
    weight: float = 1.0
    step: float = 0.0
    limit: float | None = None
    strict: bool = False
    permits: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    parts: int = 0
    starts: float | None = None
    ends: float | None = None

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or self.rule_id


@dataclass(frozen=True, slots=True)
class Band:
    """A tariff line: up to ``km`` a parcel takes ``days`` and costs ``cost``; site 0 is any, service "" is any."""

    km: float
    days: float
    cost: int
    service: str = ""
    site_id: int = 0


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules at one version; versions are kept, so an old decision explains itself with its own rules."""

    version: int = 0
    name: str = ""
    rules: tuple[Rule, ...] = ()
    bands: tuple[Band, ...] = ()

    def by_id(self) -> Mapping[str, Rule]:
        """Rules by their id."""
        return {rule.rule_id: rule for rule in self.rules}


@dataclass(frozen=True, slots=True)
class Tariff:
    """Bands by (site, service), nearest first; the most special table that exists counts."""

    tables: Mapping[tuple[int, str], tuple[Band, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, bands: tuple[Band, ...]) -> "Tariff":
        """Sort the lines into tables."""
        tables: dict[tuple[int, str], list[Band]] = {}
        for band in bands:
            tables.setdefault((band.site_id, band.service), []).append(band)
        return cls({key: tuple(sorted(lines, key=lambda b: b.km)) for key, lines in tables.items()})

    def band(self, site_id: int, service: str, km: float | None) -> Band | None:
        """The line for this distance; what is farther than the last line, or nowhere, pays the last."""
        if not self.tables:
            return None
        tables = self.tables
        lines = (
            tables.get((site_id, service))
            or tables.get((site_id, ""))
            or tables.get((0, service))
            or tables.get((0, ""))
            or ()
        )
        if km is not None:
            for line in lines:
                if km <= line.km:
                    return line
        return lines[-1] if lines else None
