"""Pages of barcodes to cut out: badges, commands, dock lanes, box types."""

from collections.abc import Iterable, Mapping

from printing.documents import CodeGroup, PrintedCode
from scanners.calibration import CODE
from server import reading
from server.carriers import Account
from server.domain.benchwork.scans import QUANTITY_PREFIX, Command, Trouble
from server.domain.dock.values import OtherLoad
from server.domain.masterdata.catalog import BoxType
from server.domain.packing.box_scan import NEXT_BOX, NO_BOX_CODE, OPEN_BOX

Captions = Mapping[Command, tuple[str, str]]

# Captions are the words by which the screens call for these codes.
AT_BENCH: Captions = {
    Command.OK: ("OK", "clears a stop; for the wrong-items bin"),
    Command.YES: ("YES", "answers a question on the screen"),
    Command.PARK: ("PARK", "put this box aside"),
    Command.REPRINT: ("REPRINT", "the label once more"),
    Command.UNDO: ("UNDO", "take one unit out: then UNDO again, or the item"),
    Command.PROBLEM: ("PROBLEM", "goods are not right: then a code of the problem list"),
    Command.CALL: ("CALL", "somebody comes; again takes it back"),
    Command.HELP: ("HELP", "what can be scanned now"),
}
"""The eight that lie on the bench; a ninth would be one too many to find without reading."""
APART: Captions = {
    Command.EMPTY: ("EMPTY", "take all out: then EMPTY again, or one item"),
    Command.HOLD: ("HOLD", "this order waits for the lead"),
    Command.TAKE_OVER: ("TAKE OVER", "an order that another bench has, right after its slip"),
    Command.RELABEL: ("RELABEL", "another label for a box: its label, why, and a supervisor's badge"),
    Command.FORCE: ("FORCE", "verify one unit by hand: then why, from the problem list"),
    Command.PRINTER: ("PRINTER", "print at the next printer there is; in the end here again"),
    Command.ATTACH: ("ATTACH", "teach an unknown code: then the code, then the item"),
}
COMING: Captions = {
    Command.PACK: ("PACK", "pack orders at this bench"),
    Command.DOCK: ("DOCK", "load parcels at this bench"),
    Command.CLOSE: ("CLOSE", "the load: once for the summary, again to close"),
    Command.SIGN_OUT: ("SIGN OUT", "when you leave the bench"),
}
GOODS: Captions = {
    Command.RECEIVE: ("RECEIVE", "a delivery: then its note, or its first item"),
    Command.PUT_BACK: ("PUT BACK", "a cancelled box: then the box, then its items"),
    Command.TRANSFER_OUT: ("TRANSFER OUT", "goods leave for another site: then the transfer's number"),
    Command.TRANSFER_IN: ("TRANSFER IN", "goods come from another site: then the transfer's number"),
    Command.COUNT: ("COUNT", "what lies on a shelf: then each unit of one product"),
    Command.LOT: ("LOT", "then the lot's own label: of what was scanned last, and of what follows"),
    Command.DONE: ("DONE", "that was all: once to look at it, again to book it"),
}
AT_DOCK: Captions = {
    Command.UNLOAD: ("UNLOAD", "then the parcel: it comes off the load"),
    Command.ASIDE_DONE: ("ASIDE DONE", "then each parcel set aside, once it is where it belongs"),
    Command.REMAINING: ("REMAINING", "the driver waits: then only what stays; all else is loaded"),
    Command.CANNOT_REACH: ("CANNOT REACH", "a cancelled parcel too deep in the vehicle to be pulled"),
    Command.PALLET: ("PALLET", "then a pallet's SSCC, and each parcel on it; DONE ends it"),
    Command.PICKUP: ("PICKUP", "then a lane: its driver took everything (no dock scans)"),
}
TROUBLES: Mapping[Trouble, str] = {
    Trouble.SHORT: "too few of it on the shelf",
    Trouble.MISSING: "none of it on the shelf",
    Trouble.DAMAGED: "broken, dirty or opened",
    Trouble.UNREADABLE: "its barcode cannot be read",
    Trouble.MISLABELLED: "its barcode is another item's",
}


