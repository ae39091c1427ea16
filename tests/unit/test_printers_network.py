"""The network printer against listening printers that behave and misbehave."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from printing.printers import PrinterStatus, PrinterUnavailable, Settings, network, open_printer, talking
from printing.printers.languages import zpl
from printing.printers.virtual import VirtualPrinter

LABEL = b"^XA^FO10,10^A0N,40,40^FDhello^FS^PQ1\n^XZ\n"
# The good answer of the ZPL II Programming Guide.
GOOD = b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "labels") as printer:
        yield printer


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A printer for one connection; its spec."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                serve(connection)

        thread = threading.Thread(target=run)
        thread.start()
        yield f"tcp:127.0.0.1:{listener.getsockname()[1]}"
        thread.join(10)


def test_a_label_sent_over_the_network_comes_out_as_bytes_and_as_a_picture(printer: VirtualPrinter) -> None:
    open_printer(printer.spec).send(LABEL)
    until(lambda: len(printer.jobs) == 1)
    assert printer.jobs == [LABEL.strip()]
    assert (printer.folder / "001.zpl").read_bytes() == LABEL.strip()
    assert (printer.folder / "001.png").read_bytes().startswith(b"\x89PNG")


def test_a_ready_printer_says_so(printer: VirtualPrinter) -> None:
    assert open_printer(printer.spec).status() == PrinterStatus("ready", "", 0, partial=False)


@pytest.mark.parametrize(("trouble", "words"), [("paper_out", "out of labels"), ("paused", "paused")])
def test_a_printer_in_trouble_says_so(printer: VirtualPrinter, trouble: str, words: str) -> None:
    setattr(printer, trouble, True)
    ours = open_printer(printer.spec)
    assert ours.status() == PrinterStatus("attention", words, 0, partial=False)
    setattr(printer, trouble, False)
    assert ours.status().state == "ready"


def test_a_printer_that_takes_the_connection_and_keeps_silent_needs_a_look(
    printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "ANSWER_SECONDS", 0.1)
    printer.silent = True
    ours = open_printer(printer.spec)
    for _ in range(2):
        assert ours.status() == PrinterStatus("attention", "does not answer")
    printer.silent = False
    assert ours.status().state == "ready"


def test_two_seconds_of_silence_are_waited_for() -> None:
    assert talking.ANSWER_SECONDS == 2.0


def test_a_printer_whose_status_is_switched_off_is_never_asked() -> None:
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        while part := connection.recv(4096):
            received.append(part)

    with listening(serve) as spec:
        ours = open_printer(f"{spec}?status=off")
        ours.send(LABEL)
    assert b"".join(received) == b"^XA^JZY^XZ\n" + LABEL


def test_a_printer_that_is_switched_off_is_offline_and_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ours = open_printer(f"tcp:127.0.0.1:{port}")
    assert ours.status() == PrinterStatus("offline", f"tcp:127.0.0.1:{port} cannot be reached: Connection refused")
    with pytest.raises(PrinterUnavailable) as refused:
        ours.send(LABEL)
    assert refused.value.sent_bytes == "nothing"


def test_a_connection_cut_in_the_middle_of_a_job_is_not_taken_for_success(printer: VirtualPrinter) -> None:
    printer.cut_after = 12
    ours = open_printer(printer.spec)
    with pytest.raises(PrinterUnavailable, match="broke off during a job") as cut:
        ours.send(LABEL)
    assert cut.value.sent_bytes == "some"
    ours.send(LABEL)
    until(lambda: len(printer.jobs) == 1)


def test_a_printer_that_stops_taking_bytes_is_given_up_and_some_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "STALL_SECONDS", 0.2)
    done = threading.Event()

    def serve(_connection: socket.socket) -> None:
        done.wait(10)

    with listening(serve) as spec:
        with pytest.raises(PrinterUnavailable) as stuck:
            open_printer(f"{spec}?status=off").send(b"^XA" + b" " * 50_000_000)
        done.set()
    assert stuck.value.sent_bytes == "some"


def test_bytes_the_printer_has_not_acknowledged_do_not_count_as_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "STALL_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        # Never accepted: it fits our send buffer, but not the far receive buffer.
        ours = network.open_printer(f"127.0.0.1:{listener.getsockname()[1]}", Settings(asks=False))
        with pytest.raises(PrinterUnavailable, match="stopped taking bytes") as stuck:
            ours.send(b"x" * 60_000)
    assert stuck.value.sent_bytes == "some"


@pytest.mark.parametrize(
    ("old", "new", "state", "detail"),
    [
        (b"030,0,0", b"030,1,0", "attention", "out of labels"),
        (b"030,0,0", b"030,0,1", "attention", "paused"),
        (b"000,0,0,0,1", b"000,0,1,1,1", "attention", "print head open, out of ribbon"),
        (b"1245,000", b"1245,002", "ready", "2 waiting in the printer"),
        (b"00000000", b"00000007", "ready", "7 waiting in the printer"),
        (b"030,0,0", b"030,x,0", "attention", "answers strangely: expected digits to ~HS, found something else"),
        (b",1,000", b"", "attention", "answers strangely: expected (12, 11, 2) fields to ~HS, found (12, 9, 2)"),
    ],
)
def test_the_printers_own_words_are_told_to_a_person(old: bytes, new: bytes, state: str, detail: str) -> None:
    assert zpl.parse(GOOD) == PrinterStatus("ready", "", 0, partial=False)
    assert old in GOOD
    found = zpl.parse(GOOD.replace(old, new))
    assert (found.state, found.detail) == (state, detail)


def test_the_virtual_printer_gives_the_answer_of_the_manual(printer: VirtualPrinter) -> None:
    assert printer.host_status() == GOOD
    with socket.create_connection((printer.host, printer.port), 2) as connection:
        connection.sendall(b"~H")
        connection.sendall(b"S\r\n")
        answer = b""
        while len(answer) < len(GOOD):
            answer += connection.recv(100)
    assert answer == GOOD


def test_a_label_in_a_printer_out_of_paper_waits_inside_and_comes_out_after_reloading(printer: VirtualPrinter) -> None:
    ours = open_printer(f"{printer.spec}?status=off")
    printer.paper_out = True
    ours.send(LABEL)
    until(lambda: b",1245,001," in printer.host_status())
    assert printer.jobs == []
    printer.paper_out = False
    until(lambda: len(printer.jobs) == 1)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("tcp:", "expected tcp:HOST:PORT"),
        ("tcp::9100", "expected tcp:HOST:PORT"),
        ("tcp:host:port", "expected tcp:HOST:PORT; Port could not be cast"),
        ("tcp:host/x", "expected tcp:HOST:PORT"),
        ("tcp:host:9100?state=off", 'expected the options language, dpi, columns, paper, status, found "state"'),
        ("tcp:host?status=maybe", 'status: expected one of on, off, found "maybe"'),
        ("tcp:host?language=epl", 'language: expected one of zpl, escpos, pdf, found "epl"'),
        ("tcp:host?columns=33", 'columns: expected one of 32, 35, 42, 48, found "33"'),
        ("tcp:host?dpi=600", 'dpi: expected one of 203, 300, found "600"'),
        ("serial:/dev/ttyS0?baud=fast", "baud is one of 1200, 2400,"),
        ("serial:/dev/ttyS0?flow=some", "flow one of none, xonxoff, rtscts, dsrdtr"),
        ("usb:", "expected usb:DEVICE"),
        ("ipp:host", "expected ipp:HOST[:PORT]/printers/QUEUE"),
        ("ipp:/printers/x", "expected ipp:HOST[:PORT]/printers/QUEUE"),
        ("file:", "expected file:FOLDER"),
        ("file:/x?baud=9600", 'expected the options language, dpi, columns, paper, status, found "baud"'),
        ("lpt:1", "expected one of file:..., ipp:..., serial:..., tcp:..., usb:..."),
    ],
)
def test_a_spec_that_names_no_printer_says_what_is_expected(spec: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^printer ") as refused:
        open_printer(spec)
    assert f'printer "{spec}": ' in str(refused.value)
    assert sentence in str(refused.value)


def test_a_network_printer_has_a_usual_port_and_may_have_an_ipv6_address() -> None:
    assert open_printer("tcp:printer-3").name == "tcp:printer-3:9100"
    assert open_printer("tcp:[::1]:6101").name == "tcp:[::1]:6101"
