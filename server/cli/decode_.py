"""`packproof decode`: what a barcode says."""

import json
import re
import sys
from dataclasses import dataclass

import click

from server.cli.refusal import one_line

_GS = "\x1d"
_WRITTEN_GS = re.compile(r"<GS>|\{GS\}|\\x1d|\\u001d", re.IGNORECASE)

SYMBOLOGIES = {
    "]E0": "EAN-13, UPC-A or UPC-E",
    "]E3": "EAN-13 with add-on",
    "]E4": "EAN-8",
    "]C0": "Code 128",
    "]C1": "GS1-128",
    "]e0": "GS1 DataBar",
    "]d1": "Data Matrix",
    "]d2": "GS1 Data Matrix",
    "]Q1": "QR Code",
    "]Q3": "GS1 QR Code",
    "]I0": "ITF",
    "]I1": "ITF, check digit verified",
    "]F0": "Codabar",
    "]L2": "PDF417",
    "]U1": "MaxiCode",
    "]z0": "Aztec",
}
"""AIM prefixes (ISO/IEC 15424) a packing bench meets."""

_PROBLEMS = {
    "empty": "nothing in it",
    "too_long": "too long for a barcode",
    "control_bytes": "control characters that no label carries",
    "check_digit": "the check digit is wrong: misread, or not a product number",
    "glued": "two products read as one code",
    "gs1_malformed": "said to be GS1, but cannot be read as GS1",
    "separator_lost": "a separator may be missing in it",
    "unreadable": "cannot be read",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One line of the answer: a stable ``key`` for machines, a ``title`` for people."""

    key: str
    title: str
    value: str


@click.command("decode", short_help="Say what a barcode means.")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT... | -")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def decode_command(texts: tuple[str, ...], as_json: bool) -> None:
    r"""Say what a barcode means: product number, lot, expiry, serial, or one of Packproof's own codes.

    With - the codes are read from standard input, one a line. The separator between GS1 fields may be written <GS>
    or \x1d. A symbology prefix such as ]C1 is understood where the scanner sends it.

    \b
    Examples:
      packproof decode 4006381333931
      packproof decode ']C1010400638133393117270131<GS>10A1' --json
      packproof decode PPC-DOCK
    """
    for text in sys.stdin if texts == ("-",) else texts:
        code = _WRITTEN_GS.sub(_GS, text.rstrip("\r\n"))
        found = meanings(code)
        if as_json:
            click.echo(json.dumps({"text": code, **{m.key: m.value for m in found}}))
            continue
        click.echo(one_line(code.replace(_GS, "<GS>")))
        for meaning in found:
            click.echo(f"  {meaning.title:<14} {one_line(meaning.value.replace(_GS, '<GS>'))}")


def meanings(code: str) -> list[Meaning]:
    """Everything the text can mean, the most certain first; never empty."""
    from scanners.barcode import parse, product_key

    barcode = parse(code)
    aim = [Meaning("symbology", "symbology", _symbology(barcode.aim))] if barcode.aim else []
    own = _own_code(barcode.payload.strip().upper())
    if own:
        return [*aim, own]
    fields = {
        "gtin": ("product", barcode.gtin),
        "gtin_upc_e": ("or, as UPC-E", barcode.gtin_upc_e),
        "sscc": ("pallet (SSCC)", barcode.sscc),
        "lot": ("lot", barcode.lot),
        "serial": ("serial", barcode.serial),
        "expiry": ("expires", barcode.expiry),
        "best_before": ("best before", barcode.best_before),
        "count": ("units", barcode.count),
        "weight_grams": ("net grams", barcode.weight_grams),
        "digital_link": ("digital link", barcode.digital_link),
    }
    found = [Meaning(key, title, str(value)) for key, (title, value) in fields.items() if value is not None]
    if barcode.bad_read:
        found.append(Meaning("bad_read", "! doubtful", _PROBLEMS.get(barcode.bad_read, barcode.bad_read)))
    return [*aim, *(found or [Meaning("code", "own code", product_key(barcode.payload))])]


def _symbology(aim: str) -> str:
    return f"{aim} {SYMBOLOGIES.get(aim, 'Code 39' if aim.startswith(']A') else 'unknown')}"


def _own_code(payload: str) -> Meaning | None:
    """A command, badge, order slip, lane or box code of Packproof itself."""
    from server import reading
    from server.domain.benchwork.scans import Command

    commands = {reading.command_code(command): command for command in Command}
    kinds = {
        reading.BADGE_PREFIX: ("badge", "badge", "a person's badge (only its digest is ever stored)"),
        reading.ORDER_PREFIX: ("order", "order", payload.removeprefix(reading.ORDER_PREFIX)),
        reading.LANE_PREFIX: ("lane", "dock lane", payload.removeprefix(reading.LANE_PREFIX)),
        reading.BOX_PREFIX: ("box_type", "box type", payload.removeprefix(reading.BOX_PREFIX)),
    }
    if payload.startswith(reading.COMMAND_PREFIX):
        known = commands.get(payload)
        return Meaning("command", "command", known.value if known else f"unknown; there are {', '.join(commands)}")
    return next((Meaning(*kind) for prefix, kind in kinds.items() if payload.startswith(prefix)), None)
