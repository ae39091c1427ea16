"""What a way may not take at all, however cheap and fast: goods, places, weight, size (RAT-05, SPC-01, SPC-03)."""

from collections.abc import Iterator

from server.domain.rates.rules import Limit, Rules, is_at, is_of
from server.domain.rates.values import Need, Verdict

Refusal = tuple[Verdict, str]


def refused(account: str, service: str, need: Need, rules: Rules, *, strict: bool = True) -> Refusal | None:
    """Why this way may not be taken, None when it may.

    ``strict``: a limit on what nobody measured refuses. The way an order came with is not refused for that alone.
    """
    if account not in rules.accounts:
        return Verdict.NOT_ALLOWED, f"{account} takes no parcels of ours now"
    for goods in need.hazmat:
        if not any(is_of(way, account, service) for way in goods.ways):
            return Verdict.HAZMAT, f"dangerous goods ({goods.name}) may not go with {account}/{service}"
    if need.box_carriers and account not in need.box_carriers:
        return Verdict.BOX, f"{account} does not take this box"
    return limited(account, service, need, rules, strict=strict)


def limited(account: str, service: str, need: Need, rules: Rules, *, strict: bool = True) -> Refusal | None:
    """The first limit of weight, size, place and goods that stands against this way; ``strict`` as in ``refused``."""
    for limit in rules.limits:
        if is_of(limit.way, account, service) and _is_about(limit, need):
            found = next(_broken(limit, need, strict), None)
            if found is not None:
                return found
    return None


def _is_about(limit: Limit, need: Need) -> bool:
    goods = not limit.skus or not set(limit.skus).isdisjoint(need.skus)
    return goods and (not limit.channels or need.channel in limit.channels)


def _broken(limit: Limit, need: Need, strict: bool) -> Iterator[Refusal]:
    to = (need.country, need.region, need.postcode)
    where = "-".join(part for part in to if part)
    if any(is_at(place, *to) for place in limit.never_to):
        yield Verdict.REGION, f"may not go to {where}"
    if limit.only_to and not any(is_at(place, *to) for place in limit.only_to):
        yield Verdict.REGION, f"goes only to {', '.join(limit.only_to)}, this parcel to {where}"
    if limit.max_grams is not None:
        if need.grams is None and strict:
            yield Verdict.WEIGHT, f"takes at most {limit.max_grams} g, the weight is not known"
        elif need.grams is not None and need.grams > limit.max_grams:
            yield Verdict.WEIGHT, f"takes at most {limit.max_grams} g, found {need.grams} g"
    yield from _too_large(limit, need, strict)


def _too_large(limit: Limit, need: Need, strict: bool) -> Iterator[Refusal]:
    if limit.max_side_mm is None and limit.max_girth_mm is None:
        return
    if need.size_mm is None:
        if strict:
            yield Verdict.SIZE, "takes no box whose size is not known"
        return
    *short, long = sorted(need.size_mm)
    girth = long + 2 * sum(short)
    if limit.max_side_mm is not None and long > limit.max_side_mm:
        yield Verdict.SIZE, f"takes at most {limit.max_side_mm} mm, found {long} mm"
    if limit.max_girth_mm is not None and girth > limit.max_girth_mm:
        yield Verdict.SIZE, f"takes at most {limit.max_girth_mm} mm of length and girth, found {girth} mm"