def badges(by_name: Mapping[str, str]) -> CodeGroup:
    """The badges, each the only copy of its text."""
    codes = tuple(PrintedCode(text, name, "badge") for name, text in by_name.items())
    return CodeGroup("Badges", "Each is personal, and is the only copy: the server keeps a digest.", codes)


def commands() -> tuple[CodeGroup, ...]:
    """All command codes of a bench and the list of problems; what should not be scanned by accident stands apart."""
    made = [
        CodeGroup("Commands", "For every bench: these eight within reach.", _codes(AT_BENCH)),
        CodeGroup("Commands with care", "Not beside the others: each asks, or changes a whole order.", _codes(APART)),
        CodeGroup("Coming and going", "Beside the bench, and at the dock.", _codes(COMING)),
        CodeGroup("At the dock", "Where a loader reaches them from inside the vehicle.", _codes(AT_DOCK)),
    ]
    made.append(
        CodeGroup("Goods at the dock", "For deliveries, returns to the shelf, transfers, counts.", _codes(GOODS))
    )
    return (*made, problems())


def problems() -> CodeGroup:
    """What can be wrong with goods."""
    codes = tuple(PrintedCode(reading.trouble_code(t), t.name, TROUBLES[t]) for t in Trouble)
    return CodeGroup("Problem list", "PROBLEM, then one of these; or one of these, then the item.", codes)


def numbers() -> CodeGroup:
    """The digits, for whoever has no keyboard: a PIN is scanned digit by digit, a quantity is the code itself."""
    codes = tuple(PrintedCode(f"{QUANTITY_PREFIX}{digit}", str(digit), "number") for digit in range(10))
    return CodeGroup("Numbers", "A quantity, or the digits of a PIN one after the other and then OK.", codes)


def scanners(bench_id: int) -> CodeGroup:
    """What makes a spare scanner this bench's, and what tells how a scanner is set."""
    own = PrintedCode(reading.bench_code(bench_id), "THIS BENCH", "a spare scanner that scans it works here")
    calibration = PrintedCode(CODE, "CALIBRATION", "for packproof doctor scanner: says what a scanner is set to")
    return CodeGroup("Scanners", "For a new scanner, or one that reads nonsense.", (own, calibration))


def _codes(captions: Captions) -> tuple[PrintedCode, ...]:
    return tuple(PrintedCode(reading.command_code(c), *words) for c, words in captions.items())


def lanes(accounts: Iterable[Account]) -> CodeGroup:
    """The carriers at the dock."""
    made = (PrintedCode(f"{reading.LANE_PREFIX}{a.code.upper()}", a.name, "dock lane") for a in accounts if a.active)
    return CodeGroup("Dock lanes", "Scan the lane to open the load of its carrier.", tuple(made))


def loads(planned: Iterable[OtherLoad]) -> CodeGroup:
    """The loads' own codes, for a lane that has several."""
    made = (PrintedCode(x.load_id, x.trailer or x.carrier_name, x.carrier_name) for x in planned)
    return CodeGroup("Loads", "Scan a load's own code where its lane has several vehicles.", tuple(made))


def boxes(types: Iterable[BoxType]) -> CodeGroup:
    """The outer boxes, and what can be said of a box."""
    codes = tuple(PrintedCode(f"{reading.BOX_PREFIX}{box.code}", box.name, "box type") for box in types)
    more = (
        PrintedCode(NEXT_BOX, "NEW BOX", "closes this box: what comes now goes into the next"),
        PrintedCode(NO_BOX_CODE, "NO BOX", "it travels in the maker's own box"),
        PrintedCode(OPEN_BOX, "OPEN BOX", "then a supervisor's badge: opens the box closed last"),
    )
    return CodeGroup("Boxes", "Scan the box you take, if it is not the one on the screen.", (*codes, *more))
