"""The one-time join code of a bench, as text a person can paste: server address, certificate fingerprint, secret.

``PPJ1.`` and URL-safe base64 (no padding) of JSON ``{"u": url, "f": fingerprint, "s": secret}``; see JoinCode.
The fingerprint travels with the secret, so that the very first contact is already with the right server.
Imports the standard library and the domain's errors; both sides use it.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from server.domain.errors import DomainError

PREFIX = "PPJ1."
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class JoinCode:
    """What a bench needs to enrol. ``fingerprint`` is 64 hex digits for https and empty for http."""

    url: str
    fingerprint: str
    secret: str


def encode(code: JoinCode) -> str:
    """The text of the code."""
    body = json.dumps({"u": code.url, "f": code.fingerprint, "s": code.secret}, separators=(",", ":"))
    return PREFIX + base64.urlsafe_b64encode(body.encode()).rstrip(b"=").decode()


def decode(text: str) -> JoinCode:
    """Read the code; raise DomainError("bad_join_code") that says what was expected and what was found."""
    compact = "".join(text.split())
    if not compact.startswith(PREFIX):
        raise _bad(f"expected it to begin with {PREFIX}, found {compact[:8]!r}")
    encoded = compact.removeprefix(PREFIX)
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        fields = json.loads(raw)
    except (binascii.Error, ValueError):
        raise _bad("it is damaged; copy the whole code") from None
    if not isinstance(fields, dict) or not all(isinstance(fields.get(key), str) for key in ("u", "f", "s")):
        raise _bad("expected an address, a fingerprint and a secret inside")
    return _checked(JoinCode(fields["u"].rstrip("/"), fields["f"].lower(), fields["s"]))


def _checked(code: JoinCode) -> JoinCode:
    scheme = urlsplit(code.url).scheme
    if scheme not in ("http", "https") or not urlsplit(code.url).hostname:
        raise _bad(f"expected an http or https address inside, found {code.url[:80]!r}")
    if not code.secret:
        raise _bad("expected a secret inside, found none")
    if scheme == "https" and not _FINGERPRINT.fullmatch(code.fingerprint):
        raise _bad(f"expected a fingerprint of 64 hex digits for https, found {len(code.fingerprint)} characters")
    return code


def _bad(why: str) -> DomainError:
    return DomainError("bad_join_code", f"This join code cannot be used: {why}.")
