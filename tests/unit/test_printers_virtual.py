"""The software printer on its own; what it does for others is shown in test_printers_network and test_spool."""

import subprocess
import sys
from pathlib import Path

from printing.printers import PrinterStatus, open_printer
from printing.printers.virtual import VirtualPrinter
from tests.unit.test_printers_network import LABEL, until

SERVE = "import sys; from pathlib import Path; from printing.printers.virtual import serve; serve(Path(sys.argv[1]), 0)"


def test_it_runs_as_a_program_and_tells_where_its_labels_are(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVE, str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as program:
        assert program.stderr is not None
        spec = program.stderr.readline().split()[2].rstrip(",")
        open_printer(spec).send(LABEL)
        assert program.stderr.readline() == f"label 001 printed to {tmp_path}\n"
        program.terminate()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["001.png", "001.zpl"]


def test_switched_on_again_it_keeps_the_old_labels_and_counts_on(tmp_path: Path) -> None:
    for number in (1, 2):
        with VirtualPrinter(tmp_path) as printer:
            open_printer(printer.spec).send(LABEL)
            until(lambda running=printer: len(running.jobs) == 1)  # type: ignore[misc]
        assert len(list(tmp_path.glob("*.zpl"))) == number


def test_one_connection_may_bring_several_labels_in_several_pieces(tmp_path: Path) -> None:
    with VirtualPrinter(tmp_path) as printer:
        open_printer(printer.spec).send(LABEL * 3 + b"\n")
        until(lambda: len(printer.jobs) == 3)
        assert printer.jobs == [LABEL.strip()] * 3


def test_a_label_it_cannot_draw_is_kept_as_bytes_and_the_next_one_prints(tmp_path: Path) -> None:
    with VirtualPrinter(tmp_path) as printer:
        open_printer(printer.spec).send(b"^XA^QQ^FDx^XZ" + LABEL)
        until(lambda: len(printer.jobs) == 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["001.zpl", "002.png", "002.zpl"]


def test_half_a_label_stays_inside_until_it_is_cancelled(tmp_path: Path) -> None:
    with VirtualPrinter(tmp_path) as printer:
        ours = open_printer(printer.spec)
        ours.send(b"^XA^FDhalf a label")
        assert ours.status() == PrinterStatus("ready", "1 waiting in the printer", 1, partial=True)
        ours.recover(b"^XA^FDhalf a label")
        assert ours.status() == PrinterStatus("ready", "", 0, partial=False)
        ours.send(LABEL)
        until(lambda: len(printer.jobs) == 1)
        assert printer.jobs == [LABEL.strip()]
