"""One file per kind of scanner, found by the name of the file. Imports nothing outside `scanners`.

A kind is a module with `open_source(address: str, options: Mapping[str, Any], profile: Profile) -> ScanSource`,
`OPTIONS` (how each option of its own is read) and `PROFILED` (which settings of a profile mean something to it).
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import parse_qsl

from scanners import profile as profiles
from scanners.line import Line
from scanners.options import typed_options
from scanners.profile import Profile


class ScanSource(Protocol):
    """One device, or something that plays one."""

    @property
    def name(self) -> str:
        """Kind and address; unique at a bench, and written beside every scan."""

    @property
    def kind(self) -> str: ...

    @property
    def threaded(self) -> bool:
        """`listen` blocks and wants a thread of its own."""

    @property
    def profile(self) -> Profile:
        """What the scanner is set to."""

    def answer(self, *, good: bool) -> None:
        """Tell whoever holds the scanner how its last code was judged, where it can; never waits."""

    def listen(self, line: Line) -> None:
        """Open the device, tell `line.opened`, deliver scans until `line.stopping` is set or there are no more.

        Opens afresh on every call, because the reader calls again after a failure.
        Raises SourceDown when the device is or becomes unreadable. Holds nothing open after it ended.
        """


def kinds() -> tuple[str, ...]:
    """Names of the kinds there are, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def open_source(spec: str, *, own_profiles: Path | None = None, **options: object) -> ScanSource:
    """A source from `kind:address?option=value`; keyword options win over those in the text, and both over a profile.

    `profile` names one of `scanners.profile`; `own_profiles` is the folder of the shop's own. Opens no device yet.
    Raises ValueError naming what was expected for an unknown kind, profile, option or value.
    """
    kind, _, rest = spec.partition(":")
    if kind not in kinds():
        raise ValueError(f"no scanner kind {kind!r} in {spec!r}; the kinds are {', '.join(kinds())}")
    address, _, query = rest.partition("?")
    given = dict(parse_qsl(query, keep_blank_values=True)) | {name: str(value) for name, value in options.items()}
    module = importlib.import_module(f"{__name__}.{kind}")
    named = given.pop("profile", "")
    profile = profiles.find(named, own_profiles) if named else Profile()
    of_profile = {name: profiles.OPTIONS[name] for name in module.PROFILED}
    values = typed_options(kind, given, of_profile | module.OPTIONS | {"profile": str})
    profile = profile.with_options({name: value for name, value in values.items() if name in of_profile})
    own = {name: value for name, value in values.items() if name not in of_profile}
    return cast("ScanSource", module.open_source(address, own, profile))


def needs_address(kind: str, address: str, example: str) -> str:
    """The address itself. Raises ValueError when there is none."""
    if not address:
        raise ValueError(f"{kind}: expected a path such as {example}, found none")
    return address
