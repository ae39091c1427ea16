"""Who works here: a badge signs in, another badge takes over, a code signs out. Works with no server in sight."""

from server.domain.reasons import Reason, Tone
from server.domain.scans import Scan
from server.wire import PersonCard
from station.people import may_load, may_pack
from station.views import Flash
from station.workplace import Workplace


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
            return place.say(Reason.UNKNOWN_CODE, Tone.LOOK, scan, detail="badge", words="This badge is not known here")
        if not (may_pack(person) or may_load(person)):
            words = f"{person.name} may neither pack nor load"
            return place.say(Reason.NOT_SIGNED_IN, Tone.LOOK, scan, item=person.name, detail="role", words=words)
        if mid_box and not may_pack(person):
            words = f"{person.name} may not pack; finish or park this box first"
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=person.name, detail="role", words=words)
        before = place.person
        place.sign_in(person)
        self._suit(person)
        handed = before is not None and before.person_id != person.person_id
        return place.say(Reason.OK, Tone.GOOD, scan, item=person.name, detail="hand_over" if handed else "signed_in")

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
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=name, detail="signed_out")
