"""What all desks of a bench share: the lock, the journal, the catalogue, who is signed in, the last verdict."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.booking.lots import day_in
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Catalog
from station.journal import Journal, JournalFailed
from station.people import by_badge, may_supervise
from station.server_client import ServerClient
from station.site_time import minute, zone_of
from station.views import Flash, Note

Desk = Literal["pack", "dock"]
WORDS_MAX = 300
_log = logging.getLogger("packproof.station")


def clean(text: str) -> str:
    """Text from outside without control characters, at most 300 characters."""
    return "".join(c if c.isprintable() else " " for c in text[:WORDS_MAX]).strip()


def known(facts: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Facts from outside as a screen may show them."""
    return tuple((name, clean(str(value))) for name, value in facts.items())


class Workplace:
    """State behind one lock. Threads other than the one that scans change it inside ``changing()``."""

    def __init__(self, journal: Journal, client: ServerClient, clock: Callable[[], float], bench: str) -> None:
        self.lock = threading.RLock()
        self.journal, self.client, self.clock = journal, client, clock
        self.on_change: Callable[[], None] = lambda: None
        self.on_tone: Callable[[Tone], None] = lambda _tone: None
        self.on_fact: Callable[[], None] = lambda: None
        """Called with the lock held when something that is not a scan was journaled; must not wait."""
        self.bench = bench
        self.own_code = ""
        """The code by which this bench adopts a scanner; empty when it is not known."""
        self.has_scale = False
        """Each box is weighed here."""
        self.snapshot: wire.Snapshot | None = None
        self.catalog = Catalog()
        self.queue: wire.Queue | None = None
        """What waits, as the server said last; None until it has."""
        self.person: wire.PersonCard | None = None
        self.signed_in_at = 0.0
        """When that person signed in, by this bench's clock."""
        self.desk: Desk = "pack"
        self.flash: Flash | None = None
        self.flash_at = 0.0
        self.touched_at = clock()
        """When something was scanned last."""
        self.stop_at = 0.0
        """When the stop that is latched appeared."""
        self.broken = ""
        """Why the journal could not write; stays until a person has acknowledged it and it can write again."""
        self.refused: tuple[str, ...] = ()
        """What was scanned and not kept because of it, as a person calls it."""
        self._serial = 0
        self._depth = 0
        self._tones: list[Tone] = []

    def restore(self) -> None:
        """Take up catalogue, sign-in and desk where they were."""
        kept = self.journal.get("snapshot")
        try:
            self.adopt(wire.decode(kept, wire.Snapshot)) if kept else None
        except DomainError as error:
            # Kept by an older version of this program; the server has a fresh one.
            _log.warning("the kept catalogue is not understood: %s", error)
        person = self.journal.get("person")
        self.person = wire.decode(person, wire.PersonCard) if person else None
        self.signed_in_at = float(self.journal.get("signed_in_at") or 0.0)
        self.desk = "dock" if self.journal.get("desk") == b"dock" else "pack"

    def adopt(self, snapshot: wire.Snapshot) -> None:
        """Use this catalogue and these people from now on."""
        catalog = Catalog.of(snapshot.products, snapshot.codes, snapshot.boxes, snapshot.version)
        with self.lock:
            self.snapshot, self.catalog, self.bench = snapshot, catalog, snapshot.bench

    def keep(self, snapshot: wire.Snapshot) -> None:
        """Adopt and remember for the next start."""
        self.adopt(snapshot)
        self.journal.put("snapshot", wire.encode(snapshot))

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock; afterwards, with the lock free again, tell the screen and make the sounds."""
        self.lock.acquire()
        self._depth += 1
        try:
            yield
        except JournalFailed as error:
            self.sound(self.fail(error))
            raise
        finally:
            self._depth -= 1
            outermost, tones = self._depth == 0, self._tones
            if outermost:
                self._tones = []
            self.lock.release()
            if outermost:
                self.tell(tones)

    def tell(self, tones: list[Tone]) -> None:
        """Sound the tones and ask the screen to draw again; call it without the lock."""
        for tone in tones:
            self.on_tone(tone)
        self.on_change()

    def sound(self, flash: Flash) -> None:
        """Make this verdict heard although no scan caused it."""
        self._tones.append(flash.tone)

    def say(
        self,
        reason: Reason,
        tone: Tone,
        scan: Scan | None = None,
        *,
        item: str = "",
        detail: str = "",
        words: str = "",
        facts: Mapping[str, object] | None = None,
        units: tuple[int, int] = (0, 0),
    ) -> Flash:
        """The next verdict for the screen."""
        self._serial += 1
        self.flash_at = self.clock()
        if tone is Tone.STOP and reason not in (Reason.STOPPED, Reason.REPEAT):
            self.stop_at = self.flash_at
        typed = scan.typed if scan else False
        told = known(facts or {})
        self.flash = Flash(self._serial, reason, tone, item, detail, typed, clean(words), told, units)
        return self.flash

    def fail(self, error: JournalFailed, refused: str = "") -> Flash:
        """Nothing counts until the journal can write again and a person says go on. ``refused`` was not kept."""
        if not self.broken:
            _log.error("the journal cannot write: %s", error)
            self.stop_at = self.clock()
        self.broken = clean(str(error))
        self.refused += (clean(refused),) if refused else ()
        return self.say(Reason.STOPPED, Tone.STOP, detail=Note.JOURNAL, words=self.broken)

    def mended(self) -> bool:
        """Whether the journal can write again; then what was refused is forgotten: a person has seen it."""
        try:
            self.journal.probe()
        except JournalFailed as error:
            self.broken = clean(str(error))
            return False
        self.broken, self.refused = "", ()
        return True

    def find_person(self, scan: Scan) -> wire.PersonCard | None:
        """Who this badge belongs to."""
        return by_badge(self.snapshot.people, scan.badge or "", self.today) if self.snapshot else None

    def find_supervisor(self, scan: Scan) -> wire.PersonCard | None:
        """The supervisor whose badge alone is enough: one with a PIN has to be signed in here by it."""
        person = self.find_person(scan)
        if person is None or not may_supervise(person):
            return None
        here = self.person is not None and self.person.person_id == person.person_id
        return person if here or not person.pin_hash else None

    @property
    def today(self) -> str:
        """The day at this site, ISO; by it badges are lent."""
        return day_in(self.clock(), self._zone).isoformat()

    @property
    def clock_text(self) -> str:
        """Day and time at this site, to the minute."""
        return minute(self.clock(), self._zone)

    @property
    def _zone(self) -> str:
        return zone_of(self.snapshot.time_zone if self.snapshot else "UTC").key

    def sign_in(self, person: wire.PersonCard) -> None:
        """This person works here from now on; survives a restart. The badge's digest is not kept with it."""
        kept, now = replace(person, badge_digest="", day_badge_digest="", pin_hash=""), self.clock()
        if self.person is None or self.person.person_id != person.person_id:
            self.journal.put("signed_in_at", str(now).encode())
            self.signed_in_at = now
        self.journal.put("person", wire.encode(kept))
        self.person = kept

    def sign_out(self) -> None:
        """Nobody works here."""
        self.journal.put("person", None)
        self.person = None

    def go(self, desk: Desk) -> None:
        """Change to this desk; survives a restart."""
        self.journal.put("desk", desk.encode())
        self.desk = desk
