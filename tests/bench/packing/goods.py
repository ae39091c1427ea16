"""The goods of the simulated floor: what lies there, what is printed on it, what it weighs, and the orders for it."""

import random
from dataclasses import dataclass, replace

from scanners.barcode import product_key
from server.domain.masterdata.catalog import BoxType, Catalog, Product, ProductCode
from server.domain.packing.order import Lot, Mode, OrderLine, PackOrder, ToteMate
from server.domain.packing.wants import BoxChoice, Expected, Step, StepKind, Wants

NOON = 1_800_000_000.0
"""2027-01-15T08:00:00Z; every session begins then."""
TODAY = "2027-01-15"
CASE = 6
KIT = "SPA-KIT"
TARE = {"M": 120, "L": 260}
LOTS = (("GOOD-A", "2027-08-31"), ("GOOD-B", "2027-12-31"), ("SOON-C", "2027-01-18"), ("GONE-D", "2027-01-14"))
"""Lots of every product kept by lot: two that may go out, one too short for the delivery, one expired."""


@dataclass(frozen=True, slots=True)
class Ware:
    """One product. ``spread`` is the standard deviation of a unit's weight in grams, ``code`` what is printed on it."""

    sku: str
    code: str
    grams: float
    spread: float
    cased: bool = False
    by_lot: bool = False
    by_serial: bool = False
    typed: bool = False
    shared: str = ""
    """One more code, which its neighbour has too."""

    @property
    def case_code(self) -> str:
        """What is printed on a case of six."""
        return checked("1" + self.code[:12])


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One real thing. Two of the same product are two things."""

    ware: Ware
    grams: float
    lot: str = ""
    serial: str = ""

    @property
    def sku(self) -> str:
        """What it really is."""
        return self.ware.sku

    def data_matrix(self, code: str) -> str:
        """The GS1 code that tells all of it; ``code`` is its own, or that of its case."""
        told = (f"10{self.lot}" if self.lot else "", f"21{self.serial}" if self.serial else "")
        return f"]d201{code:0>14}" + "\x1d".join(text for text in told if text)


def checked(digits: str) -> str:
    """A number with its check digit (GS1 General Specifications, 7.9.1)."""
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def _wares() -> tuple[Ware, ...]:
    chance, found = random.Random(1), list[Ware]()
    for n in range(36):
        kind = "plain" if n < 24 else "lot" if n < 29 else "serial" if n < 33 else "both"
        grams = chance.choice((35.0, 80.0, 120.0, 250.0, 400.0, 650.0)) + n
        found.append(
            Ware(
                f"SKU-{n:02d}",
                checked(f"40{chance.randrange(10**10):010d}"),
                grams,
                grams * 0.01,
                cased=kind in ("plain", "lot") and n % 2 == 0,
                by_lot=kind in ("lot", "both"),
                by_serial=kind in ("serial", "both"),
                typed=kind == "plain" and n % 5 == 0,
                shared=f"EITHER-{n // 2}" if n in (6, 7, 12, 13) else "",
            )
        )
    return tuple(found)


WARES = _wares()
WARE = {ware.sku: ware for ware in WARES}
PRODUCTS = (*(Product(w.sku, f"Item {w.sku[-2:]}", f"V{int(w.sku[-2:]) % 7}") for w in WARES), Product(KIT, "Spa kit"))
CODES = (
    *(ProductCode(product_key(w.code), w.sku) for w in WARES),
    *(ProductCode(product_key(w.case_code), w.sku, CASE) for w in WARES if w.cased),
    *(ProductCode(w.shared, w.sku) for w in WARES if w.shared),
    ProductCode(KIT, KIT),
)
BOXES = tuple(BoxType(code, code, tare_grams=tare) for code, tare in (*TARE.items(), ("XL", 500)))
CATALOG = Catalog.of(PRODUCTS, CODES, BOXES, 1)


def unit(chance: random.Random, sku: str, lot: str = "") -> Unit:
    """One off the shelf."""
    ware = WARE[sku]
    serial = f"S{chance.randrange(10**9):09d}" if ware.by_serial else ""
    return Unit(ware, chance.gauss(ware.grams, ware.spread), lot if ware.by_lot else "", serial)


def an_order(chance: random.Random, number: int, *, scale: bool) -> PackOrder:
    """One to five lines of anything, some of them components of a kit, and what the order asks beside its units."""
    plain = [w for w in WARES if not (w.by_lot or w.by_serial)]
    wares = [chance.choice(WARES if chance.random() < 0.5 else plain) for _ in range(chance.randint(1, 5))]
    lines = [_line(chance, n, ware) for n, ware in enumerate(wares, 1)]
    if chance.random() < 0.15:
        lines += [_line(chance, len(lines) + n, ware, KIT) for n, ware in enumerate(chance.sample(plain, 2), 1)]
    mate = ToteMate("999", chance.choice(WARES).sku, 2)
    return PackOrder(
        number,
        str(number),
        "shop",
        1,
        "van",
        "standard",
        tuple(_with_lots(line, lines) for line in lines),
        time_zone="Europe/Berlin",
        day=TODAY,
        mates=(mate,) if chance.random() < 0.1 else (),
        mode=Mode.VERIFY_ONLY if chance.random() < 0.05 else Mode.BLOCK,
        wants=_wants(chance, lines, scale=scale),
    )


def _line(chance: random.Random, number: int, ware: Ware, kit: str = "") -> OrderLine:
    product = next(p for p in PRODUCTS if p.sku == ware.sku)
    return OrderLine(
        number,
        ware.sku,
        product.name,
        product.variant,
        chance.randint(1, 3) if ware.by_serial or kit else chance.randint(1, 8),
        by_lot=ware.by_lot,
        by_serial=ware.by_serial,
        typed_quantity=ware.typed,
        codes=(product_key(ware.code),),
        kit_sku=kit,
        kit_name="Spa kit" if kit else "",
    )


def _with_lots(line: OrderLine, lines: list[OrderLine]) -> OrderLine:
    """Most of it is promised from the first lot, the rest from the second, of which there is more."""
    if not line.by_lot:
        return line
    wanted = sum(other.quantity for other in lines if other.sku == line.sku)
    promised = {"GOOD-A": wanted - wanted // 3, "GOOD-B": wanted // 3}
    free = {"GOOD-B": wanted, "SOON-C": 5, "GONE-D": 5}
    lots = (Lot(lot, day, promised.get(lot, 0), free.get(lot, 0)) for lot, day in LOTS)
    return replace(line, lots=tuple(lots))


def _wants(chance: random.Random, lines: list[OrderLine], *, scale: bool) -> Wants:
    steps = (
        Step("note", StepKind.NOTE, "Ring twice"),
        Step("gift", StepKind.GIFT, "To Anna"),
        Step("insert:1", StepKind.INSERT, "Card", code="CARD-1"),
        Step("look:1", StepKind.SECOND_LOOK, "FOR ANNA"),
        Step("tape", StepKind.NOTE, "Tape twice", per_box=True),
    )
    known = sorted({line.sku for line in lines})
    if chance.random() < 0.1:
        known.pop()
    # Who has a scale knows what the boxes weigh, mostly.
    with_boxes = chance.random() < (0.9 if scale else 0.5)
    return Wants(
        steps=tuple(step for step in steps if chance.random() < 0.12),
        boxes=(*(BoxChoice(c, t) for c, t in TARE.items()), BoxChoice("XL", 500, allowed=False)) if with_boxes else (),
        suggested="M" if with_boxes and chance.random() < 0.5 else None,
        weigh=scale,
        expected=tuple(Expected(sku, WARE[sku].grams, WARE[sku].spread) for sku in known),
    )
