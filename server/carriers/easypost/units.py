"""Grams and millimetres as EasyPost reads them."""

from decimal import ROUND_CEILING, Decimal

GRAMS_IN_AN_OUNCE = Decimal("28.349523125")
"""Exactly, by the international avoirdupois pound of 453.59237 g."""
MM_IN_AN_INCH = Decimal("25.4")
_STEP = Decimal("0.1")


def ounces(grams: int) -> Decimal:
    """Ounces with one decimal, rounded up: nobody is billed again for a parcel that was declared too light."""
    return (Decimal(grams) / GRAMS_IN_AN_OUNCE).quantize(_STEP, ROUND_CEILING)


def inches(mm: int) -> Decimal:
    """Inches with one decimal, rounded up."""
    return (Decimal(mm) / MM_IN_AN_INCH).quantize(_STEP, ROUND_CEILING)
