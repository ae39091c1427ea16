"""Tokens: made here, stored as digests only. Standard library only."""

import hashlib
import secrets


def new_token() -> str:
    """256 bits, safe in a header or a URL."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored instead of a token. Tokens are random, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
