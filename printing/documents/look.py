"""How a channel's papers look beside what they say."""

from dataclasses import dataclass

LOGO_SIDE_MAX = 1200
WORDS = (
    *("Packing slip", "A gift for you", "Box contents", "Return slip", "Lay this in the box with what you send back."),
    *("ORDER", "DATE", "BOX", "YOUR ORDER", "SHIP TO", "SENT BY", "SEND IT TO", "WHY", "PARCEL", "UNITS", "WEIGHT"),
    *("RETURN", "TRACKING NUMBER"),
)
"""Titles and captions of the slips that leave the house."""


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture of ink and paper: rows from the top, each of whole bytes, the left pixel in the highest bit, 1 is ink.

    Raises ValueError where the bytes are not those of its size.
    """

    width: int
    height: int
    rows: bytes

    def __post_init__(self) -> None:
        if not (1 <= self.width <= LOGO_SIDE_MAX and 1 <= self.height <= LOGO_SIDE_MAX):
            raise ValueError(
                f"picture: expected sides of 1 to {LOGO_SIDE_MAX} pixels, found {self.width}x{self.height}"
            )
        if len(self.rows) != self.row_bytes * self.height:
            raise ValueError(f"picture: expected {self.row_bytes * self.height} bytes, found {len(self.rows)}")

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return -(-self.width // 8)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a label stands: upper left corner and size, in units of 1/8 mm."""

    part: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a shop chose for a channel. `places` and `hidden` name parts of the label; all others stay as they are."""

    logo: Bitmap | None = None
    footer: str = ""
    places: tuple[Place, ...] = ()
    hidden: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    """Our words on slips (`WORDS`), each with the shop's own."""


PLAIN = Look()
