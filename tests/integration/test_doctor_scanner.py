"""An unknown scanner is calibrated: it scans the printed code, `doctor` says what it is set to, the bench reads it."""

import select
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner

from printing.documents import CodeSheet
from printing.pdf import code_sheet
from scanners.calibration import CODE, PLAIN
from scanners.probing import Device
from scanners.reader import Reader
from server.cli import doctor_scanner
from server.cli.group import packproof
from server.reading import bench_code, is_site_code
from server.usecases.staff import sheets
from station import config
from station.__main__ import scan_sources
from tests.pty_scanner import PtyScanner
from tests.unit.test_reader import Bench

ROOT = Path(__file__).parents[2]
GTIN = "0104006381333931"


def doctor(scanner: PtyScanner, sent: bytes, *arguments: str) -> tuple[int, str, str]:
    """Exit code and words of `packproof doctor scanner`, which hears these bytes."""
    command = [sys.executable, "-m", "server", "doctor", "scanner", f"serial:{scanner.path}", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, bufsize=0) as process:
        assert process.stderr is not None and process.stdout is not None
        asked = b""
        while b"serial:" not in asked:
            assert select.select([process.stderr], [], [], 30)[0], asked
            asked += process.stderr.readline()
        scanner.send(sent)
        out, rest = process.communicate(timeout=60)
        return process.returncode, out.decode(), (asked + rest).decode()


def printed() -> bytes:
    """What a scanner reads from the calibration code of the command sheet."""
    page = pypdfium2.PdfDocument(code_sheet(CodeSheet("Bench 1: codes", (sheets.scanners(1),))))[0]
    found = {bytes(code.bytes) for code in zxingcpp.read_barcodes(page.render(scale=4).to_pil())}
    own, calibration = bench_code(1).encode(), CODE.encode()
    assert found == {own, calibration}
    return calibration


def test_a_scanner_is_calibrated_by_the_printed_code_and_then_read_right(tmp_path: Path) -> None:
    scanner, station = PtyScanner(tmp_path / "gun"), tmp_path / "station.toml"
    station.write_text(f'[station]\nstate_dir = "{tmp_path / "state"}"\n')
    # This one sends its symbology, and {GS} where a separator is.
    sent = b"]C0" + printed().replace(b"\x1d", b"{GS}") + b"\r\n"
    code, out, err = doctor(scanner, sent, "--write", "table-2", "--station", str(station))
    assert code == 0, err
    for words in ("]C0ABCXYZ0123456789-_/.+$%:*]{GS}<0D><0A>", "text:{GS}", "CR LF", 'profile = "table-2"'):
        assert words in out, out
    station.write_text(station.read_text() + out.partition("in station.toml:")[2])
    settings = config.load(station)
    [source, _keyboard] = scan_sources(settings.scanners, settings.state_dir / "profiles")
    bench = Bench()
    reader = Reader([source], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: reader.statuses[0].state == "connected")
    scanner.send(f"]C1{GTIN}10LOT7{{GS}}21SN9\r\n6381333931\r\n".encode())
    bench.wait_for(lambda: len(bench.scans) == 2)
    reader.stop()
    scanner.unplug()
    assert [(scan.text, scan.problem) for scan in bench.scans] == [
        (f"]C1{GTIN}10LOT7\x1d21SN9", None),
        ("6381333931", "dropped"),
    ]


def test_another_code_is_shown_and_not_believed(tmp_path: Path) -> None:
    scanner = PtyScanner(tmp_path / "gun")
    code, out, err = doctor(scanner, b"4006381\x1b[2J\x07\r")
    assert (code, "not the calibration code" in err) == (1, True), err
    assert "4006381<1B>[2J<07><0D>" in out
    assert not any(char in out + err for char in "\x1b\x07")
    scanner.unplug()


class Heard:
    """A probe whose one scanner has sent these bytes."""

    problems: ClassVar[dict[str, str]] = {}

    def __init__(self, sent: bytes) -> None:
        self.devices = [Device("serial:/dev/gun", -1, data=bytearray(sent))]

    def __enter__(self) -> "Heard":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def listen(self, _seconds: float) -> Device:
        """At once."""
        return self.devices[0]


@pytest.mark.parametrize(
    ("sent", "ends", "words"),
    [
        (CODE.encode(), 1, "no code of this scanner would be heard: set it to send CR"),
        (CODE.encode() + b"\t", 1, "no code of this scanner would be heard: set it to send CR"),
        (b"S01" + CODE.encode() + b"\r", 1, "set the scanner to send no prefix"),
        (b"]C1" + CODE.encode() + b"\0\r", 1, "set the scanner to send CR behind a code, and nothing else"),
        (2 * (CODE.encode() + b"\r"), 1, "it came more than once: pull the trigger once"),
        (b"x" * 9000, 1, "that is not the calibration code"),
        (PLAIN.encode() + b"\x1b[2J\r", 0, "GS as     text:<1B>[2J"),
        (PLAIN.encode() + "\x9b2J\r".encode(), 0, "\\u009b2J"),
    ],
)
def test_what_is_wrong_with_a_scanner_is_said_and_no_byte_of_it_reaches_the_terminal(
    monkeypatch: pytest.MonkeyPatch, sent: bytes, ends: int, words: str
) -> None:
    monkeypatch.setattr(doctor_scanner, "Probe", lambda _specs: Heard(sent))
    ended = CliRunner().invoke(packproof, ["doctor", "scanner", "serial:/dev/gun"])
    assert (ended.exit_code, words in ended.output) == (ends, True), ended.output
    assert "keep it with --write" not in ended.output or not ends
    assert ended.output.replace("\n", "").isprintable()
    assert len(ended.output) < 1500


def test_a_station_file_that_is_spoilt_is_said_before_anybody_scans(tmp_path: Path) -> None:
    station = tmp_path / "station.toml"
    station.write_text("[station")
    arguments = ["doctor", "scanner", "serial:/dev/null", "--write", "mine", "--station", str(station)]
    ended = CliRunner().invoke(packproof, arguments)
    assert (ended.exit_code, "station.toml: expected TOML" in ended.output) == (2, True), ended.output


def test_the_codes_for_scanners_can_be_no_product() -> None:
    own, calibration = sheets.scanners(12).codes
    assert is_site_code(own.text)
    assert (own.text, calibration.text) == ("PPA-12", CODE)


def test_a_scanner_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "server", "doctor", "scanner", f"serial:{tmp_path}/gone"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, "there is no scanner to listen to" in ended.stderr) == (1, True)
