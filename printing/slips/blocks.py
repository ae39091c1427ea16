"""What a slip is made of, from top to bottom. Texts are what people typed; whoever draws a block makes them safe."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, cast

from printing.documents import Address, Bitmap, SlipLine
from printing.plain_text import clean


@dataclass(frozen=True, slots=True)
class Logo:
    """The shop's picture."""

    bitmap: Bitmap


@dataclass(frozen=True, slots=True)
class Title:
    """What this paper is; `loud` when nobody may take it for something else."""

    text: str
    under: str = ""
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Captions with their values, side by side; `large` for what is read from afar."""

    pairs: tuple[tuple[str, str], ...]
    large: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines under a caption, as an address is written."""

    caption: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Goods:
    """Units, what they are, and what stands to their right: prices, or nothing. `ticked` leaves a box to tick."""

    lines: tuple[SlipLine, ...]
    right: tuple[str, ...] = ()
    total: str = ""
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """Boxes to tick by hand."""

    caption: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Running text; `large` for a message that is the point of the paper."""

    text: str
    large: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """A code to scan, its caption above."""

    text: str
    caption: str


Block = Logo | Title | Facts | Lines | Goods | Choices | Words | Scan


def printed(block: Block, printable: Callable[[str], str]) -> Block:
    """The block with every text as a printer can print it."""
    return cast("Block", _printed(block, printable))


def _printed(value: Any, printable: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return tuple(_printed(one, printable) for one in value)
    if isinstance(value, Bitmap) or not is_dataclass(value) or isinstance(value, type):
        return value
    return replace(value, **{field.name: _printed(getattr(value, field.name), printable) for field in fields(value)})


def worded(blocks: Iterable[Block], words: Iterable[tuple[str, str]]) -> Iterator[Block]:
    """The blocks with titles and captions in a shop's own words; what people typed stays."""
    own = dict(words)
    for block in blocks:
        match block:
            case Title():
                yield replace(block, text=own.get(block.text, block.text), under=own.get(block.under, block.under))
            case Facts():
                yield replace(block, pairs=tuple((own.get(caption, caption), value) for caption, value in block.pairs))
            case Lines() | Choices() | Scan():
                yield replace(block, caption=own.get(block.caption, block.caption))
            case _:
                yield block


def address(caption: str, to: Address) -> Lines:
    """An address as it is read, line by line."""
    town = " ".join(part for part in (to.city, to.region, to.postcode) if part)
    found = (to.name, to.company, *to.lines, town, to.country)
    return Lines(caption, tuple(line for line in found if clean(line)))


def of_boxes(box: int, boxes: int | None) -> str:
    """1 of 3, or 1 while nobody knows how many there will be."""
    return f"{box} of {boxes}" if boxes else f"{box}"
