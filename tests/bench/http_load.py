"""Many keep-alive connections that send ready-made requests: as little client as possible beside the server."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class LoadResult:
    """What came of it: ``seconds`` in all, the time of each answer, and how many had each status."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds


def post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """The bytes of one POST."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{k}: {v}" for k, v in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send_all(port: int, requests: Sequence[bytes], connections: int) -> LoadResult:
    """Send every request once over this many connections."""
    return asyncio.run(_send_all(port, requests, connections))


async def _send_all(port: int, requests: Sequence[bytes], connections: int) -> LoadResult:
    loop, todo, result = asyncio.get_running_loop(), iter(requests), LoadResult()
    made = [
        await loop.create_connection(lambda: _Connection(todo, result), "127.0.0.1", port) for _ in range(connections)
    ]
    begun = time.perf_counter()
    for _, connection in made:
        connection.send()
    await asyncio.gather(*(connection.finished for _, connection in made))
    result.seconds = time.perf_counter() - begun
    return result


class _Connection(asyncio.Protocol):
    """One request in flight; the next one goes out in the moment in which the answer is whole."""

    def __init__(self, todo: Iterator[bytes], result: LoadResult) -> None:
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._todo, self._result = todo, result
        self._pending = b""
        self._begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self) -> None:
        """The next request, or the end."""
        request = next(self._todo, None)
        if request is None:
            self.finished.set_result(None)
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Some of the answer."""
        self._pending = self._pending + data if self._pending else data
        if not _whole(self._pending):
            return
        self._result.times.append(time.perf_counter() - self._begun)
        status = int(self._pending[9:12])
        self._result.statuses[status] = self._result.statuses.get(status, 0) + 1
        self._pending = b""
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server must not hang up before all is answered."""
        if not self.finished.done():
            self.finished.set_exception(exc or ConnectionError("the server hung up in the middle of an answer"))


def _whole(answer: bytes) -> bool:
    """Whether head and body are there; every answer of the server says its length."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    at = answer.lower().find(b"content-length:", 0, head)
    length = int(answer[at + 15 : answer.index(b"\r\n", at)]) if at >= 0 else 0
    return len(answer) >= head + 4 + length
