"""English. Short words, what to do first, no blame. Sentences are for people with gloves on, two metres away."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from server.domain.benchwork.reasons import Reason
from station.views import Bought, LabelStage, Lamp, Light, Note, State
from station.wording.says import Says, Ways

REASONS: Mapping[Reason, Says] = MappingProxyType(
    {
        Reason.OK: Says("OK", "Go on.", "OK"),
        Reason.REPEAT: Says("SAME SCAN TWICE", "It counted once. Go on.", "REPEAT"),
        Reason.WRONG_ITEM: Says("WRONG ITEM", "Put it in the red bin.", "WRONG ITEM"),
        Reason.OVER_QUANTITY: Says("ONE TOO MANY", "This box has enough of it. Put it in the red bin.", "TOO MANY"),
        Reason.UNKNOWN_CODE: Says("UNKNOWN CODE", "Scan the barcode on the item.", "UNKNOWN"),
        Reason.BAD_READ: Says("NOT READ WELL", "Not counted. Scan it again.", "SCAN AGAIN"),
        Reason.NOT_NOW: Says("NOT NOW", "This code means nothing at this step.", "NOT NOW"),
        Reason.NEED_LOT: Says("LOT NEEDED", "Scan the lot code of this item.", "SCAN LOT"),
        Reason.NEED_SERIAL: Says("SERIAL NUMBER NEEDED", "Scan the serial number of this item.", "SCAN SERIAL"),
        Reason.WRONG_LOT: Says("WRONG LOT", "Put it back. Take the lot on the slip.", "WRONG LOT"),
        Reason.EXPIRED: Says("EXPIRED", "Put it in the red bin. Take a fresh one.", "EXPIRED"),
        Reason.DUPLICATE_SERIAL: Says(
            "SERIAL NUMBER USED BEFORE", "Put it in the red bin. Take another one.", "USED BEFORE"
        ),
        Reason.ON_HOLD: Says("ORDER ON HOLD", "Do not pack on. Put the box on the hold shelf.", "ON HOLD"),
        Reason.CANCELLED: Says("CANCELLED", "Do not send it. Put the goods back.", "CANCELLED"),
        Reason.CHANGED: Says("ORDER CHANGED", "Unpack this box. Scan the order again for its new lines.", "CHANGED"),
        Reason.NOT_READY: Says("NOT READY", "This order cannot be packed yet. Take another one.", "NOT READY"),
        Reason.ALREADY_DONE: Says("ALREADY DONE", "Nothing more to do here. Take the next one.", "DONE"),
        Reason.IN_USE: Says("OPEN AT ANOTHER BENCH", "Take another order.", "IN USE"),
        Reason.TAKEN_OVER: Says(
            "TAKEN OVER BY ANOTHER BENCH", "Do not pack on. Give the box to that bench.", "TAKEN OVER"
        ),
        Reason.AMBIGUOUS: Says("COULD BE TWO THINGS", "Scan another barcode on the item.", "WHICH ONE"),
        Reason.BOX_NOT_ALLOWED: Says("NOT THIS BOX", "Take another box size.", "OTHER BOX"),
        Reason.OVERWEIGHT: Says("TOO HEAVY", "Take something out and call your lead.", "TOO HEAVY"),
        Reason.WEIGHT_MISMATCH: Says("WEIGHT IS NOT RIGHT", "Check what is in the box.", "CHECK BOX"),
        Reason.HAZMAT: Says("DANGEROUS GOODS", "This may not go this way. Call your lead.", "HAZMAT"),
        Reason.NO_PRINTER: Says("NO PRINTER", "Call your lead. The box can be parked: scan PARK.", "NO PRINTER"),
        Reason.WRONG_LABEL: Says(
            "WRONG LABEL", "This label is for another box. Take it off. Keep both boxes here.", "WRONG LABEL"
        ),
        Reason.WRONG_LOAD: Says("ON ANOTHER LOAD", "Set it aside. Do not load it here.", "OTHER LOAD"),
        Reason.WRONG_CARRIER: Says("OTHER CARRIER", "Set it aside. It goes with another truck.", "OTHER TRUCK"),
        Reason.ALREADY_LOADED: Says("ALREADY ON THIS LOAD", "It counted once. Go on.", "LOADED"),
        Reason.LOAD_CLOSED: Says("LOAD IS CLOSED", "Set it aside for the next truck.", "CLOSED"),
        Reason.NOT_PACKED: Says("NOT FINISHED", "Its label was never scanned at a bench. Set it aside.", "NOT PACKED"),
        Reason.NEED_CONFIRM: Says("ARE YOU SURE?", "Scan the same code again.", "AGAIN"),
        Reason.NOT_SIGNED_IN: Says("NOBODY IS SIGNED IN", "Scan your badge first.", "SIGN IN"),
        Reason.STOPPED: Says("STOPPED", "Not counted. Clear the stop first.", "STOPPED"),
    }
)

STOPS: Mapping[Reason, Says] = MappingProxyType(
    {
        Reason.UNKNOWN_CODE: Says("UNKNOWN CODE, AGAIN", "Put it in the red bin.", "UNKNOWN"),
        Reason.STOPPED: Says("THIS BENCH CANNOT SAVE", "Nothing counts now. Call your lead.", "CALL LEAD"),
    }
)
"""What a stop says differently from the first verdict."""

NOTES: Mapping[Note, str] = MappingProxyType(
    {
        Note.SIGNED_IN: "Signed in.",
        Note.HAND_OVER: "Took over this bench.",
        Note.SIGNED_OUT: "Signed out.",
        Note.REVOKED: "{item} may not work here any more and was signed out.",
        Note.UNKNOWN_BADGE: "This badge is not known here.",
        Note.NO_ROLE: "{item} may neither pack nor load.",
        Note.MAY_NOT_PACK: "This badge may not pack.",
        Note.MAY_NOT_LOAD: "This badge may not load.",
        Note.BOX_FIRST: "{item} may not pack. Finish or park this box first.",
        Note.OPENING: "Order scanned.",
        Note.WAIT_OPENING: "Wait a moment: something is being opened.",
        Note.AGAIN: "This order is open here. Go on.",
        Note.RESUMED: "Its box is open again.",
        Note.PARKED: "Parked. Scan the next order.",
        Note.PARKED_LATE: "Box {item} is parked. Put its slip in the box; scan the slip when the label can come.",
        Note.PULL_BOX: "Pull box {item} and set it aside.",
        Note.PULL_LABEL: "Pull box {item}, destroy its label and set the box aside.",
        Note.OPENED_ASIDE: "Opened late, so it is parked. Scan its slip when you want it.",
        Note.ITEM_FIRST: "First scan an order, then its items.",
        Note.AWAY: "The server does not answer. Scan the slip again.",
        Note.AWAY_LANE: "The server does not answer. Scan the lane again.",
        Note.AWAY_CLOSE: "The server does not answer. The load may not be closed yet.",
        Note.AWAY_LABEL: "The server does not answer. It is asked again by itself.",
        Note.REPRINT: "Printing its label again.",
        Note.NOT_REPRINTED: "Not reprinted: the server does not answer.",
        Note.NO_PRINTER: "This bench has no printer. Call your lead.",
        Note.UNCERTAIN: "Look whether it came out. Scan it, or scan REPRINT if there is none.",
        Note.CANNOT_DRAW: "This label cannot be drawn. Call your lead.",
        Note.TO_DOCK: "Now loading.",
        Note.TO_PACK: "Now packing.",
        Note.LANE: "Lane scanned.",
        Note.LANE_FIRST: "Scan the code of a lane first.",
        Note.NO_SUCH_LANE: "No such lane here. Known:",
        Note.NO_LANES: "This dock knows no lane yet.",
        Note.CLOSING: "Closing was confirmed.",
        Note.WAIT_CLOSING: "Wait a moment: the load is being closed.",
        Note.KNOWN_NOW: "This parcel is known now: scan it again.",
        Note.DISPUTED: "Take parcel {item} off again: the server knows better.",
        Note.MANIFEST: "The manifest cannot be saved in {item}.",
        Note.JOURNAL: "Not saved, not counted.",
        Note.FAULT: "Not counted: a fault in the bench.",
    }
)
"""What a verdict or a step says beyond its reason; the words of the server or of a device follow it."""

AT_QUEUE = Ways("DOCK loads a truck   SIGN OUT when you leave", "Scan an order here, or DOCK to load.")
AT_PACK = Ways("PARK puts this box aside", "Finish this box or scan PARK first.")
AT_LABEL = Ways("PARK puts this box aside   REPRINT prints the label again", AT_PACK.instead)
AT_NO_LABEL = Ways("YES tries again   PARK puts this box aside", "Scan YES to try again, or PARK first.")
AT_LOBBY = Ways("PACK goes back to packing   SIGN OUT when you leave", "Scan a lane, or PACK to go back to packing.")
AT_LOAD = Ways("CLOSE ends this load   PACK goes back to packing   SIGN OUT when you leave", "Scan a parcel or CLOSE.")
AT_CLOSE = Ways("OK goes back to loading   PACK goes back to packing", "Scan CLOSE again, or OK to go back to loading.")
AT_CLOSED = Ways(
    "OK or a lane goes on loading   PACK goes back to packing", "Scan a lane, or PACK to go back to packing."
)
"""What works on each screen beside its main scan. A person who is stuck looks for these words on the code sheet."""

READS: Mapping[str, str] = MappingProxyType(
    {
        "dropped": "The scanner lost part of the code. Scan it again.",
        "partial": "Only part of the code came. Scan it again.",
        "too_long": "The code is too long to be one. Scan it again.",
    }
)
"""What was wrong with a bad read, by ``Flash.detail``, where it says more than the reason."""

DEVICES = ("server", "scanner", "printer")
LAMPS: Mapping[State, str] = MappingProxyType(
    {
        State.READY: "ready",
        State.OK: "ok",
        State.SLOW: "slow {time}",
        State.AWAY: "off {time}",
        State.NEVER: "never reached {time}",
        State.NOT_ADMITTED: "not admitted {time}",
        State.REFUSED: "{count} refused",
        State.KEYBOARD: "keyboard",
        State.NONE: "none",
        State.NOT_CONNECTED: "not connected",
        State.BUSY: "in use by another program",
        State.BROKEN: "does not work",
        State.NO_PRINTER: "no printer",
        State.KEPT_BACK: "{count} kept back",
        State.NEEDS_HAND: "",
        State.SPOOL: "cannot keep labels:",
    }
)
"""Beside the shape of a light; the words of the device follow."""

STAGES: Mapping[LabelStage, Says] = MappingProxyType(
    {
        LabelStage.NONE: Says("PACK", "Scan every item as it goes into the box.", "SCAN ITEMS"),
        LabelStage.CHECKED: Says("ALL CHECKED", "Close the box. The label comes by itself.", "CLOSE THE BOX"),
        LabelStage.BUYING: Says("BUYING THE LABEL", "Close the box. Please wait for the label.", "BUYING LABEL"),
        LabelStage.PRINTING: Says("PRINTING", "Wait for the label, then stick it on the box.", "PRINTING"),
        LabelStage.SCAN_LABEL: Says("LAST STEP", "Stick the label on this box and scan it there.", "SCAN THE LABEL"),
        LabelStage.FAILED: Says("NO LABEL", "Scan YES to try again, or PARK to pack on.", "NO LABEL"),
    }
)

_NOT_YET = "NOT PRINTED YET"
PRINTER_NEEDS: Mapping[str, Says] = MappingProxyType(
    {
        "out of labels": Says(_NOT_YET, "Load labels into the printer.", "LOAD LABELS"),
        "print head open": Says(_NOT_YET, "Close the print head of the printer.", "CLOSE THE HEAD"),
        "out of ribbon": Says(_NOT_YET, "Load ribbon into the printer.", "LOAD RIBBON"),
        "paused": Says(_NOT_YET, "Press PAUSE on the printer.", "PRESS PAUSE"),
        "head too cold": Says(_NOT_YET, "Wait until the printer is warm.", "PRINTER COLD"),
        "head too hot": Says(_NOT_YET, "Wait until the printer has cooled down.", "PRINTER HOT"),
        "memory": Says(_NOT_YET, "Switch the printer off and on again.", "OFF AND ON"),
        "cannot be reached": Says(_NOT_YET, "Switch the printer on. Check its cable.", "PRINTER OFF"),
        "switched off": Says(_NOT_YET, "Switch the printer on.", "PRINTER OFF"),
        "": Says(_NOT_YET, "Look at the printer: is it on, with labels in it and nothing open?", "CHECK PRINTER"),
    }
)
"""What to do when a label cannot print, by what is found in the printer's own words; the first that is found counts."""

