"""States as rules name them: buyers write ``Hawaii``, ``hawaii`` or ``HI``."""

_US = (
    "AL alabama AK alaska AZ arizona AR arkansas CA california CO colorado CT connecticut DE delaware FL florida "
    "GA georgia HI hawaii ID idaho IL illinois IN indiana IA iowa KS kansas KY kentucky LA louisiana ME maine "
    "MD maryland MA massachusetts MI michigan MN minnesota MS mississippi MO missouri MT montana NE nebraska "
    "NV nevada NH newhampshire NJ newjersey NM newmexico NY newyork NC northcarolina ND northdakota OH ohio "
    "OK oklahoma OR oregon PA pennsylvania RI rhodeisland SC southcarolina SD southdakota TN tennessee TX texas "
    "UT utah VT vermont VA virginia WA washington WV westvirginia WI wisconsin WY wyoming DC districtofcolumbia "
    "PR puertorico GU guam VI virginislands AS americansamoa MP northernmarianaislands"
)
_WORDS = _US.split()
_CODES = dict(zip(_WORDS[1::2], _WORDS[::2], strict=True))


def region_of(country: str, region: str) -> str:
    """The code of a US state, however it is written; any other region in capitals, as it came."""
    plain = "".join(c for c in region.lower() if c.isalpha())
    return _CODES.get(plain, region.strip().upper()) if country.upper() == "US" else region.strip().upper()
