"""Totes: what a picker carries to a bench. A slip and a tote scanned together say which order is in it (PCK-15)."""

from collections.abc import Sequence
from typing import NamedTuple

from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.picks.waves import Mix

TOTE_MAX = 32
"""Characters of a tote's code."""


class InTote(NamedTuple):
    """An order in a tote, or about to be. ``wave_id`` is None for an order of no wave; ``sku`` is that of a single."""

    order_id: int
    number: str
    wave_id: int | None
    mix: Mix
    sku: str = ""


class Refusal(NamedTuple):
    """Why not: a stable code and a sentence; ``says`` names it in the wording of the stations."""

    code: str
    detail: str
    says: str = ""
    tote: str = ""

    @property
    def error(self) -> DomainError:
        """The same, to be raised."""
        return DomainError(self.code, self.detail, **({"says": self.says, "tote": self.tote} if self.says else {}))


def bind(tote: str, inside: Sequence[InTote], order: InTote) -> Refusal | None:
    """Whether the order may go into this tote; None when it may, also when it is in it already.

    A tote holds one order, or any number of single-item orders of one wave. Its orders must have left it before
    another wave's may go in.
    """
    others = [o for o in inside if o.order_id != order.order_id]
    shared = order.wave_id is not None and order.mix is Mix.SINGLE
    if not others or (shared and all(o.mix is Mix.SINGLE and o.wave_id == order.wave_id for o in others)):
        return None
    held = others[0].number + (f" and {len(others) - 1} more" if len(others) > 1 else "")
    return Refusal(Reason.IN_USE, f"tote {tote} holds order {held}: take another tote")


def whose(tote: str, inside: Sequence[InTote], skus: frozenset[str] | None) -> InTote | Refusal:
    """The order this tote is opened for: its only one, or the first whose item is in the hand (``skus``).

    ``inside`` are the orders that are still to be packed, the most urgent first. ``skus`` are what a scanned code can
    mean; None when nothing was scanned but the tote.
    """
    if not inside:
        return Refusal(Reason.UNKNOWN_CODE, f"tote {tote} holds no order that waits to be packed", "tote_empty", tote)
    if skus is None:
        if len(inside) == 1:
            return inside[0]
        return Refusal("need_item", f"tote {tote} holds {len(inside)} orders: scan an item out of it")
    found = next((o for o in inside if o.sku in skus or (not o.sku and len(inside) == 1)), None)
    return found or Refusal(Reason.WRONG_ITEM, f"no order in tote {tote} waits for this item", "tote_not_in", tote)
