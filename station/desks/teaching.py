"""ATTACH: an unknown code is scanned, then a known code of the same product; the server keeps it. Needs the server."""

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.errors import DomainError, Unavailable
from server.domain.people import Role
from station.jobs import Worker
from station.people import by_id, may_supervise
from station.views import Flash, Note
from station.workplace import Workplace


class Teaching:
    """Asks for two codes in turn; any command or badge ends it. Call everything with the workplace's lock held."""

    def __init__(self, place: Workplace, worker: Worker) -> None:
        self._place, self._worker = place, worker
        self._code: str | None = None
        """None: nothing is asked. Empty: the unknown code is asked. Else that code, and the item is asked."""

    def scan(self, scan: Scan) -> Flash | None:
        """ATTACH and the two codes after it; None for what is none of this desk's business."""
        place = self._place
        if scan.bounce or scan.problem:
            return None
        if scan.command is Command.ATTACH:
            if not self._may():
                return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.MAY_NOT_ATTACH)
            self._code = ""
            return place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, detail=Note.ATTACH_CODE)
        if self._code is None:
            return None
        if scan.command or scan.badge or scan.trouble or scan.order_ref or scan.lane or scan.box_type:
            self._code = None
            return None
        return self._unknown(scan) if not self._code else self._item(scan, self._code)

    def _unknown(self, scan: Scan) -> Flash:
        if scan.matches:
            item = scan.matches[0].label
            return self._place.say(Reason.ALREADY_DONE, Tone.LOOK, scan, item=item, detail=Note.ATTACH_CODE)
        if scan.bad_read:
            return self._place.say(Reason.BAD_READ, Tone.LOOK, scan, detail=scan.bad_read)
        self._code = scan.payload
        return self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, item=scan.payload, detail=Note.ATTACH_ITEM)

    def _item(self, scan: Scan, code: str) -> Flash:
        if len({m.sku for m in scan.matches}) != 1:
            reason = Reason.AMBIGUOUS if scan.matches else Reason.UNKNOWN_CODE
            return self._place.say(reason, Tone.LOOK, scan, item=scan.raw, detail=Note.ATTACH_ITEM)
        self._code, match = None, scan.matches[0]
        person = self._place.person
        request = wire.AttachRequest(code=code, sku=match.sku, person_id=person.person_id if person else 0)
        self._worker.do(lambda: self._ask(request, match.label))
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=match.label, detail=Note.ATTACHING)

    def _ask(self, request: wire.AttachRequest, item: str) -> None:
        """On the worker, once: whoever waits for it stands at the bench and can scan again."""
        try:
            self._place.client.attach_code(request)
            # So that the next scan of it counts, and not only the one after the next heartbeat.
            self._place.keep(self._place.client.snapshot())
            self._heard(Reason.OK, Tone.GOOD, item, Note.ATTACHED)
        except Unavailable:
            self._heard(Reason.NOT_NOW, Tone.LOOK, item, Note.ATTACH_OFF)
        except DomainError as error:
            self._heard(Reason.NOT_NOW, Tone.LOOK, item, Note.NOT_ATTACHED, error)

    def _heard(self, reason: Reason, tone: Tone, item: str, note: Note, error: DomainError | None = None) -> None:
        words, facts = (error.detail, error.facts) if error else ("", {})
        with self._place.changing():
            self._place.sound(self._place.say(reason, tone, item=item, detail=note, words=words, facts=facts))

    def _may(self) -> bool:
        """By the newest snapshot; the server asks once more."""
        place = self._place
        card = by_id(place.snapshot.people, place.person.person_id) if place.snapshot and place.person else None
        return card is not None and (may_supervise(card) or Role.ATTACH_CODES in card.roles)
