"""What a channel holds of us, compared with the night before and with our own book (SKU-06)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

from server.domain.masterdata.aliases import alias_key

_DIGITS_MAX = 15
"""A number with more is not written out: ``1e999999`` would be a million digits."""


class Subject(StrEnum):
    """What a fact is about."""

    MAPPING = "mapping"
    """The key is a channel's word, the value the SKU."""
    PRICE = "price"
    """The key is a channel's word, the value an amount with its currency."""
    ADDRESS = "address"
    """The key is a site's code, the value where the channel believes it is. Never a buyer's."""


class Key(NamedTuple):
    """What a fact is kept under."""

    subject: Subject
    key: str


Facts = Mapping[Key, str]
"""One night of one channel: the value of each fact as people read it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that is not what it was. ``before`` or ``after`` is None when it appeared or went.

    ``by`` is who changed it here; "" means that nobody here did: the drift was silent.
    """

    subject: Subject
    key: str
    before: str | None
    after: str | None
    by: str = ""

    @property
    def sentence(self) -> str:
        """What was, what is, and whose doing."""
        if self.before is None:
            what = f"{self.subject} of {self.key} appeared: {self.after}"
        elif self.after is None:
            what = f"{self.subject} of {self.key} is gone; it was {self.before}"
        else:
            what = f"{self.subject} of {self.key} was {self.before}, is {self.after}"
        return f"{what} ({self.by})" if self.by else what


def compare(before: Facts, now: Facts, known: Mapping[Key, str] | None = None) -> tuple[Change, ...]:
    """Every fact whose meaning changed, by subject and key; ``known`` are changes made here, and by whom."""
    who = known or {}
    changed = (key for key in {*before, *now} if not _same(key.subject, before.get(key), now.get(key)))
    return tuple(
        Change(key.subject, key.key, before.get(key), now.get(key), who.get(key, "")) for key in sorted(changed)
    )


def disagreements(ours: Facts, theirs: Facts) -> tuple[Change, ...]:
    """Facts which both have and on which they differ: ``before`` is ours, ``after`` theirs.

    What only one of them knows is no disagreement: a channel sells a part of the catalogue.
    """
    both = (key for key in {*ours} & {*theirs} if not _same(key.subject, ours[key], theirs[key]))
    return tuple(Change(key.subject, key.key, ours[key], theirs[key]) for key in sorted(both))


def price_fact(amount: str, currency: str) -> str:
    """``9.9`` and ``9.90`` are one price, ``9.90 USD``. What is no price stays as it was said."""
    said = amount.strip()
    try:
        found = Decimal(said)
    except InvalidOperation:
        found = Decimal("NaN")
    if found.is_finite() and abs(found.adjusted()) <= _DIGITS_MAX:
        whole, _, cents = f"{found:f}".partition(".")
        said = f"{whole}.{cents.rstrip('0').ljust(2, '0')}"
    return f"{said} {currency.strip().upper()}".strip()


def address_fact(parts: Mapping[str, object]) -> str:
    """An address in one line: name, lines, city, region, postcode, country; parts that are empty are left out."""
    lines = parts.get("lines")
    street = list(lines) if isinstance(lines, list | tuple) else [lines]
    order = [parts.get("name"), *street, *(parts.get(k) for k in ("city", "region", "postcode", "country"))]
    return ", ".join(" ".join(str(part).split()) for part in order if part and str(part).strip())


def _same(subject: Subject, one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or (subject is Subject.ADDRESS and alias_key(one) == alias_key(other))
