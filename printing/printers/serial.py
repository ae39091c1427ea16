"""A printer on a serial line: RS-232 or a USB adapter. Speed and flow control must be those the printer is set to."""

import select
import time

import serial

from printing.printers import Printer, PrinterStatus, Settings
from printing.printers.talking import TalkingPrinter

SCHEME = "serial"
EXPECTED = "serial:DEVICE, for instance serial:/dev/serial/by-id/usb-FTDI-if00?baud=9600&flow=xonxoff"
OPTIONS = frozenset({"baud", "flow"})
_SPEEDS = ("1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200")
_FLOWS = {"none": {}, "xonxoff": {"xonxoff": True}, "rtscts": {"rtscts": True}, "dsrdtr": {"dsrdtr": True}}


class _Port:
    """One serial port for us alone, as a line."""

    def __init__(self, device: str, baud: int, flow: str) -> None:
        self._port = serial.Serial(device, baud, timeout=0, exclusive=True, **_FLOWS[flow])
        self._port.reset_input_buffer()

    def state(self) -> PrinterStatus | None:
        """A cable knows nothing of the press."""
        return None

    def push(self, data: bytes, seconds: float) -> int:
        """As much as fits. Raises TimeoutError where flow control holds everything back."""
        self._port.write_timeout = 0
        if not select.select([], [self._port.fileno()], [], seconds)[1]:
            raise TimeoutError
        return int(self._port.write(data) or 0)

    def read(self, seconds: float) -> bytes:
        """Raises SerialException when the port has gone."""
        if not select.select([self._port.fileno()], [], [], seconds)[0]:
            return b""
        return bytes(self._port.read(4096))

    def finish(self, seconds: float) -> None:
        """Everything has gone down the wire. Draining by the kernel could wait for ever."""
        deadline, before = time.monotonic() + seconds, 0
        while waiting := self._port.out_waiting:
            if waiting != before:
                deadline, before = time.monotonic() + seconds, waiting
            elif time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.005)

    def close(self) -> None:
        self._port.close()


def open_printer(place: str, settings: Settings) -> Printer:
    """`place` is the device."""
    baud, flow = settings.more.get("baud", "9600"), settings.more.get("flow", "none")
    if not place or baud not in _SPEEDS or flow not in _FLOWS:
        raise ValueError(f"baud is one of {', '.join(_SPEEDS)}; flow one of {', '.join(_FLOWS)}")
    return TalkingPrinter(f"{SCHEME}:{place}", lambda: _Port(place, int(baud), flow), settings)
