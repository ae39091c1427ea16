"""Devices that take and give bytes: a serial scanner, a printer. https://docs.kernel.org/usb/gadget_printer.html"""

import fcntl
import os
import threading
import tty
from contextlib import suppress
from pathlib import Path

from printing.printers.virtual_press import Press
from tests.vm.gadgets import Gadget, Label, until


class SerialScanner(Gadget):
    """A scanner that plays a serial port (USB CDC), and keeps what the bench told it."""

    function = "acm"
    _fd = -1

    @property
    def path(self) -> str:
        """Its stable name."""
        return f"/dev/serial/by-id/{self.label.by_id}-if00"

    def plug_in(self) -> None:
        super().plug_in()
        node = Path(f"/dev/ttyGS{(self._part / 'port_num').read_text().strip()}")
        until(node.exists, f"{node}")
        self._fd = os.open(node, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._fd)

    def unplug(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        super().unplug()

    def scan(self, code: str, end: str = "\r") -> None:
        """Pull the trigger."""
        os.write(self._fd, (code + end).encode())

    def hears(self, expected: bytes) -> None:
        """Wait for this answer of the bench."""
        heard = b""

        def whole() -> bool:
            nonlocal heard
            with suppress(BlockingIOError):
                heard += os.read(self._fd, 64)
            return len(heard) >= len(expected)

        until(whole, f"{expected!r} at the scanner")
        assert heard == expected


class UsbPrinter(Gadget):
    """A printer of the USB printer class around the press of the software printer; its paper ends in both."""

    function = "printer"
    _SET_STATUS = 0xC0016722
    """_IOWR('g', 0x22, unsigned char), linux/usb/g_printer.h."""
    _READY, _PAPER_OUT = 0x18, 0x38

    def __init__(self, label: Label, port: int = 0) -> None:
        super().__init__(label, port)
        texts = f"MFG:{label.maker_name};CMD:ZPL;MDL:{label.name};CLS:PRINTER;SN:{label.serial};"
        (self._part / "pnp_string").write_text(f"{texts}\n")
        self.device_id = texts
        self.press = Press()
        self.bytes = b""
        """Everything that ever came."""
        self.works = True
        """Off: it takes no byte and says nothing, as one that hangs."""
        self._pulled = threading.Event()
        self._worker = threading.Thread()
        self._fd = -1

    def plug_in(self) -> None:
        super().plug_in()
        # Refused until the machine has set it up.
        until(self._opened, "the printer to be seen")
        self.paper(out=self.press.paper_out)
        self._pulled.clear()
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()

    def unplug(self) -> None:
        self._pulled.set()
        if self._worker.is_alive():
            self._worker.join()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        super().unplug()

    def _opened(self) -> bool:
        with suppress(OSError):
            self._fd = os.open("/dev/g_printer0", os.O_RDWR | os.O_NONBLOCK)
        return self._fd >= 0

    def paper(self, *, out: bool) -> None:
        """Take the roll out, or put one in."""
        self.press.paper_out = out
        fcntl.ioctl(self._fd, self._SET_STATUS, self._PAPER_OUT if out else self._READY)

    def _work(self) -> None:
        while not self._pulled.wait(0.01):
            if not self.works:
                continue
            came = b""
            with suppress(BlockingIOError):
                came = os.read(self._fd, 65536)
            self.bytes += came
            answer = self.press.take(came)
            if answer:
                os.write(self._fd, answer)
            self.press.work()
