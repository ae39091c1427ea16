"""A receipt in Etsy's JSON as an order.

Etsy shows texts of buyers with HTML entities ("O&#39;Connell", https://github.com/etsy/open-api/issues/446): they are
read as what the buyer wrote. Money is {amount, divisor, currency_code}.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from server.domain.errors import DomainError
from server.trade.money import digits
from server.trade.orders import ChannelOrder, IncomingOrder, ShipTo, SoldLine

PERSONALISATION = 54
"""The property under which Etsy shows what the buyer wants written on it."""
SERVICE_MAX = 64
LATEST = 1e11
_NOT_MADE = frozenset({"failed", "rejected", "canceled", "cancelled"})

REFUNDED = "Etsy shows a refund of this receipt before it was shipped: see there which lines"
"""A refund says how much, and not for what."""

_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#34": '"', "#39": "'", "#039": "'", "#x27": "'"}
_ENTITY = re.compile("&(" + "|".join(_ENTITIES) + ");")


def read_order(raw: Mapping[str, Any]) -> ChannelOrder:
    """The order; raise DomainError("malformed") naming the field, never its content where that is a person's."""
    if not isinstance(raw, Mapping):
        raise _malformed("receipt", "an object", raw)
    status, paid, shipped = _text(raw, "status").lower(), _flag(raw, "is_paid"), _flag(raw, "is_shipped")
    sold = _rows(raw, "transactions")
    # Etsy itself delivers downloads: an order of nothing else is none of ours to pack.
    digital = bool(sold) and all(_flag(each, "is_digital") for each in sold)
    cancelled = status in {"canceled", "cancelled"} or (status == "fully refunded" and not shipped)
    wanted = () if cancelled else tuple(_lines(sold if digital else [s for s in sold if not _flag(s, "is_digital")]))
    total = raw.get("grandtotal")
    due = None if total is None else minor(total, "grandtotal")
    return ChannelOrder(
        order=IncomingOrder(
            order_id=str(_number(raw, "receipt_id", least=1)),
            placed_at=_time(raw, "created_timestamp", "create_timestamp"),
            paid=paid,
            currency=_text(total, "currency_code") if isinstance(total, Mapping) else "",
            ship_by=min((t for s in sold if (t := _time(s, "expected_ship_date")) is not None), default=None),
            carrier="",
            service=_service(sold),
            note=_text(raw, "message_from_buyer"),
            ship_to=_ship_to(raw, paid),
            lines=wanted,
            raw=raw,
            fulfilment="channel" if digital else "own",
            gift_message=_text(raw, "gift_message"),
            payment="paid" if paid else "unpaid",
            amount_due=due,
            amount_paid=(due or 0) if paid else 0,
        ),
        changed_at=_time(raw, "updated_timestamp", "update_timestamp") or 0.0,
        cancelled=cancelled,
        handed_over=shipped,
        asks=REFUNDED if wanted and not shipped and _money_went_back(raw, status) else "",
        tracking=frozenset(tracking(raw)),
        paid_back=shipped and _money_went_back(raw, status),
    )


def _money_went_back(raw: Mapping[str, Any], status: str) -> bool:
    """A refund that Etsy did not carry out is none."""
    made = [each for each in _rows(raw, "refunds") if _text(each, "status").lower() not in _NOT_MADE]
    return bool(made) or status == "partially refunded"


def tracking(raw: Mapping[str, Any]) -> list[str]:
    """The tracking numbers of a receipt."""
    return [code for shipment in _rows(raw, "shipments") if (code := _text(shipment, "tracking_code"))]


def ref_of(listing_id: Any, values: Any) -> str:
    """The id of one product of a listing: ``listing`` or ``listing:property=value;...``.

    Etsy's own product ids do not last: writing an inventory replaces its products. What a buyer picks does.
    """
    picked = []
    for each in values if isinstance(values, list) else ():
        ids = each.get("value_ids") or each.get("values") or ()
        picked.append(f"{each.get('property_id')}={'+'.join(str(one) for one in ids)}")
    return f"{listing_id}:{';'.join(sorted(picked))}" if picked else str(listing_id)


