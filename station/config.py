"""The station's settings: one TOML file, checked at start; a wrong key names itself and its neighbours.

[server]
url = "http://127.0.0.1:8765"        # optional; what the bench was enrolled with otherwise

[station]
state_dir = "/var/lib/packproof"     # default: ~/.local/state/packproof
sound = true                         # the terminal's bell
language = "en"                      # or "de"; a person can have one of their own (`packproof person prefer`)
theme = "dark"                       # or "bright", "contrast", "plain" (no colour); NO_COLOR means plain
idle_minutes = 30                    # without a scan and with no box open, the person is signed out; 0 for never

[[scanner]]
source = "serial:/dev/serial/by-id/usb-Zebra-if00"

[printer]
target = "tcp:192.0.2.10:9100"
"""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.domain.errors import PackproofError
from server.domain.people import LANGUAGES, Theme

_KEYS: dict[str, dict[str, type]] = {
    "server": {"url": str},
    "station": {"state_dir": str, "name": str, "sound": bool, "language": str, "theme": str, "idle_minutes": int},
    "scanner": {"source": str},
    "printer": {"target": str},
}


class BadConfig(PackproofError):
    """The settings cannot be used; the sentence says which key and what was expected."""


def default_state_dir() -> Path:
    """``$XDG_STATE_HOME/packproof``, or ``~/.local/state/packproof``."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "state") / "packproof"


@dataclass(frozen=True, slots=True)
class StationConfig:
    """What one bench is set to."""

    state_dir: Path = field(default_factory=default_state_dir)
    server_url: str = ""
    """Empty: the address the bench was enrolled with."""
    name: str = ""
    sound: bool = True
    language: str = LANGUAGES[0]
    theme: str = Theme.DARK.value
    idle_minutes: int = 30
    scanners: tuple[str, ...] = ()
    printer: str = ""
    """A printer specification such as ``tcp:127.0.0.1:9100``; empty for none."""


def load(path: Path) -> StationConfig:
    """Read the file; raise BadConfig when it is not there, not TOML, or holds a key we do not know."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadConfig(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadConfig(f"{path}: expected UTF-8 text, found byte {error.object[error.start]:#04x}") from error
    try:
        return parse(text)
    except BadConfig as error:
        raise BadConfig(f"{path}: {error}") from error


def parse(text: str) -> StationConfig:
    """Settings from TOML text; raise BadConfig."""
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"expected TOML: {error}") from error
    _known(settings, _KEYS, "")
    server, station, printer = (_table(settings, name) for name in ("server", "station", "printer"))
    state_dir = station.get("state_dir")
    return StationConfig(
        state_dir=Path(state_dir).expanduser() if state_dir else default_state_dir(),
        server_url=server.get("url", "").rstrip("/"),
        name=station.get("name", ""),
        sound=station.get("sound", True),
        language=_one_of("station.language", station.get("language", LANGUAGES[0]), LANGUAGES),
        theme=_one_of("station.theme", station.get("theme", Theme.DARK.value), tuple(Theme)),
        idle_minutes=_minutes(station.get("idle_minutes", 30)),
        scanners=tuple(s["source"] for s in _scanners(settings)),
        printer=printer.get("target", ""),
    )


def _scanners(settings: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    listed = settings.get("scanner", [])
    if not isinstance(listed, list):
        raise BadConfig("scanner: expected [[scanner]] (two brackets), found one table")
    for number, scanner in enumerate(listed, start=1):
        checked = _table({"scanner": scanner}, "scanner")
        if "source" not in checked:
            raise BadConfig(f"scanner {number}: expected a source, found none")
        yield checked


def _table(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = settings.get(name, {})
    if not isinstance(table, dict):
        raise BadConfig(f"{name}: expected a table [{name}], found {type(table).__name__}")
    _known(table, _KEYS[name], f"{name}.")
    for key, value in table.items():
        kind = _KEYS[name][key]
        # To Python True is a number too.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise BadConfig(f"{name}.{key}: expected {_KINDS[kind]}, found {value!r}")
    return table


_KINDS = {str: "text", bool: "true or false", int: "a whole number"}


def _one_of(key: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise BadConfig(f"{key}: expected one of {', '.join(known)}, found {value!r}")
    return value


def _minutes(value: int) -> int:
    if not 0 <= value <= 24 * 60:
        raise BadConfig(f"station.idle_minutes: expected 0 (never) to 1440, found {value}")
    return value


def _known(found: Iterable[str], known: Iterable[str], prefix: str) -> None:
    for key in found:
        if key not in known:
            near = difflib.get_close_matches(key, list(known), n=1)
            hint = f"did you mean {prefix}{near[0]}? " if near else ""
            raise BadConfig(f"{prefix}{key} is not a setting; {hint}Known here: {', '.join(sorted(known))}")
