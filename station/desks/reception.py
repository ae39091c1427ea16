"""Which desk a code belongs to: nobody signed in, an open order, the queue, or the dock; and what there is to draw."""

from collections.abc import Callable
from dataclasses import dataclass

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing.carrying import verified
from server.domain.packing.session import Stop
from station.desks.bell import Bell
from station.desks.boxes import Boxes
from station.desks.dock import DockDesk
from station.desks.packing import PackingDesk
from station.desks.queue import QueueDesk
from station.desks.redirecting import Redirecting
from station.desks.sign_in import SignInDesk
from station.desks.teaching import Teaching
from station.people import may_load, may_pack
from station.store import JournalFailed
from station.views import DeskView, Flash, HelpView, Note, SignInView, StopView, View
from station.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Reception:
    """All desks of a bench; call everything with the workplace's lock held."""

    place: Workplace
    boxes: Boxes
    sign_in: SignInDesk
    packing: PackingDesk
    queue: QueueDesk
    dock: DockDesk
    bell: Bell
    teaching: Teaching
    redirecting: Redirecting
    on_move: Callable[[], None]
    """Called when the desk or the person changes, or somebody is called."""
    idle_seconds: float = 0.0
    """After so long without a scan whoever is signed in is signed out, never with a box open; 0 for never."""

    def scan(self, scan: Scan) -> Flash:
        """To the desk in use; never raises JournalFailed. A journal that cannot write comes before everything else."""
        place, before = self.place, self.place.person
        place.touched_at, secret = place.clock(), bool(self.sign_in.asks)
        try:
            flash = self._unsaved(scan) if place.broken else self._pin(scan) or self._rung(scan) or self._desk(scan)
        except JournalFailed as error:
            flash = place.fail(error, "" if secret else _spoken(scan))
        if place.person is not before:
            self.bell.seen()
            self.on_move()
        return flash

    def _unsaved(self, scan: Scan) -> Flash:
        """After a scan was not kept: nothing counts before PPC-OK, for that item may lie in the box uncounted."""
        place = self.place
        acknowledged = scan.command is Command.OK and not scan.bounce and not scan.problem
        if acknowledged and place.mended():
            return place.say(Reason.OK, Tone.GOOD, scan)
        return place.fail(JournalFailed(place.broken), "" if acknowledged else _spoken(scan))

    def _pin(self, scan: Scan) -> Flash | None:
        """The answer to who this really is, where that is asked."""
        return self.sign_in.answer(scan) if self.sign_in.asks and not self.stopped else None

    def _rung(self, scan: Scan) -> Flash | None:
        """CALL, HELP, PRINTER and ATTACH, at every desk."""
        before = self.bell.since
        flash = self.bell.scan(scan, stopped=self.stopped)
        if self.bell.since != before:
            self.on_move()
        quiet = flash is None and not self.stopped and self.place.person is not None
        return self.redirecting.scan(scan) or self.teaching.scan(scan) if quiet else flash

    def _desk(self, scan: Scan) -> Flash:
        """A latched stop and an open order come before badges and changes of desk."""
        place, box = self.place, self.boxes.active
        at_dock = place.desk == "dock"
        if place.person is None:
            here = None if at_dock else box
            units, packer = (verified(here.session), here.person_id) if here else ((0, 0), 0)
            return self.sign_in.scan(scan, mid_box=here is not None, units=units, before_id=packer)
        if box is not None and not at_dock:
            return self.packing.scan(box, scan)
        free = not (scan.bounce or scan.problem or (at_dock and self.dock.stopped) or self.queue.opening)
        moved = self._move(scan) if free else None
        return moved or (self.dock.scan(scan) if at_dock else self.queue.scan(scan))

    @property
    def somebody_leaves(self) -> bool:
        """Whether ``see_out`` has somebody to sign out."""
        place = self.place
        busy = self.boxes.active is not None or bool(self.queue.opening) or self.stopped
        return not busy and place.person is not None and (self._idle or not self.sign_in.welcome(place.desk))

    @property
    def _idle(self) -> bool:
        return 0 < self.idle_seconds <= self.place.clock() - self.place.touched_at

    def see_out(self) -> None:
        """Sign out who was revoked, lost the role meanwhile, or has scanned nothing for long.

        Never with a box open: somebody answers for it.
        """
        if self.somebody_leaves:
            welcome = self.sign_in.welcome(self.place.desk)
            self.place.sound(self.sign_in.lock() if welcome else self.sign_in.revoke())

    def elsewhere(self, person_id: int, bench: str) -> None:
        """This person signed in at another bench since; told every second, so a stop is acknowledged first.

        An open box stays open here, and nothing counts in it before somebody signs in.
        """
        with self.place.changing():
            person = self.place.person
            if person is None or person.person_id != person_id or self.stopped or self.queue.opening:
                return
            self.place.sound(self.sign_in.gone_to(bench))
        self.on_move()

    @property
    def stopped(self) -> bool:
        """Whether a stop is latched on the screen."""
        place, box = self.place, self.boxes.active
        if place.broken:
            return True
        if place.person is None:
            return False
        return self.dock.stopped if place.desk == "dock" else box is not None and box.session.stop is not None

    def view(self) -> View:
        """What there is to draw now."""
        if self.bell.helping and not self.stopped:
            return HelpView(self._view(), flash=self.place.flash)
        return self._view()

    def _view(self) -> DeskView:
        place, box = self.place, self.boxes.active
        if place.broken:
            item = place.refused[0] if place.refused else ""
            stop = Stop(Reason.STOPPED, item, detail=Note.JOURNAL, not_counted=place.refused)
            return StopView(stop, box.number if box else "", flash=place.flash)
        asks = "" if self.stopped else self.sign_in.asks
        if place.person is None or asks:
            number = box.number if box and place.desk == "pack" else ""
            return SignInView(place.flash, asks, number, self.sign_in.farewell)
        if place.desk == "dock":
            return self.dock.view()
        return self.packing.view(box) if box else self.queue.view()

    def _move(self, scan: Scan) -> Flash | None:
        """Badges and changes of desk, possible while no order is open; None for everything else."""
        if scan.badge:
            answered = self.queue.badge(scan) if self.place.desk == "pack" else self.dock.badge(scan)
            return answered or self.sign_in.badge(scan, mid_box=False)
        if scan.command is Command.SIGN_OUT:
            return self.sign_in.sign_out(scan)
        if scan.command not in (Command.DOCK, Command.PACK):
            return None
        place, person, to_dock = self.place, self.place.person, scan.command is Command.DOCK
        if person is None or not (may_load(person) if to_dock else may_pack(person)):
            note = Note.MAY_NOT_LOAD if to_dock else Note.MAY_NOT_PACK
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=note)
        (self.dock if to_dock else self.queue).arrive()
        place.go("dock" if to_dock else "pack")
        self.on_move()
        return place.say(Reason.OK, Tone.GOOD, scan, detail=Note.TO_DOCK if to_dock else Note.TO_PACK)


def _spoken(scan: Scan) -> str:
    """What a person calls this scan."""
    return scan.matches[0].label if scan.matches else scan.raw
