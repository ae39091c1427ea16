"""One number as Amazon wants it, in a patch and in a feed alike."""

from server.channels.amazon.listed import OURS
from server.trade.words import Listing, Word


def available(word: Word) -> int:
    """The number to write."""
    return max(0, int(word.data.get("available", 0)))


def change(word: Word) -> list[dict[str, object]]:
    """The patch. ``merge`` leaves lead time and restock date alone, ``replace`` would wipe them."""
    value = [{"fulfillment_channel_code": OURS, "quantity": available(word)}]
    return [{"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}]


def product_type(listing: Listing) -> str:
    """As Amazon filed it; PRODUCT fits every one."""
    return str(listing.data.get("product_type") or "PRODUCT")
