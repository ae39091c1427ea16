"""Printers on a serial line and on USB: real pseudo-terminals in place of the cable; the driver's status byte is faked.

No usblp is made here: its two ioctl calls are answered by this file. A real kernel proves them elsewhere.
"""

import fcntl
import os
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from printing.printers import PrinterStatus, PrinterUnavailable, open_printer, talking, usb
from printing.printers.virtual_press import Press
from printing.spool import Job, JobState, Pace, Spool
from tests.fakes import until

LABEL = b"^XA^FO10,10^FDhello^FS^XZ"


class Cable:
    """A press at the far end of a pseudo-terminal."""

    def __init__(self, language: str = "zpl") -> None:
        self.press = Press(language)
        self._far, self._near = os.openpty()
        tty.setraw(self._far)
        tty.setraw(self._near)
        self.path = os.ttyname(self._near)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.deaf = False

    def _run(self) -> None:
        while True:
            try:
                data = os.read(self._far, 4096)
            except OSError:
                return
            if not data:
                return
            answer = self.press.take(data)
            self.press.work()
            answer += self.press.answers_in_line()
            if answer:
                os.write(self._far, answer)

    @contextmanager
    def plugged(self, *, listens: bool = True) -> Iterator["Cable"]:
        if listens:
            self._thread.start()
        try:
            yield self
        finally:
            os.close(self._near)
            self.unplug()
            if listens:
                self._thread.join(5)

    def unplug(self) -> None:
        if not self.deaf:
            self.deaf = True
            os.close(self._far)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(talking, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(talking, "_FIRST_SECONDS", 0.3)


@pytest.mark.parametrize("options", ["", "?baud=115200&flow=xonxoff"])
def test_a_label_goes_down_a_serial_line_and_the_printer_is_asked_over_it(options: str) -> None:
    with Cable().plugged() as cable:
        printer = open_printer(f"serial:{cable.path}{options}")
        assert printer.status() == PrinterStatus("ready", "", 0, partial=False)
        printer.send(LABEL)
        until(lambda: cable.press.jobs == [LABEL], "the label")
        cable.press.head_open = True
        assert printer.status() == PrinterStatus("attention", "print head open", 0, partial=False)
        cable.press.silent = True
        assert printer.status() == PrinterStatus("attention", "does not answer")


def test_a_receipt_printer_on_a_serial_line_tells_its_troubles() -> None:
    with Cable("escpos").plugged() as cable:
        printer = open_printer(f"serial:{cable.path}?language=escpos")
        assert printer.status() == PrinterStatus("ready", "")
        cable.press.paper_out = True
        assert printer.status() == PrinterStatus("attention", "out of labels")
        cable.press.silent = True
        assert printer.status() == PrinterStatus("attention", "does not answer")


@pytest.fixture
def receipts(tmp_path: Path) -> Iterator[tuple[Press, Spool]]:
    """What is at the far end, and the spool that prints slips there."""
    with Cable("escpos").plugged() as cable:
        printer = open_printer(f"serial:{cable.path}?language=escpos")
        spool = Spool(tmp_path / "spool.db", {"slips": printer}, pace=Pace(0.01, 0.02, 0.01, 0.01, 2.0, 0.02))
        spool.start()
        yield cable.press, spool
        spool.close()


def a_slip(spool: Spool, job_id: str, state: JobState, detail: str = "") -> Job:
    """Ask for it, and wait until it stands so."""
    spool.request(job_id, "slip", "1043", b"\x1b@two candles\n\x1dV\x00")
    until(lambda: (job := spool.job(job_id)) is not None and (job.state, job.detail) == (state, detail), str(state))
    job = spool.job(job_id)
    assert job is not None
    return job


def test_a_receipt_is_printed_when_the_printer_has_come_to_the_question_behind_it(
    receipts: tuple[Press, Spool],
) -> None:
    press, spool = receipts
    a_slip(spool, "P-1", JobState.PRINTED)
    a_slip(spool, "P-2", JobState.PRINTED)
    assert len(press.jobs) == 2


def test_a_receipt_printer_that_does_not_know_the_question_leaves_slips_sent_and_is_asked_it_once(
    receipts: tuple[Press, Spool],
) -> None:
    press, spool = receipts
    press.tells_in_line = False
    assert a_slip(spool, "P-1", JobState.SENT).ticket
    assert not a_slip(spool, "P-2", JobState.SENT).ticket


def test_a_receipt_in_which_the_paper_ended_is_looked_at_by_a_person(receipts: tuple[Press, Spool]) -> None:
    press, spool = receipts
    press.paper_left = 0
    a_slip(spool, "P-1", JobState.SENT, "out of labels")
    # The rest of it comes out of the new roll.
    press.reload()
    until(lambda: (job := spool.job("P-1")) is not None and job.state is JobState.UNCERTAIN, "a person's look")


def test_a_serial_printer_that_is_gone_or_takes_nothing_says_so() -> None:
    gone = open_printer("serial:/dev/nobody")
    assert gone.status().state == "offline"
    assert "serial:/dev/nobody cannot be reached" in gone.status().detail
    with Cable().plugged(listens=False) as cable:
        with pytest.raises(PrinterUnavailable, match="broke off during a job") as stuck:
            open_printer(f"serial:{cable.path}?status=off").send(b" " * 200_000)
        assert stuck.value.sent_bytes == "some"


class Driver:
    """The two ioctl calls of usblp; every other call is the real one."""

    def __init__(self) -> None:
        self.byte: int | None = 0x18
        self.ids: dict[str, str] = {}
        self._real = fcntl.ioctl

    def __call__(self, file: int, call: int, *more: object) -> object:
        if call == 0x060B:
            if self.byte is None:
                raise OSError(25, "Inappropriate ioctl for device")
            return bytes([self.byte, 0, 0, 0])
        if call == 0x84005001:
            words = self.ids[os.ttyname(file)].encode()
            return (len(words) + 2).to_bytes(2, "big") + words + bytes(1022 - len(words))
        return self._real(file, call, *more)  # type: ignore[call-overload]


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    driver = Driver()
    monkeypatch.setattr(fcntl, "ioctl", driver)
    return driver


def test_a_usb_printer_is_asked_its_status_byte_and_then_its_own_question(driver: Driver) -> None:
    with Cable().plugged() as cable:
        printer = open_printer(f"usb:{cable.path}")
        assert printer.status() == PrinterStatus("ready", "", 0, partial=False)
        printer.send(LABEL)
        until(lambda: cable.press.jobs == [LABEL], "the label")
        for byte, words in ((0x38, "out of labels"), (0x30, "out of labels"), (0x10, "stopped with an error")):
            driver.byte = byte
            assert printer.status() == PrinterStatus("attention", words)
        driver.byte, cable.press.paused = None, True
        assert printer.status() == PrinterStatus("attention", "paused", 0, partial=False)
        driver.byte, cable.press.silent = 0x18, True
        assert printer.status() == PrinterStatus("attention", "does not answer")
        one_way = open_printer(f"usb:{cable.path}?status=off")
        assert one_way.status() == PrinterStatus("ready", "")


def test_a_usb_printer_is_found_by_a_word_of_its_device_id_wherever_it_is_plugged_in(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usb, "FOLDER", tmp_path)
    monkeypatch.setattr(usb, "KNOWN", tmp_path / "nothing")
    with Cable().plugged() as left, Cable().plugged() as right:
        driver.ids = {left.path: "MFG:Zebra;MDL:ZD421;SN:D4J1;", right.path: "MFG:Zebra;MDL:ZD421;SN:D4J2;"}
        (tmp_path / "lp0").symlink_to(left.path)
        (tmp_path / "lp1").symlink_to(right.path)
        assert usb.device_id(tmp_path / "lp1") == "MFG:Zebra;MDL:ZD421;SN:D4J2;"
        open_printer("usb:SN:D4J2").send(LABEL)
        until(lambda: right.press.jobs == [LABEL], "the label")
        assert left.press.jobs == []
        both, none = (open_printer(f"usb:{word}").status() for word in ("ZD421", "TM-T20"))
        assert (both.state, none.state) == ("offline", "offline")
        assert "2 printers have it: use a serial number" in both.detail
        assert 'looked for "TM-T20" in the device ids, no USB printer has it' in none.detail


def test_a_usb_printer_is_recognised_while_another_holds_it_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usb, "KNOWN", tmp_path)
    (tmp_path / "lp7" / "device").mkdir(parents=True)
    (tmp_path / "lp7" / "device" / "ieee1284_id").write_text("MFG:Zebra;MDL:ZD421;SN:D4J2;")
    # Nothing can be opened there, as it is while a label leaves.
    assert usb.device_id(tmp_path / "lp7") == "MFG:Zebra;MDL:ZD421;SN:D4J2;"


@pytest.mark.parametrize("baud", ["0", "12345", "99999999999999", "fast"])
def test_a_speed_that_no_serial_line_has_is_refused_where_it_is_set(baud: str) -> None:
    with pytest.raises(ValueError, match="baud is one of 1200, 2400"):
        open_printer(f"serial:/dev/ttyS0?baud={baud}")
