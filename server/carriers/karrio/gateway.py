"""One operation at a carrier: the library writes the body, its proxy calls over our line, the library reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from server.calls.line import Line
from server.calls.troubles import Away, Denied, Refused, Trouble
from server.carriers.karrio.choices import Choices, credentials_of
from server.carriers.karrio.library import library, provider
from server.carriers.karrio.tokens import Tokens
from server.carriers.karrio.wire import Wire, home_of

_STEPS: Mapping[str, tuple[str, str, str]] = {
    "quote": ("create_rate_request", "get_rates", "parse_rate_response"),
    "buy": ("create_shipment_request", "create_shipment", "parse_shipment_response"),
    "void": ("create_cancel_shipment_request", "cancel_shipment", "parse_cancel_shipment_response"),
    "track": ("create_tracking_request", "get_tracking", "parse_tracking_response"),
    "manifest": ("create_manifest_request", "create_manifest", "parse_manifest_response"),
}
_BINDING = frozenset({"buy", "manifest"})
"""What may have been carried out although its answer cannot be read."""


class Answer(NamedTuple):
    """What the library read (``details``), what it was told (``messages``), and what the carrier wrote (``raw``).

    ``status`` is that of the last call, ``taken`` whether any call was answered with 2xx.
    """

    details: Any
    messages: Sequence[Any]
    raw: Any
    status: int
    taken: bool


class Prepared(NamedTuple):
    """A body that is written, and by whom."""

    parts: Any
    what: str
    body: Any


@dataclass(slots=True)
class Gateway:
    """The library's parts for one account. Safe from any thread."""

    line: Line
    choices: Choices
    tokens: Tokens = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.line)

    def prepare(self, what: str, request: Any, mend: Callable[[Any], Any] | None = None) -> Prepared:
        """Write the body of ``what``, mended where the library writes it wrong; nobody is called.

        Raise Refused where the library does not manage, Denied where a credential cannot be read.
        """
        parts = self._parts()
        try:
            body = getattr(parts.mapper, _STEPS[what][0])(request)
            if mend is not None:
                body = type(body)(mend(body.serialize()), lambda found: found, body.ctx)
        except Exception as error:
            raise Refused(self._failed(error, "on our request")) from error
        return Prepared(parts, what, body)

    def send(self, prepared: Prepared) -> Answer:
        """Call the carrier, once more with new tokens where it did not believe those from before. Raise a Trouble."""
        try:
            return self._sent(prepared)
        except Denied:
            if not self.tokens.forget():
                raise
            return self._sent(prepared)

    def sign_in(self) -> bool:
        """Fetch a token, or see that there is a live one; False where this carrier knows none. Raise a Trouble."""
        parts = self._parts()
        if "authenticate" not in parts.proxy_methods:
            return False
        wire = Wire(self.line, home_of(parts.settings.server_url), "token")
        try:
            with wire.held():
                parts.proxy.authenticate(library().lib.Serializable({}))
        except Trouble:
            raise
        except Exception as error:
            raise Refused(self._failed(error, "at signing in")) from error
        return True

    def _sent(self, prepared: Prepared) -> Answer:
        parts, what, body = prepared
        _, call, read = _STEPS[what]
        wire = Wire(self.line, home_of(parts.settings.server_url), what)
        try:
            with wire.held():
                answer = getattr(parts.proxy, call)(body)
                details, messages = getattr(parts.mapper, read)(answer)
                return Answer(details, messages, answer.deserialize(), wire.status, wire.taken)
        except Trouble as error:
            if what in _BINDING and wire.taken:
                # The first of several calls was taken: what this one says does not undo it.
                raise Away(error.detail, maybe_done=True) from error
            raise
        except Exception as error:
            found = self._failed(error, f"on the answer {wire.status}" if wire.status else "before it called")
            if what in _BINDING and wire.taken:
                raise Away(found, maybe_done=True) from error
            raise Refused(found) from error

    def _failed(self, error: Exception, where: str) -> str:
        # Its own words may hold an address or a secret; those of its checks before a call are written for people.
        code = str(getattr(error, "code", ""))
        told = f": {error}" if code.startswith("SHIPPING_SDK") and code != "SHIPPING_SDK_INTERNAL_ERROR" else ""
        fields = ", ".join(getattr(error, "details", None) or ())
        return f"the library for {self.choices.carrier} failed {where}: {type(error).__name__}{told} {fields}".strip()

    def _parts(self) -> Any:
        # Made for every operation, in a tenth of a millisecond: a secret's file that was renewed is read at once.
        choices = self.choices
        secrets = {name: self.line.secret(name) for name in credentials_of(provider(choices.carrier), choices)}
        own = {"carrier_id": self.line.channel, "test_mode": choices.test, "config": dict(choices.config)}
        made = library().sdk.gateway[choices.carrier]
        return made.create({**secrets, **own}, cache=self.tokens)
