"""Everything of the demo that can be scanned: a PDF for a real scanner, a text list for typing."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from printing.documents import CodeGroup, CodeSheet, PrintedCode
from printing.pdf import code_sheet
from server import reading
from server.carriers import BUILT_IN
from server.domain.masterdata.catalog import BoxType
from server.simulated.demo.goods import BOXES, GOODS
from server.simulated.demo.people import ANA, DEE
from server.usecases.staff import sheets

Orders = Sequence[Mapping[str, Any]]
"""Orders as the shop tells them, each with Packproof's answer."""


def write_codes(folder: Path, orders: Orders) -> tuple[Path, Path]:
    """Write demo-codes.pdf and demo-codes.txt; return their paths."""
    groups = tuple(_groups(orders))
    pdf, text = folder / "demo-codes.pdf", folder / "demo-codes.txt"
    pdf.write_bytes(code_sheet(CodeSheet("Packproof demo: everything to scan", groups)))
    text.write_text("\n".join(_lines(groups)) + "\n", encoding="utf-8")
    return pdf, text


def basket(order: Mapping[str, Any]) -> list[tuple[str, int]]:
    """SKU and units of each line."""
    return [(line["sku"], line["quantity"]) for line in order["body"]["lines"]]


def number(order: Mapping[str, Any]) -> str:
    """Packproof's number of this order."""
    return str(order["answer"]["order"])


def _groups(orders: Orders) -> Iterator[CodeGroup]:
    yield sheets.badges({"Ana Silva (packs)": ANA, "Dee Park (packs and loads)": DEE})
    slips = (
        PrintedCode(
            f"{reading.ORDER_PREFIX}{number(order)}",
            f"Order {number(order)}",
            ", ".join(f"{units} x {sku}" for sku, units in basket(order)),
        )
        for order in orders
    )
    yield CodeGroup("Orders", "Sold by the shop, waiting for a bench.", tuple(slips))
    yield from sheets.commands()
    yield sheets.lanes(BUILT_IN.values())
    yield CodeGroup("Items", "The number on the bottle, and the short code that is easier to type.", tuple(_items()))
    yield sheets.boxes(BoxType(b.code, b.name, b.inner_mm, b.tare_grams) for b in BOXES)


def _items() -> Iterator[PrintedCode]:
    for good in GOODS:
        yield PrintedCode(good.ean, good.title, f"shelf {good.bin}", "ean13")
        yield PrintedCode(good.sku, good.title, "the same, short")
        if good.case:
            yield PrintedCode(good.case_gtin, f"Case of {good.case} {good.variant}", good.title)
            yield PrintedCode(good.case_sku, f"Case of {good.case} {good.variant}", "the same, short")


def _lines(groups: Sequence[CodeGroup]) -> Iterator[str]:
    for group in groups:
        yield f"\n{group.title}: {group.note}"
        for code in group.codes:
            yield f"  {code.text:<18} {code.caption}  {code.hint}".rstrip()
