"""Can a parcel be delivered to this address, as far as anybody can tell without asking a carrier?

Countries: ISO 3166-1 alpha-2. Postcode forms: the Universal Postal Union's, only where every address has one.
"""

import re
from typing import NamedTuple, Protocol

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())

_DIGITS = {
    4: "AT AU BE BG CH DK HU LU NO NZ SI",
    5: "DE EE ES FI FR GR HR IT KR LT MX SE CZ SK TR UA",
    6: "CN IN RO RU SG",
    7: "JP",
    8: "BR",
}
_FORMS = {country: rf"[A-Z]{{0,2}}\d{{{n}}}" for n, countries in _DIGITS.items() for country in countries.split()} | {
    "US": r"\d{5}(\d{4})?",
    "PR": r"\d{5}(\d{4})?",
    "CA": r"[A-Z]\d[A-Z]\d[A-Z]\d",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}|GIR0AA|BFPO\d{1,4}",
    "NL": r"(NL)?\d{4}[A-Z]{2}",
    "PL": r"(PL)?\d{5}",
    "PT": r"(PT)?\d{4}(\d{3})?",
    "LV": r"(LV)?\d{4}",
}
_POSTCODE = {country: re.compile(form, re.ASCII) for country, form in _FORMS.items()}
_BETWEEN = re.compile(r"[\s\-.]+")


class Place(Protocol):
    """An address as a channel gives it."""

    @property
    def name(self) -> str: ...
    @property
    def company(self) -> str: ...
    @property
    def lines(self) -> tuple[str, ...]: ...
    @property
    def city(self) -> str: ...
    @property
    def postcode(self) -> str: ...
    @property
    def country(self) -> str: ...


class Undeliverable(NamedTuple):
    """A stable code, and a sentence that holds no personal data."""

    code: str
    why: str


def undeliverable(place: Place) -> Undeliverable | None:
    """The first thing that keeps a parcel from this address, or None."""
    if not (place.name.strip() or place.company.strip()):
        return Undeliverable("no_name", "the address has neither name nor company")
    if not any(line.strip() for line in place.lines):
        return Undeliverable("no_street", "the address has no line")
    if not place.city.strip():
        return Undeliverable("no_city", "the address has no city")
    country = place.country.strip().upper()
    if not country:
        return Undeliverable("no_country", "the address has no country")
    if country not in COUNTRIES:
        return Undeliverable("bad_country", f"expected a country code of two letters, found {place.country[:20]!r}")
    return _postcode(country, place.postcode)


def _postcode(country: str, text: str) -> Undeliverable | None:
    form = _POSTCODE.get(country)
    if form is None:
        return None
    postcode = _BETWEEN.sub("", text).upper()
    if not postcode:
        return Undeliverable("no_postcode", f"every address in {country} has a postcode, this one has none")
    if form.fullmatch(postcode):
        return None
    return Undeliverable("bad_postcode", f"the postcode is not one of {country}")
