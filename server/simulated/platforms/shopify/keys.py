"""Tokens of a simulated shop. They live as long as real ones, by its clock."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from server.simulated.platforms.base import Ask, Said

DAY, HOUR = 86_399.0, 3_600.0
REFRESH = 7_776_000.0


@dataclass(slots=True)
class Keys:
    """One app's credentials in one shop."""

    now: Callable[[], float]
    client_id: str = "5f2c0d1e9a7b4c3d8e6f1a2b3c4d5e6f"
    client_secret: str = "shpss_simulated_0123456789abcdef"  # noqa: S105 - of nobody
    lasting: str = "shpat_simulated_that_does_not_expire"
    refresh: str = "shprt_simulated_first"
    replaced: str = ""
    """The refresh token before: good until its replacement is used."""
    refresh_until: float = 0.0
    live: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.refresh_until = self.now() + REFRESH

    def good(self, token: str) -> bool:
        """Whether a call may be made with it."""
        return bool(token) and (token == self.lasting or self.live.get(token, 0.0) > self.now())

    def revoke(self) -> None:
        """Nothing is good any more."""
        self.live.clear()
        self.lasting = self.refresh = self.replaced = self.client_secret = secrets.token_hex(16)

    def grant(self, ask: Ask) -> Said:
        """The token endpoint."""
        try:
            form = ask.json() if "json" in ask.headers.get("content-type", "") else ask.form()
        except ValueError:
            return Said.of({"error": "invalid_request"}, 400)
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return Said.of({"error": "invalid_client", "error_description": "Client authentication failed"}, 400)
        match form.get("grant_type"):
            case "client_credentials":
                return Said.of({"access_token": self._made(DAY), "scope": "write_orders", "expires_in": int(DAY)})
            case "refresh_token":
                return self._refreshed(str(form.get("refresh_token")))
            case _:
                return Said.of({"error": "unsupported_grant_type"}, 400)

    def _refreshed(self, used: str) -> Said:
        if used not in {self.refresh, self.replaced} or not used or self.refresh_until <= self.now():
            return Said.of({"error": "invalid_grant"}, 400)
        self.replaced = used
        self.refresh = f"shprt_{secrets.token_hex(8)}"
        self.refresh_until = self.now() + REFRESH
        return Said.of(
            {
                "access_token": self._made(HOUR),
                "scope": "write_orders",
                "expires_in": int(HOUR),
                "refresh_token": self.refresh,
                "refresh_token_expires_in": int(REFRESH),
            }
        )

    def _made(self, seconds: float) -> str:
        token = f"shpat_{secrets.token_hex(16)}"
        self.live[token] = self.now() + seconds
        return token
