"""The one list of reason codes: used by verdicts, logs, problem answers and wording alike."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a scan or a request was taken or refused."""

    OK = "ok"
    REPEAT = "repeat"
    WRONG_ITEM = "wrong_item"
    OVER_QUANTITY = "over_quantity"
    UNKNOWN_CODE = "unknown_code"
    BAD_READ = "bad_read"
    NOT_NOW = "not_now"
    NEED_LOT = "need_lot"
    NEED_SERIAL = "need_serial"
    WRONG_LOT = "wrong_lot"
    EXPIRED = "expired"
    DUPLICATE_SERIAL = "duplicate_serial"
    ON_HOLD = "on_hold"
    CANCELLED = "cancelled"
    CHANGED = "changed"
    NOT_READY = "not_ready"
    ALREADY_DONE = "already_done"
    IN_USE = "in_use"
    TAKEN_OVER = "taken_over"
    AMBIGUOUS = "ambiguous"
    BOX_NOT_ALLOWED = "box_not_allowed"
    OVERWEIGHT = "overweight"
    WEIGHT_MISMATCH = "weight_mismatch"
    HAZMAT = "hazmat"
    NO_PRINTER = "no_printer"
    WRONG_LABEL = "wrong_label"
    WRONG_LOAD = "wrong_load"
    WRONG_CARRIER = "wrong_carrier"
    ALREADY_LOADED = "already_loaded"
    LOAD_CLOSED = "load_closed"
    NOT_PACKED = "not_packed"
    NEED_CONFIRM = "need_confirm"
    NOT_SIGNED_IN = "not_signed_in"
    STOPPED = "stopped"


class Tone(StrEnum):
    """The five sounds of a bench; a person learns them in an hour."""

    GOOD = "good"
    LINE_FULL = "line_full"
    LOOK = "look"
    STOP = "stop"
    BOX_DONE = "box_done"


STOPS = frozenset(
    {
        Reason.WRONG_ITEM,
        Reason.OVER_QUANTITY,
        Reason.CANCELLED,
        Reason.CHANGED,
        Reason.ON_HOLD,
        Reason.TAKEN_OVER,
        Reason.WRONG_LABEL,
        Reason.STOPPED,
    }
)
"""Reasons that latch: nothing counts until a person acknowledges. An unknown code joins them when repeated."""

ENDS_SESSION = frozenset({Reason.CANCELLED, Reason.CHANGED, Reason.ON_HOLD, Reason.TAKEN_OVER})
"""Stops after which this box is not packed on at this bench."""
