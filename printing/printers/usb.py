"""A printer on USB (Linux usblp, `/dev/usb/lp*`): it has a status byte of its own, and most answer questions too.

lp0 and lp1 change with the order in which printers are plugged in; a word of the device id (model, serial number) does
not.
"""

import fcntl
import os
import select
from contextlib import suppress
from pathlib import Path

from printing.printers import Printer, PrinterStatus, Settings
from printing.printers.talking import TalkingPrinter
from printing.printers.troubles import Trouble

SCHEME = "usb"
EXPECTED = "usb:DEVICE (usb:/dev/usb/lp0) or usb:WORD of its device id (usb:ZD421, or its serial number)"
OPTIONS: frozenset[str] = frozenset()
FOLDER = Path("/dev/usb")
KNOWN = Path("/sys/class/usbmisc")
# linux/lp.h and drivers/usb/class/usblp.c.
_GET_STATUS = 0x060B
_ID_BYTES = 1024
_GET_DEVICE_ID = (2 << 30) | (_ID_BYTES << 16) | (ord("P") << 8) | 1
_PAPER_OUT, _NO_ERROR = 0x20, 0x08


class _Device:
    """The open device, as a line. The driver takes bytes while the paper is out, so its status byte is looked at."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def state(self) -> PrinterStatus | None:
        """From the status byte; `None` where the driver has none."""
        try:
            byte = fcntl.ioctl(self._file, _GET_STATUS, bytes(4))[0]
        except OSError:
            return None
        if byte & _PAPER_OUT:
            return PrinterStatus("attention", Trouble.PAPER_OUT)
        return PrinterStatus("ready", "") if byte & _NO_ERROR else PrinterStatus("attention", Trouble.ERROR)

    def push(self, data: bytes, seconds: float) -> int:
        """As much as fits."""
        self.finish(seconds)
        return os.write(self._file, data)

    def read(self, seconds: float) -> bytes:
        """Empty also where the printer has no way back."""
        if not select.select([self._file], [], [], seconds)[0]:
            return b""
        return os.read(self._file, 4096)

    def finish(self, seconds: float) -> None:
        """Writable again: the printer has the last piece. Closed sooner, the driver would drop it."""
        if not select.select([], [self._file], [], seconds)[1]:
            raise TimeoutError

    def close(self) -> None:
        os.close(self._file)


def device_id(path: Path) -> str:
    """What the printer calls itself, for instance "MFG:Zebra;MDL:ZD421;SN:D4J2;"; empty if it cannot be asked.

    The kernel remembers it: only one may open the device, and that may be somebody's label on its way.
    """
    with suppress(OSError):
        return (KNOWN / path.name / "device" / "ieee1284_id").read_text("ascii", "replace").strip()
    try:
        file = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        answer = fcntl.ioctl(file, _GET_DEVICE_ID, bytes(_ID_BYTES))
    except OSError:
        return ""
    finally:
        os.close(file)
    length = int.from_bytes(answer[:2], "big")
    return answer[2 : max(length, 2)].rstrip(b"\0").decode("ascii", "replace")


def _found(word: str) -> Path:
    """The one device whose id has this word. Raises OSError."""
    found = [path for path in sorted(FOLDER.glob("lp*")) if word in device_id(path)]
    if len(found) != 1:
        count = f"{len(found)} printers have it: use a serial number" if found else "no USB printer has it"
        raise OSError(0, f'looked for "{word}" in the device ids, {count}')
    return found[0]


def open_printer(place: str, settings: Settings) -> Printer:
    """`place` is a device or a word."""
    if not place:
        raise ValueError
    return TalkingPrinter(
        f"{SCHEME}:{place}", lambda: _Device(Path(place) if place.startswith("/") else _found(place)), settings
    )
