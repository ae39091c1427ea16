"""AWS Signature Version 4 of a POST to "/", as SQS wants it (AWS General Reference, Signature Version 4)."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Key:
    """An AWS access key, and what it signs for."""

    key_id: str
    secret: str
    region: str
    service: str = "sqs"


def signed(key: Key, at: float, host: str, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, in lower case, with ``host``, ``x-amz-date`` and ``authorization``."""
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
    every = {name.lower(): text for name, text in headers.items()} | {"host": host, "x-amz-date": stamp}
    names = ";".join(sorted(every))
    lines = "".join(f"{name}:{every[name]}\n" for name in sorted(every))
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{stamp[:8]}/{key.region}/{key.service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    secret = f"AWS4{key.secret}".encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    claim = f"AWS4-HMAC-SHA256 Credential={key.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**every, "authorization": claim}