def plain(text: str) -> str:
    """The text as it was written, without Etsy's HTML entities."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], text)


def exact(raw: Any, where: str) -> Decimal:
    """An amount of money in its currency; raise DomainError("malformed")."""
    amount = raw.get("amount") if isinstance(raw, Mapping) else None
    divisor = raw.get("divisor") if isinstance(raw, Mapping) else None
    if type(amount) is not int or type(divisor) is not int or divisor < 1:
        raise _malformed(where, "amount and divisor", raw)
    return Decimal(amount) / Decimal(divisor)


def minor(raw: Any, where: str) -> int:
    """An amount of money in the currency's minor units."""
    return int(exact(raw, where).scaleb(_places(raw)).to_integral_value())


def _places(raw: Mapping[str, Any]) -> int:
    return digits(str(raw.get("currency_code", "")))


def _lines(sold: Sequence[Mapping[str, Any]]) -> list[SoldLine]:
    found = []
    for each in sold:
        quantity, price = _number(each, "quantity"), each.get("price")
        if quantity:
            found.append(
                SoldLine(
                    # A listing without a SKU is known by its id, here and among the listings.
                    sku=_text(each, "sku") or ref_of(each.get("listing_id"), each.get("product_data")),
                    quantity=quantity,
                    line_id=str(_number(each, "transaction_id", least=1)),
                    title=_text(each, "title"),
                    price="" if price is None else f"{exact(price, 'price'):.{_places(price)}f}",
                    personalisation="\n".join(_personal(each)),
                )
            )
    return found


def _personal(sold: Mapping[str, Any]) -> list[str]:
    """What the buyer answered; several questions are told apart by their names."""
    asked = [v for v in _rows(sold, "variations") if v.get("property_id") == PERSONALISATION or v.get("question_id")]
    if len(asked) == 1:
        return [_text(asked[0], "formatted_value")]
    return [f"{_text(v, 'formatted_name')}: {_text(v, 'formatted_value')}" for v in asked]


def _service(sold: Sequence[Mapping[str, Any]]) -> str:
    """An upgrade that was paid for, else the method; the first where the lines have several."""
    names = [_text(s, "shipping_upgrade") for s in sold] + [_text(s, "shipping_method") for s in sold]
    first = next(filter(None, names), "")
    return "".join(c for c in first if c.isprintable())[:SERVICE_MAX]


def _ship_to(raw: Mapping[str, Any], paid: bool) -> ShipTo:
    """Empty while unpaid; the name alone where Etsy hides addresses from this app."""
    lines = tuple(text for name in ("first_line", "second_line") if (text := _text(raw, name)))
    city, postcode, country = _text(raw, "city"), _text(raw, "zip"), _text(raw, "country_iso")
    if not paid and not (lines or city or postcode or country):
        return ShipTo()
    return ShipTo(
        name=_text(raw, "name"),
        lines=lines,
        city=city,
        region=_text(raw, "state"),
        postcode=postcode,
        country=country,
        email=_text(raw, "buyer_email"),
    )


def _text(raw: Mapping[str, Any], name: str) -> str:
    found = raw.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise _malformed(name, "text", found)
    return plain(found)


def _flag(raw: Mapping[str, Any], name: str) -> bool:
    found = raw.get(name)
    if found is not None and not isinstance(found, bool):
        raise _malformed(name, "true or false", found)
    return bool(found)


def _number(raw: Mapping[str, Any], name: str, least: int = 0) -> int:
    found = raw.get(name)
    if type(found) is not int or found < least:
        raise _malformed(name, f"a number from {least}", found)
    return found


def _time(raw: Mapping[str, Any], *names: str) -> float | None:
    """The first of these that is there."""
    for name in names:
        if raw.get(name) is not None:
            found = _number(raw, name)
            if found > LATEST:
                raise _malformed(name, "seconds since 1970", found)
            return float(found)
    return None


def _rows(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = raw.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise _malformed(name, "a list of objects", found)
    return found


def _malformed(name: str, expected: str, found: Any) -> DomainError:
    return DomainError("malformed", f"{name}: expected {expected}, found {type(found).__name__}")
