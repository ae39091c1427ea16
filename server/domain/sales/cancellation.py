"""Why orders are cancelled, whose doing it was, and how near a channel's limit that brings us (CAN-06)."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.errors import DomainError


class CancelReason(StrEnum):
    """One word per cancel."""

    OUT_OF_STOCK = "out_of_stock"
    PRICING_ERROR = "pricing_error"
    DAMAGED = "damaged"
    TOO_LATE = "too_late"
    CANNOT_DELIVER = "cannot_deliver"
    SELLER = "seller"
    CUSTOMER = "customer"
    CHANNEL = "channel"
    FRAUD = "fraud"
    PAYMENT = "payment"
    DUPLICATE = "duplicate"


SELLER_CAUSED = frozenset(
    {
        CancelReason.OUT_OF_STOCK,
        CancelReason.PRICING_ERROR,
        CancelReason.DAMAGED,
        CancelReason.TOO_LATE,
        CancelReason.CANNOT_DELIVER,
        CancelReason.SELLER,
    }
)
"""Those that marketplaces hold against a seller."""


def cancel_reason(text: str) -> CancelReason:
    """Read one; raise DomainError("invalid") listing them."""
    try:
        return CancelReason(text)
    except ValueError:
        raise DomainError("invalid", f"reason: expected {', '.join(CancelReason)}, found {text[:40]!r}") from None


class Standing(StrEnum):
    """UNKNOWN: the channel has no limit, or sold nothing. NEAR: past four fifths of the limit."""

    UNKNOWN = "unknown"
    GOOD = "good"
    NEAR = "near"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class CancelRate:
    """Seller-caused cancels among the orders of a channel in its window; ``limit`` in hundredths of a per cent."""

    channel: str
    orders: int
    cancels: int
    limit: int | None = None

    @property
    def rate(self) -> float:
        """Per cent; 0 where nothing was sold."""
        return 100 * self.cancels / self.orders if self.orders else 0.0

    @property
    def headroom(self) -> int | None:
        """Orders of the window that could still be cancelled before the rate reaches the limit; None without one."""
        if self.limit is None:
            return None
        most = (self.limit * self.orders - 1) // 10_000 if self.orders else 0
        return max(0, most - self.cancels)

    @property
    def standing(self) -> Standing:
        """Integers only: 2.5 % of 400 orders is 10, exactly."""
        if self.limit is None or not self.orders:
            return Standing.UNKNOWN
        used = self.cancels * 10_000
        if used >= self.limit * self.orders:
            return Standing.OVER
        return Standing.NEAR if 5 * used >= 4 * self.limit * self.orders else Standing.GOOD

    @property
    def sentence(self) -> str:
        """For the order desk."""
        counted = f"{self.channel}: {self.cancels} of {self.orders} orders cancelled by us ({self.rate:.2f} %)"
        if self.limit is None:
            return f"{counted}, no limit is set"
        return f"{counted}, limit {self.limit / 100:g} %, room for {self.headroom} more"
