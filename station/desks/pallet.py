"""A pallet, by scans: its SSCC, then each parcel, DONE twice. From then on its one code loads all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from printing.documents import PalletSlip
from server import wire
from server.domain.benchwork.handoff import DockParcel, Load, ParcelState, parcel_of
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.dock.barcodes import sscc_of
from server.domain.dock.refusals import unfit
from server.domain.errors import DomainError, Unavailable
from station.desks.loads import Loads
from station.jobs import Worker
from station.print_jobs import PrintJobs
from station.views import Flash, Note, PalletView
from station.workplace import Workplace

_NOTE = "pallet"
CONFIRM_SECONDS = 1.0
"""As at a load: a confirming repeat counts only this long after the question is on screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """A pallet that is not told yet; without ``sscc`` its code is asked for."""

    sscc: str = ""
    parcels: tuple[DockParcel, ...] = ()


class PalletDesk:
    """One pallet at a time; call everything with the workplace's lock held."""

    def __init__(self, place: Workplace, loads: Loads, jobs: PrintJobs, worker: Worker) -> None:
        self._place, self._loads, self._jobs, self._worker = place, loads, jobs, worker
        self._pallet: Building | None = None
        self._asked: Command | None = None
        self._asked_at = 0.0
        self._telling = False

    def restore(self) -> None:
        """Take up the pallet where it was."""
        kept = self._place.journal.get(_NOTE)
        self._pallet = wire.decode(kept, Building) if kept else None

    def view(self) -> PalletView | None:
        """What there is to draw; None when none is built."""
        if self._pallet is None:
            return None
        return PalletView(self._pallet.sscc, self._pallet.parcels, self._asked is Command.DONE, flash=self._place.flash)

    def scan(self, scan: Scan) -> Flash | None:
        """A code that is of the pallet, or begins one; None for what is none of this desk's business."""
        pallet, place = self._pallet, self._place
        if pallet is None:
            begins = scan.command is Command.PALLET and not (scan.bounce or scan.problem)
            return self._begin(scan) if begins else None
        if scan.bounce:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        if self._telling:
            return self._not_now(scan, Note.GOODS_WAIT)
        if scan.command:
            return self._command(pallet, scan)
        if scan.lane or scan.load_ref:
            return self._not_now(scan, Note.PALLET_FINISH)
        self._asked = None
        known = self._known
        parcel = parcel_of(known, scan) if known is not None else None
        if parcel is not None and pallet.sscc:
            return self._parcel(pallet, parcel, scan)
        sscc = sscc_of(scan.payload)
        if sscc and not pallet.parcels:
            return self._sscc(sscc, scan)
        self._loads.seek(scan.payload)
        note = Note.PALLET_PARCEL if pallet.sscc else Note.PALLET_SSCC
        return place.say(Reason.UNKNOWN_CODE, Tone.LOOK, scan, item=scan.raw, detail=note)

    @property
    def _known(self) -> Load | None:
        book, yard = self._loads.book, self._loads.yard.known
        load = book.load if book is not None else yard.load if yard is not None else None
        return self._loads.pallets.on_top(load) if load is not None else None

    def _begin(self, scan: Scan) -> Flash:
        self._keep(Building())
        return self._place.say(Reason.OK, Tone.GOOD, scan, detail=Note.PALLET_SSCC)

    def _sscc(self, sscc: str, scan: Scan) -> Flash:
        """What stands on it already is on the list."""
        known = self._known
        ids = {code for each in (known.pallets if known else ()) if each.sscc == sscc for code in each.parcel_ids}
        there = tuple(p for p in (known.parcels if known else ()) if p.parcel_id in ids)
        self._keep(Building(sscc=sscc, parcels=tuple(p for p in there if p.state is ParcelState.READY)))
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=sscc, detail=Note.PALLET_PARCEL)

    def _parcel(self, pallet: Building, parcel: DockParcel, scan: Scan) -> Flash:
        """On the pallet goes only what may leave, and only of one carrier: it loads whole or not at all."""
        number, on = parcel.tracking, {p.parcel_id for p in pallet.parcels}
        if parcel.parcel_id in on:
            return self._place.say(Reason.REPEAT, Tone.LOOK, scan, item=number, detail=Note.PALLET_TWICE)
        why = Reason.WRONG_LOAD if parcel.state is ParcelState.LOADED else unfit(parcel)
        if why is None and any(p.carrier != parcel.carrier for p in pallet.parcels):
            why = Reason.WRONG_CARRIER
        if why is not None:
            return self._place.say(why, Tone.STOP, scan, item=number)
        self._keep(replace(pallet, parcels=(*pallet.parcels, parcel)))
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=number)

    def _command(self, pallet: Building, scan: Scan) -> Flash:
        place, command = self._place, scan.command
        too_soon = 0.0 <= place.clock() - self._asked_at < CONFIRM_SECONDS
        again = self._asked is command and not too_soon
        if command is Command.OK and (self._asked or not pallet.parcels):
            self._keep(None if self._asked is None else pallet)
            return place.say(Reason.OK, Tone.GOOD, scan)
        if command is Command.UNDO and pallet.parcels:
            self._keep(replace(pallet, parcels=pallet.parcels[:-1]))
            return place.say(Reason.TAKEN_OUT, Tone.LOOK, scan, item=pallet.parcels[-1].tracking)
        if command is Command.YES and not pallet.sscc:
            return self._number(scan)
        if command not in (Command.DONE, Command.EMPTY) or not pallet.sscc:
            return self._not_now(scan, Note.PALLET_FINISH)
        if not again:
            if self._asked is command:
                return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
            self._asked, self._asked_at = command, place.clock()
            note = Note.PALLET_ASK if command is Command.DONE else Note.GOODS_DROP
            return place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, item=pallet.sscc, detail=note)
        if command is Command.EMPTY:
            self._keep(None)
            return place.say(Reason.OK, Tone.GOOD, scan)
        return self._tell(pallet, scan)

    def _number(self, scan: Scan) -> Flash:
        """YES instead of a code: the server gives this pallet a number, and its label prints."""
        person = self._place.person
        request = wire.NewPalletRequest(person_id=person.person_id if person else 0)
        self._telling = True
        self._worker.do(lambda: self._numbered(request))
        return self._place.say(Reason.OK, Tone.GOOD, scan, detail=Note.GOODS_WAIT)

    def _numbered(self, request: wire.NewPalletRequest) -> None:
        sscc, note, words = "", Note.PALLET_LABEL, ""
        facts: Mapping[str, object] = {}
        try:
            sscc = self._place.client.new_pallet(request).sscc
            label = PalletSlip(f"00{sscc}", self._place.bench, self._place.clock_text)
            self._jobs.document("pallet", f"sscc/{sscc}", sscc, label)
        except Unavailable:
            note = Note.PALLET_AWAY
        except DomainError as error:
            note, words, facts = Note.GOODS_REFUSED, error.detail, error.facts
        except ValueError as error:
            note, words = Note.PALLET_NO_LABEL, str(error)
        with self._place.changing():
            self._telling = False
            if sscc:
                self._keep(Building(sscc=sscc))
            tone = Tone.LOOK if words or not sscc else Tone.GOOD
            reason = Reason.OK if tone is Tone.GOOD else Reason.NOT_NOW
            self._place.sound(self._place.say(reason, tone, item=sscc, detail=note, words=words, facts=facts))

    def _tell(self, pallet: Building, scan: Scan) -> Flash:
        person = self._place.person
        ids = tuple(p.parcel_id for p in pallet.parcels)
        request = wire.PalletRequest(person_id=person.person_id if person else 0, sscc=pallet.sscc, parcels=ids)
        self._telling = True
        self._worker.do(lambda: self._told(request))
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=pallet.sscc, detail=Note.GOODS_WAIT)

    def _told(self, request: wire.PalletRequest) -> None:
        """On the worker: the server takes all of it, or says what is wrong; while it is away this dock knows it."""
        try:
            self._place.client.build_pallet(request)
        except Unavailable:
            with self._place.changing():
                self._loads.pallets.add(request)
            self._ended(request, Reason.OK, Note.PALLET_ALONE)
        except DomainError as error:
            self._ended(request, Reason.NOT_NOW, Note.GOODS_REFUSED, error)
        else:
            self._ended(request, Reason.OK, Note.PALLET_BUILT)

    def _ended(self, request: wire.PalletRequest, reason: Reason, note: Note, error: DomainError | None = None) -> None:
        place, built = self._place, reason is Reason.OK
        words, facts = (error.detail, error.facts) if error else ("", {})
        with place.changing():
            self._telling, self._asked = False, None
            if built:
                self._keep(None)
                self._loads.soon()
            tone = Tone.BOX_DONE if built else Tone.LOOK
            place.sound(place.say(reason, tone, item=request.sscc, detail=note, words=words, facts=facts))

    def _not_now(self, scan: Scan, note: Note) -> Flash:
        return self._place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=note)

    def _keep(self, pallet: Building | None) -> None:
        """On the disk before it is on the screen. Raise JournalFailed."""
        self._place.journal.put(_NOTE, wire.encode(pallet) if pallet else None)
        self._pallet, self._asked = pallet, None
