"""The lights of the status line: many devices and answers, each as one lamp."""

from scanners.reader import SourceStatus
from station.link import Link
from station.text import clean
from station.views import Lamp, Light, State

_SOURCES = {"waiting": State.NOT_CONNECTED, "busy": State.BUSY}


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


def server_lamp(link: Link, refused: int) -> Lamp:
    """The server, how many sessions it refuses the scans of, and what it cannot reach itself."""
    lamp = link.lamp()
    if refused and lamp.light is not Light.OFF:
        return Lamp(Light.LOOK, State.REFUSED, refused)
    if lamp.light is Light.OK and link.outside:
        return Lamp(Light.LOOK, State.OUTSIDE, words=", ".join(clean(name) for name in link.outside))
    return lamp
