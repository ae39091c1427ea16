"""The lights of the status line: many devices and answers, each as one lamp."""

from scanners.reader import SourceStatus
from scanners.scales.reading import Load, Reading
from station.link import Link
from station.scale import FRESH_SECONDS
from station.text import clean
from station.views import Lamp, Light, State

_SOURCES = {"waiting": State.NOT_CONNECTED, "busy": State.BUSY}
_LOADS = {Load.OVER: State.OVER, Load.UNDER: State.UNDER, Load.FAULT: State.FAULT}
QUIET_SECONDS = 60.0
"""After so long without a scan the bottom row says how long it was."""


def scanner_lamp(sources: tuple[SourceStatus, ...]) -> Lamp:
    """All scanners as one light. The keyboard only counts where there is nothing else."""
    devices = [s for s in sources if s.kind != "keyboard"] or list(sources)
    if not devices:
        return Lamp(Light.OFF, State.NONE)
    bad = [s for s in devices if s.state != "connected"]
    if not bad:
        return Lamp(Light.OK, State.KEYBOARD if devices[0].kind == "keyboard" else State.READY)
    working = len(bad) < len(devices)
    light = Light.LOOK if working or bad[0].state == "busy" else Light.OFF
    return Lamp(light, _SOURCES.get(bad[0].state, State.BROKEN))


def with_age(lamp: Lamp, heard_ago: float | None, *, typed_since: bool) -> Lamp:
    """The scanners' light, and for how long they have been quiet: a dead battery behind a live dongle looks connected.

    Whoever types codes meanwhile has a scanner that does not scan. ``heard_ago`` is None where none was heard yet.
    """
    if lamp.state is not State.READY:
        return lamp
    if heard_ago is None:
        return Lamp(Light.LOOK, State.UNHEARD) if typed_since else lamp
    if heard_ago < QUIET_SECONDS:
        return lamp
    return Lamp(Light.LOOK if typed_since else Light.OK, State.QUIET, heard_ago)


def server_lamp(link: Link, refused: int) -> Lamp:
    """The server, how many sessions it refuses the scans of, and what it cannot reach itself."""
    lamp = link.lamp()
    if refused and lamp.light is not Light.OFF:
        return Lamp(Light.LOOK, State.REFUSED, refused)
    if lamp.light is Light.OK and link.outside:
        return Lamp(Light.LOOK, State.OUTSIDE, words=", ".join(clean(name) for name in link.outside))
    return lamp


def scale_lamp(status: SourceStatus | None, reading: Reading | None, now: float) -> Lamp:
    """The scale: whether it can be read, and whether a person must do something before it weighs.

    ``status`` is None where nobody tells of it.
    """
    if status is not None and status.state != "connected":
        return Lamp(Light.OFF, _SOURCES.get(status.state, State.BROKEN))
    if reading is None or abs(now - reading.at) > FRESH_SECONDS:
        return Lamp(Light.LOOK, State.ASLEEP)
    return Lamp(Light.LOOK, _LOADS[reading.load]) if reading.load in _LOADS else Lamp(Light.OK, State.READY)
