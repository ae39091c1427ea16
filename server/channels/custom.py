"""Any shop over plain HTTP, signed with the Standard Webhooks scheme (https://www.standardwebhooks.com).

Settings: ``secret`` ("whsec_...") or ``secret_file``, a path; ``webhook_url`` where the shop wants to be told.
"""

import base64
import hmac
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from standardwebhooks.webhooks import Webhook

from server.calls.line import Line
from server.calls.troubles import Trouble
from server.domain.errors import DomainError
from server.trade.moments import seconds_of
from server.trade.orders import IncomingOrder, ShipTo, SoldLine
from server.trade.words import Answer, Word, failed
from server.typed import learnt

TYPES = {
    "stock": "stock.updated",
    "shipment": "shipment.created",
    "split": "order.split",
    "cancel": "order.cancelled",
    "refund": "order.refund",
}
_TOLERANCE, _DIGITS = 300, 12
"""Seconds by which a message may be older or newer than now; digits of its time."""
LINES_MAX = 500
ID_MAX = 120
UNITS_MAX = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """The documented body. Unknown fields are kept in ``raw``."""

    order_id: str
    lines: tuple[SoldLine, ...]
    ship_to: ShipTo = field(default_factory=ShipTo)
    placed_at: str | None = None
    paid: bool = False
    currency: str = ""
    ship_by: str | None = None
    deliver_by: str | None = None
    carrier: str = ""
    service: str = ""
    note: str = ""
    gift_message: str = ""
    fulfilment: Literal["own", "channel"] = "own"
    hold: str = ""
    customer_value: int = 0
    payment: Literal["", "unpaid", "part_paid", "paid", "failed"] = ""
    amount_due: int | None = None
    amount_paid: int = 0
    fraud: bool = False


def check(settings: Mapping[str, Any]) -> None:
    """Raise DomainError("invalid") when the address or the secret cannot work; both may be absent (CSV only)."""
    url = settings.get("webhook_url")
    if url and (urlsplit(str(url)).scheme not in {"http", "https"} or not urlsplit(str(url)).hostname):
        raise DomainError("invalid", "webhook_url: expected http(s)://host/path")
    if url or settings.get("secret") or settings.get("secret_file"):
        _secret(settings)


def tells(settings: Mapping[str, Any]) -> bool:
    """Whether there is an address to tell."""
    return bool(settings.get("webhook_url"))


def verify(settings: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> str:
    """The webhook-id; raise DomainError("bad_signature") on a wrong signature or more than 5 minutes of age."""
    key = _key(_secret(settings))
    message, at, said = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (message and _is_recent(at) and _has_signed(key, f"{message}.{at}.".encode() + body, said)):
        raise DomainError("bad_signature", "expected a Standard Webhooks signature of the last 5 minutes")
    return _harmless(message, "webhook-id")


def read_body(body: bytes) -> IncomingOrder:
    """The order; raise DomainError("malformed") naming the field, what was expected and what came."""
    try:
        raw = msgspec.json.decode(body)
        order = msgspec.convert(raw, learnt(_Order))
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DomainError("malformed", f"order: {error}") from error
    if len(order.lines) > LINES_MAX:
        raise DomainError("malformed", f"expected at most {LINES_MAX} lines, found {len(order.lines)}")
    return IncomingOrder(
        order_id=_harmless(order.order_id, "order_id"),
        placed_at=_time(order.placed_at, "placed_at"),
        paid=order.paid,
        currency=order.currency,
        ship_by=_time(order.ship_by, "ship_by"),
        deliver_by=_time(order.deliver_by, "deliver_by"),
        carrier=_short(order.carrier, "carrier", 32),
        service=_short(order.service, "service", 64),
        note=order.note,
        gift_message=order.gift_message,
        ship_to=order.ship_to,
        lines=order.lines,
        raw=raw,
        fulfilment=order.fulfilment,
        hold=_harmless(order.hold, "hold") if order.hold else "",
        customer_value=_count(order.customer_value, "customer_value"),
        payment=order.payment,
        amount_due=None if order.amount_due is None else _count(order.amount_due, "amount_due"),
        amount_paid=_count(order.amount_paid, "amount_paid"),
        fraud=order.fraud,
    )


def tell(line: Line, words: Sequence[Word]) -> list[Answer]:
    """One signed POST for each word; its body's bytes are the same on every try."""
    return [_told(line, word) for word in words]


def _told(line: Line, word: Word) -> Answer:
    body = msgspec.json.encode({"type": TYPES[word.kind], "timestamp": word.timestamp, "data": word.data})
    at = line.now()
    headers = {
        "content-type": "application/json",
        "webhook-id": word.id,
        "webhook-timestamp": str(math.floor(at)),
        "webhook-signature": Webhook(_secret(line.settings)).sign(
            word.id, datetime.fromtimestamp(math.floor(at), UTC), body.decode()
        ),
    }
    try:
        reply = line.call("webhook", "POST", str(line.settings["webhook_url"]), headers=headers, content=body)
    except Trouble as trouble:
        return failed(trouble)
    return Answer(reply.text())


def _secret(settings: Mapping[str, Any]) -> str:
    """What both sides sign with; raise DomainError("invalid")."""
    secret = str(settings.get("secret") or "")
    if path := settings.get("secret_file"):
        try:
            secret = Path(str(path)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise DomainError("invalid", f"secret_file: expected a readable file, found {error}") from error
    try:
        _key(secret)
    except Exception as error:
        raise DomainError("invalid", "secret: expected whsec_ and base64") from error
    return secret


@lru_cache(maxsize=256)
def _key(secret: str) -> bytes:
    """The bytes of a secret; padding may be missing, and there is nothing to sign with none."""
    if not (key := base64.b64decode(secret.removeprefix("whsec_") + "==")):
        raise ValueError("it is empty")
    return key


def _is_recent(at: str) -> bool:
    return at.isascii() and at.isdigit() and len(at) < _DIGITS and abs(time.time() - int(at)) <= _TOLERANCE


def _has_signed(key: bytes, text: bytes, said: str) -> bool:
    """Whether one of the signatures is ours. The library's own check takes four times as long, at every checkout."""
    wanted = base64.b64encode(hmac.digest(key, text, "sha256"))
    signatures = (one.removeprefix("v1,") for one in said.split(" ") if one.startswith("v1,"))
    return any(hmac.compare_digest(wanted, one.encode()) for one in signatures)


def _time(text: str | None, name: str) -> float | None:
    return None if text is None else seconds_of(text, name)


def _harmless(text: str, name: str) -> str:
    if not 0 < len(text) <= ID_MAX or not text.isprintable() or text != text.strip():
        raise DomainError("malformed", f"{name}: expected 1 to {ID_MAX} printable characters, found {text[:40]!r}")
    return text


def _count(number: int, name: str) -> int:
    if not 0 <= number <= UNITS_MAX:
        raise DomainError("malformed", f"{name}: expected 0 to {UNITS_MAX} minor units, found {number}")
    return number


def _short(text: str, name: str, size: int) -> str:
    if len(text) > size or not (text.isprintable() or not text):
        raise DomainError("malformed", f"{name}: expected at most {size} printable characters, found {text[:40]!r}")
    return text
