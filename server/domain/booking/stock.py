"""Stock at one site, and what may happen to it."""

from enum import StrEnum
from typing import NamedTuple

from server.domain.errors import DomainError

StockKey = tuple[str, int, str]
"""(SKU, site id, lot): one row of counters. The lot is empty for products without lots."""


class MoveKind(StrEnum):
    """Why a counter moved: one word per ledger row."""

    RECEIVE = "receive"
    RETURN = "return"
    COUNT = "count"
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"
    HOLD = "hold"
    UNHOLD = "unhold"
    EXPIRE = "expire"
    CLAIM = "claim"
    """A checkout's units are given to its order: held falls, and the order's own "reserve" follows."""
    DISPATCH = "dispatch"
    """They left for another site: on hand falls here, in transit rises there."""
    ARRIVE = "arrive"
    LOSE = "lose"
    """They left and did not arrive."""
    WRITE_OFF = "write_off"
    BUILD = "build"
    CONSUME = "consume"
    """Components that became a kit."""


class StockLevel(NamedTuple):
    """Units of one SKU at one site, of one lot; available = on_hand - reserved - held."""

    sku: str
    site_id: int
    on_hand: int
    reserved: int
    held: int = 0
    in_transit: int = 0
    lot: str = ""
    expires_on: str = ""

    @property
    def key(self) -> StockKey:
        """Which row."""
        return self.sku, self.site_id, self.lot

    @property
    def available(self) -> int:
        """What may still be promised."""
        return self.on_hand - self.reserved - self.held


class Move(NamedTuple):
    """A change of the counters of one row."""

    kind: MoveKind
    sku: str
    site_id: int
    d_on_hand: int = 0
    d_reserved: int = 0
    d_held: int = 0
    d_transit: int = 0
    lot: str = ""

    @property
    def key(self) -> StockKey:
        """Which row."""
        return self.sku, self.site_id, self.lot


def moved(level: StockLevel, move: Move) -> StockLevel:
    """The level after the move; raise DomainError("negative_stock") when a counter would break its bounds.

    The bounds: 0 <= reserved, 0 <= held, reserved + held <= on hand, 0 <= in transit.
    """
    after = level._replace(
        on_hand=level.on_hand + move.d_on_hand,
        reserved=level.reserved + move.d_reserved,
        held=level.held + move.d_held,
        in_transit=level.in_transit + move.d_transit,
    )
    if after.reserved < 0 or after.held < 0 or after.in_transit < 0 or after.available < 0:
        raise DomainError(
            "negative_stock",
            f"{move.kind} of {level.sku} {level.lot}".rstrip() + f": {_told(level)} would become {_told(after)}",
            says="goods_too_few",
            sku=level.sku,
        )
    return after


def _told(level: StockLevel) -> str:
    parts = [f"on hand {level.on_hand}", f"reserved {level.reserved}", f"held {level.held}"]
    return " ".join([*parts, f"in transit {level.in_transit}"] if level.in_transit else parts)
