"""What a buyer's change of mind does to an order at each moment of its life (CAN-02, CAN-05, ORD-17)."""

from collections.abc import Mapping
from enum import StrEnum

from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus

_S = OrderStatus


class Effect(StrEnum):
    """What a change meets.

    APPLY    nobody has touched the order: it is changed where it lies
    STOP     a bench packs it: the bench stops, the order is changed and begins again
    EXCEPT   a label is on it: packing and dock are blocked, a person decides
    TOO_LATE it has left, or is finished: refused, and a person hears of it
    """

    APPLY = "apply"
    STOP = "stop"
    EXCEPT = "except"
    TOO_LATE = "too_late"


def effect(status: OrderStatus, *, labelled: bool) -> Effect:
    """What a change of address or quantity does; ``labelled``: a label was bought that is still good."""
    if status in {_S.SHIPPED, _S.CANCELLED}:
        return Effect.TOO_LATE
    if labelled or status is _S.PACKED:
        return Effect.EXCEPT
    return Effect.STOP if status is _S.PACKING else Effect.APPLY


def cut(lines: Mapping[int, int], cancelled: Mapping[int, int]) -> dict[int, int]:
    """Units left per line number after a partial cancel; a line may fall to 0.

    Raise DomainError("invalid") naming the line where more is cancelled than there is, or less than one unit.
    """
    if not cancelled:
        raise DomainError("invalid", "lines: expected at least one to cancel, found none")
    left = dict(lines)
    for line_no, units in cancelled.items():
        if line_no not in left:
            there = ", ".join(str(n) for n in sorted(lines))
            raise DomainError("invalid", f"line {line_no}: the order has the lines {there}")
        if not 0 < units <= left[line_no]:
            raise DomainError("invalid", f"line {line_no}: expected 1 to {left[line_no]} units, found {units}")
        left[line_no] -= units
    return left
