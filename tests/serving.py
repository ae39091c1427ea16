"""A service on a real socket, for as long as a block lasts."""

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from starlette.applications import Starlette


class _SoonOver(uvicorn.Server):
    """Sees within 10 ms that it shall end; the usual tenth of a second adds up over a thousand tests."""

    async def main_loop(self) -> None:
        ticks = itertools.count()
        while not await self.on_tick(next(ticks)):
            await asyncio.sleep(0.01)


@contextmanager
def uvicorn_of(app: Starlette, lifespan: Literal["on", "off"] = "off") -> Iterator[str]:
    """Its address on a free port of loopback; ``lifespan`` "on" also runs the embedded worker."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan=lifespan, ws="none")
    server = _SoonOver(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.005)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive(), "the server did not stop"
