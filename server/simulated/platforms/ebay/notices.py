"""Notifications of the simulated eBay: signed with a real key on the curve P-256, which it serves as eBay does."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.simulated.platforms.base import Message

_DIGESTS = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}


@dataclass(slots=True)
class Signer:
    """A key and its id; ``digest`` as eBay names it."""

    kid: str
    digest: str = "SHA256"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def served(self) -> dict[str, str]:
        """The public key, as eBay serves it: PEM without its line breaks."""
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return {"key": pem.replace("\n", ""), "algorithm": "ECDSA", "digest": self.digest}

    def header(self, body: bytes) -> str:
        """X-EBAY-SIGNATURE."""
        signature = self.key.sign(body, ec.ECDSA(_DIGESTS[self.digest]()))
        envelope = {
            "alg": "ecdsa",
            "kid": self.kid,
            "signature": base64.b64encode(signature).decode(),
            "digest": self.digest,
        }
        return base64.b64encode(json.dumps(envelope, separators=(",", ":")).encode()).decode()

    def message(self, notice: dict[str, Any], due: float, about: str = "") -> Message:
        """A notification on its way."""
        body = json.dumps(notice, separators=(",", ":")).encode()
        headers = {"content-type": "application/json", "x-ebay-signature": self.header(body)}
        return Message(headers, body, due, about)


def notice(topic: str, event: str, at: str, data: dict[str, Any]) -> dict[str, Any]:
    """A notification as eBay's AsyncAPI describes it."""
    return {
        "metadata": {"topic": topic, "schemaVersion": "1.0", "deprecated": False},
        "notification": {
            "notificationId": event,
            "eventDate": at,
            "publishDate": at,
            "publishAttemptCount": 1,
            "data": data,
        },
    }
