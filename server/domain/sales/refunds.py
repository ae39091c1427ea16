"""Why money goes back for what has left."""

from enum import StrEnum


class RefundReason(StrEnum):
    """One word for each refund."""

    LOST = "lost"
    DAMAGED = "damaged"
    WRONG = "wrong"
    RETURNED = "returned"
    GOODWILL = "goodwill"
