"""What a scale is plugged into: a serial line, a network address, or the raw reports of a USB scale."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol
from urllib.parse import parse_qsl

from scanners.devices import close_tty, down, open_tty, read_now
from scanners.options import choice, number, typed_options
from scanners.scales.hidraw import find
from scanners.scan import SourceDown
from scanners.sources import needs_address

CONNECT_SECONDS = 2.0
FORMS = {"8n1": (8, "N"), "7e1": (7, "E"), "7o1": (7, "O"), "8e1": (8, "E"), "8o1": (8, "O")}
"""Data bits and parity of a serial line; one stop bit."""


class Port(Protocol):
    """An open line to a scale; reading and writing never wait."""

    def fileno(self) -> int: ...

    def read(self) -> bytes | None:
        """What is there now, of a USB scale one report; None when the line is cut."""

    def write(self, data: bytes) -> None:
        """Send it, as far as it goes now. Raises OSError when the line is cut."""

    def close(self) -> None: ...


OpenPort = Callable[[], Port]
"""Opens it. Raises SourceDown with what to do about it."""


class FilePort:
    """Whatever is read and written by a file descriptor."""

    def __init__(self, fd: int, close: Callable[[], None]) -> None:
        self._fd, self.close = fd, close

    def fileno(self) -> int:
        return self._fd

    def read(self) -> bytes | None:
        return read_now(self._fd)

    def write(self, data: bytes) -> None:
        # A line that takes nothing more has a scale behind it that does not listen: it will be asked again.
        with suppress(BlockingIOError):
            os.write(self._fd, data)


def open_line(spec: str) -> OpenPort:
    """How to open `serial:PATH?baud=9600&form=8n1` or `tcp:HOST:PORT`, which carry the same bytes.

    Raises ValueError naming what was expected.
    """
    kind, _, rest = spec.partition(":")
    if kind not in _LINES:
        raise ValueError(f"expected a scale at serial:/dev/... or tcp:HOST:PORT, found {spec!r}")
    address, _, query = rest.partition("?")
    return _LINES[kind](address, dict(parse_qsl(query, keep_blank_values=True)))


def _serial(path: str, given: Mapping[str, str]) -> OpenPort:
    needs_address("serial", path, "serial:/dev/serial/by-id/...")
    options = typed_options("serial", given, {"baud": number(50, 4_000_000), "form": choice(*FORMS)})
    bits, parity = FORMS[options.get("form", "8n1")]
    baud = options.get("baud", 9600)

    def opened() -> Port:
        port = open_tty(path, baud, bits, parity)
        return FilePort(port.fileno(), lambda: close_tty(port))

    return opened


def _tcp(address: str, given: Mapping[str, str]) -> OpenPort:
    typed_options("tcp", given, {})
    host, _, text = address.rpartition(":")
    port = text if host and text.isascii() and text.isdecimal() else ""
    if not port or not 0 < int(port[:6]) < 65536:
        raise ValueError(f"tcp: expected HOST:PORT, found {address!r}")

    def opened() -> Port:
        try:
            line = socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)
        except OSError as error:
            raise SourceDown("waiting", f"{address} does not answer: {error.strerror or error}") from error
        line.setblocking(False)
        return FilePort(line.fileno(), line.close)

    return opened


def open_reports(address: str) -> OpenPort:
    """How to open a USB scale by its path or as MAKER:PRODUCT. Raises ValueError naming what was expected."""
    needs_address("hid", address, "hid:/dev/hidraw0 or hid:0922:8003 (maker and product, as `lsusb` shows them)")

    def opened() -> Port:
        path = address if address.startswith("/") else find(address)
        if path is None:
            raise SourceDown("waiting", f"no USB scale {address} is plugged in")
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            raise down(error, path, "packstation") from error
        return FilePort(fd, lambda: os.close(fd))

    return opened


_LINES: dict[str, Callable[[str, Mapping[str, str]], OpenPort]] = {"serial": _serial, "tcp": _tcp}
