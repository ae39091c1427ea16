"""What a driver signs, on the printer that a dock has: count, weight, every number."""

import re
from collections.abc import Iterator

from printing.documents import LoadManifest, ManifestLine
from printing.slips.blocks import Block, Facts, Lines, Scan, Title, Words

_CODE = re.compile(r"[A-Za-z0-9-]{1,40}")
_AT_ONCE = 12
"""Numbers of one block: more would not fit on a label."""


def blocks(m: LoadManifest) -> Iterator[Block]:
    """From the carrier to the line for the signature."""
    weights = [line.weight_grams for line in m.lines]
    unweighed = weights.count(None)
    kilos = f"{sum(w or 0 for w in weights) / 1000:.2f} kg"
    yield Title(m.carrier, "provisional load manifest" if m.provisional else "load manifest")
    yield Facts((("PARCELS", str(len(m.lines))), ("WEIGHT", kilos)), large=True)
    yield Facts((("SITE", m.site), ("TRAILER", m.trailer or "-"), ("CLOSED", m.closed_at)))
    if unweighed:
        yield Words(f"{unweighed} not weighed")
    if m.cancels_known_at:
        yield Words(f"closed with no network: cancelled orders are known up to {m.cancels_known_at}")
    yield from _blocks(tuple(map(_number, m.lines)))
    if assumed := sum(line.assumed for line in m.lines):
        yield Words(f"* {assumed} not scanned on to the vehicle; loaded by the word of {m.assumed_by or m.closed_by}")
    if m.cancelled:
        yield Words(f"{len(m.cancelled)} on the vehicle although cancelled, to be stopped:")
        yield from _blocks(m.cancelled)
    yield Words(f"Received for {m.carrier}: {len(m.lines)} parcels")
    yield Lines("", ("", "Driver, signature, time: ______________________"))
    yield Scan(m.load_id, "LOAD") if _CODE.fullmatch(m.load_id) else Facts((("LOAD", m.load_id),))


def _blocks(numbers: tuple[str, ...]) -> Iterator[Lines]:
    return (Lines("", numbers[at : at + _AT_ONCE]) for at in range(0, len(numbers), _AT_ONCE))


def _number(line: ManifestLine) -> str:
    weight = "" if line.weight_grams is None else f"  {line.weight_grams / 1000:.2f} kg"
    return f"{line.tracking}{weight}{'  *' if line.assumed else ''}"
