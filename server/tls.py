"""The server's own certificate, made at first start when it listens beyond loopback."""

import hashlib
import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.config import ServerConfig

_YEARS = timedelta(days=3650)


def certificate_files(config: ServerConfig) -> tuple[Path, Path]:
    """(certificate, private key): the configured ones, else our own in ``data_dir``, made when missing."""
    if config.certificate:
        return Path(config.certificate), Path(config.private_key or config.certificate)
    certificate, key = config.data_dir / "server.crt", config.data_dir / "server.key"
    if not (certificate.exists() and key.exists()):
        config.data_dir.mkdir(parents=True, exist_ok=True)
        _make(config, certificate, key)
    return certificate, key


def fingerprint(pem: bytes) -> str:
    """SHA-256 of the certificate's DER form, hex: what a join code carries and a bench pins."""
    der = x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    return hashlib.sha256(der).hexdigest()


def _make(config: ServerConfig, certificate: Path, key: Path) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    pem = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "packproof")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _YEARS)
        .add_extension(x509.SubjectAlternativeName(_names(config)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    _write(key, pem, 0o600)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)


def _names(config: ServerConfig) -> list[x509.GeneralName]:
    hosts = {"localhost", "127.0.0.1", "::1", socket.gethostname(), config.host, urlsplit(config.url).hostname or ""}
    return [_general_name(host) for host in sorted(hosts - {"", "0.0.0.0", "::"})]  # noqa: S104 - taken out, not listened on


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others for a moment."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
