"""What a buyer may hold against an order that left; marketplaces count it against the seller."""

from enum import StrEnum

from server.domain.errors import DomainError


class ClaimKind(StrEnum):
    """REFUND: its platform shows that money went back after it had left. The others are said by people."""

    REFUND = "refund"
    RETURN = "return"
    CLAIM = "claim"
    FEEDBACK = "feedback"


def claim_kind(text: str) -> ClaimKind:
    """Read one; raise DomainError("invalid") listing them."""
    try:
        return ClaimKind(text)
    except ValueError:
        raise DomainError("invalid", f"expected {', '.join(ClaimKind)}, found {text[:40]!r}") from None
