"""What the demo's shop sells: bottles that look alike, some of them by the case; and the boxes they go into.

Numbers begin with 952, which GS1 keeps for demonstrations, so that none of them is anybody's product.
"""

from dataclasses import dataclass

PREFIX = "952000000"


@dataclass(frozen=True, slots=True)
class Good:
    """``sku`` is also a barcode, short enough to type; ``ean`` the one on the bottle; ``case`` units in a case or 0."""

    sku: str
    name: str
    variant: str
    cents: int
    stock: int
    grams: int
    ean: str
    bin: str
    size_mm: tuple[int, int, int]
    case: int = 0

    @property
    def case_sku(self) -> str:
        """The case's barcode, short enough to type."""
        return f"{self.sku}-CASE"

    @property
    def case_gtin(self) -> str:
        """The case's GTIN-14."""
        return with_check_digit(f"1{self.ean[:-1]}")

    @property
    def title(self) -> str:
        """As the shop shows it."""
        return f"{self.name} {self.variant}".strip()

    @property
    def codes(self) -> dict[str, int]:
        """Units by barcode."""
        case = {self.case_sku: self.case, self.case_gtin: self.case} if self.case else {}
        return {self.sku: 1, self.ean: 1, **case}


@dataclass(frozen=True, slots=True)
class Box:
    """An outer box; inner size in millimetres."""

    code: str
    name: str
    inner_mm: tuple[int, int, int]
    tare_grams: int


def with_check_digit(digits: str) -> str:
    """GS1 modulo 10 (GS1 General Specifications, 7.9.1)."""
    total = sum(int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


_SIZES = {
    "Concentrate 16 oz": (60, 60, 180),
    "Castile soap bar": (90, 60, 30),
    "Glass spray bottle": (70, 70, 230),
    "Cotton cloth": (200, 150, 40),
    "Gift tin": (150, 100, 80),
}


def _good(n: int, sku: str, name: str, variant: str, *, cents: int, grams: int, stock: int, case: int = 0) -> Good:
    ean = with_check_digit(f"{PREFIX}{n:03}")
    return Good(sku, name, variant, cents, stock, grams, ean, f"A-{n:02}", _SIZES[name], case)


GOODS = (
    _good(1, "EUC16", "Concentrate 16 oz", "EUCALYPTUS", cents=1490, grams=540, stock=60, case=6),
    _good(2, "LAV16", "Concentrate 16 oz", "LAVENDER", cents=1490, grams=540, stock=60, case=6),
    _good(3, "LEM16", "Concentrate 16 oz", "LEMON", cents=1490, grams=540, stock=24),
    _good(4, "SOAP-C", "Castile soap bar", "CLEAR", cents=590, grams=120, stock=80),
    _good(5, "SOAP-R", "Castile soap bar", "ROSE", cents=590, grams=120, stock=80),
    _good(6, "SPRAY", "Glass spray bottle", "500 ml", cents=890, grams=310, stock=30),
    _good(7, "CLOTH", "Cotton cloth", "3 pack", cents=750, grams=90, stock=40),
    _good(8, "TIN", "Gift tin", "", cents=1990, grams=260, stock=5),
)
BOXES = (
    Box("S", "Small box", (200, 150, 100), 90),
    Box("M", "Medium box", (300, 220, 150), 160),
    Box("L", "Large box", (400, 300, 250), 280),
)

BASKETS: tuple[tuple[str, dict[str, int]], ...] = (
    ("Maya Ortega", {"EUC16": 2, "SOAP-C": 1}),
    ("Lars Lindqvist", {"LAV16": 8}),
    ("Chidi Okafor", {"SPRAY": 1, "CLOTH": 2, "SOAP-R": 3}),
    ("Aoife Byrne", {"TIN": 1, "LEM16": 1}),
)
"""Who buys what when the demo opens: the first is the order of the guide, the second wants a case and two bottles."""
