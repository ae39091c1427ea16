"""Global Trade Item Numbers: 8, 12, 13 or 14 digits, the last a check digit (GS1 General Specifications 7.9.1)."""

GTIN_SIZES = (8, 12, 13, 14)


def check_digit(digits: str) -> int:
    """The check digit that follows these digits: weights 3, 1, 3 ... from the right."""
    total = sum(int(digit) * (1 if index % 2 else 3) for index, digit in enumerate(reversed(digits)))
    return -total % 10


def looks_like_gtin(text: str) -> bool:
    """Whether it has the size and the digits of a GTIN, right or wrong. Other scripts' digits are none."""
    return len(text) in GTIN_SIZES and text.isascii() and text.isdecimal()


def gtin_flaw(text: str) -> str | None:
    """Why the text is no GTIN that a marketplace takes, or None when it is one."""
    if not looks_like_gtin(text):
        return f"expected 8, 12, 13 or 14 digits, found {text[:20]!r}"
    if not text.strip("0"):
        return f"expected a number, found {text!r}"
    expected = check_digit(text[:-1])
    if int(text[-1]) != expected:
        return f"{text} should end in {expected}, not {text[-1]}"
    if _restricted(text.zfill(14)):
        return f"{text} is a number for use inside a shop, not a product's own"
    return None


def _restricted(gtin_14: str) -> bool:
    """Restricted circulation numbers: each shop gives those a meaning of its own (GS1 General Specifications 1.4)."""
    if gtin_14.startswith("000000"):  # A GTIN-8.
        return gtin_14[6] in "02"
    return gtin_14[1] == "2" or gtin_14[1:3] in ("02", "04")
