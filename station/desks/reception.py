"""Which desk a code belongs to: nobody signed in, an open order, the queue, or the dock; and what there is to draw."""

from collections.abc import Callable
from dataclasses import dataclass

from server.domain.packing import Stop
from server.domain.reasons import Reason, Tone
from server.domain.scans import Command, Scan
from station.desks.boxes import Boxes
from station.desks.dock import DockDesk
from station.desks.packing import PackingDesk
from station.desks.queue import QueueDesk
from station.desks.sign_in import SignInDesk
from station.people import may_load, may_pack
from station.store import JournalFailed
from station.views import Flash, Note, SignInView, StopView, View
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
    on_move: Callable[[], None]
    """Called when the desk changes."""

    def scan(self, scan: Scan) -> Flash:
        """To the desk in use. A broken journal, a latched stop and an open order come before everything else."""
        place, box = self.place, self.boxes.active
        if not place.mended():
            raise JournalFailed(place.broken)
        if place.person is None:
            return self.sign_in.scan(scan)
        at_dock = place.desk == "dock"
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
        return not busy and not self.sign_in.welcome(place.desk)

    def see_out(self) -> None:
        """Sign out who was revoked or lost the role meanwhile. Never with a box open: somebody answers for it."""
        if self.somebody_leaves:
            self.place.sound(self.sign_in.revoke())

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
        place, box = self.place, self.boxes.active
        if place.broken:
            return StopView(Stop(Reason.STOPPED, detail=Note.JOURNAL), box.number if box else "", flash=place.flash)
        if place.person is None:
            return SignInView(flash=place.flash)
        if place.desk == "dock":
            return self.dock.view()
        return self.packing.view(box) if box else self.queue.view()

    def _move(self, scan: Scan) -> Flash | None:
        """Badges and changes of desk, possible while no order is open; None for everything else."""
        if scan.badge:
            return self.sign_in.badge(scan, mid_box=False)
        if scan.command is Command.SIGN_OUT:
            return self.sign_in.sign_out(scan)
        if scan.command not in (Command.DOCK, Command.PACK):
            return None
        place, person, to_dock = self.place, self.place.person, scan.command is Command.DOCK
        if person is None or not (may_load(person) if to_dock else may_pack(person)):
            note = Note.MAY_NOT_LOAD if to_dock else Note.MAY_NOT_PACK
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=note)
        place.go("dock" if to_dock else "pack")
        self.on_move()
        return place.say(Reason.OK, Tone.GOOD, scan, detail=Note.TO_DOCK if to_dock else Note.TO_PACK)
