"""One channel's line to its platform, as an adapter holds it."""

import json
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol

import httpx

from server.calls.pace import Pace
from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.calls.turns import Turns
from server.domain.errors import DomainError

PATIENCE = 2.0
"""Seconds that a call may wait for its limit; a longer wait goes back to the engine."""

BODY_MAX = 32 * 1024 * 1024
ANSWER_MAX = 500
"""Characters of an answer that are kept."""

EARLY = 0.2
"""The share of a token's life that is left when it is renewed."""

_AFTER = 5.0
_UNAUTHORISED = 401
_FORBIDDEN = 403
_TOO_MANY = 429
_PASSING = frozenset({408, 409, 423, 425})


class Memory(Protocol):
    """What a channel remembers between calls and restarts: tokens, cursors, keys of the platform."""

    def get(self, key: str) -> Any:
        """What was put under this key, None when nothing was."""

    def put(self, key: str, value: Any) -> None:
        """Keep a JSON value; None forgets."""

    def get_all(self, keys: Collection[str]) -> dict[str, Any]:
        """What was put under each of these keys, without those under which nothing was."""

    def put_all(self, values: Mapping[str, Any]) -> None:
        """As ``put`` for several keys, all or none."""

    def swap(self, key: str, old: Any, new: Any) -> Any:
        """Keep ``new`` if what is kept is still ``old`` (None: nothing), at once for all processes.

        Return what is kept now: ``new``, or what somebody else has put meanwhile.
        """


