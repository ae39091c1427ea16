"""Modes, the command sheet, item labels and the report at the terminal."""

from pathlib import Path

from server.usecases.benchwork.benches import add_bench
from tests.floor import BOSS
from tests.integration.test_goods_cli import Run, shop

__all__ = ["shop"]


def test_a_mode_is_set_shown_and_nothing_else_is_one(shop: tuple[object, Run]) -> None:
    db, run = shop
    add_bench(db, BOSS, "Bench 1", "EAST")  # type: ignore[arg-type]
    assert run("bench", "mode", "Bench 1").output == "Bench 1: block\n"
    assert run("bench", "mode", "Bench 1", "warn").output == "Bench 1: warn\n"
    assert run("bench", "mode", "Bench 1", "loud").exit_code == 2
    assert "there is no bench" in run("bench", "mode", "Bench 9", "warn").output


def test_the_command_sheet_of_a_bench_is_a_pdf(shop: tuple[object, Run], tmp_path: Path) -> None:
    db, run = shop
    add_bench(db, BOSS, "Bench 1", "EAST")  # type: ignore[arg-type]
    out = tmp_path / "codes.pdf"
    assert run("bench", "sheet", "Bench 1", "--out", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF")


def test_item_labels_are_a_pdf(shop: tuple[object, Run], tmp_path: Path) -> None:
    out = tmp_path / "labels.pdf"
    answer = shop[1]("sku", "label", "MUG", "--count", "3", "--out", str(out))
    assert answer.exit_code == 0, answer.output
    assert out.read_bytes().startswith(b"%PDF")


def test_a_time_without_scans_says_so_and_a_cost_that_is_none_is_refused(shop: tuple[object, Run]) -> None:
    _, run = shop
    assert run("report", "errors", "--from", "2026-03-01", "--to", "2026-03-02").output == "no scans in this time\n"
    assert run("report", "cost", "40").output == "a wrong parcel costs 40\n"
    assert run("report", "cost", "lots").exit_code == 2
