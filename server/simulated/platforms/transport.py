"""A simulated platform behind httpx without a socket: requests arrive as they would, byte for byte."""

from collections.abc import Callable, Sequence

import httpx

from server.simulated.platforms.base import Ask, NoAnswer, Said, Simulated

Watch = Callable[[Ask, Said], None]
"""Called with every request and its answer: a test validates both against the official description."""


def ask_of(request: httpx.Request) -> Ask:
    """The request as a platform sees it."""
    return Ask(
        method=request.method,
        path=request.url.path,
        raw_path=request.url.raw_path.partition(b"?")[0].decode(),
        query=tuple(request.url.params.multi_items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.read(),
        url=str(request.url),
    )


def transport(platforms: Sequence[Simulated], watch: Watch | None = None) -> httpx.MockTransport:
    """Reaches each platform under its own host name, and nobody else."""
    by_host = {platform.HOST: platform for platform in platforms}

    def handle(request: httpx.Request) -> httpx.Response:
        platform = by_host.get(request.url.host)
        if platform is None:
            raise httpx.ConnectError(f"nobody listens at {request.url.host}", request=request)
        ask = ask_of(request)
        try:
            said = platform.answer(ask)
        except NoAnswer:
            raise httpx.ReadTimeout("no answer", request=request) from None
        if watch is not None:
            watch(ask, said)
        return httpx.Response(said.status, headers=dict(said.headers), content=said.body)

    return httpx.MockTransport(handle)
