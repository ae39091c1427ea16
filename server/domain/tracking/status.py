"""The one vocabulary of tracking (TRK-02)."""

from enum import StrEnum


class Status(StrEnum):
    """What is true of a parcel on its way, from the label to the end.

    LABEL_CREATED         the carrier was told of it; nobody there has scanned it
    ACCEPTED              the carrier has it: picked up, or scanned at its first place
    IN_TRANSIT            on its way
    ARRIVED               at a place of the carrier's near the buyer
    OUT_FOR_DELIVERY      on the vehicle to the door
    ATTEMPTED             the door was reached and the parcel was not given
    AVAILABLE_FOR_PICKUP  the buyer must fetch it
    DELIVERED             the buyer has it
    DELAYED               on its way, later than the carrier had said
    EXCEPTION             something is in its way: address, customs, a hold
    RETURNING             on its way back to us
    RETURNED              it is back
    LOST                  the carrier says that it has lost it
    DAMAGED               the carrier says that it is damaged
    CANCELLED             the carrier says that its label is void
    UNKNOWN               words that nobody has explained yet
    """

    LABEL_CREATED = "label_created"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPTED = "attempted"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    EXCEPTION = "exception"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"
    DAMAGED = "damaged"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


TERMINAL = frozenset({Status.DELIVERED, Status.RETURNED})
"""Nothing more is waited for. A parcel that was delivered may still come back."""

SCANNED = frozenset(Status) - {
    Status.LABEL_CREATED,
    Status.DELAYED,
    Status.EXCEPTION,
    Status.LOST,
    Status.CANCELLED,
    Status.UNKNOWN,
}
"""Somebody of the carrier's had it in the hand: all else a computer can say of a parcel that nobody ever saw."""

FAILED = frozenset({Status.ATTEMPTED, Status.EXCEPTION, Status.RETURNING, Status.RETURNED, Status.DAMAGED})
"""The buyer will ask about it (TRK-08)."""
