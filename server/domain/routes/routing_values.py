"""What routing is asked and what it answers. Tuples, because thousands are made each second."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from server.domain.routes.geography import Place

_NONE: Mapping[str, str] = {}


class Need(NamedTuple):
    """An order to be routed; ``units`` by SKU, ``value`` in minor units, ``ship_by`` in seconds since the epoch."""

    units: Mapping[str, int]
    channel: str = ""
    country: str = ""
    postcode: str = ""
    """In normal form (see ``geography.postcode_key``)."""
    place: Place | None = None
    ship_by: float | None = None
    service: str = ""
    split_allowed: bool = False
    categories: Mapping[str, str] = _NONE
    """Category by SKU."""
    value: int = 0
    only: frozenset[int] = frozenset()
    """Nodes named by a person or by the channel; none means any."""
    not_from: frozenset[int] = frozenset()
    """Nodes that must not be asked again: the stock was not there."""


class Part(NamedTuple):
    """What one node ships, by which service."""

    site_id: int
    units: Mapping[str, int]
    service: str = ""


class Short(NamedTuple):
    """``wanted`` units of ``sku`` where the nodes that may ship it have ``available``."""

    sku: str
    wanted: int
    available: int


class Why(StrEnum):
    """What became of a node."""

    CHOSEN = "chosen"
    OUTSCORED = "outscored"
    """It lost in the tier of the named rule."""
    RANK = "rank"
    """Equal in every tier; the other comes first in the list of warehouses."""
    LACKS = "lacks"
    """It does not hold everything; with a rule named, that rule keeps some lines from it."""
    REFUSED = "refused"
    """The named rule says no."""
    NO_SERVICE = "no_service"
    EXCLUDED = "excluded"
    """Somebody named other nodes, or this one was tried already."""
    INACTIVE = "inactive"
    NOT_NEEDED = "not_needed"
    """The order was split, and the parts of others are enough."""


class Refusal(StrEnum):
    """Why an order is not routed: it waits in the exception queue with this word."""

    NO_NODE = "no_node"
    """There is no active node, or none of those named."""
    NO_STOCK = "no_stock"
    BY_RULE = "by_rule"
    """The stock is there, and rules keep the order from it."""
    SPLIT_REFUSED = "split_refused"
    """Only a split would do, and this channel takes one confirmation for an order."""


class NodeScore(NamedTuple):
    """One node in one decision; ``scores`` one per tier in order, lower is better; none when it was not compared."""

    site_id: int
    why: Why
    rule_id: str = ""
    scores: tuple[float, ...] = ()
    lacks: tuple[Short, ...] = ()


class Routing(NamedTuple):
    """The decision: parts, or a refusal with what is short. ``columns``: the rules behind each score."""

    parts: tuple[Part, ...]
    scored: tuple[NodeScore, ...] = ()
    shortages: tuple[Short, ...] = ()
    rule_version: int = 0
    refusal: Refusal | None = None
    columns: tuple[tuple[str, ...], ...] = ()
    asked: str = ""
    """The service the order came with; a part may go by another where a rule permits only that."""

    @property
    def is_split(self) -> bool:
        """Whether more than one node ships."""
        return len(self.parts) > 1
