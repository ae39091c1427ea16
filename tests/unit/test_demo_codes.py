"""The demo's PDF is all a real scanner needs: a reader that is not ours finds every code, and each has its meaning."""

from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from server import carriers, reading
from server.domain.benchwork.scans import Command, Scan
from server.domain.masterdata.catalog import BoxType, Catalog, Product, ProductCode
from server.domain.packing.box_scan import NEXT_BOX, NO_BOX_CODE, OPEN_BOX
from server.domain.people import badge_digest
from server.simulated.demo.codes import write_codes
from server.simulated.demo.goods import BASKETS, BOXES, GOODS
from server.simulated.demo.guide import scans, wrong_item
from server.simulated.demo.people import ANA, DEE

ORDERS: list[dict[str, Any]] = [
    {
        "body": {"lines": [{"sku": sku, "quantity": units} for sku, units in basket.items()]},
        "answer": {"order": str(1001 + n)},
    }
    for n, (_, basket) in enumerate(BASKETS)
]
CATALOG = Catalog.of(
    [Product(good.sku, good.name, good.variant) for good in GOODS],
    [ProductCode(reading.product_key(code), good.sku, units) for good in GOODS for code, units in good.codes.items()],
    [BoxType(box.code, box.name) for box in BOXES],
)


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_codes(tmp_path_factory.mktemp("demo"), ORDERS)


@pytest.fixture(scope="module")
def scanned(sheets: tuple[Path, Path]) -> dict[str, Scan]:
    """What the bench understands of every barcode on every page, by its text."""
    with pypdfium2.PdfDocument(sheets[0]) as document:
        images = [page.render(scale=300 / 72, grayscale=True).to_pil() for page in document]
    texts = [code.text for image in images for code in zxingcpp.read_barcodes(image)]
    assert len(texts) == len(set(texts)), "each code is there once"
    return {text: reading.read(text, CATALOG, at=0.0) for text in texts}


def test_badges_orders_boxes_lanes_and_commands_can_be_scanned(scanned: dict[str, Scan]) -> None:
    assert {scan.badge for scan in scanned.values() if scan.badge} == {badge_digest(ANA), badge_digest(DEE)}
    assert {s.order_ref for s in scanned.values() if s.order_ref} == {o["answer"]["order"] for o in ORDERS}
    assert {s.box_type for s in scanned.values() if s.box_type} == {box.code for box in BOXES}
    assert {s.lane for s in scanned.values() if s.lane} == {code.upper() for code in carriers.BUILT_IN}
    assert {s.command for s in scanned.values() if s.command} == set(Command)


def test_every_product_can_be_scanned_by_the_piece_and_by_the_case(scanned: dict[str, Scan]) -> None:
    items = {(m.sku, m.units) for scan in scanned.values() for m in scan.matches}
    assert items == {(good.sku, units) for good in GOODS for units in good.codes.values()}
    assert {good.ean for good in GOODS} <= set(scanned)


def test_nothing_on_the_sheet_is_without_a_meaning(scanned: dict[str, Scan]) -> None:
    commands = [s for s in scanned.values() if s.badge or s.lane or s.command or s.trouble]
    boxes = [s for s in scanned.values() if s.box_type or s.payload in (NEXT_BOX, OPEN_BOX, NO_BOX_CODE)]
    known = [*commands, *boxes, *(s for s in scanned.values() if s.order_ref or s.matches)]
    assert len(known) == len(scanned)
    assert not [scan for scan in scanned.values() if scan.bad_read]


def test_the_list_for_typing_holds_the_same_codes(sheets: tuple[Path, Path], scanned: dict[str, Scan]) -> None:
    lines = [line for line in sheets[1].read_text(encoding="utf-8").splitlines() if line.startswith("  ")]
    assert {line.split()[0] for line in lines} == set(scanned)


def test_what_the_guide_says_to_scan_is_on_the_sheet(scanned: dict[str, Scan]) -> None:
    for order in ORDERS:
        assert {*scans(order), wrong_item(order)} <= set(scanned)
