"""Goods without a barcode get a label of the shop's own."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli.sku_labels import label_command
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.reading import read
from server.usecases.masterdata.catalogue import put_product, read_catalog
from server.usecases.masterdata.item_labels import label_code
from tests.floor import BOSS, SOAP, Floor, one_engine


def test_a_product_without_a_barcode_is_scanned_by_its_sku_from_now_on(floor: Floor) -> None:
    put_product(floor.db, BOSS, Product("Vase-7", "Vase", "GREEN"))
    first, again = label_code(floor.db, BOSS, "Vase-7"), label_code(floor.db, BOSS, "Vase-7")
    assert (first, again) == (("VASE-7", "Vase", "GREEN", True), ("VASE-7", "Vase", "GREEN", False))
    with floor.db.read() as connection:
        matches = read(first.code, read_catalog(connection), at=0.0).matches
    assert [(match.sku, match.units) for match in matches] == [("Vase-7", 1)]


@one_engine
def test_a_product_with_a_barcode_keeps_it(floor: Floor) -> None:
    item = label_code(floor.db, BOSS, "SOAP")
    assert (item.code[-13:], item.made) == (SOAP, False)


@one_engine
def test_a_sku_that_reads_as_a_command_is_refused(floor: Floor) -> None:
    put_product(floor.db, BOSS, Product("PPC-OK", "Odd name"))
    with pytest.raises(DomainError) as refused:
        label_code(floor.db, BOSS, "PPC-OK")
    assert refused.value.code == "reserved_code"


@pytest.mark.parametrize("count", ["0", "501", "many"])
def test_the_command_prints_between_one_and_five_hundred(tmp_path: Path, count: str) -> None:
    answer = CliRunner().invoke(label_command, ["SOAP", "--count", count, "--out", str(tmp_path / "x.pdf")])
    assert answer.exit_code == 2 and not list(tmp_path.iterdir())
