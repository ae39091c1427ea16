"""A simulated platform: answers requests in its own protocol, and sends its own messages."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from server.simulated.platforms.faults import Fault, Faults
from server.simulated.platforms.market import Market


class NoAnswer(Exception):
    """The connection breaks: the caller cannot know whether it was done."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. Header names are in lower case; ``path`` is decoded, ``raw_path`` as it came, without the query."""

    method: str
    path: str
    raw_path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    """As it was sent, for platforms whose signatures cover it."""

    def one(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return dict(self.query).get(name, default)

    def json(self) -> Any:
        """The body; raise ValueError."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body of a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Said:
    """An answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(value: Any, status: int = 200, **headers: str) -> "Said":
        """JSON; header names are given with _ for -."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return Said(status, json.dumps(value).encode(), {"content-type": "application/json", **named})


@dataclass(frozen=True, slots=True)
class Message:
    """A webhook that the platform wants delivered, signed. ``due``: not before this time."""

    headers: Mapping[str, str]
    body: bytes
    due: float = 0.0
    about: str = ""
    """The sale, for tests."""


class Simulated:
    """One platform. A subclass answers in ``route``, signs in ``messages_of`` and says its ``settings``."""

    KIND: ClassVar[str]
    HOST: ClassVar[str] = "platform.test"
    """Its host name where it runs without a socket."""
    SPOILT: ClassVar[Mapping[str, Any]]
    """A field of its orders with a value of a wrong type."""
    CONTROLS: ClassVar[Mapping[str, Callable[[Any, Mapping[str, Any]], dict[str, Any]]]] = {}
    """Levers of its own beside those of every platform, by the name behind /_/."""

    def __init__(self, now: Callable[[], float], seed: int = 1) -> None:
        self.now = now
        self.market = self.make_market(now, seed)
        self.faults = Faults(seed)
        self.limited = False
        """Whether its true rate limits hold: for tests of limits, and of nothing else."""
        self.outgoing: list[Message] = []
        """Messages that wait for the courier."""
        self.asked: list[tuple[str, str, int]] = []
        """(method, path, status) of every request, for tests."""
        self.market.changed.append(lambda what, sale: self.outgoing.extend(self.messages_of(what, sale)))

    # --- for a subclass ---------------------------------------------------------------------------------------------

    def make_market(self, now: Callable[[], float], seed: int) -> Market:
        """The market, with the platform's own kind of order ids."""
        return Market(now, seed)

    def settings(self, base: str = "") -> dict[str, Any]:
        """The settings of a channel that is connected to it; ``base`` is its address, its own HOST when empty."""
        raise NotImplementedError

    def route(self, ask: Ask) -> Said:
        """The answer of the platform in good health."""
        raise NotImplementedError

    def too_many(self, ask: Ask) -> Said:  # noqa: ARG002
        """Its own 429."""
        return Said(429, b"{}", {"retry-after": "2", "content-type": "application/json"})

    def broken(self, ask: Ask) -> Said:  # noqa: ARG002
        """Its own 500."""
        return Said(500, b"<html>500</html>", {"content-type": "text/html"})

    def denied(self, ask: Ask) -> Said:  # noqa: ARG002
        """Its own 401."""
        return Said(401, b"{}", {"content-type": "application/json"})

    def messages_of(self, what: str, sale: Any) -> list[Message]:  # noqa: ARG002
        """The webhooks that this change makes it send: none where the platform has none."""
        return []

    # --- for everybody ----------------------------------------------------------------------------------------------

    def base(self) -> str:
        """Its address without a socket."""
        return f"https://{self.HOST}"

    def spoil(self, ref: str, fields: Mapping[str, Any] | None = None) -> None:
        """From now on a sale is shown with these fields, ``SPOILT`` where none are given; {} mends it."""
        with self.market.lock:
            self.market.sales[ref].spoilt = dict(self.SPOILT if fields is None else fields)

    def answer(self, ask: Ask) -> Said:
        """The answer, or the fault that is due; raise NoAnswer."""
        said = self._answer(ask)
        self.asked.append((ask.method, ask.path, said.status))
        return said

    def _answer(self, ask: Ask) -> Said:
        match self.faults.of(ask.method, ask.path):
            case Fault.TOO_MANY:
                return self.too_many(ask)
            case Fault.BROKEN:
                return self.broken(ask)
            case Fault.DENIED:
                return self.denied(ask)
            case Fault.LOST_BEFORE:
                raise NoAnswer
            case Fault.LOST_AFTER:
                self.route(ask)
                raise NoAnswer
            case Fault.BROKEN_AFTER:
                self.route(ask)
                return self.broken(ask)
            case Fault.GARBLED:
                return Said(200, b"<html>be right back</html>", {"content-type": "text/html"})
            case _:
                return self.route(ask)
