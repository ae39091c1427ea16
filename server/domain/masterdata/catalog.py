"""Products, the codes that mean them, and boxes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Product:
    """One canonical SKU."""

    sku: str
    name: str
    variant: str = ""
    """The one attribute that tells it from its look-alikes: LAVENDER, CLEAR, 500 ml."""
    weight_grams: int | None = None
    look_alike: str = ""
    """The group of products it can be mistaken for; each of its units must be scanned, none typed as a number."""
    differs_by: str = ""
    """What tells it from the rest of that group: LAVENDER, or size M."""
    picture: str = ""
    """The hash under which its picture is kept; empty without one."""


@dataclass(frozen=True, slots=True)
class ProductCode:
    """A barcode in its normal form (see ``scanners.barcode.product_key``); that of a case of six has ``units=6``."""

    code: str
    sku: str
    units: int = 1


@dataclass(frozen=True, slots=True)
class BoxType:
    """An outer box; inner size in millimetres, tare in grams."""

    code: str
    name: str
    inner_mm: tuple[int, int, int] | None = None
    tare_grams: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """One meaning of a scanned product code."""

    sku: str
    name: str
    variant: str
    units: int

    @property
    def label(self) -> str:
        """Name and variant as a packer reads it."""
        return f"{self.name} {self.variant}".strip()


def _no_products() -> Mapping[str, Product]:
    return MappingProxyType({})


def _no_codes() -> Mapping[str, tuple[ProductCode, ...]]:
    return MappingProxyType({})


def _no_boxes() -> Mapping[str, BoxType]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything a code can mean; the bench holds a copy, the server another."""

    version: int = 0
    products: Mapping[str, Product] = field(default_factory=_no_products)
    codes: Mapping[str, tuple[ProductCode, ...]] = field(default_factory=_no_codes)
    boxes: Mapping[str, BoxType] = field(default_factory=_no_boxes)

    @classmethod
    def of(
        cls, products: Iterable[Product], codes: Iterable[ProductCode], boxes: Iterable[BoxType] = (), version: int = 0
    ) -> "Catalog":
        """Index products by SKU and codes by their normal form."""
        by_code: dict[str, tuple[ProductCode, ...]] = {}
        for code in codes:
            by_code[code.code] = (*by_code.get(code.code, ()), code)
        return cls(
            version=version,
            products=MappingProxyType({p.sku: p for p in products}),
            codes=MappingProxyType(by_code),
            boxes=MappingProxyType({b.code: b for b in boxes}),
        )

    def find(self, code: str) -> tuple[Match, ...]:
        """All products the code (in normal form) can mean; empty when unknown."""
        found = ((c, self.products.get(c.sku)) for c in self.codes.get(code, ()))
        return tuple(Match(p.sku, p.name, p.variant, c.units) for c, p in found if p)
