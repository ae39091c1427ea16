"""Our values in the library's. Weights and lengths are rounded up, in the units of the sender's country."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from printing.documents import Address
from server.carriers.karrio.checks import limits_of, two_lines
from server.carriers.karrio.choices import Choices
from server.carriers.karrio.library import library
from server.trade.shipping import BuyRequest, Consignment, Shipment

_IMPERIAL = frozenset({"US", "PR", "LR", "MM"})
_GRAMS = {"LB": Decimal("453.59237"), "KG": Decimal(1000)}
_MILLIMETRES = {"IN": Decimal("25.4"), "CM": Decimal(10)}


def rates(consignment: Consignment, choices: Choices) -> Any:
    """What would you take it for?"""
    return library().models.RateRequest(**_both(consignment, choices), options=dict(choices.options))


def label(request: BuyRequest, choices: Choices, account_number: str | None) -> Any:
    """A label, please; at our cost."""
    models = library().models
    return models.ShipmentRequest(
        service=request.service,
        **_both(request, choices),
        # Without it the body of a FedEx label cannot be written.
        payment=models.Payment(paid_by="sender", account_number=account_number),
        options=dict(choices.options),
        reference=request.reference or request.parcel_id,
        label_type=choices.label,
    )


def cancel(shipment: Shipment) -> Any:
    """This label is not wanted."""
    number = shipment.shipment_id or shipment.tracking
    return library().models.ShipmentCancelRequest(shipment_identifier=number, service=shipment.service or None)


def tracking(shipment: Shipment) -> Any:
    """Where is it?"""
    return library().models.TrackingRequest(tracking_numbers=[shipment.tracking])


def manifest(numbers: list[str], origin: Mapping[str, str], reference: str) -> Any:
    """These leave now."""
    o = origin
    parts = (o.get("name", ""), o.get("company", ""), (o.get("street", ""),), o.get("city", ""), o.get("region", ""))
    own = Address(*parts, o.get("postcode", ""), o.get("country", ""), o.get("phone", ""))
    where = _address("sender", own, limits_of("").line)
    return library().models.ManifestRequest(shipment_identifiers=numbers, address=where, reference=reference)


def weight_in(unit: str, grams: int) -> float:
    """Pounds or kilograms with two digits, never less than it weighs."""
    return float((Decimal(grams) / _GRAMS[unit]).quantize(Decimal("0.01"), ROUND_CEILING))


def length_in(unit: str, millimetres: int) -> float:
    """Inches or centimetres with two digits, never less than it is long."""
    return float((Decimal(millimetres) / _MILLIMETRES[unit]).quantize(Decimal("0.01"), ROUND_CEILING))


def _both(consignment: Consignment, choices: Choices) -> dict[str, Any]:
    line = limits_of(choices.carrier).line
    return {
        "shipper": _address("sender", consignment.ship_from, line),
        "recipient": _address("buyer", consignment.ship_to, line),
        "parcels": [_parcel(consignment)],
        "customs": _customs(consignment, choices) if consignment.crosses and choices.abroad else None,
    }


def _customs(consignment: Consignment, choices: Choices) -> Any:
    """Merchandise, at the buyer's duty; what is missing of it was refused before."""
    models, unit = library().models, _units(consignment)[0]
    items = [
        models.Commodity(
            sku=item.sku,
            title=item.text,
            description=item.text,
            quantity=item.units,
            hs_code=item.hs_code,
            weight=weight_in(unit, item.grams or 0),
            weight_unit=unit,
            value_amount=float(item.value or 0),
            value_currency=item.currency,
            origin_country=item.origin,
        )
        for item in consignment.customs
    ]
    worth = sum((item.value or Decimal(0)) * item.units for item in consignment.customs)
    currency = consignment.customs[0].currency
    return models.Customs(
        commodities=items,
        certify=True,
        signer=choices.customs_signer,
        content_type="merchandise",
        incoterm="DDU",
        invoice=consignment.reference or None,
        duty=models.Duty(paid_by="recipient", currency=currency, declared_value=float(worth)),
    )


def _units(consignment: Consignment) -> tuple[str, str]:
    """Of weight and length, as the sender's country counts."""
    imperial = consignment.ship_from.country.strip().upper() in _IMPERIAL
    return ("LB", "IN") if imperial else ("KG", "CM")


def _parcel(consignment: Consignment) -> Any:
    weight, length = _units(consignment)
    sides = sorted(consignment.size_mm or (0, 0, 0), reverse=True)
    names = dict(zip(("length", "width", "height"), (length_in(length, side) for side in sides), strict=True))
    grams = weight_in(weight, consignment.weight_grams or 0)
    return library().models.Parcel(weight=grams, weight_unit=weight, dimension_unit=length, **names)


def _address(whose: str, address: Address, line: int) -> Any:
    first, second = two_lines(whose, address, line)
    return library().models.Address(
        person_name=address.name.strip() or None,
        company_name=address.company.strip() or None,
        address_line1=first,
        address_line2=second or None,
        city=address.city.strip(),
        state_code=address.region.strip() or None,
        postal_code=address.postcode.strip(),
        country_code=address.country.strip().upper(),
        phone_number=address.phone.strip() or None,
    )
