"""Things a person must look at: one kind of row for all of them."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class IncidentType(StrEnum):
    """What happened."""

    STOCK_CONFLICT = "stock_conflict"
    UNKNOWN_SKU = "unknown_sku"
    BAD_ORDER = "bad_order"
    DUPLICATE_ORDER = "duplicate_order"
    LABEL_SWAP = "label_swap"
    LABEL_FAILED = "label_failed"
    CANCELLED_AFTER_PACKING = "cancelled_after_packing"
    LEFT_BEHIND = "left_behind"
    CHANNEL_UNREACHABLE = "channel_unreachable"
    VERDICTS_DIFFER = "verdicts_differ"
    STOCK_SHORTFALL = "stock_shortfall"
    TRANSFER_DIFFERENCE = "transfer_difference"
    CLOCK_OFF = "clock_off"
    PRINTER = "printer"
    LOW_STOCK = "low_stock"
    CHANNEL_DRIFT = "channel_drift"
    SHORT_PICK = "short_pick"
    SITE_DOWN = "site_down"
    PAYMENT = "payment"
    FRAUD = "fraud"
    ORDER_CHANGED = "order_changed"
    CANCEL_RATE = "cancel_rate"
    ROUTING_REVIEW = "routing_review"
    BENCH_PROBLEM = "bench_problem"
    BENCH_HOLD = "bench_hold"
    BENCH_CALL = "bench_call"
    FORCED = "forced"
    PULL_PARCEL = "pull_parcel"
    LEFT_IN_TOTE = "left_in_tote"
    SERIAL_TWICE = "serial_twice"
    LOT_MOVED = "lot_moved"
    NOT_PERMITTED = "not_permitted"
    CHANNEL_DENIED = "channel_denied"
    CARRIER_DENIED = "carrier_denied"
    CHANNEL_REFUSES = "channel_refuses"
    ACK_MISSED = "ack_missed"
    UNTOLD = "untold"
    INTERCEPT = "intercept"
    CARRIER_CLOSE = "carrier_close"
    NEVER_SCANNED = "never_scanned"
    PARCEL_STUCK = "parcel_stuck"
    DELIVERY_SLIPPED = "delivery_slipped"
    DELIVERY_FAILED = "delivery_failed"
    PARCEL_LOST = "parcel_lost"
    TRACKING_WORD = "tracking_word"
    LABEL_UNKNOWN = "label_unknown"
    LABEL_UNUSED = "label_unused"
    LABEL_DEARER = "label_dearer"
    VOID_UNCONFIRMED = "void_unconfirmed"
    RELABEL = "relabel"


@dataclass(frozen=True, slots=True)
class Handling:
    """Who looks at it and by when."""

    owner: str
    within: timedelta


_HOUR = timedelta(hours=1)
HANDLING: dict[IncidentType, Handling] = {
    IncidentType.STOCK_CONFLICT: Handling("desk", 2 * _HOUR),
    IncidentType.UNKNOWN_SKU: Handling("desk", 2 * _HOUR),
    IncidentType.BAD_ORDER: Handling("desk", 2 * _HOUR),
    IncidentType.DUPLICATE_ORDER: Handling("desk", 4 * _HOUR),
    IncidentType.LABEL_SWAP: Handling("supervisor", _HOUR / 2),
    IncidentType.LABEL_FAILED: Handling("supervisor", _HOUR / 2),
    IncidentType.CANCELLED_AFTER_PACKING: Handling("dock", _HOUR),
    IncidentType.LEFT_BEHIND: Handling("dock", 4 * _HOUR),
    IncidentType.CHANNEL_UNREACHABLE: Handling("desk", _HOUR),
    IncidentType.VERDICTS_DIFFER: Handling("supervisor", _HOUR / 2),
    IncidentType.NOT_PERMITTED: Handling("supervisor", _HOUR),
    IncidentType.STOCK_SHORTFALL: Handling("supervisor", _HOUR),
    IncidentType.TRANSFER_DIFFERENCE: Handling("supervisor", 8 * _HOUR),
    IncidentType.CLOCK_OFF: Handling("supervisor", 8 * _HOUR),
    IncidentType.PRINTER: Handling("supervisor", _HOUR / 2),
    IncidentType.LOW_STOCK: Handling("supervisor", 24 * _HOUR),
    IncidentType.CHANNEL_DRIFT: Handling("desk", 8 * _HOUR),
    IncidentType.SHORT_PICK: Handling("supervisor", _HOUR),
    IncidentType.SITE_DOWN: Handling("supervisor", _HOUR / 2),
    IncidentType.PAYMENT: Handling("desk", 4 * _HOUR),
    IncidentType.FRAUD: Handling("desk", _HOUR),
    IncidentType.ORDER_CHANGED: Handling("supervisor", _HOUR / 2),
    IncidentType.CANCEL_RATE: Handling("desk", 24 * _HOUR),
    IncidentType.ROUTING_REVIEW: Handling("supervisor", 48 * _HOUR),
    IncidentType.BENCH_PROBLEM: Handling("supervisor", _HOUR),
    IncidentType.BENCH_HOLD: Handling("supervisor", _HOUR),
    IncidentType.BENCH_CALL: Handling("supervisor", _HOUR / 12),
    IncidentType.FORCED: Handling("supervisor", 24 * _HOUR),
    IncidentType.PULL_PARCEL: Handling("dock", _HOUR / 2),
    IncidentType.LEFT_IN_TOTE: Handling("supervisor", _HOUR),
    IncidentType.SERIAL_TWICE: Handling("supervisor", _HOUR / 2),
    IncidentType.LOT_MOVED: Handling("supervisor", 4 * _HOUR),
    IncidentType.CHANNEL_DENIED: Handling("desk", _HOUR),
    IncidentType.CARRIER_DENIED: Handling("desk", _HOUR),
    IncidentType.CHANNEL_REFUSES: Handling("desk", 2 * _HOUR),
    IncidentType.ACK_MISSED: Handling("desk", _HOUR / 2),
    IncidentType.UNTOLD: Handling("desk", _HOUR / 2),
    IncidentType.INTERCEPT: Handling("desk", _HOUR / 2),
    IncidentType.CARRIER_CLOSE: Handling("dock", _HOUR),
    IncidentType.NEVER_SCANNED: Handling("supervisor", 4 * _HOUR),
    IncidentType.PARCEL_STUCK: Handling("desk", 24 * _HOUR),
    IncidentType.DELIVERY_SLIPPED: Handling("desk", 8 * _HOUR),
    IncidentType.DELIVERY_FAILED: Handling("desk", _HOUR),
    IncidentType.PARCEL_LOST: Handling("desk", 4 * _HOUR),
    IncidentType.TRACKING_WORD: Handling("desk", 48 * _HOUR),
    IncidentType.LABEL_UNKNOWN: Handling("desk", _HOUR),
    IncidentType.LABEL_UNUSED: Handling("supervisor", 4 * _HOUR),
    IncidentType.LABEL_DEARER: Handling("desk", 48 * _HOUR),
    IncidentType.VOID_UNCONFIRMED: Handling("desk", 24 * _HOUR),
    IncidentType.RELABEL: Handling("supervisor", _HOUR / 2),
}
