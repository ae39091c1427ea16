"""Scanned text to a domain Scan: the same on the bench and on the server. Imports scanners.barcode and the domain."""

import re
from dataclasses import replace

from scanners.barcode import Barcode, parse, product_key
from server.domain.benchwork.scans import QUANTITY_PREFIX, Command, Scan, Trouble
from server.domain.masterdata.catalog import Catalog, Match
from server.domain.people import badge_digest

PARSER_VERSION = "5"
"""Changes whenever the same text could be read differently; stored with every raw scan."""

COMMAND_PREFIX = "PPC-"
BADGE_PREFIX = "PPB-"
ORDER_PREFIX = "PPO-"
LANE_PREFIX = "PPL-"
BOX_PREFIX = "PPX-"
TOTE_PREFIX = "PPT-"
WAVE_PREFIX = "PPW-"
TROUBLE_PREFIX = "PPR-"
BENCH_PREFIX = "PPA-"
"""A bench's own code: a spare scanner that scans it belongs to that bench."""
PREFIXES = (
    QUANTITY_PREFIX,
    *(COMMAND_PREFIX, BADGE_PREFIX, ORDER_PREFIX, LANE_PREFIX),
    *(BOX_PREFIX, TOTE_PREFIX, WAVE_PREFIX, TROUBLE_PREFIX, BENCH_PREFIX),
)
"""Site codes. A product barcode may not begin with one of these (see ``usecases.catalogue``)."""

__all__ = ["PARSER_VERSION", "PREFIXES", "command_code", "is_gtin", "is_site_code", "product_key", "read"]

_NUMBER = re.compile(r"[+-]?[0-9]{0,4}([.,][0-9]{1,3})?")
"""What a person may have typed as a number of units; longer digits are codes."""
_SHORTEST, _LONGEST = 4, 64
"""Characters of one product code in a glued one, and of the whole of it."""

_LOAD = re.compile(r"LOAD[0-9]{6,18}")

_TROUBLES = {f"{TROUBLE_PREFIX}{t.name}": t for t in Trouble}
_COMMANDS = {f"{COMMAND_PREFIX}{c.name.replace('_', '-')}": c for c in Command}


def command_code(command: Command) -> str:
    """The text of the barcode that gives this command."""
    return f"{COMMAND_PREFIX}{command.name.replace('_', '-')}"


def trouble_code(trouble: Trouble) -> str:
    """The text of the barcode that reports this."""
    return f"{TROUBLE_PREFIX}{trouble.name}"


def bench_code(bench_id: int) -> str:
    """The text of the bench's own code. Its A and its dash tell the layouts of scanners that play a keyboard apart."""
    return f"{BENCH_PREFIX}{bench_id}"


def is_site_code(text: str) -> bool:
    """Whether a scan of this text would be taken for a command, badge, order, lane or box."""
    return parse(text).payload.strip().upper().startswith(PREFIXES)


def is_gtin(text: str) -> bool:
    """Whether the text is 8, 12, 13 or 14 digits with the right check digit, or a UPC-E."""
    digits = text.isascii() and text.isdecimal() and len(text) in {8, 12, 13, 14}
    return digits and parse(text).bad_read is None


def read(
    raw: str,
    catalog: Catalog,
    *,
    at: float,
    source: str = "",
    typed: bool = False,
    bounce: bool = False,
    problem: str | None = None,
    clock_off: bool = False,
) -> Scan:
    """Everything the text could mean. Site codes win over products; the badge's own text is not kept.

    A box which the catalogue does not hold is no box: its code is as unknown as any other.
    """
    barcode = parse(raw)
    payload = barcode.payload.strip().upper()
    scan = Scan(raw, at, source, typed, bounce, problem, payload, clock_off=clock_off)
    if payload.startswith(BADGE_PREFIX):
        return replace(scan, raw=f"{BADGE_PREFIX}•••", payload=BADGE_PREFIX, badge=badge_digest(payload))
    if payload.startswith(PREFIXES):
        box = _after(payload, BOX_PREFIX)
        return replace(
            scan,
            command=_COMMANDS.get(payload),
            trouble=_TROUBLES.get(payload),
            # A tote stands for the order in it, and keeps its prefix: tote 1043 is not order 1043.
            order_ref=payload if payload.startswith(TOTE_PREFIX) else _after(payload, ORDER_PREFIX),
            lane=_after(payload, LANE_PREFIX),
            box_type=box if box in catalog.boxes else None,
            quantity=_after(payload, QUANTITY_PREFIX) or "",
        )
    matches = _matches(barcode, payload, catalog)
    return replace(
        scan,
        load_ref=payload if _LOAD.fullmatch(payload) and not matches else None,
        matches=matches,
        bad_read=barcode.bad_read or ("glued" if not matches and _is_glued(payload, catalog) else None),
        lot=barcode.lot or "",
        serial=barcode.serial or "",
        expires_on=barcode.expiry.isoformat() if barcode.expiry else "",
        best_before=barcode.best_before.isoformat() if barcode.best_before else "",
        weight_grams=barcode.weight_grams,
        quantity=payload if typed and _NUMBER.fullmatch(payload) else "",
    )


def _is_glued(payload: str, catalog: Catalog) -> bool:
    """Two codes of the catalogue in one, because the end of the first was lost."""
    if not 2 * _SHORTEST <= len(payload) <= _LONGEST:
        return False
    cuts = range(_SHORTEST, len(payload) - _SHORTEST + 1)
    return any(_known(payload[:cut], catalog) and _known(payload[cut:], catalog) for cut in cuts)


def _known(code: str, catalog: Catalog) -> bool:
    return code in catalog.codes or product_key(code) in catalog.codes


def _matches(barcode: Barcode, payload: str, catalog: Catalog) -> tuple[Match, ...]:
    if barcode.sscc:  # A pallet or parcel label; what it says of its contents is not an item in the hand.
        return ()
    keys = dict.fromkeys(key for key in (barcode.gtin, barcode.gtin_upc_e, product_key(payload)) if key)
    found = next((matches for key in keys if (matches := catalog.find(key))), ())
    count = barcode.count or 1
    return tuple(replace(match, units=match.units * count) for match in found)


def _after(payload: str, prefix: str) -> str | None:
    return payload.removeprefix(prefix) if payload.startswith(prefix) else None
