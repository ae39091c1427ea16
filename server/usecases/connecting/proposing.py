"""Which of our products a listing is, as far as numbers say: by SKU, by what people taught, by GTIN; never by name."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.masterdata.gtins import gtin_flaw
from server.reading import product_key
from server.trade.words import Listing


@dataclass(frozen=True, slots=True)
class Known:
    """What we know. ``gtins``: the products with this code (in its normal form) on one unit of them."""

    skus: frozenset[str]
    gtins: Mapping[str, frozenset[str]]
    taught: Mapping[str, str]
    """Our SKU by what the channel calls it."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one listing means. ``by``: kept | sku | alias | gtin; empty where nothing can be said, and ``why``.

    ``candidates``: more than one product that it could be.
    """

    listing: Listing
    sku: str | None = None
    by: str = ""
    why: str = ""
    candidates: tuple[str, ...] = ()


def propose(listing: Listing, known: Known, kept: str | None = None) -> Proposal:
    """What the listing means; where two numbers say two things, nothing."""
    if kept is not None:
        return Proposal(listing, kept, "kept")
    name = listing.sku.strip()
    taught = known.taught.get(listing.sku)
    named = taught or (name if name in known.skus else None)
    coded = known.gtins.get(gtin_key(listing), frozenset())
    if named is not None and coded and named not in coded:
        both = tuple(sorted({named, *coded}))
        return Proposal(listing, why=f"its SKU says {named}, its GTIN {', '.join(sorted(coded))}", candidates=both)
    if named is not None:
        return Proposal(listing, named, "alias" if taught else "sku")
    if len(coded) > 1:
        return Proposal(listing, why="several products have its GTIN", candidates=tuple(sorted(coded)))
    if coded:
        return Proposal(listing, next(iter(coded)), "gtin")
    return Proposal(listing, why=_why_not(listing))


def gtin_key(listing: Listing) -> str:
    """The listing's GTIN in its normal form; empty where it has none, or one that no product can have."""
    gtin = listing.gtin.strip()
    return product_key(gtin) if gtin and gtin_flaw(gtin) is None else ""


def _why_not(listing: Listing) -> str:
    if not listing.gtin.strip():
        return "no product has its SKU, and it has no GTIN"
    flaw = gtin_flaw(listing.gtin.strip())
    return f"no product has its SKU; GTIN: {flaw}" if flaw else "no product has its SKU or its GTIN"
