"""The station's settings: one TOML file, checked at start; a wrong key names itself and its neighbours.

[server]
url = "http://127.0.0.1:8765"        # optional; what the bench was enrolled with otherwise

[station]
state_dir = "/var/lib/packproof"     # default: ~/.local/state/packproof
sound = "auto"                       # or "card", "bell", "off"; true is auto, false is off
language = "en"                      # or "de"; a person can have one of their own (`packproof person prefer`)
theme = "dark"                       # or "bright", "contrast", "plain" (no colour); NO_COLOR means plain
pictures = true                      # of products, where the terminal can show them
idle_minutes = 30                    # without a scan and with no box open, the person is signed out; 0 for never

[[scanner]]
source = "serial:/dev/serial/by-id/usb-Zebra-if00"
profile = "zebra-ssi"                # of scanners/profiles, of state_dir/profiles, or a path that ends in .toml

[printer]
target = "tcp:192.0.2.10:9100"      # or several [[printer]] with name, kinds, redirect and bench

[scale]
source = "mt-sics:serial:/dev/serial/by-id/usb-FTDI-if00"
"""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from printing.routes import BenchPrinter, Routes
from server.domain.errors import PackproofError
from server.domain.people import LANGUAGES, Theme

_KEYS: dict[str, dict[str, type]] = {
    "server": {"url": str},
    "station": {
        "state_dir": str,
        "name": str,
        "sound": object,
        "language": str,
        "theme": str,
        "idle_minutes": int,
        "pictures": bool,
    },
    "scanner": {"source": str, "profile": str},
    "printer": {"target": str, "name": str, "kinds": list, "redirect": list, "bench": str},
    "scale": {"source": str},
}


class SoundMode(StrEnum):
    """How a bench sounds. AUTO: through the sound card, and by the terminal's bell where there is none."""

    AUTO = "auto"
    CARD = "card"
    BELL = "bell"
    OFF = "off"


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
    bench_id: int = 0
    """Its number at the server, from the enrolment; 0 when it is not known."""
    sound: SoundMode = SoundMode.AUTO
    language: str = LANGUAGES[0]
    theme: str = Theme.DARK.value
    idle_minutes: int = 30
    pictures: bool = True
    """Of products, where the terminal can show them."""
    scanners: tuple[str, ...] = ()
    printers: tuple[BenchPrinter, ...] = ()
    """None: this bench prints nothing."""
    scale: str = ""
    """A scale specification such as ``nci:serial:/dev/ttyUSB0?form=7e1``; empty for none."""


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
    server, station, scale = (_table(settings, name) for name in ("server", "station", "scale"))
    state_dir = station.get("state_dir")
    return StationConfig(
        state_dir=Path(state_dir).expanduser() if state_dir else default_state_dir(),
        server_url=server.get("url", "").rstrip("/"),
        name=station.get("name", ""),
        sound=_sound(station.get("sound", True)),
        language=_one_of("station.language", station.get("language", LANGUAGES[0]), LANGUAGES),
        theme=_one_of("station.theme", station.get("theme", Theme.DARK.value), tuple(Theme)),
        idle_minutes=_minutes(station.get("idle_minutes", 30)),
        pictures=station.get("pictures", True),
        scanners=tuple(_with_profile(s) for s in _scanners(settings)),
        printers=_printers(settings),
        scale=scale.get("source", ""),
    )


def _printers(settings: Mapping[str, Any]) -> tuple[BenchPrinter, ...]:
    """One [printer], or [[printer]] for several."""
    listed = settings.get("printer", [])
    tables = [_table({"printer": one}, "printer") for one in (listed if isinstance(listed, list) else [listed])]
    printers = []
    for number, table in enumerate(tables, start=1):
        if not table.get("target"):
            raise BadConfig(f"printer {number}: expected a target, found none")
        kinds, redirect = (_texts(f"printer.{key}", table.get(key, [])) for key in ("kinds", "redirect"))
        name = table.get("name") or f"printer {number}"
        printers.append(BenchPrinter(name, table["target"], kinds, redirect, table.get("bench", "")))
    try:
        Routes(printers)
    except ValueError as error:
        raise BadConfig(f"printer: {error}") from error
    return tuple(printers)


def _texts(key: str, values: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise BadConfig(f"{key}: expected a list of texts, found {values!r}")
    return tuple(values)


def _scanners(settings: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    listed = settings.get("scanner", [])
    if not isinstance(listed, list):
        raise BadConfig("scanner: expected [[scanner]] (two brackets), found one table")
    for number, scanner in enumerate(listed, start=1):
        checked = _table({"scanner": scanner}, "scanner")
        if "source" not in checked:
            raise BadConfig(f"scanner {number}: expected a source, found none")
        yield checked


def _with_profile(scanner: Mapping[str, str]) -> str:
    """The scanner as one specification; what its own options say wins over the profile."""
    source, profile = scanner["source"], scanner.get("profile", "")
    joint = "&" if "?" in source else "?"
    return f"{source}{joint}{urlencode({'profile': profile})}" if profile else source


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


_KINDS = {str: "text", bool: "true or false", int: "a whole number", list: "a list"}


def _sound(value: object) -> SoundMode:
    if isinstance(value, bool):
        return SoundMode.AUTO if value else SoundMode.OFF
    if not isinstance(value, str) or value not in tuple(SoundMode):
        raise BadConfig(f"station.sound: expected one of {', '.join(SoundMode)}, true or false, found {value!r}")
    return SoundMode(value)


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
