"""A label that is torn after its box was closed: the same one again, counted, never bought (LBL-02, LBL-04, FLR-07)."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from printing.kinds import write
from server import wire
from server.cli.group import packproof
from server.db import tables
from server.domain.errors import DomainError
from server.usecases.sales.changing import change_address
from server.usecases.shipping.relabelling import relabel
from tests.floor import BOSS, BRUSH, SOAP, Bench, Dock, Floor, one_engine
from tests.integration.test_boxes_and_steps import with_boxes
from tests.integration.test_labels import MeteredCarrier, metered, parcel_rows
from tests.integration.test_relabelling import MOVED

__all__ = ["metered"]

pytestmark = one_engine


def once_more(bench: Bench, code: str, person_id: int = 0) -> wire.LabelAnswer:
    """What a bench is told that scanned REPRINT and this code."""
    body = wire.ReprintRequest(person_id=person_id) if person_id else None
    return bench.ask("POST", f"/api/parcels/{code}/reprint", wire.LabelAnswer, body)


def test_a_closed_box_gets_its_label_again_by_its_code_its_number_or_its_slip(
    floor: Floor, metered: MeteredCarrier
) -> None:
    order = floor.order(("SOAP", 1))
    label = floor.bench("Bench 1").pack(order, SOAP)
    other = floor.bench("Bench 2")
    for code in (label.tracking, f" {label.parcel_id.lower()}", f"PPO-{order}"):
        again = once_more(other, code, floor.people["packer"])
        assert again.label == label.label, code
    assert (parcel_rows(floor)[0][3], len(metered.asked)) == (3, 1)
    assert floor.audited("label.reprinted") == [("Packer Person", "Bench 2")] * 3
    with pytest.raises(DomainError, match="no order or parcel has this number"):
        once_more(other, "9999999")
    with floor.db.engine.begin() as connection:
        connection.execute(delete(tables.parcel_label))
    with pytest.raises(DomainError, match="printed with another tool"):
        once_more(other, label.tracking)


def test_a_label_that_may_not_be_used_any_more_is_not_printed_again(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    left, moved, void = (floor.order(("SOAP", 1)) for _ in range(3))
    labels = [bench.pack(order, SOAP) for order in (left, moved, void)]
    dock = Dock.at(bench)
    dock.scan(labels[0].tracking)
    assert once_more(bench, labels[0].tracking).tracking == labels[0].tracking, "the vehicle stands there still"
    bench.close_load(dock.load.load_id, 1)
    change_address(floor.db, BOSS, floor.order_id(moved), MOVED)
    relabel(floor.db, BOSS, labels[2].parcel_id, "wrong service")
    for order, label, code in zip(
        (left, moved, void), labels, ("already_shipped", "changed", "cancelled"), strict=True
    ):
        with pytest.raises(DomainError) as refused:
            once_more(bench, order)
        assert (refused.value.code, refused.value.facts["parcel"]) == (code, label.parcel_id)
    assert [row[3] for row in parcel_rows(floor)] == [1, 0, 0]


def test_of_several_boxes_one_must_be_named_until_the_others_have_left(floor: Floor) -> None:
    with_boxes(floor)
    order, bench = floor.order(("SOAP", 1), ("BRUSH", 1)), floor.bench("Bench 1")
    bench.open(order)
    for code in (SOAP, "PPX-NEW", "PPX-S", BRUSH, "PPX-M"):
        bench.scan(code)
    labels = []
    for _ in range(2):
        labels.append(bench.buy())
        bench.scan(labels[-1].tracking)
    bench.send()
    with pytest.raises(DomainError) as refused:
        once_more(bench, order)
    assert refused.value.facts["parcels"] == f"{labels[0].parcel_id} (box 1), {labels[1].parcel_id} (box 2)"
    assert once_more(bench, labels[1].parcel_id).label.box == 2
    dock = Dock.at(bench)
    dock.scan(labels[0].tracking)
    bench.close_load(dock.load.load_id, 1)
    assert once_more(bench, order).tracking == labels[1].tracking


def test_by_command_the_same_label_is_written_to_a_file_counted_and_audited(floor: Floor, tmp_path: Path) -> None:
    label = floor.bench("Bench 1").pack(floor.order(("SOAP", 1)), SOAP)
    config, out = tmp_path / "server.toml", tmp_path / "again.zpl"
    url = floor.db.engine.url.render_as_string(hide_password=False)
    config.write_text(f'data_dir = "{tmp_path}"\ndatabase = "{url}"\n')
    args = ["label", "reprint", label.parcel_id, "--config", str(config), "-o"]
    assert CliRunner().invoke(packproof, [*args, str(out)]).exit_code == 0
    assert out.read_bytes() == write("label", label.label, "zpl")
    assert "expected OUT to end in" in CliRunner().invoke(packproof, [*args, "again.txt"]).output
    assert (parcel_rows(floor)[0][3], len(floor.audited("label.reprinted"))) == (1, 1)
