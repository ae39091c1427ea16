"""Telling Etsy that a receipt has left.

One call marks the whole receipt as shipped, and each call mails the buyer. So the receipt is always read first, tried
before or not: a tracking number that is there is never sent again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Denied, Refused, Throttled, Trouble
from server.channels.etsy.carriers import CARRIERS
from server.channels.etsy.orders import receipt
from server.channels.etsy.receipts import tracking
from server.channels.etsy.settings import table
from server.channels.etsy.sign_in import call
from server.domain.errors import DomainError
from server.trade.words import Answer, Word, failed

_NO_ACCESS = 403
_HIDDEN = "Etsy does not let this app confirm shipments of this shop: confirm it on etsy.com"


def shipments(line: Line, words: Sequence[Word]) -> list[Answer]:
    """One call for each parcel; its tracking number is what makes it one."""
    answers: list[Answer] = []
    stopped: Trouble | None = None
    for word in words:
        if stopped is not None:
            answers.append(failed(stopped))
            continue
        try:
            answers.append(_shipped(line, word.data))
        except (Throttled, Denied) as trouble:
            stopped = trouble
            answers.append(failed(trouble))
        except Trouble as trouble:
            answers.append(failed(trouble))
        except DomainError as error:
            answers.append(failed(Refused(error.detail)))
    return answers


def carrier_of(settings: Mapping[str, Any], code: str) -> str:
    """Etsy's name of our carrier; raise Refused for one that it cannot follow."""
    ours = code.strip().lower()
    found = table(settings, "carriers").get(ours) or CARRIERS.get(ours.replace("-", "_").replace(" ", "_"))
    if not found:
        raise Refused(f"carrier: expected one that Etsy knows, found {code[:40]!r}: name it in the setting carriers")
    return found


def _shipped(line: Line, data: Mapping[str, Any]) -> Answer:
    ref, code = str(data.get("order_id", "")), str(data.get("tracking_number") or "").strip()
    body: dict[str, Any] = {"send_bcc": False}
    if code:
        body |= {"tracking_code": code, "carrier_name": carrier_of(line.settings, str(data.get("carrier") or ""))}
        if service := table(line.settings, "services").get(str(data.get("service") or "").lower()):
            body["mail_class"] = service
    raw = receipt(line, ref)
    if raw is None:
        raise Refused(f"receipt {ref[:40]}: Etsy has none under this number")
    if _same(code) in {_same(each) for each in tracking(raw)} or (not code and raw.get("is_shipped")):
        return Answer("Etsy has it already")
    if str(raw.get("status")).lower() == "canceled":
        raise Refused(f"receipt {ref}: it is cancelled on Etsy")
    shop = str(line.settings.get("shop_id", "")).strip()
    # As JSON: with the content type of a form Etsy marks it shipped and drops the tracking number.
    reply = call(line, "POST", f"/shops/{shop}/receipts/{ref}/tracking", json=body, allow=(_NO_ACCESS,))
    if reply.status == _NO_ACCESS:
        # The rest of the connection works: only approved partners may do this in some regions.
        raise Refused(f"{_HIDDEN} ({reply.text()})")
    return Answer(f"{reply.status} {body.get('carrier_name', 'without tracking')} {code}".strip())


def _same(code: str) -> str:
    return "".join(code.split()).upper()
