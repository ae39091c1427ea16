"""What `doctor` sees of scales: those that are plugged in by USB, and whether the bench's own can be read."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from scanners.scales.hidraw import usb_scales
from scanners.scales.reading import Load, Reading
from server.cli.finding import Finding

TRY_SECONDS = 3.0
REMEDIES = {
    Load.OVER: "take everything off it",
    Load.UNDER: "take everything off it and press its zero key",
    Load.FAULT: "switch it off and on with nothing on it",
}


def scales(station: dict[str, Any]) -> Iterator[Finding]:
    """USB scales there are, and a reading of the configured one."""
    for scale in usb_scales():
        yield Finding("ok", "usb scale", f"hid:{scale.identity} ({scale.name}, now {scale.path})")
    spec = str(station.get("scale", {}).get("source", ""))
    if spec:
        yield configured(spec, TRY_SECONDS)


def configured(spec: str, seconds: float, *, told: Callable[[Reading], None] | None = None) -> Finding:
    """Read this scale until it has said something; with ``told`` for all of the time, telling each new reading."""
    from scanners.reader import Reader, SourceStatus
    from scanners.scales import open_scale

    try:
        scale = open_scale(spec)
    except ValueError as error:
        return Finding("bad", "your scale", spec, f"correct it in station.toml: {error}")
    trouble: list[SourceStatus] = []
    reader = Reader([scale], lambda _scan: None, trouble.append)
    reader.start()
    last, deadline = None, time.monotonic() + seconds
    try:
        while time.monotonic() < deadline and (told or last is None):
            reading = scale.latest()
            if reading is not None and reading != last:
                last = reading
                if told:
                    told(reading)
            time.sleep(0.02)
    finally:
        reader.stop()
    if last is not None:
        remedy = REMEDIES.get(last.load, "")
        return Finding("look" if remedy else "ok", "your scale", f"{spec}: {words(last)}", remedy)
    status = trouble[-1] if trouble else None
    if status is None or status.state == "connected":
        return Finding("look", "your scale", f"{spec}: asleep, it says nothing", "press its button")
    if status.state == "busy":
        return Finding("look", "your scale", f"{spec}: {status.detail}", "that may be this bench's own station")
    return Finding("bad", "your scale", f"{spec}: {status.detail}", "mend that, or correct [scale] in station.toml")


def words(reading: Reading) -> str:
    """A reading for people."""
    return reading.load.value if reading.grams is None else f"{reading.grams} g, {reading.load.value}"
