"""`packproof audit`: is the record whole, does the book agree with itself, and the record on a file."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from server.cli.opening import config_option, opened
from server.cli.refusal import one_line
from server.domain.errors import DomainError

if TYPE_CHECKING:
    from server.usecases.record.audit_anchor import Anchors
    from server.usecases.record.audit_verify import Report

_TELL = 2.0
"""Seconds between two words about how far it is."""


@click.group("audit", short_help="Prove that the record is whole, compare the counters, hand it out.")
def audit_command() -> None:
    """The record of everything: prove that nobody changed it, compare the counters with it, hand it out."""


@audit_command.command("verify", short_help="Find any edit, deletion, insertion, reorder or cut of the record.")
@click.option(
    "--anchors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of the anchors kept elsewhere; without it the file audit-anchors in the data directory.",
)
@click.option("--head", metavar="SEQ:HASH", help="A head that an earlier run printed: it must still be in the chain.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@config_option
def verify_command(config: Path | None, anchors: Path | None, head: str | None, as_json: bool) -> None:
    """Read every event and follow the chain of hashes over them, from the first batch to the head.

    Exit code 0: all of it is what was written. 1: it is not, and each finding is named. The head is printed; keep it
    where nobody who can write to the database can write, and give it back as --head.

    \b
    Examples:
      packproof audit verify
      packproof audit verify --anchors /mnt/elsewhere/audit-anchors
      packproof audit verify --head 48211:9f2c...
    """
    from server.config import load_config
    from server.db.audit_chain import snapshot
    from server.usecases.record import audit_anchor
    from server.usecases.record.audit_verify import verify

    found = audit_anchor.read(anchors or load_config(config).data_dir / audit_anchor.FILE)
    wanted = (*found.anchors, *([_head(head)] if head else []))
    with opened(config) as db, snapshot(db) as connection:
        report = verify(connection, wanted, _Told("batches"))
    if as_json:
        _verified_json(report)
    else:
        _verified(report)
    _about_anchors(found, report)
    if not report.whole:
        sys.exit(1)


@audit_command.command("check", short_help="Compare every counter with what it is made of: drift 0.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each difference.")
@config_option
def check_command(config: Path | None, as_json: bool) -> None:
    """Compare counters, ledger, reservations, holds, lots, transfers and shares with each other.

    Exit code 0: drift 0. 1: something differs, and each difference is named with both numbers.

    \b
    Example:
      packproof audit check
    """
    from server.db.audit_chain import snapshot
    from server.usecases.record.audit_check import check

    drift = 0
    with opened(config) as db, snapshot(db) as connection:
        for name, differences in check(connection, db.now()):
            drift += len(differences)
            for each in differences:
                said = {"check": each.check, "what": each.what, "found": each.found, "expected": each.expected}
                click.echo(json.dumps(said) if as_json else one_line(each.sentence))
            click.echo(f"{name}: {len(differences) or 'no'} differences", err=True)
    if not as_json:
        click.echo(f"drift {drift}")
    if drift:
        sys.exit(1)


@audit_command.command("export", short_help="The record of an order, a SKU or a time on a file.")
@click.option("--order", metavar="ORDER|PARCEL", help="Everything about an order or a parcel.")
@click.option("--sku", help="Everything about a product.")
@click.option("--since", metavar="TIME", help="From this date or time on (ISO; local where it names no zone).")
@click.option("--until", metavar="TIME", help="Up to, not including, this date or time.")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", help="JSON lines or CSV.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file, instead of standard output.")
@config_option
def export_command(
    config: Path | None,
    *,
    order: str | None,
    sku: str | None,
    since: str | None,
    until: str | None,
    form: str,
    output: Path | None,
) -> None:
    """Write what happened, with event ids and batches to prove it by, and no buyer's personal data.

    \b
    Examples:
      packproof audit export --order 1043 --format csv --output dispute.csv
      packproof audit export --sku EUC16 --since 2026-11-01
      packproof audit export --since 2026-11-21T09:00 --until 2026-11-21T09:05
    """
    from server.db.audit_chain import snapshot
    from server.usecases.record import audit_export as export

    if order and sku:
        raise DomainError("invalid", "expected --order or --sku, found both")
    if not (order or sku or since):
        raise DomainError("invalid", "expected --order, --sku or --since, found none of them")
    span = export.EVER
    span = span._replace(since=export.moment(since)) if since else span
    span = span._replace(until=export.moment(until)) if until else span
    with opened(config) as db, snapshot(db) as connection:
        if order:
            rows = export.of_ref(connection, order, span)
        else:
            rows = export.of_sku(connection, sku, span) if sku else export.of_span(connection, span)
        with _target(output) as out:
            written = export.write(rows, out, export.Format(form))
    click.echo(f"{written} rows", err=True)


@audit_command.command("package", short_help="Who packed, who checked, at which bench, with which scans.")
@click.argument("ref", metavar="PARCEL")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@config_option
def package_command(config: Path | None, ref: str, as_json: bool) -> None:
    """Tell of one box who packed it, who checked it and who loaded it, and every scan with time, person and bench.

    \b
    Example:
      packproof audit package PV00000000017
    """
    from server.usecases.record.audit_package import package

    with opened(config) as db, db.read() as connection:
        told = package(connection, ref)
    if as_json:
        click.echo(json.dumps(told.as_dict()))
        return
    for line in told.lines():
        click.echo(one_line(line))


class _Told:
    """How far it is, on standard error, when a person waits for it."""

    def __init__(self, what: str) -> None:
        self._what, self._at = what, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._at >= _TELL:
            self._at = time.monotonic()
            click.echo(f"{done} of {total} {self._what}", err=True)


def _head(text: str) -> Any:
    from server.usecases.record.audit_anchor import Anchor

    seq, _, digest = text.partition(":")
    if not (seq.isascii() and seq.isdecimal() and len(digest) == 64):
        raise DomainError("invalid", f"--head: expected SEQ:HASH as verify prints it, found {text[:40]!r}")
    return Anchor(int(seq), digest, "the head that was given")


def _verified(report: "Report") -> None:
    for finding in report.findings:
        click.echo(one_line(f"{finding.fault}: {finding.sentence}"))
    if report.faults > len(report.findings):
        click.echo(f"and {report.faults - len(report.findings)} more")
    state = "whole" if report.whole else f"NOT WHOLE, {report.faults} findings"
    click.echo(f"{state}: {report.events} events in {report.batches} batches, anchored up to batch {report.anchored}")
    click.echo(f"head {report.head.seq}:{report.head.hash}")


def _verified_json(report: "Report") -> None:
    found = [{"fault": f.fault.value, "batch": f.seq, "what": f.sentence} for f in report.findings]
    counted = {"events": report.events, "batches": report.batches, "anchored": report.anchored}
    head = f"{report.head.seq}:{report.head.hash}"
    click.echo(json.dumps({"whole": report.whole, "faults": report.faults, **counted, "head": head, "findings": found}))


def _about_anchors(found: "Anchors", report: "Report") -> None:
    if found.unreadable:
        click.echo(f"lines of the anchors that cannot be read: {', '.join(map(str, found.unreadable))}", err=True)
    if not found.anchors and not report.anchored and report.head.seq:
        click.echo("there are no anchors yet: a cut of the newest batches would not be seen", err=True)


@contextmanager
def _target(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        yield file
