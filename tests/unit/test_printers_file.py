"""A folder as a printer."""

import threading
from pathlib import Path

import pytest

from printing.printers import PrinterUnavailable, open_printer


def test_each_job_becomes_one_file_in_order(tmp_path: Path) -> None:
    printer = open_printer(f"file:{tmp_path}")
    for job in (b"^XA1^XZ", b"%PDF-1.4", b"^XA3^XZ"):
        printer.send(job)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "000001.zpl": b"^XA1^XZ",
        "000002.pdf": b"%PDF-1.4",
        "000003.zpl": b"^XA3^XZ",
    }


def test_a_job_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "000007.zpl").write_bytes(b"old")
    (tmp_path / "notes.txt").write_bytes(b"not ours")
    open_printer(f"file:{tmp_path}").send(b"new")
    assert (tmp_path / "000007.zpl").read_bytes() == b"old"
    assert (tmp_path / "000008.zpl").read_bytes() == b"new"


def test_jobs_of_several_benches_at_once_all_get_a_file_of_their_own(tmp_path: Path) -> None:
    def bench(number: int) -> None:
        printer = open_printer(f"file:{tmp_path}")
        for job in range(20):
            printer.send(b"%d/%d" % (number, job))

    benches = [threading.Thread(target=bench, args=(number,)) for number in range(8)]
    for thread in benches:
        thread.start()
    for thread in benches:
        thread.join()
    found = sorted(path.read_bytes() for path in tmp_path.iterdir())
    assert found == sorted(b"%d/%d" % (number, job) for number in range(8) for job in range(20))


def test_without_its_folder_it_is_offline_and_nothing_is_half_written(tmp_path: Path) -> None:
    printer = open_printer(f"file:{tmp_path / 'gone'}")
    assert printer.status().state == "offline"
    with pytest.raises(PrinterUnavailable) as refused:
        printer.send(b"x")
    assert refused.value.sent_bytes == "nothing"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "gone").mkdir()
    assert printer.status().state == "ready"


def test_a_file_printer_needs_a_folder() -> None:
    with pytest.raises(ValueError, match="expected file:FOLDER"):
        open_printer("file:")
