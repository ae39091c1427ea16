"""The lights of the status line: many devices and answers, each in one shape and a few words."""

from scanners.reader import SourceStatus
from station.link import Link
from station.views import Light


def scanner_light(sources: tuple[SourceStatus, ...]) -> tuple[Light, str]:
    """All scanners as one light. The keyboard only counts where there is nothing else."""
    devices = [s for s in sources if s.kind != "keyboard"] or list(sources)
    if not devices:
        return Light.OFF, "none"
    bad = [s for s in devices if s.state != "connected"]
    if not bad:
        return Light.OK, "keyboard" if devices[0].kind == "keyboard" else "ready"
    words = {"waiting": "not connected", "busy": "in use by another program"}.get(bad[0].state, bad[0].state)
    working = len(bad) < len(devices)
    return Light.LOOK if working or bad[0].state == "busy" else Light.OFF, words


def server_light(link: Link, refused: tuple[str, ...]) -> tuple[Light, str]:
    """The server, and sessions whose scans it refuses."""
    light, text = link.light()
    if refused and light is not Light.OFF:
        return Light.LOOK, f"{len(refused)} refused"
    return light, text
