"""USB scales that send HID reports by themselves (Dymo, Stamps.com): `03 04 02 FF 39 30` is 1234.5 g.

From "HID Point of Sale Usage Tables" 1.02, section 4 (weighing devices).
"""

from __future__ import annotations

from decimal import Decimal

from scanners.scales.reading import Load, Reading, weighed

ASK = b""
END = b""
SIZE = 6
_WEIGHT_REPORT = 3
_LOADS = {
    1: Load.FAULT,
    2: Load.OK,
    3: Load.MOTION,
    4: Load.OK,
    5: Load.UNDER,
    6: Load.OVER,
    7: Load.FAULT,
    # To be set to zero, which is done with nothing on it.
    8: Load.UNDER,
}
_UNITS = {0x02: "g", 0x03: "kg", 0x0B: "oz", 0x0C: "lb"}


def reading_of(frame: bytes, at: float) -> Reading | None:
    """One report; None for other reports and for what no scale sends."""
    if len(frame) < SIZE or frame[0] != _WEIGHT_REPORT or frame[1] not in _LOADS:
        return None
    load = _LOADS[frame[1]]
    if load in (Load.OVER, Load.FAULT):
        return Reading(None, load, at)
    exponent = int.from_bytes(frame[3:4], "little", signed=True)
    amount = Decimal(int.from_bytes(frame[4:6], "little")).scaleb(exponent)
    # Below zero the amount comes without its sign.
    return weighed([(-amount if load is Load.UNDER else amount, _UNITS.get(frame[2], ""))], load, at)
