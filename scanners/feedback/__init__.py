"""How a scanner is told good and bad: one file per dialect, found by its name. Imports nothing outside `scanners`.

A dialect is a module with `GOOD` and `BAD`, the bytes to write, and `WAKE`, written a moment before them or empty.
All are from the makers' manuals. A name is written with a dash in a profile: `zebra-ssi` is `zebra_ssi.py`.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass

NONE = "none"
_NOT_DIALECTS = ("answers",)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Bytes that make a scanner say good or bad."""

    good: bytes
    bad: bytes
    wake: bytes = b""


def names() -> tuple[str, ...]:
    """Every dialect, and "none" for a scanner that is not told."""
    found = (module.name for module in pkgutil.iter_modules(__path__) if module.name not in _NOT_DIALECTS)
    return (*sorted(name.replace("_", "-") for name in found), NONE)


def dialect(name: str) -> Dialect | None:
    """The dialect of this name; None for "none". Raises ValueError naming those there are."""
    if name not in names():
        raise ValueError(f"expected a feedback of {', '.join(names())}, found {name!r}")
    if name == NONE:
        return None
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return Dialect(module.GOOD, module.BAD, module.WAKE)
