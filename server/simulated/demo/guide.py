"""The six lines of the first screen."""

from collections.abc import Mapping
from typing import Any

from server.simulated.demo.codes import basket, number
from server.simulated.demo.goods import GOODS
from server.simulated.demo.people import ANA, DEE


def guide(order: Mapping[str, Any], tracking: str) -> tuple[str, ...]:
    """What to type or scan for this order, whose label will carry this number."""
    return (
        f"Sign in: type {ANA} and press Enter",
        f"Open an order: PPO-{number(order)}",
        f"Scan a wrong item: {wrong_item(order)}. The bench stops; Enter goes on",
        f"Pack it: {', '.join(scans(order))}",
        f"Label printed (labels/*.png): scan it back, {tracking}",
        f"Dock: {DEE}, PPC-DOCK, PPL-OWN-VAN, PPC-YES, the label, PPC-CLOSE twice",
    )


def scans(order: Mapping[str, Any]) -> list[str]:
    """The codes that pack the order, cases first where they fit."""
    found: list[str] = []
    for sku, units in basket(order):
        good = next(g for g in GOODS if g.sku == sku)
        cases, single = divmod(units, good.case) if good.case else (0, units)
        found += [good.case_sku] * cases + [sku] * single
    return found


def wrong_item(order: Mapping[str, Any]) -> str:
    """A look-alike that is not in the order."""
    wanted = {sku for sku, _ in basket(order)}
    names = {g.name for g in GOODS if g.sku in wanted}
    others = [g for g in GOODS if g.sku not in wanted]
    return next((g.sku for g in others if g.name in names), others[0].sku)
