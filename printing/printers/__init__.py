"""How bytes reach a printer: one file per transport, found by the word a spec begins with. Imports printing only.

A transport is a module here with `SCHEME` (that word) and `open_printer(rest: str) -> Printer`, which raises ValueError
for a spec it cannot read. Adding one touches no other file.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, cast

SentBytes = Literal["nothing", "some", "all"]
PrinterState = Literal["ready", "attention", "offline", "unknown"]


class PrinterUnavailable(Exception):
    """A job could not be handed over.

    `sent_bytes`: "nothing" left, so trying again is safe; "some" or "all" may have arrived, so only a person can tell.
    """

    def __init__(self, reason: str, sent_bytes: SentBytes = "nothing") -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent_bytes: SentBytes = sent_bytes


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """What the printer says of itself. `unknown`: it takes jobs and tells nothing."""

    state: PrinterState
    detail: str
    """For a person: what it needs, in words."""
    queued: int | None = None
    """Labels it has taken and not yet printed; None if it does not tell."""


class Printer(Protocol):
    """One printer. Calls may block for some seconds and never overlap."""

    @property
    def name(self) -> str:
        """For screens and logs, for instance "tcp:10.0.0.7:9100"."""

    def send(self, data: bytes) -> None:
        """Hand over one whole job. Raises PrinterUnavailable."""

    def status(self) -> PrinterStatus:
        """Ask the printer; never raises."""


def open_printer(spec: str) -> Printer:
    """The printer of a spec like "tcp:10.0.0.7:9100" or "file:/folder". Raises ValueError which says what is known."""
    transports = _transports()
    scheme, colon, rest = spec.partition(":")
    if not colon or scheme not in transports:
        known = ", ".join(f"{name}:..." for name in sorted(transports))
        raise ValueError(f'printer "{spec}": expected one of {known}')
    return transports[scheme](rest)


def _transports() -> dict[str, Callable[[str], Printer]]:
    found: dict[str, Callable[[str], Printer]] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if scheme := getattr(module, "SCHEME", None):
            found[scheme] = cast("Callable[[str], Printer]", module.open_printer)
    return found
