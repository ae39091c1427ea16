"""Is a product ready to be sold on a channel? Every gap is named (SKU-04)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from server.domain.masterdata.gtins import gtin_flaw, looks_like_gtin

_GTIN_8 = 8


class GapKind(StrEnum):
    """What is missing."""

    TITLE = "title"
    IMAGE = "image"
    GTIN = "gtin"
    VARIANT = "variant"
    BUNDLE = "bundle"
    MAPPING = "mapping"


@dataclass(frozen=True, slots=True)
class Needs:
    """What one channel asks of a product before it may be listed."""

    channel: str
    title_max: int = 200
    """Characters."""
    images_min: int = 1
    gtin: bool = True
    mapping: bool = False
    """Whether the channel must have a word of its own for the SKU."""
    attributes: tuple[str, ...] = ()
    """Attributes that every product must have a value for."""


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Master:
    """One product as the master holds it. ``components`` of a bundle are (SKU, units); None when it is no bundle."""

    sku: str
    title: str
    variant: str = ""
    family: str = ""
    """Products of one family are sold as variants of one listing."""
    attributes: Mapping[str, str] = field(default_factory=_nothing)
    images: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    """Barcodes of one unit."""
    components: tuple[tuple[str, int], ...] | None = None
    channels: frozenset[str] = frozenset()
    """Channels that have a word of their own for it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to do before launch."""

    sku: str
    kind: GapKind
    detail: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """The report for one channel: how many products were looked at and what stands between them and a listing."""

    channel: str
    products: int
    gaps: tuple[Gap, ...]

    @property
    def ready(self) -> int:
        """Products with no gap."""
        return self.products - len({gap.sku for gap in self.gaps})


@dataclass(frozen=True, slots=True)
class Shelf:
    """The whole catalogue, indexed for what one product alone cannot show: siblings, components, shared numbers."""

    products: Mapping[str, Master]
    twins: Mapping[tuple[str, str], tuple[str, ...]]
    """SKUs by (family, what the variant says)."""
    owners: Mapping[str, tuple[str, ...]]
    """SKUs by GTIN-14."""

    @classmethod
    def of(cls, products: Iterable[Master]) -> "Shelf":
        """Index the products."""
        by_sku = {p.sku: p for p in products}
        twins: dict[tuple[str, str], list[str]] = {}
        owners: dict[str, list[str]] = {}
        for sku in sorted(by_sku):
            product = by_sku[sku]
            if product.family:
                twins.setdefault((product.family, _says(product)), []).append(sku)
            for gtin in sorted({code.zfill(14) for code in product.codes if gtin_flaw(code) is None}):
                owners.setdefault(gtin, []).append(sku)
        return cls(by_sku, {k: tuple(v) for k, v in twins.items()}, {k: tuple(v) for k, v in owners.items()})


def readiness(needs: Needs, shelf: Shelf, skus: Iterable[str] | None = None) -> Readiness:
    """Every gap of these SKUs (all when None) on one channel, by SKU. A SKU that is no product raises KeyError."""
    looked_at = sorted(set(shelf.products if skus is None else skus))
    gaps = tuple(gap for sku in looked_at for gap in gaps_of(shelf.products[sku], needs, shelf))
    return Readiness(needs.channel, len(looked_at), gaps)


def gaps_of(product: Master, needs: Needs, shelf: Shelf) -> tuple[Gap, ...]:
    """Every gap of one product, in the order of a listing form."""
    found = [
        *((GapKind.TITLE, detail) for detail in _title(product, needs)),
        *((GapKind.IMAGE, detail) for detail in _images(product, needs)),
        *((GapKind.GTIN, detail) for detail in _gtins(product, needs, shelf)),
        *((GapKind.VARIANT, detail) for detail in _variant(product, needs, shelf)),
        *((GapKind.BUNDLE, detail) for detail in _bundle(product, shelf)),
    ]
    if needs.mapping and needs.channel not in product.channels:
        found.append((GapKind.MAPPING, f"channel {needs.channel} has no word for it; map its listing"))
    return tuple(Gap(product.sku, kind, detail) for kind, detail in found)


def _title(product: Master, needs: Needs) -> Sequence[str]:
    title = product.title.strip()
    if not title or title == product.sku:
        return ["no title"]
    over = len(title) - needs.title_max
    return [f"the title is {over} characters too long; {needs.title_max} are allowed"] if over > 0 else []


def _images(product: Master, needs: Needs) -> Sequence[str]:
    usable = [image for image in product.images if image.startswith("https://")]
    bad = [f"an image needs an https:// address, found {i[:60]!r}" for i in product.images if i not in usable]
    if len(set(usable)) < needs.images_min:
        bad.append(f"{len(set(usable))} images, {needs.images_min} needed")
    return bad


def _gtins(product: Master, needs: Needs, shelf: Shelf) -> Sequence[str]:
    numbers = [code for code in product.codes if looks_like_gtin(code)]
    proven = sorted({n.zfill(14) for n in numbers if gtin_flaw(n) is None})
    # Beside a proven GTIN, 8 digits are a code of the shop's own.
    suspects = [n for n in numbers if len(n) > _GTIN_8 or not proven]
    flaws = [flaw for flaw in map(gtin_flaw, suspects) if flaw]
    for gtin in proven:
        others = [sku for sku in shelf.owners.get(gtin, ()) if sku != product.sku]
        if others:
            flaws.append(f"{gtin} is also the number of {', '.join(others[:3])}")
    if needs.gtin and not proven and not flaws:
        flaws.append("no GTIN")
    return flaws if needs.gtin else [flaw for flaw in flaws if "should end in" in flaw]


def _variant(product: Master, needs: Needs, shelf: Shelf) -> Sequence[str]:
    missing = [f"no {name}" for name in needs.attributes if not product.attributes.get(name, "").strip()]
    if not product.family:
        return missing
    if not _says(product):
        return [*missing, f"it is one of the family {product.family} and says not which"]
    twins = [sku for sku in shelf.twins.get((product.family, _says(product)), ()) if sku != product.sku]
    if twins:
        missing.append(f"{', '.join(twins[:3])} of the same family has the same variant")
    return missing


def _bundle(product: Master, shelf: Shelf) -> Sequence[str]:
    if product.components is None:
        return []
    if not product.components:
        return ["a bundle of nothing"]
    gaps = [f"{sku} is no product" for sku, _ in product.components if sku not in shelf.products]
    gaps += [f"{units} units of {sku}" for sku, units in product.components if units < 1]
    return gaps


def _says(product: Master) -> str:
    """What tells it from its siblings: its variant, else its attributes."""
    said = product.variant.strip() or " / ".join(
        f"{name}={value.strip()}" for name, value in sorted(product.attributes.items()) if value.strip()
    )
    return said.casefold()
