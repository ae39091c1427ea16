"""The hand-worked routing orders of ``tests/golden/routing`` as values."""

import csv
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from server.domain.routes.calendars import Calendar
from server.domain.routes.nodes import Node, NodeKind
from server.domain.routes.routing import Need, Routing
from server.domain.routes.routing_rules import RuleSet
from server.domain.routes.routing_rules_data import read_rule_set

FOLDER = Path(__file__).parent / "golden" / "routing"
WORLD: dict[str, Any] = tomllib.loads((FOLDER / "nodes.toml").read_text())
RULES: dict[str, Any] = tomllib.loads((FOLDER / "rules.toml").read_text())
SITES = {row["code"]: row["id"] for row in WORLD["node"]}
CODES = {site_id: code for code, site_id in SITES.items()}
SETS = tuple(RULES["set"])


@dataclass(frozen=True, slots=True)
class Case:
    """One order with what it should get under each rule set."""

    number: str
    need: Need
    now: float
    stock: dict[tuple[str, int], int]
    load: dict[int, int]
    expected: dict[str, str]

    @property
    def available(self) -> Callable[[str, int], int]:
        """Units by SKU and site."""
        return lambda sku, site_id: self.stock.get((sku, site_id), 0)


def nodes() -> list[Node]:
    """The five places."""
    return [_node(rank, row) for rank, row in enumerate(WORLD["node"])]


def rule_set(name: str, version: int = 1) -> RuleSet:
    """One of the rule sets, read as an administrator's file is."""
    return read_rule_set({"name": name, "bands": RULES["bands"], **RULES["set"][name]}, SITES, version)


def cases() -> list[Case]:
    """All orders."""
    with (FOLDER / "orders.csv").open(newline="") as file:
        # The last column is prose and may hold semicolons.
        rows = csv.reader(file, delimiter=";")
        head = next(rows)
        return [_case(dict(zip(head, row, strict=False))) for row in rows]


def said(routing: Routing) -> str:
    """A decision in the words of the file."""
    if not routing.parts:
        return f"waits {routing.refusal}"
    if routing.is_split:
        parts = sorted(routing.parts, key=lambda p: (-max(p.units.values()), p.site_id))
        return " + ".join(f"{CODES[p.site_id]} {' '.join(f'{n} {s}' for s, n in p.units.items())}" for p in parts)
    code: str = CODES[routing.parts[0].site_id]
    return code


def _node(rank: int, row: dict[str, Any]) -> Node:
    return Node(
        site_id=row["id"],
        code=row["code"],
        rank=rank,
        kind=NodeKind(row.get("kind", "own")),
        place=tuple(row["place"]),
        calendar=Calendar.of(row["zone"], row["open"], cut_off=row["cut_off"]),
        capacity_per_day=row.get("capacity", 0),
        handling_cost=row["handling"],
        fee_basis_points=row.get("fee_basis_points", 0),
    )


def _case(row: dict[str, str]) -> Case:
    buyer = WORLD["buyer"][row["to"]]
    extra = row["extra"].split(" ")
    units = {sku: int(n) for n, sku in (line.split(" ") for line in row["units"].split(" + "))}
    need = Need(
        units=units,
        channel=row["channel"],
        country="US",
        postcode=buyer["postcode"],
        place=tuple(buyer["place"]),
        ship_by=datetime.fromisoformat(extra[1]).timestamp() if extra[0] == "ship_by" else None,
        service=row["service"],
        split_allowed="split" in extra,
        categories=WORLD["category"],
        value=int(row["value"]),
    )
    load = {SITES[code]: int(n) for code, n in (w.split("=") for w in extra[1:])} if extra[0] == "load" else {}
    now = WORLD["moment"][row["at"]].timestamp()
    return Case(row["id"], need, now, _stock(row["stock"]), load, {name: row[name] for name in SETS})


def _stock(text: str) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for part in text.split(", "):
        sku, *levels = part.split(" ")
        for level in levels:
            code, units = level.split("=")
            for site_id in SITES.values() if code == "all" else [SITES[code]]:
                found[sku, site_id] = int(units)
    return found
