"""Goods as a person types and reads them at the terminal."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click

from server.cli.refusal import one_line
from server.domain.booking.lots import Incoming
from server.domain.errors import DomainError
from server.domain.warehouse.transfers import Key

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
key_option = click.option("--key", default="", help="A text of your own: the same again changes nothing.")


def units_of(text: str) -> tuple[str, int]:
    """SKU=UNITS; the SKU may itself have "=" in it."""
    sku, equals, number = text.rpartition("=")
    if not equals or not sku or not (number.isascii() and number.isdigit()) or len(number) > 9:
        raise DomainError("invalid", f"expected SKU=UNITS, found {text[:80]!r}")
    return sku, int(number)


def bill_of(texts: Iterable[str]) -> dict[str, int]:
    """Several of them; each SKU once."""
    found: dict[str, int] = {}
    for sku, units in map(units_of, texts):
        if sku in found:
            raise DomainError("invalid", f"{sku} is named twice; write the sum once")
        found[sku] = units
    return found


def incoming_of(sku: str, units: int, lot: str, expires: str, serials: tuple[str, ...]) -> Incoming:
    """One line of a receipt."""
    return Incoming(sku, units, lot, expires, serials)


def keys_of(texts: Iterable[str], lot: str = "") -> dict[Key, int]:
    """What a transfer is about."""
    return {Key(sku, lot): units for sku, units in bill_of(texts).items()}


def tell(found: Mapping[str, Any], line: str, as_json: bool) -> None:
    """One result: JSON on standard output, or a sentence without control characters."""
    click.echo(json.dumps(found) if as_json else one_line(line))


def consequences(found: Mapping[str, Any]) -> None:
    """What a missing unit did to promises, on standard error."""
    if found["released"]:
        click.echo(one_line(f"gave way: {', '.join(found['released'])}"), err=True)
    if found["uncovered"]:
        click.echo(f"{found['uncovered']} units are missing for boxes that are being packed", err=True)


def transfer_lines(found: Mapping[str, Any]) -> Iterable[str]:
    """A transfer as a small table."""
    yield f"transfer {found['transfer']}  {found['from']} to {found['to']}  {found['state'].replace('_', ' ')}"
    for line in found["lines"]:
        name = one_line(f"{line['sku']} {line['lot']}".strip())
        differs = "".join(f"  {word} {line[word]}" for word in ("lost", "found") if line[word])
        yield (
            f"  {name:<32} planned {line['planned']:>6}  out {line['dispatched']:>6}  in {line['received']:>6}  "
            f"on the way {line['in_transit']:>6}{differs}"
        )
