"""Scanners that play a serial port, through the kernel's cdc-acm."""

from scanners.discovery import serial_ports
from tests.vm.devices import HONEYWELL
from tests.vm.hearing import group_may_use, hearing
from tests.vm.lines import SerialScanner

GS1 = "]C10104006381333931\x1d10A-7\x1d21X9"


def test_codes_come_and_good_and_bad_go_back_to_the_scanner() -> None:
    with SerialScanner(HONEYWELL) as scanner, hearing(f"serial:{scanner.path}?profile=honeywell-serial") as heard:
        heard.until("connected")
        assert group_may_use(scanner.path) == "packstation"
        assert [port.spec for port in serial_ports() if "ttyACM" in port.device] == [f"serial:{scanner.path}"]
        for code, good, answer in ((GS1, True, b"\x1b7,"), ("NONSENSE", False, b"\x1b8,")):
            scanner.scan(code)
            heard.hears(code)
            heard.reader.answer(f"serial:{scanner.path}", good=good)
            scanner.hears(answer)


def test_a_port_belongs_to_the_one_who_opened_it() -> None:
    with SerialScanner(HONEYWELL) as scanner, hearing(f"serial:{scanner.path}") as heard:
        heard.until("connected")
        with hearing(f"serial:{scanner.path}") as other:
            assert other.until("busy").detail == f"{scanner.path} is in use by another program"
            scanner.scan("MINE")
            heard.hears("MINE")
            assert other.scans == []


def test_unplugged_within_a_code_it_is_missed_and_plugged_in_it_is_back_without_a_restart() -> None:
    with SerialScanner(HONEYWELL) as scanner, hearing(f"serial:{scanner.path}?idle_ms=5000") as heard:
        for code in ("BEFORE", "AFTER"):
            heard.until("connected")
            scanner.scan(code)
            heard.hears(code)
            scanner.scan("400638", end="")
            scanner.unplug()
            assert heard.until("waiting").detail.startswith(scanner.path)
            assert all(scan.problem == "partial" for scan in heard.scans)
            heard.scans.clear()
            scanner.plug_in()
