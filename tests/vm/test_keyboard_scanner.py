"""Scanners that play a keyboard, through the real evdev of the kernel."""

import errno
import threading
from contextlib import closing
from dataclasses import replace

import evdev
import pytest

from scanners.discovery import evdev_devices
from scanners.scan import Scan
from scanners.sources import open_source
from tests.vm.devices import ZEBRA
from tests.vm.gadgets import until
from tests.vm.hearing import Hearing, group_may_use, hearing
from tests.vm.hid import KeyboardScanner

CANDLE = "4006381333931"
LOTTED = "]C10104006381333931\x1d10A-7b\x1d21X/9_z"


def test_a_code_comes_whole_by_the_stable_name_with_its_separators() -> None:
    with KeyboardScanner(ZEBRA) as scanner, hearing(scanner.spec) as heard:
        assert heard.until("connected").detail == "layout us, grabbed"
        scanner.scan(CANDLE)
        scanner.scan(LOTTED)
        heard.hears(CANDLE, LOTTED)


def test_the_group_of_our_udev_rule_may_read_it_and_the_machine_lists_it() -> None:
    with KeyboardScanner(ZEBRA) as scanner:
        until(lambda: [device.spec for device in evdev_devices()] == [f"evdev:{scanner.path}"], "its name")
        assert evdev_devices()[0].name == "Zebra Symbol Scanner"
        assert group_may_use(scanner.path) == "packstation"


def test_a_scanner_in_use_is_busy_for_others_and_free_when_it_is_let_go() -> None:
    with KeyboardScanner(ZEBRA) as scanner:
        spec = scanner.spec
        with hearing(spec) as first:
            first.until("connected")
            with closing(evdev.InputDevice(scanner.path)) as other, pytest.raises(OSError, match="busy") as refused:
                other.grab()
            assert refused.value.errno == errno.EBUSY
            second = Hearing(open_source(spec))
            second.reader.start()
            assert second.until("busy").detail == f"{scanner.path} is in use by another program"
            scanner.scan("FIRST")
            first.hears("FIRST")
        second.until("connected")
        scanner.scan("SECOND")
        second.hears("SECOND")
        second.reader.stop()


def scans_all(scanner: KeyboardScanner, codes: list[str]) -> None:
    for code in codes:
        scanner.scan(code)


def test_two_scanners_at_once_do_not_mix() -> None:
    codes = [f"{n:04}" for n in range(12)]
    one, two = KeyboardScanner(ZEBRA), KeyboardScanner(replace(ZEBRA, serial="S2"), port=1)
    with one, two, hearing(one.spec, two.spec) as heard:
        heard.until("connected", "connected")
        hands = [threading.Thread(target=scans_all, args=(scanner, codes)) for scanner in (one, two)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        until(lambda: len(heard.scans) == 2 * len(codes), "every scan")
        for scanner in (one, two):
            assert [scan.text for scan in heard.scans if scan.source == f"evdev:{scanner.path}"] == codes
        assert len({scan.source for scan in heard.scans[: len(codes)]}) == 2, "they scanned one after the other"


def test_two_of_one_model_without_serial_numbers_are_told_apart_by_their_usb_ports() -> None:
    nameless = replace(ZEBRA, serial="")
    with KeyboardScanner(nameless) as one, KeyboardScanner(nameless, port=1) as two:
        until(lambda: len(evdev_devices()) == 2, "both")
        specs = [device.spec for device in evdev_devices()]
        assert sum("/by-path/" in spec for spec in specs) >= 1, specs
        with hearing(*(f"{spec}?gap_ms=5000" for spec in specs)) as heard:
            heard.until("connected", "connected")
            for scanner, code in ((one, "ONE"), (two, "TWO")):
                scanner.scan(code)
            until(lambda: len(heard.scans) == 2, "both")
            assert sorted(scan.text for scan in heard.scans) == ["ONE", "TWO"]
            assert {scan.source for scan in heard.scans} == set(specs)


class Late(Hearing):
    """Its first code keeps it busy until it is let go."""

    def __init__(self, spec: str) -> None:
        super().__init__(open_source(spec))
        self.go_on = threading.Event()

    def take(self, scan: Scan) -> None:
        super().take(scan)
        assert self.go_on.wait(60)


def test_of_a_code_that_overflowed_the_kernel_nothing_counts_and_the_next_is_whole() -> None:
    with KeyboardScanner(ZEBRA) as scanner:
        heard = Late(scanner.spec)
        heard.reader.start()
        heard.until("connected")
        scanner.scan("KEEPS-BUSY")
        heard.hears("KEEPS-BUSY")
        scanner.scan("00" + CANDLE * 4)
        heard.go_on.set()
        heard.hears(("", "dropped"))
        scanner.scan(CANDLE)
        heard.hears(CANDLE)
        assert heard.reader.statuses[0].dropped == 1
        heard.reader.stop()


def test_unplugged_within_a_code_it_is_missed_and_plugged_in_it_is_back_without_a_restart() -> None:
    with KeyboardScanner(ZEBRA) as scanner, hearing(scanner.spec) as heard:
        for code in ("BEFORE", "AFTER"):
            heard.until("connected")
            scanner.scan(code)
            heard.hears(code)
            scanner.scan("400638", end="")
            scanner.unplug()
            heard.until("waiting")
            heard.hears(("400638", "partial"))
            scanner.plug_in()
