"""One alert, or several at once, by mail or by signed webhook. Raise Undelivered when it did not arrive."""

import json
import math
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from standardwebhooks.webhooks import Webhook

from server.config import AlertRoute, Alerts

TIMEOUT = 10.0
_PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}
_SUBJECT_MAX = 120


class Undelivered(Exception):
    """It did not arrive, as far as we know; the text says why and holds no secret."""


def send(alerts: Alerts, route: AlertRoute, contents: Sequence[Mapping[str, Any]], now: float) -> None:
    """By every way the route has. ``contents`` are those of its alerts, each with an ``id`` that stays the same.

    Mail has no memory of its own: one that was taken in the moment before we died is sent twice. A webhook's receiver
    knows the id.
    """
    if route.mail:
        _mail(alerts, route, contents, now)
    for content in contents if route.webhook else ():
        _post(route, content, now)


def _mail(alerts: Alerts, route: AlertRoute, contents: Sequence[Mapping[str, Any]], now: float) -> None:
    message = EmailMessage()
    message["From"] = alerts.mail_from
    message["To"] = ", ".join(route.mail)
    message["Subject"] = subject(contents)
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = f"<{contents[0]['id']}-{len(contents)}.{route.name}@packproof>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join(_paragraph(content) for content in contents) + "\n")
    try:
        with _server(alerts) as server:
            refused = server.send_message(message)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise Undelivered(f"mail: {type(error).__name__}: {_plain(str(error))[:200]}") from error
    if refused:
        raise Undelivered(f"mail: refused for {len(refused)} of {len(route.mail)} addresses")


def _server(alerts: Alerts) -> smtplib.SMTP:
    url = urlsplit(alerts.mail_server)
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    try:
        if url.scheme == "starttls":
            server.starttls(context=ssl.create_default_context())
        if alerts.mail_user:
            server.login(alerts.mail_user, _secret(alerts.mail_password_file))
    except BaseException:
        server.close()
        raise
    return server


def _post(route: AlertRoute, content: Mapping[str, Any], now: float) -> None:
    body = json.dumps({"type": "incident.opened", "timestamp": content["opened_at"], "data": dict(content)})
    at = math.floor(now)
    try:
        signed = Webhook(_secret(route.secret_file)).sign(content["id"], datetime.fromtimestamp(at, UTC), body)
    except Exception as error:
        # The library has errors of its own for secrets that are none.
        raise Undelivered(f"webhook: secret_file: expected whsec_ and base64, {type(error).__name__}") from error
    try:
        headers = {"webhook-id": content["id"], "webhook-timestamp": str(at), "webhook-signature": signed}
        headers["content-type"] = "application/json"
        answer = httpx.post(route.webhook, content=body.encode(), headers=headers, timeout=TIMEOUT)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise Undelivered(f"webhook: {type(error).__name__}") from error
    if not answer.is_success:
        raise Undelivered(f"webhook: it answered {answer.status_code}")


def subject(contents: Sequence[Mapping[str, Any]]) -> str:
    """One line for all of them; the most pressing says its severity."""
    order: Callable[[Any], int] = ("info", "warning", "urgent").index
    worst = max(contents, key=lambda content: order(content["severity"]))
    more = f" and {len(contents) - 1} more" if len(contents) > 1 else ""
    return f"[Packproof {worst['severity']}] {_plain(worst['cause'])}"[:_SUBJECT_MAX] + more


def _paragraph(content: Mapping[str, Any]) -> str:
    about = f"{content['channel']}, " if content["channel"] else ""
    first = content.get("escalated_from", "")
    nobody = f"Nobody has taken it; {_plain(first)} was told first.\n" if first else ""
    return (
        f"{content['severity'].upper()}: {_plain(content['cause'])}\n{nobody}"
        f"{about}{content['type']}, for the {content['owner']}, since {content['opened_at']}, "
        f"by {content['deadline']}.\nTake it: packproof incidents take {content['incident']}\n"
        f"Close it: packproof incidents close {content['incident']} --reason ..."
    )


def _plain(text: str) -> str:
    """One line, without control characters that a platform's words could have brought."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def _secret(path: str) -> str:
    return Path(path).read_text(encoding="utf-8").strip()
