"""Many keep-alive connections that send ready-made requests: as little client as possible beside the server."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came of it: ``seconds`` in all, the time of each answer, and how many had each status."""

    seconds: float
    times: list[float]
    statuses: dict[int, int]

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
    todo = iter(requests)
    times: list[float] = []
    statuses: dict[int, int] = {}

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in todo:
            begun = time.perf_counter()
            writer.write(request)
            status = await _read_answer(reader)
            times.append(time.perf_counter() - begun)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return LoadResult(time.perf_counter() - begun, times, statuses)


async def _read_answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    for row in head.split(b"\r\n"):
        if row.lower().startswith(b"content-length:"):
            await reader.readexactly(int(row.split(b":")[1]))
    return status
