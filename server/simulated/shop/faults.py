"""Faults on purpose, so that tests can see what Packproof does when a shop misbehaves."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to each of the next ``count`` webhooks.

    ``webhook_status``: nothing is taken in and this status is answered. ``delay``: seconds before anything happens.
    ``drop_after_accept``: the webhook is taken in, then the connection breaks before the answer is whole.
    ``only``: webhooks of this type (``order.cancelled``); empty: of every type.
    """

    webhook_status: int = 0
    delay: float = 0.0
    drop_after_accept: bool = False
    count: int = 1
    only: str = ""


@dataclass(slots=True)
class Faults:
    """The faults still to come."""

    _fault: Fault | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, wanted: Mapping[str, Any]) -> Fault:
        """Raise TypeError for an unknown field."""
        fault = Fault(**wanted)
        with self._lock:
            self._fault = fault if fault.count > 0 else None
        return fault

    def take(self, kind: str) -> Fault:
        """The fault for this webhook of type ``kind``; a harmless one when none is due."""
        with self._lock:
            if self._fault is None or self._fault.only not in {"", kind}:
                return Fault()
            fault, left = self._fault, self._fault.count - 1
            self._fault = replace(fault, count=left) if left else None
            return fault


class BrokenAnswer(Response):
    """Promises ten bytes and sends none, so that the server closes the connection: the caller cannot know."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Start an answer that never ends."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
