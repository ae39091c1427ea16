"""One file, or one small package, per sales channel, found by its kind. An adapter never imports its neighbour."""

import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from server.calls.line import Line
from server.calls.pace import Limit
from server.domain.errors import DomainError
from server.trade.orders import ChannelOrder, IncomingOrder
from server.trade.words import Account, Answer, Heard, Listing, ListingPage, OrderPage, Setting, Word


class Channel(Protocol):
    """What the module of every kind offers. ``settings`` are those of one channel of this kind."""

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise DomainError("invalid") when the settings cannot work."""

    def tells(self, settings: Mapping[str, Any]) -> bool:
        """Whether this channel can be told of stock and shipments."""

    def tell(self, line: Line, words: Sequence[Word]) -> Sequence[Answer]:
        """Tell the platform these words, all of one kind, and say what became of each, in the same order.

        A word that fails never keeps the others back. Raise Trouble where it holds for all of them.
        """


class Caller(Channel, Protocol):
    """A channel that speaks our own words: its signed messages are the whole truth, and nobody asks it anything."""

    def verify(self, settings: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> str:
        """The message's own id; raise DomainError("bad_signature") unless the channel sent exactly this."""

    def read_body(self, body: bytes) -> IncomingOrder:
        """The order in a verified body; raise DomainError("malformed") naming the field."""


class Platform(Channel, Protocol):
    """A channel that is asked as well: it keeps orders, listings and numbers of its own.

    A module of such a kind has these names beside its functions.
    """

    NAME: str
    """The platform's own name."""
    SETTINGS: Sequence[Setting]
    LIMITS: Mapping[str, Limit]
    """Rate limits by operation, as the platform publishes them."""
    BULK: Mapping[str, int]
    """Most words of a kind in one call of ``tell``; 1 where nothing is said."""
    AT_ONCE: int
    """Most calls of ``tell`` in flight at the same moment."""
    ACK_WITHIN: float | None
    """Seconds in which an order must be acknowledged; None where the platform does not ask for it."""
    SETTLES: float
    """Seconds until the platform shows a number that it took."""
    SHOWN_MOST: int | None
    """The largest number the platform can show; None: any."""

    def poll(self, settings: Mapping[str, Any]) -> float:
        """Seconds between two looks for changed orders."""

    def greeting(self, line: Line, query: Mapping[str, str]) -> str:
        """The answer to a GET that checks our address; raise DomainError("not_found") where the platform sends none."""

    def heard(self, line: Line, headers: Mapping[str, str], body: bytes) -> Heard:
        """What a message of the platform is about; raise DomainError("bad_signature") unless it sent exactly this.

        Header names are in lower case. Nothing in the body is believed beyond which order to fetch.
        """

    def who(self, line: Line) -> Account:
        """Check the credentials; raise Denied when they are no good."""

    def changed_orders(self, line: Line, cursor: Mapping[str, Any]) -> OrderPage:
        """Orders changed since the cursor; an empty cursor begins with those that still want shipping."""

    def order(self, line: Line, ref: str) -> ChannelOrder | None:
        """One order as it is now; None where the platform has none under this id."""

    def read_order(self, raw: Mapping[str, Any]) -> ChannelOrder:
        """The order in the platform's own JSON; raise DomainError("malformed") naming the field."""

    def listings(self, line: Line, cursor: str) -> ListingPage:
        """Everything on sale, a page at a time; the first cursor is empty."""

    def live_stock(self, line: Line, listings: Sequence[Listing]) -> Mapping[str, int | None]:
        """The live number of each listing by its ref; None where it is gone. Missing: it could not be read.

        UNCOUNTED of domain.channels.deviations where it is sold without counting.
        """


@cache
def kinds() -> tuple[str, ...]:
    """Every kind there is a file or a package for."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def of_kind(kind: str) -> Channel:
    """The adapter of this kind; raise DomainError("not_found") listing those there are."""
    found: Channel = _module(kind)
    return found


@cache
def caller_of(kind: str) -> Caller:
    """The adapter of a kind that speaks our own words; raise DomainError("bad_signature") for every other."""
    module = _module(kind)
    if not hasattr(module, "verify"):
        raise DomainError(
            "bad_signature", f"a channel of the kind {kind} does not call here: it sends to its own address"
        )
    found: Caller = module
    return found


@cache
def platform_of(kind: str) -> Platform | None:
    """The adapter of this kind where it is one that is asked; None for one that only calls us."""
    module = _module(kind)
    if not hasattr(module, "changed_orders"):
        return None
    found: Platform = module
    return found


def _module(kind: str) -> Any:
    if not re.fullmatch("[a-z][a-z0-9_]*", kind) or kind not in kinds():
        raise DomainError("not_found", f"there is no kind of channel {kind!r}; there are: {', '.join(kinds())}")
    return importlib.import_module(f"server.channels.{kind}")