@dataclass(slots=True)
class Forgetful:
    """A memory for as long as the program runs."""

    kept: dict[str, Any] = field(default_factory=dict)
    _swapping: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: str) -> Any:
        """See Memory."""
        return self.kept.get(key)

    def put(self, key: str, value: Any) -> None:
        """See Memory."""
        self.kept[key] = value

    def get_all(self, keys: Collection[str]) -> dict[str, Any]:
        """See Memory."""
        return {key: value for key in keys if (value := self.kept.get(key)) is not None}

    def put_all(self, values: Mapping[str, Any]) -> None:
        """See Memory."""
        self.kept |= values

    def swap(self, key: str, old: Any, new: Any) -> Any:
        """See Memory."""
        with self._swapping:
            if self.kept.get(key) == old:
                self.kept[key] = new
            return self.kept.get(key)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, headers (any case) and bytes."""

    status: int
    headers: httpx.Headers
    body: bytes

    def json(self) -> Any:
        """The body as JSON; raise Away when it is none: somebody between us and the platform answered.

        What came is not repeated: half a token is a secret too.
        """
        try:
            found = json.loads(self.body) if self.body else {}
            return _whole(found) if rb"\ud" in self.body.lower() else found
        except (ValueError, RecursionError) as error:
            what = f"{self.headers.get('content-type', 'no type')[:60]} of {len(self.body)} bytes"
            raise Away(f"expected JSON, found {self.status} {what}", maybe_done=True) from error

    def text(self) -> str:
        """The status and the first printable characters, as it is written down."""
        words = self.body[:ANSWER_MAX].decode("utf-8", "replace")
        return f"{self.status} {''.join(c if c.isprintable() else ' ' for c in words)}".strip()


@dataclass(slots=True)
class Line:
    """Calls of one channel. ``clock`` gives seconds since the epoch; ``patience`` is how long a call waits its turn."""

    channel: str
    settings: Mapping[str, Any]
    client: httpx.Client
    clock: Callable[[], float]
    pace: Pace
    memory: Memory = field(default_factory=Forgetful)
    patience: float = PATIENCE
    turns: Turns = field(default_factory=Turns)
    ours: Callable[[], bool] = lambda: True
    """Whether we still speak for this channel; asked before each call."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.clock()

    def secret(self, name: str) -> str:
        """``name`` of the settings, or what is in the file ``name``_file, without the spaces and line ends around it.

        Raise Denied where there is neither.
        """
        if path := self.settings.get(f"{name}_file"):
            try:
                kept = Path(str(path)).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise Denied(f"{name}_file: expected a readable file, found {error}") from error
            if not kept:
                raise Denied(f"{name}_file: expected a secret, found an empty file")
            return kept
        found = str(self.settings.get(name) or "").strip()
        if not found:
            raise Denied(f"{name}: expected a secret in the settings of channel {self.channel}, found none")
        return found

    def call(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        auth: httpx.Auth | None = None,
        cost: float = 1.0,
        allow: Sequence[int] = (),
    ) -> Reply:
        """Send one request; ``operation`` names its rate limit. 2xx and the statuses of ``allow`` come back.

        Raise Throttled (before asking, or on 429), Denied (401, 403), Away (no answer, 5xx, 408, 409, 423, 425) or
        Refused (every other status).
        """
        self._wait(operation, cost)
        if not self.ours():
            raise Throttled(f"{operation}: another worker speaks for channel {self.channel} now", 1.0)
        try:
            # A redirect would carry secrets to an address nobody configured.
            with self.client.stream(
                method,
                url,
                headers=dict(headers or {}),
                params=httpx.QueryParams(query) if query else None,  # type: ignore[arg-type]
                json=json,
                data=dict(form) if form is not None else None,
                content=content,
                auth=auth,
                follow_redirects=False,
            ) as response:
                reply = Reply(response.status_code, response.headers, _all_of(response))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Away(_words_of(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise Away(_words_of(error), maybe_done=True) from error
        return self._judged(operation, reply, allow)

    def token(self, name: str, renew: Callable[[], tuple[str, float]]) -> str:
        """The token kept under ``name``, renewed when a fifth of its life is left. ``renew`` gives (token, seconds).

        One thread renews; the others wait for it, and share its trouble where it meets one.
        """
        found = self._live(name)
        if found is not None:
            return found
        with self.turns.of(name):
            found = self._live(name)
            if found is None:
                found, seconds = renew()
                until = self.now() + seconds * (1 - EARLY)
                self.memory.put(f"token:{name}", {"token": found, "renew_at": until})
            return found

    def forget(self, name: str) -> None:
        """The platform did not believe this token: the next call gets a new one."""
        self.memory.put(f"token:{name}", None)

    def with_token(self, name: str, renew: Callable[[], tuple[str, float]], go: Callable[[str], Reply]) -> Reply:
        """``go`` with the token; once more with a new one where the platform did not believe the first."""
        try:
            return go(self.token(name, renew))
        except Denied:
            self.forget(name)
            return go(self.token(name, renew))

    def _live(self, name: str) -> str | None:
        kept = self.memory.get(f"token:{name}")
        return str(kept["token"]) if kept and kept["renew_at"] > self.now() else None

    def _wait(self, operation: str, cost: float) -> None:
        left = self.patience
        while (wait := self.pace.take(operation, cost)) > 0:
            # Others take their turns meanwhile, and a limit may turn out to be narrower than it was thought.
            if wait > left:
                raise Throttled(f"{operation}: its rate limit allows the next call in {wait:.1f} s", wait)
            time.sleep(wait)
            left -= wait

    def _judged(self, operation: str, reply: Reply, allow: Sequence[int]) -> Reply:
        if reply.status // 100 == 2 or reply.status in allow:
            return reply
        if reply.status == _TOO_MANY:
            after = retry_after(reply, self.now())
            self.pace.shut(operation, after)
            raise Throttled(reply.text(), after)
        raise trouble_of(reply)


def _whole(found: Any) -> Any:
    """Half a character, as a text that was cut leaves it, can be written nowhere: it becomes U+FFFD."""
    text = json.dumps(found, ensure_ascii=False)
    return json.loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


def _words_of(error: Exception) -> str:
    """The kind of an error. Only of a connection that was never made its own words too: others repeat what was sent,
    as a header with a secret, or an address with a key in it."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, httpx.ConnectError) and str(error) else kind


def trouble_of(reply: Reply) -> Trouble:
    """What an answer that is not 2xx means on most platforms."""
    if reply.status in (_UNAUTHORISED, _FORBIDDEN):
        return Denied(reply.text())
    if reply.status >= 500 or reply.status in _PASSING:
        return Away(reply.text(), maybe_done=True)
    return Refused(reply.text())


def retry_after(reply: Reply, now: float) -> float:
    """Seconds until the next try: Retry-After as seconds or as a date (RFC 9110, 10.2.3), else 5."""
    text = reply.headers.get("retry-after", "")
    try:
        return min(3600.0, max(0.0, float(text)))
    except ValueError:
        pass
    try:
        return min(3600.0, max(0.0, parsedate_to_datetime(text).timestamp() - now))
    except (TypeError, ValueError):
        return _AFTER


def bound(settings: Mapping[str, Any], name: str, expected: str) -> str:
    """A setting that must be there; raise DomainError("invalid") saying what was expected."""
    found = str(settings.get(name) or "").strip()
    if not found:
        raise DomainError("invalid", f"{name}: expected {expected}, found nothing")
    return found


def _all_of(response: httpx.Response) -> bytes:
    """The whole answer; a platform that drips or floods is left alone."""
    deadline, parts, size = time.monotonic() + 30.0, [], 0
    for chunk in response.iter_bytes():
        parts.append(chunk)
        size += len(chunk)
        if size > BODY_MAX or time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer does not end", request=response.request)
    return b"".join(parts)
