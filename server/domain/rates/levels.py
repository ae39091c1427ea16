"""How fast a service is: by what the owner says of it, by its name, and by the days its carrier promises."""

import re
from collections.abc import Mapping

from server.domain.rates.values import Level, Offer

MOST_DAYS: Mapping[Level, int] = {Level.OVERNIGHT: 1, Level.TWO_DAY: 2, Level.EXPEDITED: 3}
"""Working days in transit; the other levels promise none."""

_PRINTED = ("mediamail", "library", "boundprinted", "fortheblind")
"""Services for books, recordings and other printed matter only, as the USPS Domestic Mail Manual has them."""

_SLOW: tuple[tuple[str, Level], ...] = (
    *((word, Level.ECONOMY) for word in _PRINTED),
    *((word, Level.ECONOMY) for word in ("economy", "surepost", "smartpost", "parcelselect", "groundsaver")),
    *((word, Level.ECONOMY) for word in ("mailinnovations", "smartmail")),
    ("ground", Level.STANDARD),
)
"""A service of such a name is no faster than this, whatever days a short distance makes of it (RAT-02)."""

_FAST: tuple[tuple[str, Level], ...] = (
    *((word, Level.OVERNIGHT) for word in ("overnight", "nextday", "oneday", "1day", "sameday")),
    *((word, Level.TWO_DAY) for word in ("twoday", "2day", "2ndday", "secondday")),
    *((word, Level.EXPEDITED) for word in ("expedited", "expresssaver", "threeday", "3day")),
    ("express", Level.TWO_DAY),
    ("priority", Level.EXPEDITED),
)
_PLAIN = tuple((word, Level.STANDARD) for word in ("standard", "homedelivery", "first", "regular"))
"""As ``ground``, where no word of ``_FAST`` is there too: ups_standard, and not STANDARD_OVERNIGHT."""

_PAID: tuple[tuple[str, Level], ...] = (*_FAST, *_SLOW, ("standard", Level.STANDARD))
"""The first word that is found counts."""


def level_of_words(words: str, said: Mapping[str, Level]) -> Level | None:
    """What a buyer who chose this service has paid for; None when nobody can tell.

    ``said`` is the owner's own list, by the word of the order in lower case.
    """
    known = said.get(words.strip().lower())
    return known or _first(_run_on(words), _PAID)


def level_of_offer(offer: Offer, said: Mapping[str, Level]) -> Level:
    """The level an offer can stand for. ``said`` is the owner's list by ``carrier/service``; it wins over the name."""
    days = offer.days
    by_days = next((level for level, most in MOST_DAYS.items() if days is not None and days <= most), Level.STANDARD)
    told = said.get(offer.way)
    if told is not None:
        return told
    return min(_most(offer) or by_days, by_days, key=lambda level: level.rank)


def only_printed(offer: Offer, said: Mapping[str, Level]) -> bool:
    """Whether its carrier takes only printed matter so; not where the owner has ``said`` what it stands for."""
    return offer.way not in said and any(word in _names(offer) for word in _PRINTED)


def _most(offer: Offer) -> Level | None:
    """The fastest that a service of this name can be; None where the name says nothing."""
    names = _names(offer)
    # An account that calls its only service so, as own vans do, says in days what it is.
    plain = {*names.split("|")} <= {"standard", ""} or _first(names, _FAST) is not None
    return _first(names, _SLOW) or (None if plain else _first(names, _PLAIN))


def _names(offer: Offer) -> str:
    return f"{_run_on(offer.service)}|{_run_on(offer.name)}"


def _run_on(words: str) -> str:
    """``2nd-Day Air`` as ``|2nddayair``: a bar before each number, so that 12 days are not taken for 2."""
    return re.sub(r"[^a-z0-9|]", "", re.sub(r"[0-9]+", r"|\g<0>", words.lower().replace("|", "")))


def _first(names: str, table: tuple[tuple[str, Level], ...]) -> Level | None:
    return next((level for word, level in table if (f"|{word}" if word[0].isdigit() else word) in names), None)
