"""What is stuck on a pallet: one code for all that stands on it."""

from collections.abc import Iterator

from printing.documents import PalletSlip
from printing.slips.blocks import Block, Facts, Scan, Title


def blocks(slip: PalletSlip) -> Iterator[Block]:
    """Its number in figures, then as the code that a dock scans."""
    yield Title("PALLET", slip.where, loud=True)
    yield Facts((("SSCC", slip.code.removeprefix("00")),), large=True)
    yield Facts((("BUILT AT", slip.at),))
    yield Scan(slip.code, "SSCC")
