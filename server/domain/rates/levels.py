"""How fast a service is: by what the owner says of it, by its name, and by the days its carrier promises."""

from collections.abc import Mapping

from server.domain.rates.values import Level, Offer

MOST_DAYS: Mapping[Level, int] = {Level.OVERNIGHT: 1, Level.TWO_DAY: 2, Level.EXPEDITED: 3}
"""Working days in transit; the other levels promise none."""

_SLOW: tuple[tuple[str, Level], ...] = (
    *((word, Level.ECONOMY) for word in ("economy", "media", "surepost", "smartpost", "parcelselect", "groundsaver")),
    ("ground", Level.STANDARD),
)
"""A service of such a name is no faster than this, whatever days a short distance makes of it (RAT-02)."""

_PAID: tuple[tuple[str, Level], ...] = (
    *((word, Level.OVERNIGHT) for word in ("overnight", "nextday", "oneday", "1day", "sameday")),
    *((word, Level.TWO_DAY) for word in ("twoday", "2day", "2ndday", "secondday")),
    *((word, Level.EXPEDITED) for word in ("expedited", "expresssaver", "threeday", "3day")),
    ("express", Level.TWO_DAY),
    ("priority", Level.EXPEDITED),
    *_SLOW,
    ("standard", Level.STANDARD),
)
"""The first word that is found counts."""


def level_of_words(words: str, said: Mapping[str, Level]) -> Level | None:
    """What a buyer who chose this service has paid for; None when nobody can tell.

    ``said`` is the owner's own list, by the word of the order in lower case.
    """
    known = said.get(words.strip().lower())
    return known or _first(words, _PAID)


def level_of_offer(offer: Offer, said: Mapping[str, Level]) -> Level:
    """The level an offer can stand for. ``said`` is the owner's list by ``carrier/service``; it wins over the name."""
    days = offer.days
    by_days = next((level for level, most in MOST_DAYS.items() if days is not None and days <= most), Level.STANDARD)
    told = said.get(offer.way)
    if told is not None:
        return told
    capped = _first(offer.service, _SLOW) or _first(offer.name, _SLOW)
    return min(capped or by_days, by_days, key=lambda level: level.rank)


def _first(words: str, table: tuple[tuple[str, Level], ...]) -> Level | None:
    plain = "".join(c for c in words.lower() if c.isalnum())
    return next((level for word, level in table if word in plain), None)
