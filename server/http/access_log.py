"""One line and one measurement for each request: never a query string, never a body."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import wire
from server.http import holds_api, live
from server.http.health import Meter

_WORTH_A_LINE = 410

log = structlog.get_logger("access")


class AccessLog:
    """ASGI middleware around all routes."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, watch the answer, log when it is complete."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, seen = time.perf_counter(), {"status": 500, "request_id": ""}

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {k.lower(): v for k, v in message.get("headers", [])}
                seen["status"] = message["status"]
                seen["request_id"] = headers.get(wire.REQUEST_HEADER.lower().encode(), b"").decode("latin-1")
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._finish(scope, seen, time.perf_counter() - began)

    def _finish(self, scope: Scope, seen: dict[str, object], seconds: float) -> None:
        """The path is named as it was declared: what was typed into an address may be anything."""
        declared = getattr(scope.get("route"), "path", "-")
        status = int(str(seen["status"]))
        if declared != live.STREAM:  # A board is open all day: its length is not a time that anyone waited.
            self._meter.answered(declared, scope["method"], status, seconds)
        caller = scope.get("state", {}).get("caller")
        bench = caller.name if caller is not None and caller.kind == "bench" else ""
        if declared in holds_api.QUIET and status < _WORTH_A_LINE:
            return  # The book writes one line for each batch of them.
        log.info(
            "request",
            method=scope["method"],
            path=declared,
            status=status,
            ms=round(seconds * 1000, 1),
            bench=bench,
            request_id=seen["request_id"],
        )
