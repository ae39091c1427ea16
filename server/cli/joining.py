"""The join code of a bench: address, fingerprint and one-time secret in one text."""

from server import joincode
from server.config import ServerConfig
from server.domain.errors import DomainError


def join_code(config: ServerConfig, secret: str) -> str:
    """The code to type or paste at the bench.

    Raise DomainError("config") when a proxy speaks TLS for us and its certificate is not known.
    """
    return joincode.encode(joincode.JoinCode(config.url, _fingerprint(config), secret))


def _fingerprint(config: ServerConfig) -> str:
    if not config.url.startswith("https://"):
        return ""
    if config.loopback and not config.certificate:
        raise DomainError(
            "config", "public_url is https in front of a loopback server: set certificate to the proxy's file"
        )
    from server.tls import certificate_files, fingerprint

    return fingerprint(certificate_files(config)[0].read_bytes())
