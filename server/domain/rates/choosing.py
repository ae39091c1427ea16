"""The cheapest offer that qualifies (RAT-02), and the reason against every other one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from server.domain.rates.levels import MOST_DAYS, level_of_offer, level_of_words, only_printed
from server.domain.rates.limits import Refusal, refused
from server.domain.rates.rules import Rules, is_of
from server.domain.rates.values import By, Decision, Judged, Level, Need, Offer, Silent, Verdict

_LONGEST = 10**6
_GONE = (Verdict.NO_ANSWER, Verdict.LEFT_OUT)


def choose(offers: Iterable[Offer], need: Need, rules: Rules, silent: Sequence[Silent] = ()) -> Decision:
    """Judge every offer; of those that qualify the cheapest wins, then the faster, then the earlier account.

    A price that is remembered of an account which does not answer, and any of one that has just FAILED to sell, count
    only where nobody else qualifies. Where none at all qualifies the parcel goes as the order came, if it may; else
    ``way`` is None.
    """
    paid = level_of_words(need.paid, rules.levels)
    judged = _preferred([_judged(offer, need, rules, paid) for offer in offers], silent)
    fit = sorted((each.offer for each in judged if each.qualifies), key=lambda offer: _order(offer, rules))
    if not fit:
        return _own_way(need, rules, judged, silent, paid)
    best = fit[0]
    listed = tuple(_ranked(each, best) for each in judged)
    account = rules.default_of(need.channel)
    return Decision(
        need=need,
        way=(best.account, best.service),
        by=By.LIVE if best.cached_at is None else By.CACHED,
        why=f"{best.way} for {best.price} {best.currency} is the cheapest of {len(fit)} that qualify",
        judged=listed,
        silent=tuple(silent),
        chosen=best,
        default=next((offer for offer in fit if offer.account == account), None),
        level=paid,
    )


def _preferred(judged: Sequence[Judged], silent: Sequence[Silent]) -> list[Judged]:
    """Without those that count only in need, where there are others; what is remembered before what has just failed."""
    doubts = [_doubt(each.offer, silent) if each.qualifies else None for each in judged]
    needs = [0 if doubt is None else 2 if doubt[0] is Verdict.FAILED else 1 for doubt in doubts]
    least = min((need for each, need in zip(judged, needs, strict=True) if each.qualifies), default=0)
    rows = zip(judged, doubts, needs, strict=True)
    return [Judged(each.offer, *doubt) if doubt and need > least else each for each, doubt, need in rows]


def _doubt(offer: Offer, silent: Sequence[Silent]) -> Refusal | None:
    said = [each.verdict for each in silent if each.account == offer.account]
    if Verdict.FAILED in said:
        return Verdict.FAILED, "no label could be bought from it just now, from others it can"
    gone = next((verdict for verdict in said if verdict in _GONE), None)
    if gone is None or offer.cached_at is None:
        return None
    return gone, "a remembered price, its account does not answer and others do"


def _own_way(
    need: Need, rules: Rules, judged: Sequence[Judged], silent: Sequence[Silent], paid: Level | None
) -> Decision:
    carrier, service = need.own
    against = refused(carrier, service, need, rules, strict=False)
    if paid is None:
        first = f"nobody has said what the service {need.paid!r} is worth"
    else:
        first = f"none of {len(judged)} offers qualifies"
    ends = f"it may not go with {carrier}/{service} either: {against[1]}" if against else "it goes as the order came"
    return Decision(
        need=need,
        way=None if against else (carrier, service),
        by=By.NONE if against else By.OWN,
        why=f"{first}; {ends}",
        judged=tuple(judged),
        silent=tuple(silent),
        level=paid,
    )


def _judged(offer: Offer, need: Need, rules: Rules, paid: Level | None) -> Judged:
    found = _allowed(offer, need, rules) or _sound(offer, rules) or _in_time(offer, need, rules, paid)
    return Judged(offer, *found) if found else Judged(offer, Verdict.DEARER, "")


def _allowed(offer: Offer, need: Need, rules: Rules) -> Refusal | None:
    if need.only and offer.way != need.only:
        return Verdict.ONE_WAY, f"another box of the order goes with {need.only}"
    if only_printed(offer, rules.services):
        return Verdict.PRINTED, "it takes only printed matter; the rules' services may say that it suits these goods"
    ways = rules.channel(need.channel).ways
    if ways and not any(is_of(way, offer.account, offer.service) for way in ways):
        return Verdict.NOT_ALLOWED, f"{need.channel} takes only {', '.join(ways)}"
    return refused(offer.account, offer.service, need, rules)


def _sound(offer: Offer, rules: Rules) -> Refusal | None:
    if not offer.priced:
        return Verdict.PRICE, f"expected a price, found {offer.price}"
    if offer.currency != rules.currency:
        return Verdict.CURRENCY, f"only prices in {rules.currency} are compared, found {offer.currency}"
    return None


def _in_time(offer: Offer, need: Need, rules: Rules, paid: Level | None) -> Refusal | None:
    if paid is None:
        return Verdict.UNKNOWN_SERVICE, f"nobody has said what the service {need.paid!r} is worth"
    rule, level = rules.channel(need.channel), level_of_offer(offer, rules.services)
    may_be_economy = paid is Level.ECONOMY or (paid is Level.STANDARD and rule.economy)
    if level is Level.ECONOMY and not may_be_economy:
        return Verdict.ECONOMY, f"economy, the buyer paid for {paid} and {need.channel} allows no economy"
    most = MOST_DAYS.get(paid)
    if most is not None and offer.days is None:
        return Verdict.NO_DAYS, f"does not say how many days it takes, the buyer paid for {paid}"
    slower = level.rank < paid.rank and level is not Level.ECONOMY
    if slower or (most is not None and offer.days is not None and offer.days > most):
        takes = f"{offer.days} days" if offer.days is not None else "as long as it takes"
        return Verdict.TOO_SLOW, f"{level} ({takes}), the buyer paid for {paid}"
    return _by_the_day(offer, need) if rule.expedite else None


def _by_the_day(offer: Offer, need: Need) -> Refusal | None:
    """Whether it is there on the day it was promised for."""
    if need.deliver_by is None:
        return None
    if offer.arrives_by is not None and offer.arrives_by > need.deliver_by:
        return Verdict.TOO_LATE, "arrives after the day it was promised for"
    if need.days_left is None:
        return None
    if offer.days is None and offer.arrives_by is None:
        return Verdict.NO_DAYS, f"does not say how many days it takes, {need.days_left} are left"
    if offer.days is not None and offer.days > need.days_left:
        return Verdict.TOO_LATE, f"takes {offer.days} days, {max(0, need.days_left)} are left"
    return None


def _order(offer: Offer, rules: Rules) -> tuple[Decimal, int, int, str]:
    days = offer.days if offer.days is not None else _LONGEST
    return offer.price, days, rules.accounts.index(offer.account), offer.service


def _ranked(each: Judged, best: Offer) -> Judged:
    if not each.qualifies:
        return each
    if each.offer is best:
        return replace(each, verdict=Verdict.CHOSEN, text="the cheapest that qualifies")
    more = each.offer.price - best.price
    return replace(each, text=f"costs {more} more" if more else "costs the same")
