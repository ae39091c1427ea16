"""Consents and tokens: an access token lives an hour, a refresh token 90 days and until its successor was used."""

from collections.abc import Callable
from dataclasses import dataclass, field

from server.simulated.platforms.base import Ask, Said

ACCESS_LIFE, REFRESH_LIFE = 3600.0, 90 * 86_400.0


@dataclass(slots=True)
class Grants:
    """``strict``: a refresh token is dead as soon as it was used once, so that a lost answer locks its holder out."""

    now: Callable[[], float]
    user_id: int
    keystring: str
    strict: bool = False
    access: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, float] = field(default_factory=dict)
    _before: dict[str, str] = field(default_factory=dict)
    _made: int = 0

    def consent(self) -> str:
        """The seller lets the app in: a new refresh token."""
        return self._new_refresh()

    def revoke(self) -> None:
        """The seller changes their password: no token is good any more."""
        self.access.clear()
        self.refresh.clear()

    def believes(self, authorization: str) -> bool:
        """Whether this header has a living access token."""
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and self.access.get(token, 0.0) > self.now()

    def token(self, ask: Ask) -> Said:
        """The answer of the token endpoint, to a form."""
        form = ask.form() if ask.headers.get("content-type") == "application/x-www-form-urlencoded" else {}
        given = form.get("refresh_token", "")
        if form.get("grant_type") != "refresh_token":
            return _no("unsupported_grant_type", "grant_type is not refresh_token")
        if form.get("client_id") != self.keystring:
            return _no("invalid_client", "client_id is invalid")
        if self.refresh.get(given, 0.0) <= self.now():
            return _no("invalid_grant", "refresh_token is revoked")
        if (old := self._before.pop(given, None)) is not None:
            self.refresh.pop(old, None)
        newest = self._new_refresh()
        if self.strict:
            del self.refresh[given]
        else:
            self._before[newest] = given
        self._made += 1
        access = f"{self.user_id}.access-{self._made}"
        self.access[access] = self.now() + ACCESS_LIFE
        return Said.of(
            {"access_token": access, "token_type": "Bearer", "expires_in": int(ACCESS_LIFE), "refresh_token": newest}
        )

    def _new_refresh(self) -> str:
        self._made += 1
        token = f"{self.user_id}.refresh-{self._made}"
        self.refresh[token] = self.now() + REFRESH_LIFE
        return token


def _no(code: str, text: str) -> Said:
    return Said.of({"error": code, "error_description": text}, 400)
