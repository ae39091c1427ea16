"""A printer on the network, raw TCP ("port 9100")."""

import fcntl
import os
import select
import socket
import struct
import termios
import time
from urllib.parse import urlsplit

from printing.printers import Printer, PrinterStatus, Settings
from printing.printers.talking import TalkingPrinter

SCHEME = "tcp"
EXPECTED = "tcp:HOST:PORT"
OPTIONS: frozenset[str] = frozenset()
_DEFAULT_PORT = 9100
_CONNECT_SECONDS = 2.0
# How long a printer may take to break a connection whose job it did not want; most close it at once.
_GOODBYE_SECONDS = 0.25


class _Connection:
    """One connection, as a line."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), _CONNECT_SECONDS)

    def state(self) -> PrinterStatus | None:
        """A network card knows nothing of the press."""
        return None

    def push(self, data: bytes, seconds: float) -> int:
        """As much as fits. Raises TimeoutError and others."""
        self._socket.settimeout(seconds)
        return self._socket.send(data)

    def read(self, seconds: float) -> bytes:
        """Raises ConnectionResetError when the printer hangs up instead of answering."""
        if not select.select([self._socket], [], [], seconds)[0]:
            return b""
        part = self._socket.recv(4096)
        if not part:
            raise ConnectionResetError(0, "it hung up")
        return part

    def finish(self, seconds: float) -> None:
        """Everything is acknowledged by the printer's card, and it does not break the connection for it."""
        self._await_acknowledged(seconds)
        self._socket.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + _GOODBYE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self._socket], [], [], left)[0] or not self._socket.recv(4096):
                return

    def close(self) -> None:
        self._socket.close()

    def _await_acknowledged(self, seconds: float) -> None:
        """Linux tells; elsewhere this passes."""
        deadline, before = time.monotonic() + seconds, 0
        while waiting := _unacknowledged(self._socket):
            if problem := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(problem, os.strerror(problem))
            if waiting != before:
                deadline, before = time.monotonic() + seconds, waiting
            elif time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.002)


def _unacknowledged(connection: socket.socket) -> int:
    try:
        answer = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0" * 4)
    except OSError:
        return 0
    return int(struct.unpack("i", answer)[0])


def open_printer(place: str, settings: Settings) -> Printer:
    """`place` is HOST[:PORT]; IPv6 addresses in brackets."""
    parts = urlsplit(f"//{place}")
    port = parts.port or _DEFAULT_PORT
    host = parts.hostname
    if not host or parts.path:
        raise ValueError
    name = f"{SCHEME}:{f'[{host}]' if ':' in host else host}:{port}"
    return TalkingPrinter(name, lambda: _Connection(host, port), settings)
