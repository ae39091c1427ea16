"""Stock at one site, and what may happen to it."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.errors import DomainError


class MoveKind(StrEnum):
    """Why a counter moved: one word per ledger row."""

    RECEIVE = "receive"
    COUNT = "count"
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Units of one SKU at one site; available = on_hand - reserved."""

    sku: str
    site_id: int
    on_hand: int
    reserved: int

    @property
    def available(self) -> int:
        """What may still be promised."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class Move:
    """A change of the two counters of one SKU at one site."""

    kind: MoveKind
    sku: str
    site_id: int
    d_on_hand: int
    d_reserved: int


def moved(level: StockLevel, move: Move) -> StockLevel:
    """The level after the move; raise DomainError("negative_stock") when it would break 0 <= reserved <= on_hand."""
    after = StockLevel(level.sku, level.site_id, level.on_hand + move.d_on_hand, level.reserved + move.d_reserved)
    if not 0 <= after.reserved <= after.on_hand:
        raise DomainError(
            "negative_stock",
            f"{move.kind} of {level.sku}: on hand {level.on_hand} reserved {level.reserved} "
            f"would become {after.on_hand} and {after.reserved}",
        )
    return after
