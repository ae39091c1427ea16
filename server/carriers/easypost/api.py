"""One call to EasyPost, and its answers as plain values. Text from EasyPost is made printable here."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx

from server.calls.line import Line, Reply
from server.calls.troubles import Away, Denied, Refused

API = "https://api.easypost.com"
TEXT_MAX = 300
_JUDGED = (400, 401, 402, 403, 404, 405, 422)


class SaysNo(Refused):
    """EasyPost refused; ``code`` is its own, such as SHIPMENT.POSTAGE.EXISTS."""

    def __init__(self, detail: str, code: str) -> None:
        super().__init__(detail)
        self.code = code


def address_of(line: Line) -> str:
    """Where the API is."""
    return str(line.settings.get("api_url") or API).rstrip("/")


def ask(
    line: Line,
    operation: str,
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    query: Sequence[tuple[str, str]] = (),
    known: str = "",
) -> Mapping[str, Any]:
    """The answer's fields. ``known``: the id of what was asked about; an answer about anything else is none.

    Raise SaysNo with EasyPost's sentence, Denied (also without money, 402), Throttled or Away.
    """
    key = httpx.BasicAuth(line.secret("api_key"), "")
    url = f"{address_of(line)}/v2{path}"
    reply = line.call(operation, method, url, auth=key, query=query or None, json=body, allow=_JUDGED)
    if reply.status in _JUDGED:
        raise _refusal(reply)
    answer = fields(reply.json())
    if known and answer.get("id") != known:
        found = printable(answer.get("id"))[:60] or "no id"
        raise Away(f"expected EasyPost's answer about {known}, found {found}", maybe_done=True)
    return answer


def about(
    line: Line,
    operation: str,
    method: str,
    known: str,
    what: str = "",
    *,
    body: Mapping[str, Any] | None = None,
    query: Sequence[tuple[str, str]] = (),
) -> Mapping[str, Any]:
    """As ``ask``, of ``what`` of one shipment: ``buy``, ``refund``; "" of the shipment itself."""
    path = f"/shipments/{known}{'/' if what else ''}{what}"
    return ask(line, operation, method, path, body=body, query=query, known=known)


def _refusal(reply: Reply) -> Denied | SaysNo:
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        found = {}
    error = found.get("error") if isinstance(found, dict) else None
    told = error if isinstance(error, dict) else {"message": error or reply.text()}
    sentence = sentence_of(told)
    if reply.status in (401, 402, 403):
        return Denied(sentence)
    return SaysNo(sentence, printable(told.get("code")))


def sentence_of(error: Mapping[str, Any]) -> str:
    """The message of an error and of each of its fields, as one printable line."""
    parts = [_spoken(error.get("message"))]
    errors = error.get("errors")
    for each in errors if isinstance(errors, list) else ():
        if isinstance(each, dict):
            parts.append(
                ": ".join(text for text in (printable(each.get("field")), _spoken(each.get("message"))) if text)
            )
        else:
            parts.append(_spoken(each))
    return "; ".join(dict.fromkeys(part for part in parts if part))[:TEXT_MAX] or "EasyPost gives no reason"


def _spoken(found: Any) -> str:
    """A message is text, but some are lists or tables."""
    return printable(found if isinstance(found, str | None) else json.dumps(found, ensure_ascii=False))


def printable(found: Any) -> str:
    """A text on one line without control characters; "" for everything that is no text."""
    if not isinstance(found, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in found[: 4 * TEXT_MAX]).strip()[:TEXT_MAX]


def fields(found: Any) -> Mapping[str, Any]:
    """A JSON object; raise Away for everything else, since EasyPost says nothing else."""
    if not isinstance(found, dict):
        raise Away(f"expected an object of EasyPost's, found {type(found).__name__}", maybe_done=True)
    return found


def rows(found: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """The objects in a list; none where there is no list."""
    each = found.get(name)
    return [row for row in each if isinstance(row, dict)] if isinstance(each, list) else []


def must(found: Mapping[str, Any], name: str) -> str:
    """A text that must be there; raise Away."""
    text = printable(found.get(name))
    if not text:
        raise Away(f"expected {name} in EasyPost's answer, found none", maybe_done=True)
    return text


def money(found: Any) -> Decimal | None:
    """An amount as EasyPost writes it ("7.58"); None for anything else."""
    try:
        amount = Decimal(found) if isinstance(found, str) and len(found) < 16 else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() and amount >= 0 else None


def moment(found: Any) -> float | None:
    """Seconds since the epoch of an ISO 8601 time; one without a zone is UTC."""
    if not isinstance(found, str):
        return None
    try:
        at = datetime.fromisoformat(found)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
