"""Which printer of a bench prints which kind of document, and where its paper goes while it was sent elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from printing.kinds import KINDS
from printing.printers import Settings, settings_of

Sent = Mapping[tuple[str, str], str]
"""The redirects: printer and kind of paper (empty: all of it), and the printer to which that goes."""


@dataclass(frozen=True, slots=True)
class BenchPrinter:
    """One printer a bench may use.

    `kinds`: what it prints; nothing there means whatever no other printer of the bench is named for. `redirect`: the
    names of printers its paper may go to, the best first. `bench`: where it stands, if that is another bench; such a
    printer is only ever used by a redirect, and its paper says whose it is.
    """

    name: str
    target: str
    kinds: tuple[str, ...] = ()
    redirect: tuple[str, ...] = ()
    bench: str = ""

    @property
    def settings(self) -> Settings:
        """Its language and resolution. Raises ValueError for a target that cannot be read."""
        return settings_of(self.target)


class Routes:
    """The printers of one bench. Raises ValueError for printers that do not fit each other."""

    def __init__(self, printers: Sequence[BenchPrinter]) -> None:
        self.printers = {printer.name: printer for printer in printers}
        if len(self.printers) != len(printers):
            raise ValueError("expected a name of its own for each printer")
        self._own = [printer for printer in printers if not printer.bench]
        if printers and not self._own:
            raise ValueError("expected a printer of this bench, found only printers of other benches")
        for printer in printers:
            _check(printer, self.printers)

    def group(self, kind: str) -> tuple[BenchPrinter, ...]:
        """This bench's own printers for a kind, the first choice first; nothing if none takes it."""
        named = tuple(printer for printer in self._own if kind in printer.kinds)
        return named or tuple(printer for printer in self._own if not printer.kinds)

    def place(self, printer: BenchPrinter, kind: str, sent: Sent) -> BenchPrinter:
        """Where paper of this kind comes out that belongs to this printer."""
        name = printer.name
        return self.printers[sent.get((name, kind), sent.get((name, ""), name))]

    def places(self, sent: Sent) -> tuple[BenchPrinter, ...]:
        """The printers to which some paper of this bench was sent from its own."""
        away = (self.printers[to] for (name, _), to in sent.items() if to != name)
        return tuple({printer.name: printer for printer in away}.values())

    def printer(self, kind: str, sent: Sent, in_trouble: Callable[[str], bool]) -> BenchPrinter | None:
        """Where a document goes now: the first of the group that is well, else the first."""
        group = [self.place(printer, kind, sent) for printer in self.group(kind)]
        well = (printer for printer in group if not in_trouble(printer.name))
        return next(well, group[0] if group else None)

    def able(self, kind: str, to: str) -> tuple[BenchPrinter, ...]:
        """This bench's own printers for a kind (empty: all of them) whose paper may go to that one (empty: to any)."""
        group = self.group(kind) if kind else tuple(self._own)
        return tuple(printer for printer in group if (to in printer.redirect if to else printer.redirect))

    def to_redirect(self, sent: Sent, in_trouble: Callable[[str], bool]) -> BenchPrinter | None:
        """The printer of which somebody speaks who says "elsewhere": one that is in trouble, else that of labels."""
        able, away = self.able("", ""), {name for name, _ in sent}
        bad = [printer for printer in able if printer.name not in away and in_trouble(printer.name)]
        labels = [printer for printer in self.group("label") if printer.redirect]
        return next(iter((*bad, *(p for p in able if p.name in away), *labels, *able)), None)


def elsewhere(printer: BenchPrinter, now: str | None) -> str | None:
    """The next place for its paper after `now`: from its own along its list, and after the last one back (None)."""
    if now not in printer.redirect:
        return printer.redirect[0]
    after = printer.redirect[printer.redirect.index(now) + 1 :]
    return after[0] if after else None


def _check(printer: BenchPrinter, known: Mapping[str, BenchPrinter]) -> None:
    """Raises ValueError."""
    settings = printer.settings
    for kind in printer.kinds:
        if kind not in KINDS:
            raise ValueError(f"{printer.name}: expected kinds among {', '.join(KINDS)}, found {kind!r}")
        if settings.language not in KINDS[kind]:
            can = " or ".join(KINDS[kind])
            raise ValueError(
                f"{printer.name}: {kind} is printed in {can}, this printer has language={settings.language}"
            )
    for name in printer.redirect:
        if name not in known or name == printer.name:
            others = ", ".join(other for other in known if other != printer.name) or "none there is"
            raise ValueError(f"{printer.name}: redirect: expected another printer ({others}), found {name!r}")
        other = known[name].settings
        if (other.language, other.stock) != (settings.language, settings.stock):
            what = "language, dpi, columns or paper"
            raise ValueError(f"{printer.name}: redirect: {name} has another {what}, its paper would be wrong")
