"""Lines of `packproof carriers`."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from server.cli.columns import columns
from server.cli.refusal import one_line

if TYPE_CHECKING:
    from server.carriers import Account, Capabilities
    from server.usecases.shipping.trying import Offered

_CAN: Mapping[str, str] = {
    "quote": "quotes",
    "void": "voids",
    "track": "tracks",
    "hear": "sends tracking",
    "manifest": "SCAN forms",
    "customs": "parcels abroad",
    "pickup": "drivers on order",
}
_HEAD = ("CARRIER", "PROVIDER", "STATE", "WITHOUT INTERNET", "NAME")
_WIDTHS = (14, 10, 8, 22, 0)


def list_lines(found: "Mapping[str, tuple[Account, Capabilities | None, bool]]") -> Iterator[str]:
    """A line for each account: (account, what it can do or None where it cannot work, whether it lets us in)."""
    yield columns(*zip(_HEAD, _WIDTHS, strict=True))
    for code, (account, can, lets_in) in found.items():
        state = "retired" if not account.active else "active" if lets_in else "denied"
        offline = without_internet(can) if can else "cannot work: check it"
        yield columns(*zip((code, account.provider, state, offline, account.name), _WIDTHS, strict=True))


def leave_line(code: str, called: str) -> str:
    """``called`` is what the carrier says of us; "" where there was nobody to ask."""
    return f"{one_line(called)} lets us in" if called else f"{code} needs nobody's leave"


def can_lines(code: str, can: "Capabilities") -> Iterator[str]:
    """What a carrier can do, and what still works without internet."""
    able = [words for name, words in _CAN.items() if getattr(can, name)]
    unable = [words for name, words in _CAN.items() if not getattr(can, name)]
    yield f"{code} can: labels{''.join(f', {words}' for words in able)}"
    if unable:
        yield f"{code} cannot: {', '.join(unable)}"
    yield f"without internet: {without_internet(can)}"


def without_internet(can: "Capabilities") -> str:
    """What a bench can still do with this carrier when nobody outside answers."""
    if can.allot or can.offline:
        return "labels"
    return "none, boxes park"


def quote_lines(offers: "Iterator[Offered]") -> Iterator[str]:
    """Every service of every carrier, and why there is none."""
    yield columns(("CARRIER", 12), ("SERVICE", 24), ("PRICE", 12), ("DAYS", 5), ("NAME", 0))
    for offered in offers:
        for each in offered.quotes:
            days = "?" if each.days is None else f"{each.days}{'!' if each.guaranteed else ''}"
            price = f"{each.price} {each.currency}"
            yield columns((offered.carrier, 12), (each.service, 24), (price, 12), (days, 5), (each.name, 0))
        if offered.trouble:
            yield columns((offered.carrier, 12), (f"no quote: {offered.trouble}", 0))
