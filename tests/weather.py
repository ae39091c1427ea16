"""A bad network between a bench and its server: real sockets, and whatever can go wrong on them."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from urllib.parse import urlsplit

LATE_SECONDS = 3.0
_PAGE = b"<html><body>Bad day</body></html>"
_PROBLEM = b'{"code":"bug","detail":"our fault; quote 17","status":500,"title":"bug","facts":{}}'


class Mood(StrEnum):
    """What the network does with each request.

    FAIR          carries it
    CUT           nobody listens any more, and open connections are gone
    ERROR_PAGE    answers 500 with a page of some proxy
    ERROR         answers 500 as the server does when it has a bug
    LATE          brings the answer after 3 s
    RESET         resets the connection before the server sees the request
    LOST_ANSWER   resets it after the server did what was asked
    HALF_ANSWER   resets it in the middle of the answer
    """

    FAIR = "fair"
    CUT = "cut"
    ERROR_PAGE = "error page"
    ERROR = "error"
    LATE = "late"
    RESET = "reset"
    LOST_ANSWER = "lost answer"
    HALF_ANSWER = "half answer"


class Weather:
    """``mood`` may change at any moment; ``url`` is where the bench finds its server."""

    def __init__(self, server: str, url: str) -> None:
        self.url, self.mood, self.spoiled = url, Mood.FAIR, 0
        self._server = urlsplit(server)
        self.over = False

    def serve(self, bench: socket.socket) -> None:
        """One connection of the bench, until it ends."""
        address = (self._server.hostname or "", self._server.port or 80)
        with bench, suppress(OSError), socket.create_connection(address, 5) as server:
            bench.settimeout(0.2)
            while not self.over:
                try:
                    request = _message(bench)
                except TimeoutError:
                    if self.mood is Mood.CUT:
                        _reset(bench)
                        return
                    continue
                if not request or not self._carried(request, bench, server):
                    return

    def _carried(self, request: bytes, bench: socket.socket, server: socket.socket) -> bool:
        """Whether the connection goes on."""
        mood = self.mood
        self.spoiled += mood is not Mood.FAIR
        if mood in (Mood.CUT, Mood.RESET):
            return _reset(bench)
        if mood in (Mood.ERROR, Mood.ERROR_PAGE):
            kind, body = ("text/html", _PAGE) if mood is Mood.ERROR_PAGE else ("application/problem+json", _PROBLEM)
            head = (
                f"HTTP/1.1 500 Oops\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            bench.sendall(head.encode() + body)
            return False
        server.sendall(request)
        answer = _message(server)
        if mood is Mood.LOST_ANSWER:
            return _reset(bench)
        if mood is Mood.HALF_ANSWER:
            bench.sendall(answer[: len(answer) // 2])
            return _reset(bench)
        if mood is Mood.LATE:
            time.sleep(LATE_SECONDS)
        bench.sendall(answer)
        return b"connection: close" not in answer.lower()[:500] and answer.startswith(b"HTTP/1.1")


@contextmanager
def weather(server: str) -> Iterator[Weather]:
    """The network in front of this server's address."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as door:
        door.settimeout(0.05)
        made = Weather(server, f"http://127.0.0.1:{door.getsockname()[1]}")
        thread = threading.Thread(target=_accept, args=(door, made), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.over = True
            thread.join()


def _accept(door: socket.socket, made: Weather) -> None:
    serving = []
    while not made.over:
        try:
            connection, _ = door.accept()
        except TimeoutError:
            continue
        if made.mood is Mood.CUT:
            made.spoiled += 1
            _reset(connection)
            continue
        serving.append(threading.Thread(target=made.serve, args=(connection,), daemon=True))
        serving[-1].start()
    for thread in serving:
        thread.join(5)


def _message(of: socket.socket) -> bytes:
    """One whole HTTP message with a Content-Length; empty when the other side is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := of.recv(65536)):
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(lengths[0]) if lengths else 0
    while len(body) < wanted:
        if not (more := of.recv(65536)):
            return b""
        body += more
    return head + b"\r\n\r\n" + body


def _reset(connection: socket.socket) -> bool:
    """End it with RST, as a router does that forgot it. Always False."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return False
