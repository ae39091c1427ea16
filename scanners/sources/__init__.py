"""One file per kind of scanner, found by the name of the file. Imports nothing outside `scanners`.

A kind is a module with `open_source(address: str, options: Mapping[str, str]) -> ScanSource`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl

from scanners.line import Line


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

    def listen(self, line: Line) -> None:
        """Open the device, tell `line.opened`, deliver scans until `line.stopping` is set or there are no more.

        Opens afresh on every call, because the reader calls again after a failure.
        Raises SourceDown when the device is or becomes unreadable. Holds nothing open after it ended.
        """


def kinds() -> tuple[str, ...]:
    """Names of the kinds there are, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def open_source(spec: str, **options: object) -> ScanSource:
    """A source from `kind:address?option=value`; keyword options win over those in the text.

    Opens no device yet. Raises ValueError naming what was expected for an unknown kind, option or value.
    """
    kind, _, rest = spec.partition(":")
    if kind not in kinds():
        raise ValueError(f"no scanner kind {kind!r} in {spec!r}; the kinds are {', '.join(kinds())}")
    address, _, query = rest.partition("?")
    given = dict(parse_qsl(query, keep_blank_values=True)) | {name: str(value) for name, value in options.items()}
    return cast("ScanSource", importlib.import_module(f"{__name__}.{kind}").open_source(address, given))


def typed_options(kind: str, given: Mapping[str, str], known: Mapping[str, Callable[[str], object]]) -> dict[str, Any]:
    """Options as values, by the conversion of each. Raises ValueError for an unknown name or a wrong value."""
    for name in given:
        if name not in known:
            raise ValueError(
                f"{kind}: unknown option {name!r}; expected {', '.join(sorted(known)) or 'no options at all'}"
            )
    try:
        return {name: known[name](value) for name, value in given.items()}
    except ValueError as error:
        raise ValueError(f"{kind}: {error}") from error


def needs_address(kind: str, address: str, example: str) -> str:
    """The address itself. Raises ValueError when there is none."""
    if not address:
        raise ValueError(f"{kind}: expected a path such as {example}, found none")
    return address


def choice(*allowed: str) -> Callable[[str], str]:
    """Conversion of an option that is one of a few words."""

    def convert(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"expected one of {', '.join(allowed)}, found {value!r}")
        return value

    return convert


def number(low: int, high: int) -> Callable[[str], int]:
    """Conversion of an option that is a whole number within limits."""

    def convert(value: str) -> int:
        if not (value.isascii() and value.isdecimal() and low <= int(value[:12]) <= high):
            raise ValueError(f"expected a number from {low} to {high}, found {value!r}")
        return int(value)

    return convert
