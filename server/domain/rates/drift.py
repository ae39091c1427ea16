"""What a label cost beside what was offered for it: another price is noted, a much higher one is somebody's matter."""

from dataclasses import dataclass
from decimal import Decimal

TOLERATED = Decimal("0.10")
"""By so much a price may rise between the offer and the purchase before anybody is told."""


@dataclass(frozen=True, slots=True)
class Paid:
    """One label: what was offered for it and what it cost, each with its currency."""

    offered: Decimal
    offered_in: str
    cost: Decimal
    currency: str

    @property
    def differs(self) -> bool:
        """Whether it cost anything else than was offered."""
        return self.currency != self.offered_in or self.cost != self.offered

    @property
    def is_much_dearer(self) -> bool:
        """Whether a person must look: dearer by more than a tenth, or in another currency."""
        return self.currency != self.offered_in or self.cost - self.offered > TOLERATED * self.offered

    def __str__(self) -> str:
        if self.currency != self.offered_in:
            return f"{self.cost} {self.currency} instead of {self.offered} {self.offered_in}"
        more = self.cost - self.offered
        return f"{self.cost} {self.currency}, {abs(more)} {'more' if more > 0 else 'less'} than was offered"
