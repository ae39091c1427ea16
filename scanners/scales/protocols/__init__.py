"""One file per language of scales, found by the name of the file (`mt_sics.py` is `mt-sics`). Pure: bytes to readings.

Each holds `reading_of(frame: bytes, at: float) -> Reading | None`, which never raises, and the constants `ASK` (what
makes the scale speak; empty when it speaks by itself) and `END` (what ends a frame; empty when each read is a frame).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from scanners.scales.reading import Reading


@dataclass(frozen=True, slots=True)
class Protocol:
    """The language of a kind of scale."""

    kind: str
    ask: bytes
    end: bytes
    reading_of: Callable[[bytes, float], Reading | None]


def kinds() -> tuple[str, ...]:
    """Names of the languages there are, in alphabetical order."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))


def protocol(kind: str) -> Protocol:
    """The language of this name, one of ``kinds()``."""
    module = importlib.import_module(f"{__name__}.{kind.replace('-', '_')}")
    return Protocol(kind, module.ASK, module.END, module.reading_of)


def text_of(frame: bytes) -> str:
    """A frame as text. Many scales send 7 data bits and parity, which a port set to 8 bits shows as bit 7."""
    return bytes(byte & 0x7F for byte in frame).decode("ascii")
