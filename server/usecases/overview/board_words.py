"""What a supervisor reads for every code on the board: words and a shape, so that colour is never alone."""

import unicodedata
from enum import StrEnum

from server.domain.benchwork.reasons import Reason
from server.domain.incidents import IncidentType


class Shape(StrEnum):
    """● good, ▲ look, ■ stop, ○ off: drawn beside the words wherever there is a colour."""

    GOOD = "good"
    LOOK = "look"
    STOP = "stop"
    OFF = "off"


REASON_WORDS: dict[str, tuple[str, Shape]] = {
    Reason.OK: ("good scan", Shape.GOOD),
    Reason.REPEAT: ("repeat, not counted", Shape.LOOK),
    Reason.WRONG_ITEM: ("wrong item", Shape.STOP),
    Reason.OVER_QUANTITY: ("one too many", Shape.STOP),
    Reason.UNKNOWN_CODE: ("unknown code", Shape.LOOK),
    Reason.BAD_READ: ("bad read", Shape.LOOK),
    Reason.NOT_NOW: ("not now", Shape.LOOK),
    Reason.NEED_LOT: ("lot missing", Shape.LOOK),
    Reason.NEED_SERIAL: ("serial missing", Shape.LOOK),
    Reason.WRONG_LOT: ("wrong lot", Shape.STOP),
    Reason.EXPIRED: ("expired", Shape.STOP),
    Reason.DUPLICATE_SERIAL: ("serial used twice", Shape.STOP),
    Reason.ON_HOLD: ("order on hold", Shape.STOP),
    Reason.CANCELLED: ("order cancelled", Shape.STOP),
    Reason.CHANGED: ("order changed", Shape.STOP),
    Reason.NOT_READY: ("order not ready", Shape.LOOK),
    Reason.ALREADY_DONE: ("already done", Shape.LOOK),
    Reason.IN_USE: ("open at another bench", Shape.LOOK),
    Reason.TAKEN_OVER: ("taken over", Shape.STOP),
    Reason.AMBIGUOUS: ("code means two items", Shape.LOOK),
    Reason.BOX_NOT_ALLOWED: ("box not allowed", Shape.STOP),
    Reason.OVERWEIGHT: ("too heavy", Shape.STOP),
    Reason.WEIGHT_MISMATCH: ("weight does not fit", Shape.STOP),
    Reason.HAZMAT: ("hazardous goods", Shape.STOP),
    Reason.NO_PRINTER: ("no printer", Shape.LOOK),
    Reason.WRONG_LABEL: ("label of another box", Shape.STOP),
    Reason.WRONG_LOAD: ("on another load", Shape.STOP),
    Reason.WRONG_CARRIER: ("wrong carrier", Shape.STOP),
    Reason.ALREADY_LOADED: ("already loaded", Shape.LOOK),
    Reason.LOAD_CLOSED: ("load is closed", Shape.STOP),
    Reason.NOT_PACKED: ("not packed yet", Shape.STOP),
    Reason.NEED_CONFIRM: ("confirm by scanning again", Shape.LOOK),
    Reason.NOT_SIGNED_IN: ("nobody signed in", Shape.LOOK),
    Reason.WRONG_PIN: ("wrong PIN", Shape.LOOK),
    Reason.STOPPED: ("scanned during a stop", Shape.STOP),
    Reason.UNDO_WHICH: ("asks what to take out", Shape.LOOK),
    Reason.EMPTY_WHAT: ("asks to empty the box", Shape.LOOK),
    Reason.TAKEN_OUT: ("taken out again", Shape.LOOK),
    Reason.EMPTIED: ("box emptied", Shape.LOOK),
    Reason.NOTHING_TO_TAKE: ("nothing to take out", Shape.LOOK),
    Reason.WHICH_PROBLEM: ("reports a problem", Shape.LOOK),
    Reason.SHORT: ("goods short", Shape.LOOK),
    Reason.DAMAGED: ("goods damaged", Shape.LOOK),
    Reason.MISSING: ("goods missing", Shape.LOOK),
    Reason.UNREADABLE: ("code cannot be read", Shape.LOOK),
    Reason.MISLABELLED: ("item mislabelled", Shape.LOOK),
    Reason.HELD_HERE: ("held at the bench", Shape.LOOK),
    Reason.WARN_WRONG_ITEM: ("wrong item, only warned", Shape.LOOK),
    Reason.WARN_OVER_QUANTITY: ("one too many, only warned", Shape.LOOK),
    Reason.FORCE_WHICH: ("asks to verify by hand", Shape.LOOK),
    Reason.FORCED: ("verified by hand", Shape.LOOK),
    Reason.UNKNOWN_LOT: ("lot not known", Shape.LOOK),
    Reason.SHORT_LIFE: ("expires too soon", Shape.LOOK),
    Reason.LABEL_DIFFERS: ("label contradicts the book", Shape.LOOK),
    Reason.SINGLE_UNITS: ("each unit must be scanned", Shape.LOOK),
    Reason.BAD_QUANTITY: ("no good quantity", Shape.LOOK),
    Reason.KIT: ("kit, its parts are scanned", Shape.LOOK),
    Reason.LABEL_NOT_CONFIRMED: ("label not confirmed on its box", Shape.STOP),
    Reason.PLANNED_ELSEWHERE: ("planned for another load", Shape.STOP),
    Reason.NOT_PLANNED: ("not in the load's plan", Shape.STOP),
    Reason.WRONG_SERVICE: ("wrong service", Shape.STOP),
    Reason.ITEM_NOT_PARCEL: ("an item, not a parcel", Shape.LOOK),
    Reason.VOID_LABEL: ("label is void", Shape.STOP),
    Reason.PALLET_REFUSED: ("pallet with a parcel that stays", Shape.STOP),
    Reason.UNLOAD_WHICH: ("asked which parcel comes off", Shape.LOOK),
    Reason.UNLOADED: ("taken off the load", Shape.GOOD),
    Reason.NOT_LOADED: ("not on this load", Shape.LOOK),
    Reason.REMAINING_WHICH: ("asked what remains", Shape.LOOK),
    Reason.REMAINS: ("remains at the dock", Shape.GOOD),
    Reason.ASIDE_WHICH: ("asked what was set aside", Shape.LOOK),
    Reason.ASIDE_DONE: ("set aside and settled", Shape.GOOD),
    Reason.NOT_ASIDE: ("was not set aside", Shape.LOOK),
    Reason.WHICH_LOAD: ("asked which load", Shape.LOOK),
    Reason.NEED_REASON: ("asked why parcels stay", Shape.LOOK),
    Reason.SET_ASIDE: ("set aside, not settled", Shape.STOP),
    Reason.PULL_FIRST: ("a cancelled parcel is on the load", Shape.STOP),
}

