"""Paper of loads that closed: the manifest, the carrier's own form, the driver's copy; filed here, and printed.

Each prints once where a printer of this bench takes it, also when its load is no longer on the screen; REPRINT prints
it once more.
"""

import logging
import time
from dataclasses import dataclass, replace
from pathlib import Path

from printing import kinds
from printing.documents import CarrierLabel, LoadManifest
from server import wire
from server.domain.benchwork.handoff import DockParcel, Load
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.errors import DomainError, Unavailable
from station.desks.driver_paper import paper
from station.files import write_whole
from station.jobs import Worker
from station.link import Link
from station.print_jobs import PrintJobs
from station.views import Note
from station.wording import say
from station.workplace import Workplace

_NOTE = "dock_papers"
AGAIN_SECONDS = 10.0
"""So long until a paper that was not there is asked for again."""
KEPT_SECONDS = 3 * 86_400.0
"""A carrier that gave none in this time gives none."""
_log = logging.getLogger("packproof.station")


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """Paper of a load that left, which this dock does not hold yet. ``since`` is seconds since the epoch."""

    load_id: str
    since: float
    manifest: bool = True
    form: bool = True


@dataclass(frozen=True, slots=True)
class _Made:
    """A page that somebody else made, as `printing.kinds` passes it on."""

    ready: CarrierLabel


