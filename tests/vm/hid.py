"""Devices that send HID reports: a scanner that plays a keyboard, a scale. https://docs.kernel.org/usb/gadget_hid.html"""

import errno
import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.vm.gadgets import SOON_SECONDS, Gadget, Label, until


class _Reports(Gadget):
    """A HID device: it sends reports of one length."""

    function = "hid"
    length = 0
    descriptor = b""
    boot = (0, 0)

    def __init__(self, label: Label, port: int = 0) -> None:
        super().__init__(label, port)
        subclass, protocol = self.boot
        for name, number in (("subclass", subclass), ("protocol", protocol), ("report_length", self.length)):
            (self._part / name).write_text(f"{number}\n")
        (self._part / "report_desc").write_bytes(self.descriptor)

    @contextmanager
    def _sending(self) -> Iterator[Callable[[bytes], None]]:
        node = Path(f"/dev/hidg{(self._part / 'dev').read_text().strip().partition(':')[2]}")
        until(node.exists, f"{node}")
        fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)

        def send(report: bytes) -> None:
            # Only a device that somebody reads can send: until then the bus is not set up.
            deadline = time.monotonic() + SOON_SECONDS
            while True:
                try:
                    os.write(fd, report)
                    return
                except OSError as error:
                    if error.errno not in (errno.EAGAIN, errno.ESHUTDOWN) or time.monotonic() > deadline:
                        raise
                select.select([], [fd], [], 0.01)

        try:
            yield send
        finally:
            os.close(fd)


_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "1234567890"
_PLAIN = {mark: 4 + at for at, mark in enumerate(_LETTERS + _DIGITS)}
_PLAIN |= {"\r": 0x28, "\t": 0x2B, " ": 0x2C, "-": 0x2D, "[": 0x2F, "]": 0x30, ";": 0x33, ".": 0x37, "/": 0x38}
_SHIFTED = {mark.upper(): usage for mark, usage in _PLAIN.items() if mark in _LETTERS}
_SHIFTED |= {mark: _PLAIN[digit] for mark, digit in zip("!@#$%^&*()", _DIGITS, strict=True)} | {"_": 0x2D, ":": 0x33}
_CTRL, _SHIFT = 0x01, 0x02
_GS = (_CTRL, _PLAIN["]"])


class KeyboardScanner(_Reports):
    """A scanner that plays a keyboard with a US layout, GS as Ctrl and ]."""

    length = 8
    boot = (1, 1)
    descriptor = bytes.fromhex(
        "05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503910395067508150025650507"
        "19002965810 0c0".replace(" ", "")
    )

    @property
    def path(self) -> str:
        """Its stable name."""
        return f"/dev/input/by-id/{self.label.by_id}-event-kbd"

    @property
    def spec(self) -> str:
        """For a station; with a long gap, because the hand which scans runs on this slow machine too."""
        return f"evdev:{self.path}?gap_ms=5000"

    def scan(self, code: str, end: str = "\r") -> None:
        """Pull the trigger: each character goes down and up."""
        with self._sending() as send:
            for mark in code + end:
                modifier, usage = (
                    _GS if mark == "\x1d" else (0, _PLAIN[mark]) if mark in _PLAIN else (2, _SHIFTED[mark])
                )
                send(bytes((modifier, 0, usage, 0, 0, 0, 0, 0)))
                send(bytes(8))
            # Taken by the bus, not only by its queue.
            send(bytes(8))


class Scale(_Reports):
    """A scale of the HID Point of Sale kind: a report of six bytes for each weight."""

    length = 6
    # Usage page 8D (scales), collection, report 3: five bytes.
    descriptor = bytes.fromhex("058d0920a101850309211500 26ff00750895058102c0".replace(" ", ""))

    def weighs(self, report: bytes) -> None:
        """Say a weight: 03, status, unit, exponent, two bytes of weight."""
        with self._sending() as send:
            send(report)
