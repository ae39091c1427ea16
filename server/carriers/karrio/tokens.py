"""The library's cache of tokens, kept in the line's memory: one for all processes, and it survives a restart."""

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.calls.line import EARLY, Line
from server.calls.troubles import Away, Denied, Trouble
from server.carriers.karrio.wire import wire

_FIELD = "access_token"
_LIFE = 900.0
_SAID_MAX = 300
"""Seconds, where a carrier does not say how long its token lives."""


@dataclass(slots=True)
class Tokens:
    """What the library calls its cache. One thread renews a token, the others wait for it and share its trouble."""

    line: Line
    _names: set[str] = field(default_factory=set)
    _plain: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    """Of the names: those that were believed by this process."""

    def thread_safe(
        self, refresh_func: Callable[[], Mapping[str, Any]], cache_key: str, token_field: str = _FIELD, **_: Any
    ) -> "_Token":
        """As the library asks for it. Its key holds the secret itself, so only a digest of it is kept."""
        name = f"karrio:{hashlib.sha256(cache_key.encode()).hexdigest()[:24]}"
        return _Token(self, name, refresh_func, token_field)

    def get(self, key: str) -> Any:
        """As the library asks for it, of whatever else it keeps; only as long as the program runs."""
        return self._plain.get(key)

    def set(self, key: str, value: Any, **_: Any) -> None:
        """As the library asks for it."""
        self._plain[key] = value() if callable(value) else value

    def live(self, name: str, refresh: Callable[[], Mapping[str, Any]], token_field: str) -> str:
        """The token, renewed when a fifth of its life is left; raise a Trouble that never says ``maybe_done``."""
        with self.line.turns.of(name):
            kept = self.line.memory.get(f"token:{name}")
            if kept and kept["renew_at"] > self.line.now():
                with self._lock:
                    self._names.add(name)
                return str(kept["token"])
            fresh = _fetched(refresh)
            found = str(fresh.get(token_field) or "")
            if not found:
                raise Denied(f"expected a token of the carrier's, found none in its answer ({', '.join(fresh)[:100]})")
            until = self.line.now() + _seconds_of(fresh) * (1 - EARLY)
            self.line.memory.put(f"token:{name}", {"token": found, "renew_at": until})
            return found

    def forget(self) -> bool:
        """The carrier believed none of these: whether there were tokens from before, so that new ones may help."""
        with self._lock:
            names, self._names = self._names, set()
        for name in names:
            self.line.forget(name)
        return bool(names)


@dataclass(frozen=True, slots=True)
class _Token:
    tokens: Tokens
    name: str
    refresh: Callable[[], Mapping[str, Any]]
    token_field: str

    def get_state(self) -> str:
        return self.tokens.live(self.name, self.refresh, self.token_field)

    get_token = get_state


def _fetched(refresh: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    now = wire()
    before, now.aside = now.aside, True
    try:
        return refresh()
    except Away as error:
        raise Away(f"no token: {error.detail}") from error
    except Trouble:
        raise
    except Exception as error:
        said = [str(each.message) for each in getattr(error, "messages", ())]
        if said:
            raise Denied(f"no token: {'; '.join(said)[:_SAID_MAX]}") from error
        raise Away(
            f"no token: expected an answer of the carrier's, the library found {type(error).__name__}"
        ) from error
    finally:
        now.aside = before


def _seconds_of(fresh: Mapping[str, Any]) -> float:
    try:
        return float(fresh["expires_in"])
    except (KeyError, TypeError, ValueError):
        pass
    try:
        # The library writes the end of a token's life in the time of this machine, without a zone.
        until = datetime.strptime(str(fresh.get("expiry")), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
        return max(0.0, (until - datetime.now()).total_seconds())  # noqa: DTZ005
    except ValueError:
        return _LIFE
