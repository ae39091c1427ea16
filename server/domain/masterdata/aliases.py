"""What channels call a product, and the one SKU each of those words means (SKU-01)."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

EVERY_CHANNEL = ""
"""The channel of an alias that means the same wherever it is sold."""


class AliasKind(StrEnum):
    """What the channel calls it; descriptive only, since a text means one SKU whatever its kind."""

    SKU = "sku"
    LISTING = "listing"
    VARIANT = "variant"


@dataclass(frozen=True, slots=True)
class Alias:
    """One word of a channel for one SKU. A variant id that is only unique in its listing is ``listing/variant``."""

    text: str
    sku: str
    channel: str = EVERY_CHANNEL
    kind: AliasKind = AliasKind.SKU

    @property
    def key(self) -> str:
        """What it is compared by."""
        return alias_key(self.text)


@dataclass(frozen=True, slots=True)
class Clash:
    """Why an alias cannot be saved: an order with this text could mean ``sku`` too."""

    alias: Alias
    sku: str
    channel: str
    is_product: bool

    @property
    def sentence(self) -> str:
        """What was asked and what stands against it."""
        asked = f"{self.alias.text!r} on {channel_words(self.alias.channel)} cannot mean {self.alias.sku}"
        if self.is_product:
            return f"{asked}: it is the SKU of another product, {self.sku}"
        return f"{asked}: on {channel_words(self.channel)} it means {self.sku} already; unmap that first"


def alias_key(text: str) -> str:
    """The normal form of a channel's word: blanks around it, case and Unicode composition make no difference."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).strip().casefold())


def channel_words(channel: str) -> str:
    """The channel as a sentence names it."""
    return f"channel {channel}" if channel else "every channel"


def clash(alias: Alias, same_key: Iterable[Alias], skus: Iterable[str]) -> Clash | None:
    """What makes the alias ambiguous, or None.

    ``same_key`` are the saved aliases with its key, ``skus`` the products whose SKU has its key. Two channels may use
    one word for two products; a word of every channel may not mean something else on any of them.
    """
    for sku in skus:
        if sku != alias.sku and alias_key(sku) == alias.key:
            return Clash(alias, sku, EVERY_CHANNEL, is_product=True)
    for other in same_key:
        meet = other.channel == alias.channel or EVERY_CHANNEL in (other.channel, alias.channel)
        if meet and other.sku != alias.sku and other.key == alias.key:
            return Clash(alias, other.sku, other.channel, is_product=False)
    return None


def new_sku_clash(sku: str, same_key: Iterable[Alias]) -> Clash | None:
    """What stands against a new product of this SKU: an alias which until now sent such orders to another product."""
    for other in same_key:
        if other.sku != sku and other.key == alias_key(sku):
            return Clash(Alias(sku, sku), other.sku, other.channel, is_product=False)
    return None
