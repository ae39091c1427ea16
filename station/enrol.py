"""Enrolment of a bench: a one-time join code becomes a token of its own and a pinned server.

The state directory then holds ``bench.json`` (token) and, for https, ``server.pem``: both readable by their owner only.
"""

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from server import joincode, wire
from server.domain.errors import DomainError, PackproofError, Unavailable
from station.files import write_whole
from station.server_client import CONNECT_SECONDS, ServerClient


class NotEnrolled(PackproofError):
    """This bench has no token yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What a bench knows of itself."""

    bench_id: int
    bench: str
    site: str
    token: str
    url: str


def enrol(text: str, state_dir: Path) -> Enrolment:
    """Use the join code; raise DomainError (bad code, other server, code used up) or Unavailable, saving nothing."""
    code = joincode.decode(text)
    pem = _proven_certificate(code) if code.url.startswith("https://") else ""
    client = ServerClient(code.url, verify=_pinned(pem) if pem else True)
    try:
        answer = client.join(wire.JoinRequest(secret=code.secret))
    finally:
        client.close()
    enrolment = Enrolment(
        bench_id=answer.bench_id, bench=answer.bench, site=answer.site, token=answer.token, url=code.url
    )
    if pem:
        write_whole(state_dir / "server.pem", pem.encode())
    else:
        (state_dir / "server.pem").unlink(missing_ok=True)
    write_whole(state_dir / "bench.json", wire.encode(enrolment))
    return enrolment


def load(state_dir: Path) -> Enrolment:
    """The saved enrolment; raise NotEnrolled when there is none or it cannot be read."""
    path = state_dir / "bench.json"
    try:
        return wire.decode(path.read_bytes(), Enrolment)
    except OSError as error:
        raise NotEnrolled(f"expected this bench's token in {path}; enrol it with a join code first") from error
    except DomainError as error:
        raise NotEnrolled(f"{path} is damaged ({error.detail}); enrol this bench again") from error


def connect(state_dir: Path, url: str = "") -> ServerClient:
    """A client with this bench's token and its pinned server; ``url`` overrides the enrolled address."""
    enrolment = load(state_dir)
    pem = state_dir / "server.pem"
    verify = _pinned(pem.read_text(encoding="ascii")) if pem.exists() else True
    return ServerClient(url or enrolment.url, enrolment.token, verify=verify)


def _proven_certificate(code: joincode.JoinCode) -> str:
    parts = urlsplit(code.url)
    try:
        pem = ssl.get_server_certificate((parts.hostname or "", parts.port or 443), timeout=5 * CONNECT_SECONDS)
    except OSError as error:
        raise Unavailable(f"no TLS answer from {code.url}: {error}") from error
    found = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    if found != code.fingerprint:
        raise DomainError(
            "wrong_server",
            f"{code.url} is not the server that made this join code: "
            f"expected certificate {code.fingerprint}, found {found}",
            expected=code.fingerprint,
            found=found,
        )
    return pem


def _pinned(pem: str) -> ssl.SSLContext:
    """Trust this one certificate and nothing else; its name does not matter, for it is known by its bytes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=pem)
    return context
