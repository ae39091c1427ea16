"""What several documents are made of."""

from dataclasses import dataclass

BARCODE_TEXT_MAX = 40


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as it is to be read; `lines` are street lines, `country` is printed as given."""

    name: str
    company: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""


def check_barcode_text(field: str, text: str) -> None:
    """Raise ValueError unless `text` can be a barcode on a label: 1 to 40 printable ASCII characters."""
    if not 1 <= len(text) <= BARCODE_TEXT_MAX:
        raise ValueError(f"{field}: expected 1 to {BARCODE_TEXT_MAX} characters, found {len(text)}")
    strange = [character for character in text if not " " <= character <= "~"]
    if strange:
        raise ValueError(f"{field}: expected printable ASCII, found {strange[0]!a} in {text!a}")
