"""Scales: how weights arrive, each kind in the words of its maker. Imports nothing outside `scanners`."""

from __future__ import annotations

from scanners.scales.ports import open_line, open_reports
from scanners.scales.protocols import kinds, protocol
from scanners.scales.source import ScaleSource

EXAMPLES = "mt-sics:serial:/dev/serial/by-id/..., nci:tcp:192.0.2.20:4001, hid:0922:8003"


def open_scale(spec: str) -> ScaleSource:
    """A scale from `protocol:port`: `mt-sics:serial:/dev/ttyUSB0?baud=9600`, `nci:tcp:10.0.0.7:4001`, `hid:0922:8003`.

    Opens no device yet. Raises ValueError naming what was expected.
    """
    kind, _, rest = spec.partition(":")
    if kind not in kinds():
        raise ValueError(f"expected a scale as {EXAMPLES} ({', '.join(kinds())}), found {spec!r}")
    return ScaleSource(spec.partition("?")[0], protocol(kind), open_reports(rest) if kind == "hid" else open_line(rest))
