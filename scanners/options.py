"""Values of options, from the text of a scanner's specification or a profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


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


def choice(*known: str) -> Callable[[str], str]:
    """Conversion of an option that must be one of `known`."""

    def convert(value: str) -> str:
        if value not in known:
            raise ValueError(f"expected one of {', '.join(known)}, found {value!r}")
        return value

    return convert


def number(low: int, high: int) -> Callable[[str], int]:
    """Conversion of an option that is a whole number within limits."""

    def convert(value: str) -> int:
        if not (value.isascii() and value.isdecimal() and low <= int(value[:12]) <= high):
            raise ValueError(f"expected a number from {low} to {high}, found {value!r}")
        return int(value)

    return convert


def switch(value: str) -> bool:
    """Conversion of an option that is on or off."""
    if value not in ("on", "off"):
        raise ValueError(f"expected on or off, found {value!r}")
    return value == "on"
