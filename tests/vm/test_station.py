"""The real `packproof station` in a terminal, as a user without rights, with its scanners and its printer on USB."""

import io
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from urllib.request import urlopen

import pytest
import zxingcpp
from PIL import Image

from printing.pictures import zpl_png
from server.reading import bench_code
from tests.e2e.terminal import Terminal
from tests.vm.devices import HONEYWELL, ZD421, ZEBRA
from tests.vm.gadgets import until
from tests.vm.guest import FLOOR, PACKER, SERVER_PORT
from tests.vm.hid import KeyboardScanner
from tests.vm.image import ROOT
from tests.vm.lines import SerialScanner, UsbPrinter

pytestmark = pytest.mark.timeout(1200)

CANDLE, SOAP = "4006381333931", "5901234123457"
START_SECONDS, SEEN_SECONDS = 400.0, 90.0


class SlowTerminal(Terminal):
    """Reading a screen costs this machine more than drawing it."""

    pause = 0.5


@dataclass
class Bench:
    """A station and what is plugged in at it."""

    terminal: Terminal
    keyboard: KeyboardScanner
    serial: SerialScanner
    printer: UsbPrinter

    def sees(self, *words: str) -> None:
        """Wait for these words on the screen."""
        self.terminal.see(*words, seconds=SEEN_SECONDS)

    def opens(self, number: str) -> None:
        """Scan its slip, again when the bench says so: the server is slow here too."""
        opened, again = "3 of 3 units to go", "Scan it again."
        shown = again
        while opened not in shown:
            self.keyboard.scan(f"PPO-{number}")
            self.sees(number)
            shown = self.terminal.until(lambda text: opened in text or again in text, opened, SEEN_SECONDS)

    def labels(self, number: str, labels: int) -> None:
        """Scan the label back when it comes; a box that was parked for it comes back by its slip."""
        wanted, parked = "LAST STEP", "PARKED: SCAN ITS SLIP"
        while wanted not in self.terminal.until(lambda text: wanted in text or parked in text, wanted, SEEN_SECONDS):
            self.keyboard.scan(f"PPO-{number}")
            self.terminal.until(lambda text: parked not in text, "the box on the table", SEEN_SECONDS)
        self.keyboard.scan(self.tracking(labels))
        self.sees(f"{number} is packed and labelled")

    def tracking(self, number: int) -> str:
        """What a scanner reads on the label with this number from the printer."""
        until(lambda: len(self.printer.press.jobs) >= number, "a label", SEEN_SECONDS)
        assert len(self.printer.press.jobs) == number
        with Image.open(io.BytesIO(zpl_png(self.printer.press.jobs[-1]))) as drawn:
            [code] = zxingcpp.read_barcodes(drawn)
        return str(code.text)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    until(_server_answers, "the server", START_SECONDS, pause=0.5)
    state = tmp_path_factory.mktemp("bench")
    for folder in (state, state.parent):
        folder.chmod(0o755)
    shutil.chown(state, PACKER, PACKER)
    with ExitStack() as cables:
        keyboard, serial = KeyboardScanner(ZEBRA), SerialScanner(HONEYWELL, port=1)
        printer = UsbPrinter(ZD421, port=2)
        for device in (keyboard, serial, printer):
            cables.enter_context(device)
        config = state.parent / "station.toml"
        config.write_text(
            f'[station]\nstate_dir = "{state}"\nsound = "bell"\n'
            f'[[scanner]]\nsource = "{keyboard.spec}"\n'
            f'[[scanner]]\nsource = "serial:{serial.path}"\nprofile = "honeywell-serial"\n'
            f'[printer]\ntarget = "usb:ZD421"\n'
        )
        command = ["setpriv", f"--reuid={PACKER}", f"--regid={PACKER}", "--init-groups", sys.executable, "-m", "server"]
        command += ["station", "--config", str(config), "--join", (FLOOR / "join").read_text()]
        terminal = cables.enter_context(closing(SlowTerminal(command, cwd=ROOT, env={"HOME": str(state)})))
        terminal.see("Hold your badge", seconds=START_SECONDS)
        yield Bench(terminal, keyboard, serial, printer)


def _server_answers() -> bool:
    """Soon enough for a bench: with its port open it is still busy with the first round of its jobs."""
    try:
        with urlopen(f"http://127.0.0.1:{SERVER_PORT}/healthz", timeout=2.0) as answer:
            return int(answer.status) == HTTPStatus.OK
    except OSError:
        return False


def test_an_order_is_packed_by_a_user_without_rights_through_the_kernel_alone(bench: Bench) -> None:
    scan = bench.keyboard.scan
    scan("PPB-ANA-01")
    bench.sees("Signed in", "1001")
    bench.opens("1001")
    scan(CANDLE)
    bench.sees("2 of 3 units to go")
    bench.serial.scan("MUG-WHO-KNOWS")
    bench.sees("UNKNOWN CODE")
    bench.serial.hears(b"\x1b8,")
    scan("PPC-OK")
    bench.sees("2 of 3 units to go")
    bench.serial.scan(SOAP)
    bench.sees("1 of 3 units to go")
    bench.serial.hears(b"\x1b7,")
    scan(CANDLE)
    bench.labels("1001", 1)
    assert "(typed)" not in bench.terminal.plain()


def test_no_paper_is_said_and_the_label_comes_once_after_the_reload(bench: Bench) -> None:
    bench.printer.paper(out=True)
    bench.sees("printer out of labels")
    bench.opens("1002")
    bench.keyboard.scan(SOAP)
    bench.sees("2 of 3 units to go")
    bench.keyboard.scan(CANDLE)
    bench.sees("1 of 3 units to go")
    bench.serial.scan(CANDLE)
    bench.sees("Box 1002 is parked.")
    assert len(bench.printer.press.jobs) == 1
    bench.printer.paper(out=False)
    bench.sees("printer 1 kept back")
    bench.labels("1002", 2)


def test_a_code_the_kernel_had_no_room_for_is_asked_for_again(bench: Bench) -> None:
    bench.opens("1003")
    bench.terminal.process.send_signal(signal.SIGSTOP)
    bench.keyboard.scan(CANDLE)
    bench.terminal.process.send_signal(signal.SIGCONT)
    bench.sees("NOT READ WELL", "The scanner lost part of the code. Scan it again.", "3 of 3 units to go")


def test_a_scanner_that_is_pulled_out_is_missed_and_a_spare_one_adopted_by_the_code_of_the_bench(bench: Bench) -> None:
    bench.keyboard.unplug()
    bench.sees("scanner not connected")
    with KeyboardScanner(replace(ZEBRA, serial="SPARE"), port=4) as spare:
        until(Path(spare.path).exists, "the spare one")
        # It is heard a moment after it was plugged in.
        until(lambda: adopted(bench, spare), "the spare one to be adopted", SEEN_SECONDS)
        bench.keyboard.plug_in()
        bench.terminal.until(lambda text: "scanner not connected" not in text, "the first one", SEEN_SECONDS)
    bench.keyboard.scan(CANDLE)
    bench.sees("2 of 3 units to go")


def adopted(bench: Bench, spare: KeyboardScanner) -> bool:
    """Scan the code of the bench; whether it said yes."""
    spare.scan(bench_code(1))
    try:
        bench.terminal.see("This scanner works at this bench now.", seconds=2.0)
    except AssertionError:
        return False
    return True