class LoadPapers:
    """Fields are read and written with the workplace's lock held; ``look`` and jobs of the worker are the exception."""

    def __init__(self, place: Workplace, jobs: PrintJobs, worker: Worker, link: Link, folder: Path) -> None:
        self._place, self._jobs, self._worker, self._link, self._folder = place, jobs, worker, link, folder
        self.awaited: tuple[Awaited, ...] = ()
        self.filed: dict[str, str] = {}
        """Where the manifest of each load is."""
        self.provisional: dict[str, str] = {}
        """Where what the dock made by itself is."""
        self.on_paper: set[str] = set()
        """Those files that a printer of this bench took."""
        self._look_at = 0.0

    def restore(self) -> None:
        """Take up what is still to come."""
        kept = self._place.journal.get(_NOTE)
        self.awaited = wire.decode(kept, tuple[Awaited, ...]) if kept else ()

    def expect(self, load_id: str) -> bool:
        """This load left from here: its manifest and its carrier's form print when they are there. False: known."""
        if load_id in self.filed or any(each.load_id == load_id for each in self.awaited):
            return False
        self._keep((*self.awaited, Awaited(load_id=load_id, since=self._place.clock())))
        self._look_at = 0.0
        return True

    def closed(self, load: Load) -> None:
        """The server closed this load: its paper is expected, and the driver's slip prints where one is wanted."""
        site, person = self._place.snapshot, self._place.person
        if self.expect(load.load_id) and site is not None:
            slip = paper(load, site, person.name if person else "", self._place.clock())
            name = f"{load.load_id}/driver"
            self._worker.do(lambda: self._print_slip(name, slip))

    def pull(self, parcel: DockParcel, where: str = "") -> None:
        """A cancelled parcel must not leave: the slip that goes on it, where a printer is named for such slips."""
        says = say.REASONS[Reason.CANCELLED]
        said = " ".join(part for part in (says.title, where) if part), says.do
        self._jobs.pulled(parcel.order_number, parcel.tracking, said, self._place.clock_text)

    def look(self) -> None:
        """On the uplink's thread, after every drain: fetch all that is awaited. Raises Unavailable at the end."""
        if not self.awaited or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + AGAIN_SECONDS
        failed: list[Unavailable] = []
        for each in self.awaited:
            manifest = each.manifest and self._to_come(each.load_id, "manifest", failed)
            form = each.form and self._to_come(each.load_id, "form", failed)
            old = self._place.clock() - each.since > KEPT_SECONDS
            after = replace(each, manifest=manifest, form=form) if (manifest or form) and not old else None
            with self._place.changing():
                self._keep(tuple(a for one in self.awaited if (a := after if one is each else one) is not None))
        if failed:
            raise failed[0]

    def _to_come(self, load_id: str, what: str, failed: list[Unavailable]) -> bool:
        """Ask for one paper; whether it is to be asked for again. One that fails holds up no other."""
        try:
            return not self._fetched(load_id, what)
        except Unavailable as error:
            failed.append(error)
            return True

    def left_alone(self, manifest: LoadManifest) -> None:
        """A load left on this dock's word: the driver signs what the dock holds, in the background."""
        self._worker.do(lambda: self._drawn(manifest, again=False))

    def once_more(self, load_id: str, manifest: LoadManifest | None = None) -> None:
        """Print the paper of a load again, in the background; its provisional ``manifest`` where it has no other."""
        if manifest is not None:
            self._worker.do(lambda: self._drawn(manifest, again=True))
            return

        def printed() -> None:
            try:
                found = [self._fetched(load_id, what, again=True) for what in ("manifest", "form")]
            except Unavailable:
                self._tell(Note.AWAY, item=load_id)
                return
            if not any(found):
                self._tell(Note.NO_PAPER, item=load_id)

        self._worker.do(printed)

    def _fetched(self, load_id: str, what: str, *, again: bool = False) -> bool:
        """File and print one paper; False: it is to be asked for again. Raises Unavailable."""
        client = self._place.client
        try:
            with self._link.asking():
                made = CarrierLabel("pdf", client.manifest(load_id)) if what == "manifest" else client.form(load_id)
        except DomainError as error:
            _log.info("no %s of %s: %s", what, load_id, error)
            return error.code in ("no_form", "not_found") and not again
        return self._filed(load_id, what, made, again=again)

    def _filed(self, load_id: str, what: str, made: CarrierLabel, *, again: bool) -> bool:
        path = self._folder / f"{_file_name(load_id)}{'' if what == 'manifest' else '-' + what}.{made.format}"
        try:
            write_whole(path, made.data)
        except OSError as error:
            self._tell(Note.MANIFEST, error.strerror or "", str(path))
            return False
        kind = "manifest" if made.format == "pdf" else "label"
        printed = self._jobs.sheet(kind, f"{load_id}/{what}", load_id, _Made(made), again=again)
        if what == "manifest":
            self._note(self.filed, load_id, path, printed)
        return True

    def _drawn(self, manifest: LoadManifest, *, again: bool) -> None:
        """What the dock holds: as a page, and as a slip where a printer is named for it."""
        load_id, name = manifest.load_id, f"{manifest.load_id}/provisional"
        path = self._folder / f"{_file_name(load_id)}-provisional.pdf"
        try:
            write_whole(path, kinds.write("manifest", manifest))
        except (OSError, ValueError) as error:
            self._tell(Note.MANIFEST, str(error), str(path))
            return
        printed = self._jobs.sheet("manifest", name, load_id, manifest, again=again)
        slip = self._slip(f"{name}/slip", manifest, again=again)
        self._note(self.provisional, load_id, path, printed or slip)

    def _print_slip(self, name: str, manifest: LoadManifest) -> None:
        self._slip(name, manifest, again=False)

    def _slip(self, name: str, manifest: LoadManifest, *, again: bool) -> bool:
        return self._jobs.sheet("driver", name, manifest.load_id, manifest, again=again, named=True)

    def _note(self, where: dict[str, str], load_id: str, path: Path, printed: bool) -> None:
        with self._place.changing():
            where[load_id] = str(path)
            self.on_paper |= {str(path)} if printed else set()

    def _tell(self, note: Note, words: str = "", item: str = "") -> None:
        with self._place.changing():
            said = self._place.say(Reason.NOT_NOW, Tone.LOOK, item=item, detail=note, words=words)
            self._place.sound(said)

    def _keep(self, awaited: tuple[Awaited, ...]) -> None:
        if awaited != self.awaited:
            self._place.journal.put(_NOTE, wire.encode(awaited) if awaited else None)
        self.awaited = awaited


def _file_name(load_id: str) -> str:
    return "".join(c for c in load_id if c.isalnum() or c in "-_")
