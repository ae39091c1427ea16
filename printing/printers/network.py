"""A label printer on the network, raw TCP ("port 9100"), asked for its state with ~HS before a job where it answers.

"Handed over" means: the printer's network card has acknowledged every byte, and the connection did not break after.
It does not mean printed; a paused printer takes jobs too.
"""

import fcntl
import os
import select
import socket
import struct
import termios
import time
from urllib.parse import parse_qsl, urlsplit

from printing.printers import Printer, PrinterStatus, PrinterUnavailable, host_status

SCHEME = "tcp"
_DEFAULT_PORT = 9100
_CONNECT_TIMEOUT = 2.0
_WRITE_TIMEOUT = 5.0
_ANSWER_TIMEOUT = 2.0
# How long a printer may take to break a connection whose job it did not want; most close it at once.
_GOODBYE_TIMEOUT = 0.25
# A printer that never answered is not asked again for so long, since each question costs the answer timeout.
_SILENCE_BELIEVED = 60.0


class NetworkPrinter:
    """One printer at host and port; `asks` is false for printers which do not know ~HS."""

    def __init__(self, host: str, port: int = _DEFAULT_PORT, *, asks: bool = True) -> None:
        self.name = f"{SCHEME}:{f'[{host}]' if ':' in host else host}:{port}"
        self._address = (host, port)
        self._asks = asks
        self._has_answered = False
        self._silent_until = 0.0

    def status(self) -> PrinterStatus:
        """Ask over a connection of its own."""
        try:
            with socket.create_connection(self._address, _CONNECT_TIMEOUT) as connection:
                return self._ask(connection)
        except OSError as problem:
            return PrinterStatus("offline", self._offline(problem))

    def send(self, data: bytes) -> None:
        """Ask, then hand over, over one connection. Raises PrinterUnavailable."""
        try:
            connection = socket.create_connection(self._address, _CONNECT_TIMEOUT)
        except OSError as problem:
            raise PrinterUnavailable(self._offline(problem)) from problem
        with connection:
            self._check(connection)
            _write(connection, data)

    def _check(self, connection: socket.socket) -> None:
        try:
            status = self._ask(connection)
        except OSError as problem:
            raise PrinterUnavailable(self._offline(problem)) from problem
        if status.state in ("attention", "offline"):
            raise PrinterUnavailable(status.detail)

    def _ask(self, connection: socket.socket) -> PrinterStatus:
        if not self._asks or (not self._has_answered and time.monotonic() < self._silent_until):
            return PrinterStatus("unknown", "takes jobs, does not tell its state")
        connection.settimeout(_ANSWER_TIMEOUT)
        connection.sendall(host_status.REQUEST)
        reply = _answer(connection)
        if reply:
            self._has_answered = True
            return host_status.parse(reply)
        if self._has_answered:
            # Some models fall silent while out of labels or with the head open (ZPL II Programming Guide, ~HS).
            return PrinterStatus("attention", "no longer answers: check labels, ribbon and print head")
        self._silent_until = time.monotonic() + _SILENCE_BELIEVED
        return PrinterStatus("unknown", "takes jobs, does not tell its state")

    def _offline(self, problem: OSError) -> str:
        return f"{self.name} cannot be reached: {problem.strerror or 'no answer'}"


def _answer(connection: socket.socket) -> bytes:
    """All three lines, or what has come in time; empty if the printer keeps silent."""
    deadline = time.monotonic() + _ANSWER_TIMEOUT
    reply = b""
    while not host_status.is_complete(reply) and (left := deadline - time.monotonic()) > 0:
        if not select.select([connection], [], [], left)[0]:
            break
        part = connection.recv(4096)
        if not part:
            raise ConnectionResetError(0, "it hung up")
        reply += part
    return reply


def _write(connection: socket.socket, data: bytes) -> None:
    deadline = time.monotonic() + _WRITE_TIMEOUT
    sent = 0
    try:
        while sent < len(data):
            connection.settimeout(max(deadline - time.monotonic(), 0.01))
            sent += connection.send(data[sent : sent + 65536])
        _await_acknowledged(connection, deadline)
        connection.shutdown(socket.SHUT_WR)
        _await_goodbye(connection)
    except OSError as problem:
        reason = f"broke off during a job: {problem.strerror or 'it stopped taking bytes'}"
        raise PrinterUnavailable(reason, "some" if sent else "nothing") from problem


def _await_acknowledged(connection: socket.socket, deadline: float) -> None:
    """Wait until the far side has everything (Linux tells; elsewhere this passes). Raises TimeoutError and others."""
    while _unacknowledged(connection):
        if problem := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(problem, os.strerror(problem))
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.005)


def _unacknowledged(connection: socket.socket) -> int:
    try:
        answer = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0" * 4)
    except OSError:
        return 0
    return int(struct.unpack("i", answer)[0])


def _await_goodbye(connection: socket.socket) -> None:
    """Read until the printer closes too. A connection it breaks instead raises ConnectionResetError."""
    deadline = time.monotonic() + _GOODBYE_TIMEOUT
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([connection], [], [], left)[0] or not connection.recv(4096):
            return


def open_printer(rest: str) -> Printer:
    """`rest` is HOST[:PORT][?status=off]; IPv6 addresses in brackets."""
    spec = f"{SCHEME}:{rest}"
    expected = f'printer "{spec}": expected {SCHEME}:HOST:PORT, optionally with ?status=off'
    try:
        parts = urlsplit(f"//{rest}")
        port = parts.port or _DEFAULT_PORT
    except ValueError as problem:
        raise ValueError(f"{expected}; {problem}") from problem
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if (
        not parts.hostname
        or parts.path
        or set(options) - {"status"}
        or options.get("status", "on") not in ("on", "off")
    ):
        raise ValueError(expected)
    return NetworkPrinter(parts.hostname, port, asks=options.get("status") != "off")
