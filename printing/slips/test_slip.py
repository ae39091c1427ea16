"""What a printer prints to be looked at: `packproof doctor printer`."""

from collections.abc import Iterator

from printing.documents import TestSlip
from printing.slips.blocks import Block, Facts, Scan, Title, Words


def blocks(slip: TestSlip) -> Iterator[Block]:
    """Large, small and a code."""
    yield Title("PRINTER TEST", "throw it away", loud=True)
    yield Facts((("PRINTER", slip.printer), ("AT", slip.at)))
    yield Words("Every letter is clear, no white line runs through the black, and the code below can be scanned.")
    yield Scan(slip.code, "SCAN THIS")
