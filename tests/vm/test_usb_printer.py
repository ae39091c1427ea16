"""A USB printer, through the kernel's usblp."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from printing.printers import PrinterStatus, open_printer
from printing.printers.languages import zpl
from printing.printers.usb import device_id
from printing.spool import JobState, Spool
from tests.vm.devices import ZD421
from tests.vm.gadgets import until
from tests.vm.hearing import group_may_use
from tests.vm.lines import UsbPrinter

NODE = Path("/dev/usb/lp0")
READY = PrinterStatus("ready", "", 0, partial=False)


def label(number: int) -> bytes:
    """As long as a real one with a logo: it does not fit into one packet."""
    return b"^XA^FX" + b"x" * 20_000 + f"^FS^FO10,10^A0N,40,40^FDlabel {number}^FS^XZ".encode()


@pytest.fixture
def there() -> Iterator[UsbPrinter]:
    with UsbPrinter(ZD421) as there:
        until(NODE.exists, "the printer")
        yield there


def test_it_is_found_by_a_word_of_its_device_id_and_a_label_goes_out_whole(there: UsbPrinter) -> None:
    assert group_may_use(str(NODE)) == "packstation"
    # Of the length, which counts its own two bytes too, the kernel's side of the printer forgets these.
    assert there.device_id.startswith(device_id(NODE)) and "SN:D4J2" in device_id(NODE)
    for word in ("ZD421", "D4J2"):
        printer = open_printer(f"usb:{word}")
        assert printer.status() == READY
        there.bytes = b""
        printer.send(label(1))
        until(lambda: len(there.bytes) >= len(zpl.BEFORE + label(1)), "the label")
        assert there.bytes == zpl.BEFORE + label(1)


def test_paper_out_is_known_from_the_status_byte_before_a_byte_is_sent(there: UsbPrinter) -> None:
    printer = open_printer("usb:ZD421")
    there.press.silent = True
    there.paper(out=True)
    assert printer.status() == PrinterStatus("attention", "out of labels")
    assert there.bytes == b""
    there.paper(out=False)
    assert printer.status() == PrinterStatus("attention", "does not answer"), "silence is no good answer"
    there.press.silent = False
    assert printer.status() == READY


def test_three_boxes_without_paper_print_their_three_labels_once_and_in_order(
    there: UsbPrinter, tmp_path: Path
) -> None:
    printer = open_printer("usb:ZD421")
    with closing(Spool(tmp_path / "spool.db", {"printer": printer})) as spool:
        spool.start()
        there.paper(out=True)
        until(lambda: (said := spool.printer_status("printer")) is not None and said.state == "attention", "no paper")
        for number in (1, 2, 3):
            spool.request(f"P{number}", "label", str(number), label(number))
        assert there.press.jobs == []
        there.paper(out=False)
        until(
            lambda: all((job := spool.job(f"P{n}")) and job.state is JobState.PRINTED for n in (1, 2, 3)), "all three"
        )
    assert there.press.jobs == [label(1), label(2), label(3)]


def test_unplugged_it_is_offline_and_plugged_in_it_is_back(there: UsbPrinter) -> None:
    printer = open_printer("usb:ZD421")
    assert printer.status() == READY
    there.unplug()
    until(lambda: printer.status().state == "offline", "it to be missed")
    there.plug_in()
    until(lambda: printer.status() == READY, "it to be back")
