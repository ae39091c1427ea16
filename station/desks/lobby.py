"""The dock with no load open: a lane, a load's own code, YES for a new load, and PICKUP where nobody scans parcels."""

from dataclasses import replace

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from station.desks.load_opening import LoadOpening
from station.desks.loads import Loads
from station.views import DockLobbyView, Flash, Note
from station.workplace import Workplace


class LobbyDesk:
    """Call everything with the workplace's lock held. ``LoadOpening`` talks to the server."""

    def __init__(self, place: Workplace, loads: Loads, opening: LoadOpening) -> None:
        self._place, self._loads, self._opening = place, loads, opening
        self._picks = False
        """PICKUP was scanned: the lane is asked, then YES."""
        self._pickup: wire.PickupRequest | None = None
        self._reprints = False
        """REPRINT was scanned: the code of a load is asked."""

    def view(self) -> DockLobbyView:
        """What there is to draw."""
        opening, snapshot, dock = self._opening, self._place.snapshot, self._loads.dock or wire.DockAnswer()
        known = self._loads.yard.known if opening.alone else None
        return DockLobbyView(
            lanes=snapshot.lanes if snapshot else (),
            opening=opening.asked_for,
            loads=dock.loads,
            due=dock.due,
            day_ends=dock.day_ends,
            asks=opening.wanted.load_id or self._name(opening.wanted.carrier) if opening.wanted else "",
            choose=opening.choose,
            known_at=known.as_of if known else None,
            time_zone=snapshot.time_zone if snapshot else "UTC",
            reprints=self._reprints,
            picks=self._picks,
            pickup=self._pickup.count if self._pickup else None,
            flash=self._place.flash,
        )

    def scan(self, scan: Scan) -> Flash:
        """A code in the lobby; lanes and load codes come by ``begin``."""
        place = self._place
        if scan.bounce:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        if scan.problem or (scan.bad_read and not scan.matches):
            return place.say(Reason.BAD_READ, Tone.LOOK, scan, detail=scan.problem or scan.bad_read or "")
        if scan.command is Command.OK:
            self.forget()
            return place.say(Reason.OK, Tone.GOOD, scan)
        if scan.command is Command.PICKUP:
            return self._pick(scan)
        if scan.command is Command.REPRINT:
            self.forget()
            self._reprints = True
            return place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, detail=Note.PAPER_WHICH)
        if scan.command is Command.YES and (self._pickup or self._opening.wanted):
            return self._yes(scan)
        return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.LANE_FIRST)

    def begin(self, scan: Scan) -> Flash:
        """A lane or a load's own code: opens it, or asks how many a driver took of it."""
        place, lanes = self._place, self._place.snapshot.lanes if self._place.snapshot else ()
        if scan.load_ref is not None and self._reprints:
            self.forget()
            self._loads.papers.once_more(scan.load_ref)
            return place.say(Reason.OK, Tone.GOOD, scan, item=scan.load_ref, detail=Note.PAPER_AGAIN)
        if scan.load_ref is not None:
            self._opening.open("", load_id=scan.load_ref)
            return place.say(Reason.OK, Tone.GOOD, scan, item=scan.load_ref, detail=Note.LOAD_CODE)
        lane = next((x for x in lanes if x.carrier.upper() == (scan.lane or "").upper()), None)
        if lane is None:
            note, known = Note.NO_SUCH_LANE if lanes else Note.NO_LANES, ", ".join(x.carrier for x in lanes)
            return place.say(Reason.UNKNOWN_CODE, Tone.LOOK, scan, item=scan.raw, detail=note, words=known)
        if self._picks:
            return self._ask_pickup(lane, scan)
        self._opening.open(lane.carrier)
        return place.say(Reason.OK, Tone.GOOD, scan, item=lane.name, detail=Note.LANE)

    def forget(self) -> None:
        """Drop whatever was asked."""
        self._picks, self._pickup, self._reprints = False, None, False
        self._opening.forget()

    def _pick(self, scan: Scan) -> Flash:
        dock = self._loads.dock
        if dock is None or not dock.no_dock_scan:
            return self._place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.NO_PICKUP)
        self.forget()
        self._picks = True
        return self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, detail=Note.PICKUP_LANE)

    def _ask_pickup(self, lane: wire.Lane, scan: Scan) -> Flash:
        count = self._loads.dock.pickups.get(lane.carrier, 0) if self._loads.dock else 0
        if not count:
            return self._place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=lane.name, detail=Note.PICKUP_NONE)
        person = self._place.person
        self._pickup = wire.PickupRequest(
            carrier=lane.carrier, person_id=person.person_id if person else 0, count=count
        )
        units = (count, count)
        return self._place.say(
            Reason.NEED_CONFIRM, Tone.LOOK, scan, item=lane.name, detail=Note.PICKUP_ASK, units=units
        )

    def _yes(self, scan: Scan) -> Flash:
        request, opening = self._pickup, self._opening
        wanted, another, alone = opening.wanted, opening.choose, opening.alone
        if wanted is not None and alone:
            opening.begin_alone(wanted)
        self.forget()
        if request is not None:
            opening.ask(request, self._name(request.carrier))
        elif wanted is not None and not alone:
            opening.ask(replace(wanted, yes=True, another=another), self._name(wanted.carrier))
        lane = request or wanted
        item, note = self._name(lane.carrier) if lane else "", Note.GOODS_WAIT if request else Note.NEW_LOAD_BEGINS
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=item, detail=note)

    def _name(self, carrier: str) -> str:
        lanes = self._place.snapshot.lanes if self._place.snapshot else ()
        return next((lane.name for lane in lanes if lane.carrier == carrier), carrier)
