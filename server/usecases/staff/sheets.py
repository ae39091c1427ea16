"""Pages of barcodes to cut out: badges, commands, dock lanes, box types."""

from collections.abc import Iterable, Mapping

from printing.documents import CodeGroup, PrintedCode
from server import carriers, reading
from server.domain.benchwork.scans import Command
from server.domain.masterdata.catalog import BoxType

_COMMANDS = {
    # Captions are the words by which the screens call for these codes.
    Command.OK: ("OK", "clears a stop; for the wrong-items bin"),
    Command.YES: ("YES", "answers a question on the screen"),
    Command.PARK: ("PARK", "put this box aside"),
    Command.REPRINT: ("REPRINT", "the label once more"),
    Command.DOCK: ("DOCK", "load parcels at this bench"),
    Command.PACK: ("PACK", "pack orders at this bench"),
    Command.CLOSE: ("CLOSE", "the load: once for the summary, again to close"),
    Command.SIGN_OUT: ("SIGN OUT", "when you leave the bench"),
}


def badges(by_name: Mapping[str, str]) -> CodeGroup:
    """The badges, each the only copy of its text."""
    codes = tuple(PrintedCode(text, name, "badge") for name, text in by_name.items())
    return CodeGroup("Badges", "Each is personal, and is the only copy: the server keeps a digest.", codes)


def commands() -> CodeGroup:
    """The command codes for a bench."""
    codes = (PrintedCode(reading.command_code(c), *_COMMANDS.get(c, (c.value, ""))) for c in Command)
    return CodeGroup("Commands", "For every bench and dock.", tuple(codes))


def lanes() -> CodeGroup:
    """The carriers at the dock."""
    made = (
        PrintedCode(f"{reading.LANE_PREFIX}{a.code.upper()}", a.name, "dock lane") for a in carriers.ACCOUNTS.values()
    )
    return CodeGroup("Dock lanes", "Scan the lane to open the load of its carrier.", tuple(made))


def boxes(types: Iterable[BoxType]) -> CodeGroup:
    """The outer boxes."""
    codes = tuple(PrintedCode(f"{reading.BOX_PREFIX}{box.code}", box.name, "box type") for box in types)
    return CodeGroup("Boxes", "Scan the box you take.", codes)
