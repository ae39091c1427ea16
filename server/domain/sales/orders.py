"""The life of an order."""

from enum import StrEnum

from server.domain.errors import DomainError


class OrderStatus(StrEnum):
    """What is true of an order.

    NEW        it exists; only ever seen inside the transaction that takes it in
    ON_HOLD    something a person must settle first (unknown SKU, unpaid); nothing is reserved
    CONFLICT   stock ran out before it came; nothing is reserved
    READY      every line is reserved and it may be packed
    PACKING    a bench holds it
    PACKED     the right label is on the right box
    SHIPPED    its parcel left on a closed load, or somebody else's warehouse, which packs without our benches, says so
    CANCELLED  nothing of it is reserved
    WAITING    it has a way on without a person: goods are on their way, or it is next in line for them
    EXTERNAL   the marketplace ships it from its own warehouse; nothing of ours is reserved
    """

    NEW = "new"
    ON_HOLD = "on_hold"
    CONFLICT = "conflict"
    READY = "ready"
    PACKING = "packing"
    PACKED = "packed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    WAITING = "waiting"
    EXTERNAL = "external"


_S = OrderStatus
TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    _S.NEW: frozenset({_S.READY, _S.ON_HOLD, _S.CONFLICT, _S.EXTERNAL, _S.SHIPPED}),
    _S.ON_HOLD: frozenset({_S.READY, _S.ON_HOLD, _S.CONFLICT, _S.WAITING, _S.CANCELLED}),
    _S.CONFLICT: frozenset({_S.READY, _S.ON_HOLD, _S.CONFLICT, _S.WAITING, _S.CANCELLED}),
    _S.WAITING: frozenset({_S.READY, _S.ON_HOLD, _S.CONFLICT, _S.WAITING, _S.CANCELLED}),
    _S.READY: frozenset({_S.PACKING, _S.ON_HOLD, _S.CONFLICT, _S.WAITING, _S.READY, _S.SHIPPED, _S.CANCELLED}),
    _S.PACKING: frozenset({_S.READY, _S.PACKED, _S.ON_HOLD, _S.CONFLICT, _S.WAITING, _S.CANCELLED}),
    _S.PACKED: frozenset({_S.SHIPPED, _S.READY, _S.CANCELLED}),
    _S.SHIPPED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXTERNAL: frozenset({_S.CANCELLED}),
}


def check_transition(before: OrderStatus, after: OrderStatus) -> None:
    """Raise DomainError("illegal_transition") unless the life cycle allows the step."""
    if after not in TRANSITIONS[before]:
        allowed = ", ".join(sorted(TRANSITIONS[before])) or "nothing"
        raise DomainError("illegal_transition", f"an order that is {before} can become {allowed}, not {after}")
