"""Etsy's webhook order.paid, signed in the way of https://www.standardwebhooks.com.

The body is flat: event_type, resource_url, shop_id. Its age is not judged: all a message does is make us read an order,
and Etsy does not say that a late delivery is signed anew.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec
from standardwebhooks.webhooks import Webhook

from server.calls.line import Line
from server.calls.troubles import Denied
from server.channels.etsy.settings import address
from server.domain.errors import DomainError
from server.trade.words import Heard, Ref

HOSTS = frozenset({"openapi.etsy.com", "api.etsy.com"})
"""Both are Etsy's API: its pages show the one, its messages the other."""
ID_MAX = 200
SIGNATURES_MAX = 2000

_RECEIPT = re.compile("/v3/application/shops/([0-9]{1,19})/receipts/([0-9]{1,19})/?")


def greeting(line: Line, query: Mapping[str, str]) -> str:  # noqa: ARG001
    """Etsy checks no address with a GET."""
    raise DomainError("not_found", "Etsy sends no greeting")


def heard(line: Line, headers: Mapping[str, str], body: bytes) -> Heard:
    """The receipt to read; raise DomainError("bad_signature") unless Etsy sent exactly this."""
    event = _verified(line, headers, body)
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = None
    url = said.get("resource_url") if isinstance(said, dict) else None
    return Heard(event, _refs(line, url)) if isinstance(url, str) else Heard(event)


def _refs(line: Line, url: str) -> tuple[Ref, ...]:
    """Nothing is fetched from the address itself, and one that is not Etsy's is no message of Etsy's."""
    try:
        host, path = urlsplit(url).hostname or "", urlsplit(url).path
    except ValueError:
        host = path = ""
    ours = urlsplit(address(line.settings, "api_url")).hostname or ""
    if host != ours and not (host in HOSTS and ours in HOSTS):
        raise DomainError("bad_signature", "resource_url: expected an address of Etsy's API")
    found = _RECEIPT.fullmatch(path)
    # An app has one address for all the shops that are connected to it.
    if found is None or int(found[1]) != int(str(line.settings.get("shop_id") or 0)):
        return ()
    return (Ref("order", str(int(found[2]))),)


def _verified(line: Line, headers: Mapping[str, str], body: bytes) -> str:
    event, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not (0 < len(event) <= ID_MAX and event.isascii() and event.isprintable()):
        raise _bad("webhook-id")
    if not re.fullmatch("[0-9]{1,11}", at) or len(given) > SIGNATURES_MAX:
        raise _bad("webhook-timestamp")
    try:
        moment, text = datetime.fromtimestamp(int(at), UTC), body.decode()
        if str(int(at)) != at:
            raise _bad("webhook-timestamp")
        good = [signer.sign(event, moment, text).encode() for signer in _signers(line)]
        shown = given.encode().split(b" ")
        if not all(shown):
            raise _bad("webhook-signature")
    except (UnicodeError, ValueError, OverflowError, OSError) as error:
        raise _bad("a signed message") from error
    # All are compared, so that the time taken tells nothing.
    if not sum(hmac.compare_digest(ours, theirs) for ours in good for theirs in shown):
        raise _bad("webhook-signature")
    return event


def _signers(line: Line) -> list[Webhook]:
    found = []
    for name in ("webhook_secret", "old_webhook_secret"):
        try:
            found.append(_webhook(line.secret(name)))
        except Denied:
            continue
        except Exception as error:
            # Whatever the library finds wrong with a secret, nothing was signed with it.
            raise _bad(name) from error
    return found


@lru_cache(maxsize=256)
def _webhook(secret: str) -> Webhook:
    return Webhook(secret)


def _bad(what: str) -> DomainError:
    return DomainError("bad_signature", f"{what}: expected what Etsy signed")