STEPS = ("checked", "buying", "printing", "scan label")
BOUGHT: Mapping[Bought, str] = MappingProxyType(
    {
        Bought.NOT_BOUGHT: "○ label not bought",
        Bought.CHECKING: "▲ checking if the label was bought",
        Bought.BOUGHT: "● label bought",
    }
)
LIGHTS: Mapping[Light, str] = MappingProxyType({Light.OK: "●", Light.LOOK: "▲", Light.OFF: "○"})

SIGN_IN = "SCAN YOUR BADGE"
SIGN_IN_WHY = "Everything you pack here carries your name."
SCAN_ORDER = "SCAN AN ORDER"
SCAN_ORDER_HOW = "Scan the slip of any order, or type its number and press Enter."
OPENING = "OPENING"
WAITING = "WAITING"
NOT_KNOWN_YET = "NOT KNOWN YET"
WAITING_NOT_KNOWN = "The server has not said yet what waits."
NOTHING_WAITING = "Nothing waits. Orders show up here by themselves."
NEXT_ORDERS = "NEXT ORDERS"
PARKED = "PARKED: SCAN ITS SLIP"
PARKED_BY_HAND = "waits for its label"
SCAN_NEXT = "SCAN"
MORE = "MORE"
SHELF = "shelf"
BOX = "box"
NOTE = "!"
YOU_HAVE = "YOU HAVE"
STILL_NEEDS = "THIS BOX STILL NEEDS"
NEEDS_NOTHING = "This box needs nothing more."
WAY_OUT = "Then scan OK on the red bin, press the pedal, or press Enter."
WAY_OUT_ENDS = "Then scan OK, press the pedal, or press Enter. This box is closed here."
WAY_OUT_DOCK = "Take it off the truck. Then scan OK, press the pedal, or press Enter."
SCAN_LANE = "SCAN A LANE"
SCAN_LANE_HOW = "Scan the code above the lane you load. It opens the load of that carrier."
NO_LANES = "This dock knows no lane yet."
LOADED = "LOADED"
LEFT = "LEFT"
LOAD_OF = "load"
DOCK = "dock"
ASIDE = "SET ASIDE"
SET_ASIDE = "SET ASIDE, NOT FOR THIS TRUCK"
MISSING = "NOT LOADED YET"
MISSING_AT_CLOSE = "MISSING"
NONE = "none"
LOADED_NOW = "On the truck."
DOCK_DO = "Scan every parcel as it goes on. Scan CLOSE when the truck is full."
CLOSE_ASK = "CLOSE IT?"
CLOSE_AGAIN = "Scan CLOSE again to confirm. Any parcel scan goes back to loading."
CLOSING = "CLOSING"
CLOSING_WAIT = "The server freezes the manifest. Please wait."
CLOSED = "CLOSED"
ON_TRUCK = "ON THE TRUCK"
CLOSED_DO = "The truck may go. Scan a lane for the next load, or PACK to pack."
MANIFEST = "manifest saved:"
STOCK_TOLD = "● new stock told to all channels"
STOCK_NOT_TOLD = "▲ new stock: still telling the channels"
UNSENT = "unsent"
TYPED_MARK = "(typed)"
LINE_FULL = "That line is full."
BOX_DONE = "Done."
HOLD_BADGE = "Hold your badge under the scanner."
SECONDS = "s"
TYPED = "typed:"
NEXT_HINT = "next:"
HINT_STOP = "press Enter, or type PPC-OK and press Enter"
HINT_WAIT = "wait a moment"
HINT_DONE = "that was all. Press Ctrl-C twice to end"
QUIT_AGAIN = "Press Ctrl-C again to stop this station."
GUIDE_TITLE = "PACKPROOF"
GUIDE_HEAD = "Two minutes, one order, one truck. This is all you do:"
GUIDE_GO = "Scan anything or press Enter to begin."


