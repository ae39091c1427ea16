"""What it costs to find out what a code says, beside biip alone, which reads without the guards of a bench."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median

from biip import parse as biip_parse

from scanners.barcode import parse
from scanners.profile import Profile
from scanners.scan import Scan
from server import reading
from tests import builders
from tests.bench import figures
from tests.hostile_scans import hostile

NAME = "parse"
ROUNDS, EACH = 5, 400
CODES = {
    "ean13": "4006381333931",
    "ean13_aim": "]E04006381333931",
    "code128": "]C0SKU-7802-CLEAR",
    "gs1_128": "]C1010400638133393110LOT7\x1d21SN9\x1d17271231",
    "gs1_datamatrix": "]d20104006381333931211234567890\x1d10LOT7",
    "digital_link": "https://id.gs1.org/01/04006381333931/10/LOT7/21/SN9",
    "command": "PPC-OK",
}


def run() -> None:
    """Measure and print, in microseconds a code."""
    catalog = builders.catalog()
    for name, code in CODES.items():
        ours, theirs = _micros(partial(parse, code)), _micros(partial(_biip, code))
        whole = _micros(partial(reading.read, code, catalog, at=1.0))
        for what, value in (("ours", ours), ("biip", theirs), ("with_catalogue", whole)):
            figures.line(f"{NAME}.{name}.{what}", value, "us")
    cheap = Profile(gs_as="none")
    scan = Scan(CODES["gs1_128"].replace("\x1d", ""), "x", 1.0, 1.0)
    figures.line(f"{NAME}.no_separator_sent", _micros(lambda: cheap.understood(scan)), "us")
    figures.spread(f"{NAME}.hostile", [_once(code.decode("latin-1")) for code in hostile(4_000)])


def _micros(work: Callable[[], object]) -> float:
    """The median of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(EACH):
            work()
        rounds.append((time.perf_counter() - began) / EACH * 1e6)
    return median(rounds)


def _biip(code: str) -> object:
    """Some codes are none to biip: it says so by what it raises."""
    try:
        return biip_parse(code)
    except Exception as error:
        return error


def _once(code: str) -> float:
    began = time.perf_counter()
    parse(code)
    return time.perf_counter() - began
