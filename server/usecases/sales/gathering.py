"""Units that lie at several sites are brought together at one, for an order that no site can serve alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from server.db import transfers as rows
from server.db.transaction import Transaction
from server.domain.booking.shelf import Shelf
from server.domain.warehouse import transfers
from server.domain.warehouse.transfers import Key
from server.usecases.booking.deciding import open_shelf
from server.usecases.booking.reference import Reference
from server.usecases.routes.needs import due_of_row


@dataclass(frozen=True, slots=True)
class Plan:
    """Transfers to ``to_site``: units by SKU from each other site."""

    to_site: int
    moves: Mapping[int, Mapping[str, int]]

    @property
    def words(self) -> str:
        """For people."""
        units = sum(sum(part.values()) for part in self.moves.values())
        return f"{units} units come from {len(self.moves)} other site{'s' if len(self.moves) > 1 else ''} by transfer"


def elsewhere(tx: Transaction, ref: Reference, order: Row[Any], units: Mapping[str, int]) -> Plan | None:
    """A plan when all sites together have all the order may have and none waits for; None when they do not."""
    sites = ref.rules.sites
    if len(sites) < 2 or not units:
        return None
    shelf = open_shelf(tx, ref, units).seen_by(ref.channel_code(order.channel_id), due_of_row(order))
    if any(shelf.total(sku, sites) < n for sku, n in units.items()):
        return None
    has = {site: sum(min(n, shelf.left(sku, site)) for sku, n in units.items()) for site in sites}
    to_site = max(sites, key=lambda site: (has[site], -sites.index(site)))
    moves = _moves(shelf, [site for site in sites if site != to_site], to_site, units)
    return Plan(to_site, moves) if moves else None


def _moves(shelf: Shelf, others: list[int], to_site: int, units: Mapping[str, int]) -> dict[int, dict[str, int]]:
    moves: dict[int, dict[str, int]] = {}
    for sku, wanted in units.items():
        lacking = wanted - min(wanted, shelf.left(sku, to_site))
        for site in others:
            n = min(lacking, shelf.left(sku, site))
            if n > 0:
                moves.setdefault(site, {})[sku] = n
                lacking -= n
    return moves


def send_together(tx: Transaction, plan: Plan, number: str) -> list[int]:
    """Write the planned transfers; the sites dispatch and receive them as any other. Return their ids."""
    made = []
    for site, units in sorted(plan.moves.items()):
        transfer = transfers.planned(site, plan.to_site, {Key(sku, ""): n for sku, n in units.items()})
        transfer_id = rows.create(tx, transfer)
        tx.note("transfer.planned", {"transfer": transfer_id, "for_order": number, "units": dict(units)})
        made.append(transfer_id)
    return made
