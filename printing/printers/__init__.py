"""How bytes reach a printer: one file per transport, found by the word a spec begins with. Imports printing only.

A spec is `SCHEME:PLACE?option=value&...`, for instance "tcp:10.0.0.7:9100?language=escpos". A transport is a module
here with `SCHEME`, `EXPECTED` (its spec in words), `OPTIONS` (what it knows beside the options of every printer) and
`open_printer(place, settings)`, which raises ValueError for a place it cannot read. Adding one touches no other file.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, cast, runtime_checkable
from urllib.parse import parse_qsl

from printing.kinds import LANGUAGES, Language, Paper, Stock

SentBytes = Literal["nothing", "some", "all"]
PrinterState = Literal["ready", "attention", "offline", "unknown"]
Fate = Literal["printed", "waits", "gone", "unknown", "forgotten"]
"""What became of a job, by the word of the printer: on paper; not yet; given up, perhaps with a part on paper; passed
on to where nothing is told of it; it knows no such job (any more)."""
TakenBack = Literal["taken", "stays", "unsure"]
"""How taking a job back out of a printer ended: nothing of it will come out; it comes out; only a person can tell."""
_DOTS_PER_MM = {"203": 8, "300": 12}
_USUAL = Stock()
_COMMON = {
    "language": LANGUAGES,
    "dpi": tuple(_DOTS_PER_MM),
    "columns": ("32", "35", "42", "48"),
    "paper": ("a4", "letter"),
    "status": ("on", "off"),
}
"""Columns of receipt printers: 32 or 35 on paper of 58 mm, 42 or 48 on 80 mm."""


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
    """What the printer says of itself. `unknown`: it takes jobs and was set to tell nothing (`status=off`)."""

    state: PrinterState
    detail: str
    """For a person: what it needs, in words (see `troubles`)."""
    queued: int | None = None
    """Labels it has taken and not yet printed, one that has come in part too; None if it does not tell."""
    partial: bool | None = None
    """Whether the last of them has come in part only; None if it does not tell."""


class Printer(Protocol):
    """One printer. Calls may block for some seconds and never overlap."""

    @property
    def name(self) -> str:
        """For screens and logs, for instance "tcp:10.0.0.7:9100"."""

    def send(self, data: bytes) -> str | None:
        """Hand over one whole job, without asking anything. Raises PrinterUnavailable.

        The ticket by which `Follows.fate` knows it, from a printer that follows single jobs.
        """

    def status(self) -> PrinterStatus:
        """Ask the printer; never raises."""

    def recover(self, torn: bytes) -> None:
        """Have it forget this job, which broke off on its way in. Raises PrinterUnavailable."""


@runtime_checkable
class Follows(Protocol):
    """A printer that can say of one job what became of it, or give it back. Never raises."""

    @property
    def remembers(self) -> bool:
        """Whether its jobs outlive its being switched off."""

    def fate(self, ticket: str) -> Fate:
        """What became of the job of this ticket; "waits" also while the printer does not answer."""

    def take_back(self, ticket: str) -> TakenBack:
        """Have it give up the job of this ticket, if that touches nobody else's and nothing of it can be on paper.

        An empty ticket is the only job inside.
        """


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of a spec. `stock`: what lies in the printer; `asks`: whether the printer is asked for its state."""

    language: Language = "zpl"
    stock: Stock = _USUAL
    asks: bool = True
    more: Mapping[str, str] = field(default_factory=dict)
    """Those only its transport knows."""


class _Transport(Protocol):
    SCHEME: str
    EXPECTED: str
    OPTIONS: frozenset[str]

    def open_printer(self, place: str, settings: Settings) -> Printer: ...


def open_printer(spec: str) -> Printer:
    """The printer of a spec like "tcp:10.0.0.7:9100" or "file:/folder". Raises ValueError which says what is known."""
    transport, place, settings = _read(spec)
    try:
        return transport.open_printer(place, settings)
    except ValueError as problem:
        why = f"; {problem}" if str(problem) else ""
        raise ValueError(f'printer "{spec}": expected {transport.EXPECTED}{why}') from problem


def settings_of(spec: str) -> Settings:
    """The options of a spec, without opening anything. Raises ValueError as `open_printer` does."""
    return _read(spec)[2]


def _read(spec: str) -> tuple[_Transport, str, Settings]:
    transports = _transports()
    scheme, colon, rest = spec.partition(":")
    if not colon or scheme not in transports:
        known = ", ".join(f"{name}:..." for name in sorted(transports))
        raise ValueError(f'printer "{spec}": expected one of {known}')
    transport = transports[scheme]
    place, _, query = rest.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name, value in options.items():
        known_values = _COMMON.get(name)
        if known_values and value not in known_values:
            raise ValueError(f'printer "{spec}": {name}: expected one of {", ".join(known_values)}, found "{value}"')
        if not known_values and name not in transport.OPTIONS:
            known = ", ".join((*_COMMON, *sorted(transport.OPTIONS)))
            raise ValueError(f'printer "{spec}": expected the options {known}, found "{name}"')
    more = {name: value for name, value in options.items() if name not in _COMMON}
    language = cast("Language", options.get("language", "zpl"))
    paper = cast("Paper", options.get("paper", "a4"))
    stock = Stock(_DOTS_PER_MM[options.get("dpi", "203")], int(options.get("columns", "42")), paper)
    return transport, place, Settings(language, stock, options.get("status") != "off", more)


def _transports() -> dict[str, _Transport]:
    found: dict[str, _Transport] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if scheme := getattr(module, "SCHEME", None):
            found[scheme] = cast("_Transport", module)
    return found
