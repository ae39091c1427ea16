"""`packproof doctor printer` prints a test label and says plainly what to do."""

import os
import re
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from printing.printers import talking
from printing.printers.virtual import VirtualPrinter
from server.cli import checks_printers
from server.cli.group import packproof
from tests.fake_queue import FakeQueue


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "labels") as printer:
        yield printer


def doctor(*arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(packproof, ["doctor", "printer", *arguments])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.output


def test_a_printer_that_is_well_prints_a_label_to_look_at(printer: VirtualPrinter) -> None:
    code, said = doctor(printer.spec)
    assert code == 0
    assert [line[0] for line in said.splitlines()] == ["✓", "✓", "!", " "]
    printed = re.search("TEST-[0-9A-F]{6}", said)
    assert printed is not None and len(printer.jobs) == 1
    assert printed[0].encode()[-6:] in printer.jobs[0]


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("paper_out", "attention, out of labels\n                 → load labels or paper"),
        ("head_open", "attention, print head open\n                 → close the print head"),
        ("silent", "attention, does not answer\n                 → check labels, ribbon and print head"),
    ],
)
def test_a_printer_in_trouble_gets_no_test_label_and_the_person_a_remedy(
    printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch, trouble: str, words: str
) -> None:
    monkeypatch.setattr(talking, "ANSWER_SECONDS", 0.1)
    setattr(printer, trouble, True)
    code, said = doctor(printer.spec)
    assert (code, printer.jobs) == (1, [])
    assert words in said


def test_a_label_that_stays_inside_is_told(printer: VirtualPrinter) -> None:
    printer.slow = 1000
    code, said = doctor(printer.spec, "--seconds", "0.5")
    assert code == 1
    assert "the label is still inside after 0.5 s" in said


def test_a_label_the_queue_gave_up_or_has_not_passed_on_is_told() -> None:
    queue = FakeQueue(job_state=8)
    with queue.listening() as spec:
        code, said = doctor(spec)
        assert code == 1 and "the queue gave the label up" in said
        queue.job_state = 5
        code, said = doctor(spec, "--seconds", "0.5")
        assert code == 1 and "the label is still inside after 0.5 s" in said


def test_a_slip_on_a_receipt_printer_is_waited_for_until_it_is_out(tmp_path: Path) -> None:
    with VirtualPrinter(tmp_path / "slips", language="escpos") as receipts:
        receipts.slow = 0.1
        code, said = doctor(receipts.spec)
        assert code == 0 and "should lie there now" in said
        assert len(receipts.jobs) == 1


def test_the_label_is_scanned_back_where_there_is_a_scanner(printer: VirtualPrinter) -> None:
    far, near = os.openpty()
    tty.setraw(near)
    for scanned, code in ((None, 0), (b"4006381333931", 1)):

        def scan(_number: int, zpl: bytes, scanned: bytes | None = scanned) -> None:
            found = re.search(rb"TEST-[0-9A-F]{6}", zpl)
            assert found is not None
            os.write(far, (scanned or found[0]) + b"\r")

        printer.on_label = lambda number, zpl, scan=scan: threading.Timer(0.1, scan, (number, zpl)).start()  # type: ignore[misc]
        exit_code, said = doctor(printer.spec, "--scanner", f"serial:{os.ttyname(near)}")
        assert exit_code == code
        assert ("printed and readable" if not code else "found '4006381333931'") in said
    os.close(far)
    os.close(near)


def test_every_printer_of_a_bench_is_tested(printer: VirtualPrinter, tmp_path: Path) -> None:
    toml = tmp_path / "station.toml"
    toml.write_text(
        f'[[printer]]\nname = "labels"\ntarget = "{printer.spec}"\n'
        f'[[printer]]\nname = "files"\ntarget = "file:{tmp_path}/labels"\nkinds = ["slip"]\n'
    )
    code, said = doctor("--station", str(toml))
    assert code == 0
    assert "before labels: ready" in said and "before files: ready" in said


def test_doctor_lists_usb_printers_and_all_that_are_set_up(tmp_path: Path) -> None:
    (tmp_path / "lp0").touch()
    station = {"printer": [{"name": "labels", "target": f"file:{tmp_path}"}, {"name": "x", "target": "lpt:1"}]}
    found = list(checks_printers.printers(station, tmp_path))
    assert [(f.mark, f.subject) for f in found] == [
        ("ok", "usb printer"),
        ("ok", "your printer"),
        ("bad", "your printer"),
    ]
    assert found[1].found == f"labels (file:{tmp_path}): ready"
    assert checks_printers.targets({"printer": {"target": "tcp:h"}}) == [("", "tcp:h")]


def test_without_a_printer_to_test_it_says_how_to_name_one() -> None:
    code, said = doctor()
    assert code == 2
    assert "expected a printer such as tcp:192.0.2.10:9100" in said
