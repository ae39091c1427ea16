"""The busiest endpoints, found before the router: its layers cost more than a small request does."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send


class HotPath:
    """ASGI middleware: requests for one of these routes, made by ``routing.async_route``, go straight to it.

    Such an endpoint answers every failure itself, so that no other layer is needed around it.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[Route]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] == "http":
            for each in self._routes:
                match, found = each.matches(scope)
                if match is Match.FULL:
                    scope.update(found, route=each)
                    response = await each.endpoint(Request(scope, receive, send))
                    await response(scope, receive, send)
                    return
        await self._app(scope, receive, send)
