"""UPS, USPS, FedEx and many more through the library karrio: ``pip install "packproof[karrio]"`` and an account's row.

The library writes the bodies and reads the answers; every call goes over our line, with its limits and its troubles.
It imports what adapters may (calls, trade), the library itself only in ``library.py`` and only when such an account is
used, and never a neighbour. Here ``import karrio`` means the library, never this package.

None of these carriers can be asked what was bought under a key of ours, and none takes such a key. So what is looked up
is what we wrote down, and a purchase whose answer was lost is never repeated by itself: see ``once.py``.
"""

from server.calls.line import Line
from server.carriers import Account, Capabilities, Carrier
from server.carriers.karrio.choices import choices_of
from server.carriers.karrio.counter import Karrio
from server.carriers.karrio.gateway import Gateway
from server.carriers.karrio.library import library, provider

_HANDS_OVER = frozenset({"usps"})
"""Carriers whose closing form we know to be right; others that want one are told at their own place."""


def capabilities(account: Account) -> Capabilities:
    """What the library can do at this carrier; raise DomainError("invalid") for a missing library or wrong settings."""
    choices = choices_of(account)
    provider(choices.carrier)
    can = library().sdk.gateway[choices.carrier].create({}, is_stub=True).proxy_methods
    return Capabilities(
        quote="get_rates" in can,
        look_up=True,
        void="cancel_shipment" in can,
        track="get_tracking" in can,
        manifest="create_manifest" in can and choices.carrier in _HANDS_OVER,
        customs=choices.abroad,
        words=choices.carrier,
    )


def who(line: Line) -> str:
    """Whether the carrier lets us in, by fetching a token of it; "" where it has none. Raise a Trouble."""
    choices = choices_of(Account(line.channel, line.channel, "karrio", settings=line.settings))
    known = provider(choices.carrier)
    return str(known.label) if Gateway(line, choices).sign_in() else ""


def carrier(account: Account, line: Line) -> Carrier:
    """The carrier behind this account; raise DomainError("invalid") as ``capabilities``."""
    choices = choices_of(account)
    choices.check(provider(choices.carrier))
    return Karrio(account, choices, Gateway(line, choices))
