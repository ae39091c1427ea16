"""A bench enrols with a one-time code, over real TLS, and trusts one certificate from then on."""

import hashlib
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server import joincode, wire
from server.domain.errors import DomainError, Unavailable
from station.enrol import NotEnrolled, connect, enrol, load

ANSWER = wire.JoinAnswer(bench_id=7, bench="Bench 7", site="Main", token="t0ken")


def certificate(folder: Path, name: str) -> tuple[Path, str]:
    """A self-signed certificate with its key in one file, and its fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path, hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest()


@contextmanager
def listening(pem: Path | None) -> Iterator[int]:
    """A server that lets everybody join and answers an empty queue."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._send(wire.encode(ANSWER))

        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "Bearer t0ken"
            self._send(wire.encode(wire.Queue(waiting=3, items=())))

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A refused handshake is what the test is about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def code(port: int, fingerprint: str) -> str:
    scheme = "https" if fingerprint else "http"
    return joincode.encode(joincode.JoinCode(f"{scheme}://127.0.0.1:{port}", fingerprint, "once"))


def test_a_bench_enrols_over_tls_and_pins_the_server(tmp_path: Path) -> None:
    pem, fingerprint = certificate(tmp_path, "server")
    state = tmp_path / "state"
    with listening(pem) as port:
        enrolment = enrol(code(port, fingerprint), state)
        assert (enrolment.bench, enrolment.token) == ("Bench 7", "t0ken")
        assert load(state) == enrolment
        for name in ("bench.json", "server.pem"):
            assert stat.S_IMODE((state / name).stat().st_mode) == 0o600
        client = connect(state)
        assert client.queue().waiting == 3
        client.close()


def test_a_server_with_another_certificate_is_refused_with_both_fingerprints(tmp_path: Path) -> None:
    pem, found = certificate(tmp_path, "impostor")
    with listening(pem) as port, pytest.raises(DomainError) as caught:
        enrol(code(port, "ab" * 32), tmp_path / "state")
    assert caught.value.facts == {"expected": "ab" * 32, "found": found}
    assert not (tmp_path / "state").exists()


def test_an_enrolled_bench_does_not_talk_to_an_impostor(tmp_path: Path) -> None:
    pem, fingerprint = certificate(tmp_path, "server")
    other, _ = certificate(tmp_path, "impostor")
    with listening(pem) as port:
        enrol(code(port, fingerprint), tmp_path / "state")
    with listening(other) as port:
        client = connect(tmp_path / "state", f"https://127.0.0.1:{port}")
        with pytest.raises(Unavailable):
            client.queue()
        client.close()


def test_a_bench_enrols_over_plain_http_on_loopback(tmp_path: Path) -> None:
    with listening(None) as port:
        assert enrol(code(port, ""), tmp_path).bench_id == 7
        client = connect(tmp_path)
        assert client.queue().waiting == 3
        client.close()


def test_with_no_server_nothing_is_saved(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        enrol(code(9, "ab" * 32), tmp_path / "state")
    with pytest.raises(NotEnrolled, match="enrol it with a join code first"):
        load(tmp_path / "state")


def test_a_damaged_enrolment_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "bench.json").write_text("{")
    with pytest.raises(NotEnrolled, match="enrol this bench again"):
        load(tmp_path)
