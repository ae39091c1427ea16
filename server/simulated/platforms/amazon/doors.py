"""Who may come in: access tokens that live for an hour, and signed requests to the queue."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from server.simulated.platforms.base import Ask, Said

LIFE = 3600
CLIENT_ID = "amzn1.application-oa2-client.simulated"
CLIENT_SECRET = "amzn1.oa2-cs.v1.simulated"  # noqa: S105 - nothing real is behind it
REFRESH = "Atzr|simulated"
KEY_ID = "AKIASIMULATED0000000"
KEY_SECRET = "simulated/secret/of/a/queue"  # noqa: S105 - nothing real is behind it


def errors(status: int, code: str, message: str, details: str = "") -> Said:
    """The answer of the API to what it does not like."""
    return Said.of({"errors": [{"code": code, "message": message, "details": details}]}, status)


@dataclass(slots=True)
class Tokens:
    """``rotates``: each sign-in gives a new refresh token, and the old one is no good any more."""

    now: Callable[[], float]
    refresh: str = REFRESH
    rotates: bool = False
    made: int = 0
    live: dict[str, float] = field(default_factory=dict)

    def give(self, ask: Ask) -> Said:
        """An access token for a refresh token (RFC 6749, 5 and 6)."""
        form = ask.form()
        if form.get("grant_type") != "refresh_token":
            return Said.of({"error": "unsupported_grant_type", "error_description": "expected refresh_token"}, 400)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return Said.of({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        if form.get("refresh_token") != self.refresh:
            said = {"error": "invalid_grant", "error_description": "The request has an invalid grant parameter"}
            return Said.of(said, 400)
        self.made += 1
        if self.rotates:
            self.refresh = f"{REFRESH}-{self.made}"
        token = f"Atza|{self.made}"
        self.live[token] = self.now() + LIFE
        bearer = {"access_token": token, "refresh_token": self.refresh, "token_type": "bearer", "expires_in": LIFE}
        return Said.of(bearer)

    def refusal(self, ask: Ask) -> Said | None:
        """Why this request may not come in."""
        if self.live.get(ask.headers.get("x-amz-access-token", ""), 0.0) > self.now():
            return None
        return unauthorized()


def unauthorized() -> Said:
    """What an old token gets."""
    why = "The access token you provided has expired."
    return errors(403, "Unauthorized", "Access to requested resource is denied.", why)


def rightly_signed(ask: Ask, secret: str = KEY_SECRET) -> bool:
    """AWS Signature Version 4, checked from the request as it came."""
    try:
        scheme, _, rest = ask.headers["authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        key_id, *scope = parts["Credential"].split("/")
        names = parts["SignedHeaders"].split(";")
        canonical = "\n".join(
            (
                ask.method,
                ask.raw_path,
                "",
                *(f"{name}:{ask.headers[name].strip()}" for name in names),
                "",
                ";".join(names),
                hashlib.sha256(ask.body).hexdigest(),
            )
        )
        stamp = ask.headers["x-amz-date"]
    except (KeyError, ValueError):
        return False
    if scheme != "AWS4-HMAC-SHA256" or key_id != KEY_ID or "host" not in names or not stamp.startswith(scope[0]):
        return False
    key = b"AWS4" + secret.encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join((scheme, stamp, "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()))
    return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), parts["Signature"])
