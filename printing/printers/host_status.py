"""What a ZPL printer answers to ~HS (ZPL II Programming Guide, Host Status Return): three lines of STX ... ETX."""

import re

from printing.printers import PrinterStatus

REQUEST = b"~HS\r\n"
_LINE = re.compile(rb"\x02([^\x02\x03]*)\x03")
_FIELDS = (12, 11, 2)
# (line, field) of each flag, and what a person has to do about it.
_TROUBLES = {
    (0, 1): "out of labels",
    (1, 2): "print head open",
    (1, 3): "out of ribbon",
    (0, 2): "paused",
    (0, 10): "head too cold",
    (0, 11): "head too hot",
    (0, 5): "memory full",
    (0, 9): "memory corrupt, switch it off and on",
}
_FORMATS_IN_BUFFER, _LABELS_LEFT, _PARTIAL_FORMAT = (0, 4), (1, 8), (0, 7)


def is_complete(reply: bytes) -> bool:
    """Whether all three lines have come."""
    return len(_LINE.findall(reply)) >= len(_FIELDS)


def parse(reply: bytes) -> PrinterStatus:
    """The status in a reply; "unknown" for anything that is not one."""
    lines = [line.decode("ascii", "replace").split(",") for line in _LINE.findall(reply)][: len(_FIELDS)]
    found = [len(line) for line in lines]
    if len(lines) < len(_FIELDS) or any(count < least for count, least in zip(found, _FIELDS, strict=True)):
        return PrinterStatus("unknown", f"expected a ~HS answer of {_FIELDS} fields, found {tuple(found)}")
    if not all(field.strip().isdecimal() for field in (*lines[0], *lines[1])):
        return PrinterStatus("unknown", "expected digits in the ~HS answer, found something else")

    def number(place: tuple[int, int]) -> int:
        return int(lines[place[0]][place[1]])

    queued = number(_FORMATS_IN_BUFFER) + number(_LABELS_LEFT) + number(_PARTIAL_FORMAT)
    troubles = [words for place, words in _TROUBLES.items() if number(place)]
    if troubles:
        return PrinterStatus("attention", ", ".join(troubles), queued)
    return PrinterStatus("ready", f"{queued} waiting in the printer" if queued else "", queued)