INCIDENT_WORDS: dict[str, str] = {
    IncidentType.STOCK_CONFLICT: "Sold more than there is",
    IncidentType.UNKNOWN_SKU: "Unknown product in an order",
    IncidentType.BAD_ORDER: "Order cannot be read",
    IncidentType.DUPLICATE_ORDER: "Order came twice, and differs",
    IncidentType.ROUTING_REVIEW: "Rule overridden often",
    IncidentType.LEFT_IN_TOTE: "Left over in a tote",
    IncidentType.LABEL_SWAP: "Labels swapped",
    IncidentType.LABEL_FAILED: "No label from the carrier",
    IncidentType.CANCELLED_AFTER_PACKING: "Cancelled after packing",
    IncidentType.LEFT_BEHIND: "Left behind at the dock",
    IncidentType.CHANNEL_UNREACHABLE: "Channel does not answer",
    IncidentType.VERDICTS_DIFFER: "Bench and server disagree",
    IncidentType.STOCK_SHORTFALL: "Shelf holds less than the book",
    IncidentType.TRANSFER_DIFFERENCE: "Transfer came with a difference",
    IncidentType.CLOCK_OFF: "Bench clock is off",
    IncidentType.PRINTER: "Printer needs a hand",
    IncidentType.LOW_STOCK: "Stock runs low",
    IncidentType.CHANNEL_DRIFT: "A channel changed by itself",
    IncidentType.CHANNEL_DENIED: "A channel does not let us in",
    IncidentType.CARRIER_DENIED: "A carrier does not let us in",
    IncidentType.CHANNEL_REFUSES: "A channel refuses a message",
    IncidentType.ACK_MISSED: "An order was not acknowledged in time",
    IncidentType.UNTOLD: "A shipment is not confirmed and its time runs out",
    IncidentType.INTERCEPT: "A cancelled parcel is on its way",
    IncidentType.CARRIER_CLOSE: "A carrier does not accept a load",
    IncidentType.NEVER_SCANNED: "A parcel left and was never scanned",
    IncidentType.PARCEL_STUCK: "A parcel is stuck on its way",
    IncidentType.DELIVERY_SLIPPED: "A parcel will come later than promised",
    IncidentType.DELIVERY_FAILED: "A delivery failed",
    IncidentType.PARCEL_LOST: "A parcel is lost",
    IncidentType.TRACKING_WORD: "A carrier uses a word nobody explained",
    IncidentType.LABEL_UNKNOWN: "A label may be bought or not",
    IncidentType.LABEL_UNUSED: "A label was bought and not used",
    IncidentType.LABEL_DEARER: "A label cost much more than was offered",
    IncidentType.VOID_UNCONFIRMED: "A label's refund is not confirmed",
    IncidentType.RELABEL: "A box needs another label",
    IncidentType.SHORT_PICK: "A shelf was short of a pick",
    IncidentType.SITE_DOWN: "A site is down",
    IncidentType.PAYMENT: "Payment failed",
    IncidentType.FRAUD: "Fraud suspected",
    IncidentType.ORDER_CHANGED: "Buyer changed an order",
    IncidentType.CANCEL_RATE: "Cancels near the limit",
    IncidentType.BENCH_PROBLEM: "Problem at a bench",
    IncidentType.BENCH_HOLD: "Held at a bench",
    IncidentType.BENCH_CALL: "A bench calls",
    IncidentType.FORCED: "Verified by hand",
    IncidentType.PULL_PARCEL: "Pull this parcel",
    IncidentType.SERIAL_TWICE: "Serial number used before",
    IncidentType.NOT_PERMITTED: "Packed without the right to",
    IncidentType.LOT_MOVED: "Packed lot is promised to others",
}

