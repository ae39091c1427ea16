"""Places that can ship: own warehouses, third-party warehouses, stores."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from server.domain.errors import DomainError
from server.domain.routes.calendars import Calendar
from server.domain.routes.geography import Place


class NodeKind(StrEnum):
    """Whose building it is; the words of the ``site`` table."""

    OWN = "own"
    THIRD_PARTY = "3pl"
    STORE = "store"


class Duty(StrEnum):
    """What happens with orders at a node."""

    BENCH = "bench"
    """Stations pack there and see its queue."""
    WAVES = "waves"
    """Its orders are picked in waves, by lists along the bins."""
    DOCK = "dock"
    """Its parcels are scanned onto loads."""
    ORDER_FILE = "order_file"
    """Somebody else packs: the orders leave as a file or through the API instead of a queue."""


DUTIES: dict[NodeKind, frozenset[Duty]] = {
    NodeKind.OWN: frozenset({Duty.BENCH, Duty.WAVES, Duty.DOCK}),
    NodeKind.STORE: frozenset({Duty.BENCH, Duty.DOCK}),
    NodeKind.THIRD_PARTY: frozenset({Duty.ORDER_FILE}),
}
"""A store packs single orders between customers; nobody walks a wave there."""


@dataclass(frozen=True, slots=True)
class Node:
    """A site as routing sees it. Money in minor units; ``fee_basis_points`` of the goods' value (250 is 2.5 %)."""

    site_id: int
    code: str
    rank: int = 0
    kind: NodeKind = NodeKind.OWN
    active: bool = True
    place: Place | None = None
    calendar: Calendar = field(default_factory=Calendar)
    capacity_per_day: int = 0
    """Orders a day; 0 knows no limit."""
    lead_days: int = 0
    """Open days before the first dispatch: a supplier who ships for us needs them."""
    handling_cost: int = 0
    fee_basis_points: int = 0
    services: frozenset[str] = frozenset()
    """What its carriers offer; empty means everything."""

    def has(self, duty: Duty) -> bool:
        """Whether this is done at the node."""
        return duty in DUTIES[self.kind]


_MOST = 10**9
_NODE_KEYS = frozenset(
    {"open_days", "closed", "cut_off", "cut_offs", "capacity_per_day", "lead_days", "handling_cost"}
    | {"fee_basis_points", "services"}
)


def node_of(
    site_id: int,
    code: str,
    *,
    data: Mapping[str, Any],
    rank: int = 0,
    kind: str = NodeKind.OWN,
    active: bool = True,
    place: Place | None = None,
    time_zone: str = "UTC",
) -> Node:
    """A node from its site's columns and its ``data``; raise DomainError("bad_node" | "bad_calendar").

    ``data``: open_days [0-6], closed [dates], cut_off "16:00", cut_offs {service: "18:00"}, capacity_per_day,
    lead_days, handling_cost, fee_basis_points, services [..]; all may be absent.
    """
    unknown = sorted(set(data) - _NODE_KEYS)
    if unknown:
        raise _bad(code, f"expected {', '.join(sorted(_NODE_KEYS))}, found {unknown[0]!r}")
    if kind not in set(NodeKind):
        raise _bad(code, f"kind: expected one of {', '.join(NodeKind)}, found {kind!r}")
    calendar = Calendar.of(
        time_zone,
        _items(code, data, "open_days", int, range(7)),
        _items(code, data, "closed", str),
        str(data.get("cut_off", "23:59")),
        {str(k): str(v) for k, v in dict(data.get("cut_offs", {})).items()},
    )
    numbers = {key: _amount(code, data, key) for key in ("capacity_per_day", "lead_days", "handling_cost")}
    fee = _amount(code, data, "fee_basis_points")
    services = frozenset(_items(code, data, "services", str))
    return Node(
        site_id, code, rank, NodeKind(kind), active, place, calendar, **numbers, fee_basis_points=fee, services=services
    )


def _items(code: str, data: Mapping[str, Any], key: str, kind: type, missing: Iterable[Any] = ()) -> list[Any]:
    found = data.get(key)
    if found is None:
        return list(missing)
    if not isinstance(found, list) or not all(isinstance(item, kind) for item in found):
        raise _bad(code, f"{key}: expected a list of {kind.__name__}, found {found!r}"[:200])
    return found


def _amount(code: str, data: Mapping[str, Any], key: str) -> int:
    found = data.get(key, 0)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= _MOST:
        raise _bad(code, f"{key}: expected a whole number from 0, found {found!r}"[:200])
    return found


def _bad(code: str, detail: str) -> DomainError:
    return DomainError("bad_node", f"node {code}: {detail}")
