"""Who works here: a badge signs in, another badge takes over, a code signs out. Works with no server in sight."""

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.wire import PersonCard
from station.people import by_id, may_load, may_pack
from station.views import Flash, Note
from station.workplace import Desk, Workplace


class SignInDesk:
    """The desk while nobody is signed in, and the badges of every other desk."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def scan(self, scan: Scan) -> Flash:
        """Only a badge means something here."""
        place = self._place
        if scan.bounce:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        if scan.problem or (scan.bad_read and not scan.badge):
            return place.say(Reason.BAD_READ, Tone.LOOK, scan, detail=scan.problem or scan.bad_read or "")
        if scan.badge:
            return self.badge(scan, mid_box=False)
        return place.say(Reason.NOT_SIGNED_IN, Tone.LOOK, scan, item=scan.raw)

    def badge(self, scan: Scan, *, mid_box: bool) -> Flash:
        """Sign this person in, or hand the bench over to them. ``mid_box``: an order is open here."""
        place = self._place
        person = place.find_person(scan)
        if person is None:
            return place.say(Reason.UNKNOWN_CODE, Tone.LOOK, scan, detail=Note.UNKNOWN_BADGE)
        if not (may_pack(person) or may_load(person)):
            return place.say(Reason.NOT_SIGNED_IN, Tone.LOOK, scan, item=person.name, detail=Note.NO_ROLE)
        if mid_box and not may_pack(person):
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=person.name, detail=Note.BOX_FIRST)
        before = place.person
        place.sign_in(person)
        self._suit(person)
        handed = before is not None and before.person_id != person.person_id
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
        self._place.sign_out()
        return self._place.say(Reason.NOT_SIGNED_IN, Tone.LOOK, item=name, detail=Note.REVOKED)

    def _suit(self, person: PersonCard) -> None:
        """Nobody stands at a desk they may not work at."""
        if self._place.desk == "dock" and not may_load(person):
            self._place.go("pack")
        elif self._place.desk == "pack" and not may_pack(person):
            self._place.go("dock")

    def sign_out(self, scan: Scan) -> Flash:
        """Leave the bench; the caller knows that no order is open."""
        name = self._place.person.name if self._place.person else ""
        self._place.sign_out()
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=name, detail=Note.SIGNED_OUT)