def of(done: int, total: int) -> str:
    """Counts of one line."""
    return f"{done} of {total}"


def units_to_go(count: int, total: int) -> str:
    """What is open of the whole order."""
    return f"{count} of {total} units to go"


def below(line_count: int, unit_count: int) -> str:
    """What the list does not show."""
    return f"▼ {lines(line_count)}, {units(unit_count)} below"


def above(line_count: int, unit_count: int) -> str:
    """What the list does not show, above."""
    return f"▲ {lines(line_count)}, {plural(unit_count, 'open unit')} above"


def plural(count: int, one: str) -> str:
    """A count with its word."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def units(count: int) -> str:
    """Things to pack."""
    return plural(count, "unit")


def lines(count: int) -> str:
    """Lines of an order."""
    return plural(count, "line")


def and_more(count: int) -> str:
    """The rest of a list."""
    return f"and {count} more"


def not_counted(names: tuple[str, ...]) -> str:
    """Scans made while stopped: how many, and each thing once with its count, the latest first."""
    if not names:
        return "Nothing was scanned since."
    grouped = Counter(reversed(names)).items()
    return f"NOT COUNTED: {len(names)} · " + ",  ".join(f"{n} × {name}" if n > 1 else name for name, n in grouped)


def destroy_label(tracking: str) -> str:
    """A box that ended although its label was bought."""
    return f"Its label {tracking} is bought: destroy it, whether it is on the box or still in the printer."


def case_too_large(case: int, wanted: int) -> Says:
    """A case of the right item with more in it than the box needs."""
    title = f"CASE TOO LARGE: a case of {case}, the box needs {wanted}"
    return Says(title, "Put the case in the red bin. Scan single units instead.", "TOO LARGE")


def stage(at: LabelStage, detail: str = "") -> Says:
    """What to do now; while nothing prints that is about the printer."""
    if at is LabelStage.PRINTING and detail:
        return next(says for words, says in PRINTER_NEEDS.items() if words in detail)
    return STAGES[at]


def just_closed(number: str) -> str:
    """The order that is done."""
    return f"✔ {number} is packed and labelled"


def told(channel: str, done: int, total: int) -> str:
    """How far a channel knows the tracking numbers."""
    return f"{'●' if done >= total else '▲'} {channel}: {done} of {plural(total, 'parcel')} told"


def ago(count: float) -> str:
    """How long something has waited."""
    return span(max(0.0, count))


def span(count: float) -> str:
    """Seconds as the two figures a person needs."""
    minutes = int(count // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d}" if hours < 48 else f"{hours // 24} days"


def until(count: float, carrier: str = "") -> str:
    """Time to the carrier's cut-off."""
    to = f" to {carrier}" if carrier else ""
    return f"{span(count)}{to}" if count >= 0 else f"▲ LATE {span(-count)}"


def parked_why(reason: Reason) -> str:
    """Why a box waits."""
    return PARKED_BY_HAND if reason is Reason.OK else REASONS[reason].title.lower()


def lamp(shown: Lamp) -> str:
    """The words beside a light."""
    known = LAMPS[shown.state].format(time=brief(shown.number), count=f"{shown.number:.0f}")
    return " ".join(part for part in (known, shown.words) if part)


def clock(ahead: float) -> str:
    """By how much this bench's clock is wrong, in seconds; empty for 0."""
    return f"clock {brief(abs(ahead))} {'fast' if ahead > 0 else 'slow'}" if ahead else ""


def brief(seconds: float) -> str:
    """A time in one figure."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
