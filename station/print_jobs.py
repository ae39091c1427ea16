"""The bench's labels in the spool: one job per parcel and named by it, so that nothing prints twice by accident."""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from printing import kinds
from printing.documents import FetchSlip, ParkingSlip, PullSlip, ShippingLabel
from printing.kinds import Language, Stock
from printing.printers.languages import language_of
from printing.routes import BenchPrinter, Routes, elsewhere
from printing.spool import Job, JobState, Spool
from server import wire
from server.reading import ORDER_PREFIX
from station.text import clean
from station.views import Lamp, Light, State

_log = logging.getLogger("packproof.station")
T = TypeVar("T")
_PLAIN = "file:/"
"""The settings of a printer nobody described: ZPL, 203 dpi."""
PAPERS = ("slip", "gift-slip", "return", "box-contents", "box")
"""Kinds of what lies in a box beside its label."""
ABROAD_SECONDS = 900.0
"""For so long a paper at another bench is told of there; then somebody has fetched it, or nobody wants it."""
_GUESTS_SHOWN = 2
_TROUBLES = (KeyError, OSError, sqlite3.Error)


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the paper of a printer comes out now, as people call it; ``away``: not where it belongs."""

    place: str
    away: bool


class PrintJobs:
    """What the desks ask of the spool. Trouble there is told in the status line and never costs a scan."""

    def __init__(
        self, spool: Spool | None, printers: Sequence[BenchPrinter] = (), bench: Callable[[], str] = lambda: ""
    ) -> None:
        """``printers`` have the names of the spool's; ``bench`` is what people call this one."""
        self._spool = spool
        names = spool.printers if spool else ()
        self._routes = Routes(printers or [BenchPrinter(name, _PLAIN) for name in names])
        self._sent = spool.redirects() if spool else {}
        self._bench = bench
        self._unprinted = ""
        self.guests: tuple[wire.PaperFor, ...] = ()
        """Other benches whose paper comes out here now, as the server says, and of which order."""
        # What reading and what writing met last: on a full disk the spool can still be read.
        self._troubles = {False: "", True: ""}

    @property
    def available(self) -> bool:
        """Whether this bench has a printer for labels."""
        return self._spool is not None and bool(self._routes.group("label"))

    def start(self) -> None:
        """Begin to print; raises SpoolInUse."""
        if self._spool:
            self._spool.start(self._home)

    def stop(self) -> None:
        """End after the job that is just leaving."""
        if self._spool:
            self._spool.stop()

    def print(self, label: ShippingLabel) -> None:
        """Ask for this label once; asked again it changes nothing. Raises ValueError when it cannot be drawn."""
        self.document("label", label.parcel_id, label.order_number, label)

    def document(self, kind: str, job_id: str, order_number: str, document: object) -> None:
        """Ask for this paper once, on the printer for its kind. Raises ValueError where none can draw it."""
        to = self._routes.printer(kind, self._sent, self._in_trouble)
        if to is None:
            raise ValueError(f"no printer of this bench is set up for {kind}")
        data = _drawn(kind, document, to)
        cover = self._cover(to, order_number)
        self._write(lambda spool: spool.request(job_id, kind, order_number, data, printer=to.name, cover=cover))

    def papers(self, parcel_id: str, order_number: str, papers: Mapping[str, object]) -> None:
        """Ask for what lies in the box beside its label, once. What cannot be printed is told in the status line."""
        self._unprinted = ""
        for kind, document in papers.items():
            with self._telling(kind, parcel_id):
                self.document(kind, _paper_id(parcel_id, kind), order_number, document)

    def sheet(
        self, kind: str, job_id: str, about: str, document: object, *, again: bool = False, named: bool = False
    ) -> bool:
        """Ask for a paper about a load, once or ``again``; whether a printer of this bench took it.

        ``named``: only where a printer is named for it. What cannot be drawn is told in the status line.
        """
        to = self._routes.printer(kind, self._sent, self._in_trouble)
        unfit = to is None or to.settings.language not in kinds.KINDS[kind] or (named and not self._named_for(kind))
        if to is None or unfit:
            return False
        with self._telling(kind, about):
            first = self.job(job_id) if again else None
            if first is None:
                self.document(kind, job_id, about, document)
            else:
                data, cover = _drawn(kind, document, to), self._cover(to, about)
                self._write(lambda spool: spool.reprint(first.job_id, to.name, cover, data))
            return True
        return False

    def parked(self, order_number: str, why: str, at: str) -> None:
        """The slip for a box that stands aside, where a printer is named for such slips."""
        with self._telling("parking", order_number):
            if not self._named_for("parking"):
                return
            slip = ParkingSlip(order_number, f"{ORDER_PREFIX}{order_number}", self._bench(), why, at)
            self.papers(f"{order_number}@{at}", order_number, {"parking": slip})

    def pulled(self, order_number: str, tracking: str, said: tuple[str, str], at: str) -> None:
        """The slip for a labelled box that must not leave, where a printer is named for such slips.

        ``said``: why, and what to do.
        """
        with self._telling("pull", order_number):
            if not self._named_for("pull"):
                return
            why, do = said
            slip = PullSlip(order_number, tracking, why, self._bench(), do, at)
            self.papers(f"{tracking}@{at}", order_number, {"pull": slip})

    def _named_for(self, kind: str) -> bool:
        return any(kind in printer.kinds for printer in self._routes.printers.values())

    def keeps(self, parcel_id: str) -> bool:
        """Whether a label is still here as it printed, and fit for the printer where labels print now."""
        to, first = self._labels_to(), self.job(parcel_id)
        return first is not None and to is not None and self._kept(first, to)

    def print_again(self, parcel_id: str, label: ShippingLabel | None) -> bool:
        """One more copy, where labels print now; from ``label`` where it is not kept as it printed. Whether it will.

        What cannot be printed is told in the status line.
        """
        self._unprinted = ""
        with self._telling("label", parcel_id):
            to, first = self._labels_to(), self.job(parcel_id)
            if first is None or to is None:
                if label is not None:
                    self.print(label)
                return label is not None
            data = None if label is None or self._kept(first, to) else _drawn("label", label, to)
            cover = self._cover(to, first.reference)
            self._write(lambda spool: spool.reprint(first.job_id, to.name, cover, data))
            return True
        return False

    def _labels_to(self) -> BenchPrinter | None:
        return self._routes.printer("label", self._sent, self._in_trouble)

    def _kept(self, first: Job, to: BenchPrinter) -> bool:
        return bool(self._try(lambda spool: spool.keeps(first.job_id))) and self._takes(to, first.printer)

    def send_elsewhere(self) -> Moved | None:
        """The paper of a printer goes to the next place on its list, what waits for it too; after the last one back.

        None where no other printer is set up.
        """
        printer = self._routes.to_redirect(self._sent, self._in_trouble)
        if self._spool is None or printer is None:
            return None
        to = elsewhere(printer, self._sent.get((printer.name, "")))
        self._redirect(printer, to or printer.name)
        place = self._routes.place(printer, "", self._sent)
        return Moved(place.bench or place.name, place is not printer)

    def send_to(self, kind: str, to: str) -> Moved | None:
        """Paper of a kind (empty: all of it) goes to this printer (empty: home), and what waits of it too.

        None where no printer of this bench has that kind and may go there.
        """
        printers = self._routes.able(kind, to)
        if self._spool is None or not printers:
            return None
        for printer in printers:
            self._redirect(printer, to or printer.name, kind)
        place = self._routes.place(printers[0], kind, self._sent)
        return Moved(place.bench or place.name, bool(to))

    def _redirect(self, printer: BenchPrinter, to: str, kind: str = "") -> None:
        """From now on, and what has not come out yet; what is caught inside a printer if that gives it back."""
        before = self._sent
        self._write(lambda spool: spool.redirect(printer.name, to, kind))
        self._sent = self._try(lambda spool: spool.redirects()) or {}
        for job in self._under_way():
            place = self._routes.place(printer, job.kind, self._sent)
            was = self._routes.place(printer, job.kind, before)
            if (job.wanted_at or job.printer) == was.name != place.name and printer in self._routes.group(job.kind):
                self._move(job, place)

    def _under_way(self) -> tuple[Job, ...]:
        """What has not come out."""
        return self._try(lambda spool: (*spool.waiting(), *spool.inside())) or ()

    @property
    def printers(self) -> tuple[wire.PrinterSeen, ...]:
        """This bench's printers whose paper may go elsewhere, and where it goes now."""
        return tuple(
            wire.PrinterSeen(
                name=printer.name,
                kinds=printer.kinds,
                redirect=printer.redirect,
                sent={kind: to for (name, kind), to in self._sent.items() if name == printer.name != to},
            )
            for printer in self._routes.able("", "")
        )

    def abroad(self, now: float) -> tuple[wire.PaperFor, ...]:
        """Whose paper of this bench comes out at which other one; until its label was scanned, or for some minutes."""
        there = [printer for printer in self._routes.printers.values() if printer.bench]
        jobs = [
            (printer.bench, job)
            for printer in there
            for job in self._try(partial(Spool.since, printer=printer.name, requested_at=now - ABROAD_SECONDS)) or ()
        ]
        fetched = {job.reference for _, job in jobs if job.state is JobState.APPLIED}
        known = {
            (bench, job.reference)
            for bench, job in jobs
            if job.state is not JobState.FAILED and job.reference not in fetched
        }
        return tuple(wire.PaperFor(bench=bench, order_number=number) for bench, number in sorted(known))

    def fetched_at(self, job: Job | None) -> str:
        """The other bench at which this paper comes out; empty for one that comes out here."""
        printer = self._routes.printers.get(job.printer) if job else None
        return printer.bench if printer else ""

    def job(self, parcel_id: str | None) -> Job | None:
        """How a parcel's label stands."""
        return self._try(lambda spool: spool.job(parcel_id)) if parcel_id else None

    def hold(self, parcel_id: str | None) -> None:
        """A label that has not left stays back, so that it never comes out while another order is open."""
        for job_id in self._of_parcel(parcel_id):
            self._write(partial(Spool.hold, job_id=job_id))

    def release(self, parcel_id: str) -> None:
        """Let a label that was kept back come out."""
        for job_id in self._of_parcel(parcel_id):
            self._write(partial(Spool.release, job_id=job_id))

    def applied(self, parcel_id: str | None) -> None:
        """The label was scanned on its box."""
        if parcel_id and self.job(parcel_id):
            self._write(lambda spool: spool.applied(parcel_id))

    def erase(self, order_number: str) -> None:
        """The order ended without this label: it must not come out any more."""
        self._write(lambda spool: spool.erase(order_number))

    def lamp(self) -> Lamp:
        """The printers as one light, the one that needs most; it says itself what it needs.

        A held job is not tried, so what it says may be old: it counts only until the printer has spoken for itself.
        """
        if self._spool is None:
            return Lamp(Light.OFF, State.NO_PRINTER)
        waiting = self._try(lambda spool: spool.waiting()) or ()
        if trouble := self._troubles[True] or self._troubles[False]:
            return Lamp(Light.LOOK, State.SPOOL, words=trouble)
        if self._unprinted:
            return Lamp(Light.LOOK, State.NEEDS_HAND, words=self._unprinted)
        for name in self._in_use():
            needs = self._needs(name, waiting)
            if needs:
                return Lamp(Light.LOOK, State.NEEDS_HAND, words=f"{name}: {needs}" if self._many else needs)
        if places := self._routes.places(self._sent):
            return Lamp(Light.LOOK, State.REDIRECTED, words=", ".join(p.bench or p.name for p in places))
        if self.guests:
            theirs = [clean(f"{guest.bench}, {guest.order_number}") for guest in self.guests]
            more = ["…"] if len(theirs) > _GUESTS_SHOWN else []
            return Lamp(Light.LOOK, State.PRINTS_FOR, words="; ".join(theirs[:_GUESTS_SHOWN] + more))
        held = sum(job.held for job in waiting)
        if held:
            return Lamp(Light.OK, State.KEPT_BACK, held)
        told = [status for name in self._in_use() if (status := self._spool.printer_status(name))]
        unasked = bool(told) and all(status.state == "unknown" for status in told)
        return Lamp(Light.OK, State.UNASKED if unasked else State.READY)

    def _of_parcel(self, parcel_id: str | None) -> list[str]:
        """The jobs of a parcel's label and papers that the spool knows."""
        ids = [parcel_id, *(_paper_id(parcel_id, kind) for kind in PAPERS)] if parcel_id else []
        return [job_id for job_id in ids if self.job(job_id)]

    def _needs(self, name: str, waiting: tuple[Job, ...]) -> str:
        """What this printer says it needs; empty while it is well."""
        status = self._spool.printer_status(name) if self._spool else None
        if status is not None and status.state in ("offline", "attention"):
            return status.detail
        troubles = (job.detail for job in waiting if job.printer == name and (status is None or not job.held))
        return next((detail for detail in troubles if detail), "")

    def _in_use(self) -> list[str]:
        """This bench's printers, each in the place it was sent to."""
        own = [printer.name for printer in self._routes.printers.values() if not printer.bench]
        away = [printer.name for printer in self._routes.places(self._sent)]
        home = [name for name in own if (name, "") not in self._sent]
        return list(dict.fromkeys((*home, *away)))

    @property
    def _many(self) -> bool:
        return len(self._routes.printers) > 1

    def _in_trouble(self, name: str) -> bool:
        status = self._spool.printer_status(name) if self._spool else None
        return status is not None and status.state in ("offline", "attention")

    def _move(self, job: Job, to: BenchPrinter) -> None:
        cover = self._cover(to, job.reference)
        self._write(lambda spool: spool.move(job.job_id, to.name, cover))

    def _cover(self, to: BenchPrinter, order_number: str) -> bytes:
        """What says whose the paper is, where it prints at another bench."""
        return _drawn("fetch", FetchSlip(self._bench(), order_number), to) if to.bench else b""

    def _home(self, job: Job, data: bytes) -> str:
        """The printer for what waits for one that is no longer set up; empty where none can read it."""
        group = (printer for printer in self._routes.group(job.kind) if printer.settings.language == language_of(data))
        return next((printer.name for printer in group), "")

    def _takes(self, to: BenchPrinter, drawn_for: str) -> bool:
        """Whether it prints what was drawn for another one."""
        other = self._routes.printers.get(drawn_for)
        return other is not None and _stock(other) == _stock(to)

    @contextmanager
    def _telling(self, kind: str, whose: str) -> Iterator[None]:
        """What cannot be drawn is told in the status line."""
        try:
            yield
        except ValueError as error:
            _log.error("the %s of %s cannot be printed: %s", kind, whose, error)
            self._unprinted = f"{kind}: {error}"

    def _write(self, ask: Callable[[Spool], T]) -> T | None:
        return self._try(ask, writes=True)

    def _try(self, ask: Callable[[Spool], T], *, writes: bool = False) -> T | None:
        if self._spool is None:
            return None
        try:
            answer = ask(self._spool)
        except _TROUBLES as error:
            _log.error("the print spool failed: %r", error)
            self._troubles[writes] = str(error)
            return None
        self._troubles[writes] = ""
        return answer


def _paper_id(parcel_id: str, kind: str) -> str:
    return f"{parcel_id}/{kind}"


def _drawn(kind: str, document: object, to: BenchPrinter) -> bytes:
    language, stock = _stock(to)
    return kinds.write(kind, document, language, stock)


def _stock(printer: BenchPrinter) -> tuple[Language, Stock]:
    settings = printer.settings
    return settings.language, settings.stock


def on_paper(job: Job) -> bool:
    """Whether the label should be lying there. A printer that took it and then complained has not printed it."""
    return job.state in (JobState.PRINTED, JobState.APPLIED) or (job.state is JobState.SENT and not job.detail)


def caught(job: Job) -> bool:
    """Whether the printer took it and then complained, and has not said since that it came out."""
    return job.state is JobState.SENT and bool(job.detail)


def in_doubt(job: Job) -> bool:
    """Whether only a person can tell if it came out."""
    return job.state is JobState.UNCERTAIN
