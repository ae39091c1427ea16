"""Who works here: a badge signs in, another badge takes over, a code signs out. Works with no server in sight."""

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.wire import PersonCard
from station.desks.pace import Paces
from station.desks.pins import PATIENCE_SECONDS, Asked, Pins, digit_of, digits_of
from station.people import by_id, lent_to, may_load, may_pack
from station.views import Flash, Note, Pace
from station.workplace import Desk, Workplace

_DOT = "•"


class SignInDesk:
    """The desk while nobody is signed in, and the badges of every other desk."""

    def __init__(self, place: Workplace, paces: Paces) -> None:
        self._place, self._paces, self._pins = place, paces, Pins(place)
        self._asked: Asked | None = None
        self.farewell: Pace | None = None
        """Of whoever signed out last, until the next scan."""

    @property
    def asks(self) -> str:
        """Whose PIN is asked for; empty when none is."""
        asked = self._asked
        if asked is not None and self._place.clock() - asked.since > PATIENCE_SECONDS:
            self._asked = asked = None
        return asked.person.name if asked else ""

    def scan(self, scan: Scan, *, mid_box: bool = False, units: tuple[int, int] = (0, 0), before_id: int = 0) -> Flash:
        """Only a badge means something here. ``before_id`` is who packed the box that stands here, if one does."""
        place, self.farewell = self._place, None
        if scan.bounce:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        if scan.problem or (scan.bad_read and not scan.badge):
            return place.say(Reason.BAD_READ, Tone.LOOK, scan, detail=scan.problem or scan.bad_read or "")
        if scan.badge:
            return self.badge(scan, mid_box=mid_box, units=units, before_id=before_id)
        return place.say(Reason.NOT_SIGNED_IN, Tone.LOOK, scan, item=scan.raw)

    def badge(self, scan: Scan, *, mid_box: bool, units: tuple[int, int] = (0, 0), before_id: int = 0) -> Flash:
        """Sign this person in, or hand the bench over to them. ``mid_box``: an order is open here.

        ``units`` of it are verified, and wanted: whoever takes over counts the box. Where a PIN is set it comes first.
        """
        place, self._asked = self._place, None
        person = place.find_person(scan)
        if person is None:
            note = Note.UNKNOWN_BADGE
            if place.snapshot and lent_to(place.snapshot.people, scan.badge or ""):
                note = Note.DAY_OVER
            return place.say(Reason.UNKNOWN_CODE, Tone.LOOK, scan, detail=note)
        if not (may_pack(person) or may_load(person)):
            return place.say(Reason.NOT_SIGNED_IN, Tone.LOOK, scan, item=person.name, detail=Note.NO_ROLE)
        if mid_box and not may_pack(person):
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=person.name, detail=Note.BOX_FIRST)
        here = place.person
        asked = Asked(person, place.clock(), mid_box, units, here.person_id if here else before_id)
        if person.pin_hash and (here is None or here.person_id != person.person_id):
            return self._ask(asked, scan)
        return self._enter(asked, scan)

    def answer(self, scan: Scan) -> Flash | None:
        """A scan while a PIN is asked for; None for one that is no part of it, and then the question is dropped.

        Digits are typed and ended with Enter, or scanned one by one and ended with OK. They are shown nowhere.
        """
        asked = self._asked
        if asked is None or scan.badge:
            return None
        if scan.bounce or scan.problem:
            reason = Reason.REPEAT if scan.bounce else Reason.BAD_READ
            return self._place.say(reason, Tone.LOOK, scan, item=asked.person.name, detail=Note.PIN)
        digit, pin = digit_of(scan), digits_of(scan)
        if digit:
            self._asked = Asked(
                asked.person, self._place.clock(), asked.mid_box, asked.units, asked.before_id, asked.digits + digit
            )
            shown = f"{asked.person.name}  {_DOT * len(self._asked.digits)}"
            return self._place.say(Reason.OK, Tone.GOOD, scan, item=shown, detail=Note.PIN)
        if scan.command is Command.OK:
            pin = asked.digits
        if not pin:
            self._asked = None
            return None
        if self._pins.fits(asked.person, pin):
            self._asked = None
            return self._enter(asked, scan)
        return self._ask(
            Asked(asked.person, asked.since, asked.mid_box, asked.units, asked.before_id), scan, wrong=True
        )

    def _ask(self, asked: Asked, scan: Scan, *, wrong: bool = False) -> Flash:
        place, person = self._place, asked.person
        if self._pins.locked(person.person_id):
            self._asked = None
            return place.say(Reason.WRONG_PIN, Tone.LOOK, scan, item=person.name, detail=Note.PIN_LOCKED)
        self._asked = asked
        if wrong:
            left = (self._pins.left(person.person_id), 0)
            return place.say(Reason.WRONG_PIN, Tone.LOOK, scan, item=person.name, detail=Note.PIN_WRONG, units=left)
        return place.say(Reason.OK, Tone.GOOD, scan, item=person.name, detail=Note.PIN)

    def _enter(self, asked: Asked, scan: Scan) -> Flash:
        place, person, units = self._place, asked.person, asked.units
        place.sign_in(person)
        self._suit(person)
        handed = asked.before_id not in (0, person.person_id)
        if handed and asked.mid_box and units[0]:
            return place.say(Reason.OK, Tone.LOOK, scan, item=person.name, detail=Note.COUNT_BOX, units=units)
        note = Note.HAND_OVER if handed else Note.SIGNED_IN
        return place.say(Reason.OK, Tone.GOOD, scan, item=person.name, detail=note)

    def welcome(self, desk: Desk) -> bool:
        """Whether who is signed in may still work at this desk, as the newest snapshot says."""
        person, snapshot = self._place.person, self._place.snapshot
        if person is None or snapshot is None:
            return True
        card = by_id(snapshot.people, person.person_id)
        return card is not None and (may_load(card) if desk == "dock" else may_pack(card))

    def revoke(self) -> Flash:
        """Sign out whoever is not welcome any more, and say so."""
        name = self._place.person.name if self._place.person else ""
        return self._leave(name, Note.REVOKED)

    def lock(self) -> Flash:
        """Nobody has scanned here for long: the next one says who they are."""
        return self._leave("", Note.IDLE)

    def gone_to(self, bench: str) -> Flash:
        """The same badge signed in at another bench since."""
        return self._leave(bench, Note.ELSEWHERE)

    def _leave(self, item: str, note: Note) -> Flash:
        self._paces.keep()
        self._place.sign_out()
        self._asked, self.farewell = None, None
        return self._place.say(Reason.NOT_SIGNED_IN, Tone.LOOK, item=item, detail=note)

    def _suit(self, person: PersonCard) -> None:
        """Nobody stands at a desk they may not work at."""
        if self._place.desk == "dock" and not may_load(person):
            self._place.go("pack")
        elif self._place.desk == "pack" and not may_pack(person):
            self._place.go("dock")

    def sign_out(self, scan: Scan) -> Flash:
        """Leave the bench; the caller knows that no order is open."""
        person = self._place.person
        if person is not None:
            self._paces.keep()
            self.farewell = self._paces.of(person.person_id)
        self._place.sign_out()
        name = person.name if person else ""
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=name, detail=Note.SIGNED_OUT)
