"""A choice of carrier in sentences."""

from decimal import Decimal

from server.domain.rates.values import By, Decision, Judged, Offer, Verdict


def explain(decision: Decision) -> tuple[str, ...]:
    """The outcome, what was paid for, every offer with its verdict (the chosen first), who was silent, the saving."""
    said = [decision.why, _asked(decision)]
    for each in sorted(decision.judged, key=_place):
        said.append(f"{_offered(each.offer)}: {each.verdict.replace('_', ' ')}, {each.text}")
    said += [f"{each.account}: {each.verdict.replace('_', ' ')}, {each.text}" for each in decision.silent]
    if decision.default is not None and decision.saving is not None:
        default = decision.default
        said.append(f"{default.way} of the default provider costs {default.price}: {decision.saving} saved")
    if decision.by is By.CACHED:
        said.append("the price is remembered, not asked for now")
    return tuple(said)


def _place(each: Judged) -> tuple[bool, bool, Decimal]:
    price = each.offer.price
    return each.verdict is not Verdict.CHOSEN, not each.qualifies, price if price.is_finite() else Decimal(0)


def _asked(decision: Decision) -> str:
    need = decision.need
    paid = f"the buyer paid for {decision.level} ({need.paid})" if decision.level else f"the buyer paid for {need.paid}"
    weight = f"{need.grams} g" if need.grams is not None else "weight not known"
    days = "" if need.days_left is None else f", {need.days_left} days left"
    return f"{paid}; {weight} to {need.country} {need.postcode}{days}"


def _offered(offer: Offer) -> str:
    days = f", {offer.days} days" if offer.days is not None else ""
    return f"{offer.way} {offer.price} {offer.currency}{days}"
