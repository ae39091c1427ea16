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
    WRONG_PIN = "wrong_pin"
    STOPPED = "stopped"
    UNDO_WHICH = "undo_which"
    EMPTY_WHAT = "empty_what"
    TAKEN_OUT = "taken_out"
    EMPTIED = "emptied"
    NOTHING_TO_TAKE = "nothing_to_take"
    WHICH_PROBLEM = "which_problem"
    SHORT = "short"
    DAMAGED = "damaged"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    MISLABELLED = "mislabelled"
    HELD_HERE = "held_here"
    WARN_WRONG_ITEM = "warn_wrong_item"
    WARN_OVER_QUANTITY = "warn_over_quantity"
    FORCE_WHICH = "force_which"
    FORCED = "forced"
    UNKNOWN_LOT = "unknown_lot"
    SHORT_LIFE = "short_life"
    LABEL_DIFFERS = "label_differs"
    SINGLE_UNITS = "single_units"
    BAD_QUANTITY = "bad_quantity"
    KIT = "kit"
    LABEL_NOT_CONFIRMED = "label_not_confirmed"
    PLANNED_ELSEWHERE = "planned_elsewhere"
    NOT_PLANNED = "not_planned"
    WRONG_SERVICE = "wrong_service"
    ITEM_NOT_PARCEL = "item_not_parcel"
    VOID_LABEL = "void_label"
    PALLET_REFUSED = "pallet_refused"
    UNLOAD_WHICH = "unload_which"
    UNLOADED = "unloaded"
    NOT_LOADED = "not_loaded"
    REMAINING_WHICH = "remaining_which"
    REMAINS = "remains"
    ASIDE_WHICH = "aside_which"
    ASIDE_DONE = "aside_done"
    NOT_ASIDE = "not_aside"
    WHICH_LOAD = "which_load"
    NEED_REASON = "need_reason"
    SET_ASIDE = "set_aside"
    PULL_FIRST = "pull_first"


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
        Reason.EXPIRED,
    }
)
"""Reasons that latch: nothing counts until a person acknowledges. An unknown code joins them when repeated."""

ENDS_SESSION = frozenset({Reason.CANCELLED, Reason.CHANGED, Reason.ON_HOLD, Reason.TAKEN_OVER})
"""Stops after which this box is not packed on at this bench."""

COUNTS = frozenset({Reason.OK, Reason.TAKEN_OUT, Reason.EMPTIED, Reason.FORCED})
"""Verdicts whose units count; those of what was taken out again are negative."""

PROBLEMS = frozenset({Reason.SHORT, Reason.DAMAGED, Reason.MISSING, Reason.UNREADABLE, Reason.MISLABELLED})
"""What a packer can report of goods (EXC-08); the order stands aside."""

WARNED = {Reason.WRONG_ITEM: Reason.WARN_WRONG_ITEM, Reason.OVER_QUANTITY: Reason.WARN_OVER_QUANTITY}
"""What a stop is called where the bench only warns (FLR-09): it would have blocked."""

DELIBERATE = frozenset(
    {
        *COUNTS,
        *PROBLEMS,
        Reason.REPEAT,
        Reason.UNDO_WHICH,
        Reason.EMPTY_WHAT,
        Reason.NOTHING_TO_TAKE,
        Reason.WHICH_PROBLEM,
        Reason.HELD_HERE,
        Reason.FORCE_WHICH,
        Reason.UNLOAD_WHICH,
        Reason.UNLOADED,
        Reason.REMAINING_WHICH,
        Reason.REMAINS,
        Reason.ASIDE_WHICH,
        Reason.ASIDE_DONE,
    }
)
"""Verdicts on what a person meant to do, and on trigger bounces: none is a refused scan."""