MODE_WORDS = {"warn": "only warns", "verify": "only verifies"}
"""Of benches that do not work as usual (FLR-09)."""

PHASE_WORDS = {
    "packing": "packing",
    "checked": "checked, box to close",
    "label": "label to scan",
    "parked": "box parked",
    "closed": "box closed",
    "ended": "order stopped",
}


def reason_words(code: str) -> tuple[str, Shape]:
    """Words and shape of a reason code; one from a newer version reads as itself."""
    return REASON_WORDS.get(code) or (spoken(code.replace("_", " ")), Shape.LOOK)


def incident_words(code: str) -> str:
    """Words of an incident type."""
    return INCIDENT_WORDS.get(code) or spoken(code.replace("_", " "))


def device_shape(words: str) -> Shape:
    """The shape beside a bench's own words for its scanner or printer; what the bench has not got is off."""
    said = words.lower()
    if said in {"", "none", "no printer"}:
        return Shape.OFF
    fine = said in {"ok", "ready", "keyboard", "not asked"} or said.endswith("kept back")
    return Shape.GOOD if fine else Shape.LOOK


def spoken(text: str, longest: int = 160) -> str:
    """Text from outside on its way to a page: one line, no control or direction marks, cut at ``longest``."""
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text if not _invisible(c))
    line = " ".join(kept.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _invisible(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Cs", "Co", "Cn"}
