"""What one model of scanner is set to: how its codes arrive, and how it is told good and bad.

The models there are stand in `profiles/*.toml`, one file each; a shop writes its own the same way, or has
`packproof doctor scanner` write it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from scanners import feedback
from scanners.barcode import parse
from scanners.framing import SUFFIXES
from scanners.keys import SEPARATOR_KEYS
from scanners.layouts import LAYOUTS
from scanners.options import choice, number, switch, typed_options
from scanners.scan import Scan

SHIPPED = Path(__file__).parent / "profiles"
TEXT = "text:"
SSI = "ssi"
_GS = "\x1d"
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_REPLACEMENT_MAX = 8
_CONTROL = re.compile("[\x7f-\x9f]")
_ORDINARY = " !\"%&'()*+,-./:;<=>?_]"
"""What lots and serials hold beside letters and digits (GS1 General Specifications, table 7.11-1), a blank and the
beginning of an AIM prefix: one of these alone stands for no GS, or codes would be cut where they hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Settings of the scanner, not ours: what is written here must be what its manual's codes have told it."""

    name: str = "default"
    title: str = ""

    layout: str = "us"
    """Of a scanner that plays a keyboard; always that of the scanner, whatever the computer's is."""

    gs_as: str = "ctrl-bracket"
    """
    What comes for GS (ASCII 29) in a GS1 code. ctrl-bracket: GS itself. f8, f12: that key. alt029: Alt and keypad.
    text:X: the characters X. none: nothing, and then a lot that may have swallowed more is never believed.
    """

    aim: bool = False
    """Every code begins with its symbology (`]C1`): one that does not has lost its beginning."""

    caps: bool = False
    """Capital and small letters come exchanged, because the scanner takes Caps Lock to be on."""

    suffix: str = "any"
    """Of a serial scanner, or "ssi" for Zebra's packets; one that plays a keyboard ends with Enter or Tab."""

    baud: int = 9600
    bounce_ms: int = 400
    """The same code within this time came from one pull of the trigger."""

    feedback: str = "none"
    """The dialect in which the scanner is told good and bad; see `scanners.feedback`."""

    def with_options(self, given: Mapping[str, Any]) -> Profile:
        """This profile with what a specification says itself."""
        return replace(self, **{_FIELDS.get(name, name): value for name, value in given.items()})

    def understood(self, scan: Scan) -> Scan:
        """The scan with GS where something else stood for it, and with its problem where this profile shows one."""
        text = scan.text.swapcase() if self.caps else scan.text
        if self.gs_as.startswith(TEXT):
            text = text.replace(self.gs_as.removeprefix(TEXT), _GS)
        return replace(scan, text=text, problem=scan.problem or self._problem(text))

    def _problem(self, text: str) -> str | None:
        if self.aim and not _AIM.match(text.lstrip()):
            return "dropped"
        lost = self.gs_as == "none" and parse(text, gs_as="none").bad_read == "separator_lost"
        return "separator_lost" if lost else None

    def toml(self) -> str:
        """This profile as a file."""
        values = {key: value for key, value in asdict(self).items() if key != "name"}
        return "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def separator(value: str) -> str:
    """Conversion of the option that says what comes for GS."""
    if value.startswith(TEXT):
        said = value.removeprefix(TEXT)
        if not 0 < len(said) <= _REPLACEMENT_MAX or said.isalnum() or said in tuple(_ORDINARY):
            raise ValueError(f"expected text: and 1 to {_REPLACEMENT_MAX} characters no lot can hold, found {value!r}")
        return value
    if value not in SEPARATOR_KEYS:
        raise ValueError(f"expected one of {', '.join(SEPARATOR_KEYS)} or text:..., found {value!r}")
    return value


OPTIONS: Mapping[str, Callable[[str], object]] = {
    "layout": choice(*LAYOUTS),
    "gs": separator,
    "aim": switch,
    "caps": switch,
    "suffix": choice(*SUFFIXES, SSI),
    "baud": number(50, 4_000_000),
    "bounce_ms": number(0, 5000),
    "feedback": choice(*feedback.names()),
}
"""What a specification can say of a profile: `serial:/dev/ttyACM0?profile=zebra-ssi&bounce_ms=600`."""

_FIELDS = {"gs": "gs_as"}


def shipped() -> tuple[str, ...]:
    """Names of the profiles that come with the program, in alphabetical order."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def find(name: str, own: Path | None = None) -> Profile:
    """The profile of this name: a path, a file in the shop's `own` folder, or one of ours. Raises ValueError."""
    if "/" in name or name.endswith(".toml"):
        return _read(Path(name).expanduser())
    for folder in (own, SHIPPED):
        if folder is not None and (path := folder / f"{name}.toml").is_file():
            return _read(path)
    known = sorted({*shipped(), *(path.stem for path in own.glob("*.toml"))} if own else shipped())
    raise ValueError(f"no scanner profile {name!r}; there are {', '.join(known)}, or a path that ends in .toml")


def _read(path: Path) -> Profile:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"scanner profile {path}: {error}") from error
    title = str(written.pop("title", ""))
    given = {"gs" if key == "gs_as" else key: _spoken(value) for key, value in written.items()}
    values = typed_options(f"scanner profile {path}", given, OPTIONS)
    return Profile(name=path.stem, title=title).with_options(values)


def _spoken(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # Of texts, TOML is like JSON, but for the control characters that JSON leaves as they are.
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
