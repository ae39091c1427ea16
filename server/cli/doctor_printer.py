"""`packproof doctor printer`: prints a test label and looks whether it came out."""

import queue
import secrets
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from printing import kinds
from printing.documents import TestSlip
from printing.printers import Fate, Follows, Printer, PrinterStatus, PrinterUnavailable, open_printer, settings_of
from server.cli.checks_printers import of_status, targets
from server.cli.finding import Finding
from server.cli.refusal import one_line

_ASK_EVERY = 0.5


@click.command("printer", short_help="Print a test label, and look whether it came out.")
@click.argument("target", required=False)
@click.option(
    "--station", "station_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="station.toml"
)
@click.option("--scanner", metavar="SPEC", help="The test label is scanned back with this one.")
@click.option("--seconds", type=click.FloatRange(0.5, 600), default=10.0, show_default=True, help="How long to wait.")
@click.pass_context
def printer_command(
    ctx: click.Context, target: str | None, station_file: Path | None, scanner: str | None, seconds: float
) -> None:
    """Ask a printer how it is, print a test label, ask again, and say plainly what to do.

    TARGET is as in station.toml; without it every printer of --station is tested. With --scanner the label is scanned
    back: only then is it known that its codes can be read. Tests take paper.

    \b
    Examples:
      packproof doctor printer tcp:192.0.2.10:9100
      packproof doctor printer usb:/dev/usb/lp0?language=escpos
      packproof doctor printer --station /etc/packproof/station.toml
      packproof doctor printer tcp:192.0.2.10:9100 --scanner serial:/dev/serial/by-id/usb-Zebra-if00
    """
    named = [("", target)] if target else targets(_table(station_file))
    if not named:
        raise click.UsageError("expected a printer such as tcp:192.0.2.10:9100, or --station with a [printer]")
    bad = False
    for name, spec in named:
        for finding in _tested(name or spec, spec, scanner, seconds):
            bad = bad or finding.mark == "bad"
            click.echo("\n".join(one_line(line) if line[:1] != " " else line for line in finding.line().split("\n")))
    ctx.exit(1 if bad else 0)


def _tested(called: str, spec: str, scanner: str | None, seconds: float) -> Iterator[Finding]:
    """Before, the label, after, and the scan; nothing is sent to a printer in trouble."""
    try:
        printer, settings = open_printer(spec), settings_of(spec)
        with _scanner(scanner) as scanned:
            before = of_status("before", called, printer.status())
            yield before
            if before.mark == "bad":
                return
            code = f"TEST-{secrets.token_hex(3).upper()}"
            slip = TestSlip(called, time.strftime("%Y-%m-%d %H:%M"), code)
            ticket = printer.send(kinds.write("test", slip, settings.language, settings.stock))
            after = _after(printer, ticket or "", called, seconds)
            yield after
            if scanned is not None and after.mark != "bad":
                yield _read_back(scanned, code, seconds)
            elif after.mark != "bad":
                yield Finding("look", "test label", f"should lie there now, with {code} on it", "look, and scan it")
    except PrinterUnavailable as problem:
        yield of_status("test label", called, PrinterStatus("offline", problem.reason))
    except ValueError as error:
        yield Finding("bad", "test label", called, str(error))


def _after(printer: Printer, ticket: str, called: str, seconds: float) -> Finding:
    """Until it says that the label is out, or does not tell, or the time is over."""
    deadline = time.monotonic() + seconds
    while (fate := _fate(printer, ticket, status := printer.status())) == "waits" and time.monotonic() < deadline:
        time.sleep(_ASK_EVERY)
    if fate == "gone":
        return Finding("bad", "after", f"{called}: the queue gave the label up", "look at its jobs and at its log")
    if status.state == "ready" and fate == "waits":
        why = "press PAUSE or FEED; else switch it off and on"
        return Finding("bad", "after", f"{called}: the label is still inside after {seconds:g} s", why)
    return of_status("after", called, status)


def _fate(printer: Printer, ticket: str, status: PrinterStatus) -> Fate:
    if ticket and isinstance(printer, Follows):
        return printer.fate(ticket)
    return "waits" if status.queued else "unknown"


def _read_back(scanned: "queue.Queue[str]", code: str, seconds: float) -> Finding:
    click.echo(f"  scan the test label within {seconds:g} s", err=True)
    try:
        found = scanned.get(timeout=seconds)
    except queue.Empty:
        return Finding(
            "bad", "read back", "nothing was scanned", "clean the print head, set the darkness, check the ribbon"
        )
    if code in found:
        return Finding("ok", "read back", f"{code}: printed and readable")
    return Finding("bad", "read back", f"expected {code}, found {found!r}", "scan the test label, and nothing else")


@contextmanager
def _scanner(spec: str | None) -> Iterator["queue.Queue[str] | None"]:
    """What it reads, or None without one. Raises ValueError."""
    if spec is None:
        yield None
        return
    from scanners.reader import Reader
    from scanners.sources import open_source

    scanned: queue.Queue[str] = queue.Queue()
    reader = Reader([open_source(spec)], lambda scan: scanned.put(scan.text), lambda _status: None)
    reader.start()
    try:
        yield scanned
    finally:
        reader.stop()


def _table(path: Path | None) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8")) if path else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from error
