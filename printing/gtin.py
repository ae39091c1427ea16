"""The check digit of retail codes."""


def check_ean13(text: str) -> None:
    """Raise ValueError unless `text` is 13 digits of which the last one is right."""
    if not (len(text) == 13 and text.isascii() and text.isdigit()) or text[-1] != check_digit(text):
        raise ValueError(f"EAN-13: expected 13 digits with a right check digit, found {text!a}")


def check_digit(digits: str) -> str:
    """GS1 General Specifications, 7.9: weights 1 and 3 from the left over the first twelve."""
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits[:12]))
    return str(-total % 10)
