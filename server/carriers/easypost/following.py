"""What EasyPost says of parcels on their way: asked in bulk, or heard in a signed message."""

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Throttled, Trouble
from server.carriers.easypost.api import ask, moment, printable, rows
from server.domain.errors import DomainError
from server.trade.shipping import Seen, Shipment

TOGETHER = 50
"""Parcels in one question."""
_PREFIX = "hmac-sha256-hex="
_TRACKER_EVENTS = frozenset({"tracker.created", "tracker.updated"})


def track(line: Line, shipments: Sequence[Shipment]) -> Sequence[Seen]:
    """Everything EasyPost knows of these parcels; what it has no time for now comes next time. Raise a Trouble.

    The filter ``tracking_codes[]`` is that of EasyPost's own client library.
    """
    wanted = [each.tracking for each in shipments]
    found: list[Seen] = []
    for start in range(0, len(wanted), TOGETHER):
        some = wanted[start : start + TOGETHER]
        query = [*(("tracking_codes[]", code) for code in some), ("page_size", "100")]
        try:
            answer = ask(line, "trackers", "GET", "/trackers", query=query)
        except Throttled:
            if found:
                break
            raise
        found += [seen for tracker in rows(answer, "trackers") for seen in seen_of(tracker) if seen.tracking in some]
    return found


def hear(line: Line, headers: Mapping[str, str], body: bytes) -> Sequence[Seen]:
    """What a message says of its parcel, nothing where it is of another kind.

    EasyPost signs the raw body with HMAC-SHA256 under the webhook's secret in Unicode form NFKD. Raise
    DomainError("bad_signature") unless it sent exactly this.
    """
    told = {name.lower(): text for name, text in headers.items()}.get("x-hmac-signature", "")
    if not hmac.compare_digest(told.encode("utf-8", "replace"), signature(_secret(line), body).encode()):
        raise DomainError("bad_signature", "X-Hmac-Signature: expected EasyPost's signature over exactly these bytes")
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DomainError("bad_signature", "expected an event as EasyPost writes it") from error
    result = event.get("result") if isinstance(event, dict) else None
    if not isinstance(result, dict) or event.get("description") not in _TRACKER_EVENTS:
        return ()
    return list(seen_of(result))


def signature(secret: str, body: bytes) -> str:
    """X-Hmac-Signature of a body."""
    key = unicodedata.normalize("NFKD", secret).encode("utf-8")
    return _PREFIX + hmac.new(key, body, hashlib.sha256).hexdigest()


def _secret(line: Line) -> str:
    try:
        return line.secret("webhook_secret")
    except Trouble as trouble:
        raise DomainError("bad_signature", trouble.detail) from trouble


def seen_of(tracker: Mapping[str, Any]) -> Iterator[Seen]:
    """Every event of a tracker; its state alone where it lists none. The events have no ids."""
    tracking, eta = printable(tracker.get("tracking_code")), moment(tracker.get("est_delivery_date"))
    if not tracking:
        return
    details = rows(tracker, "tracking_details")
    for each in details:
        at, code = moment(each.get("datetime")), printable(each.get("status"))
        if at is not None and code:
            words = printable(each.get("message")) or printable(each.get("description"))
            yield Seen(tracking=tracking, at=at, code=code, words=words, where=_where(each), eta=eta)
    at, code = moment(tracker.get("updated_at")), printable(tracker.get("status"))
    if not details and at is not None and code not in ("", "unknown"):
        yield Seen(tracking=tracking, at=at, code=code, words=printable(tracker.get("status_detail")), eta=eta)


def _where(detail: Mapping[str, Any]) -> str:
    place = detail.get("tracking_location")
    if not isinstance(place, dict):
        return ""
    return ", ".join(text for name in ("city", "state", "country") if (text := printable(place.get(name))))
