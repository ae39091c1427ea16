"""The front door of the station's logic: a scan goes in, its verdict comes out, and the journal has it before that.

``scan`` is called on the screen's thread and never waits for the server or the printer: those live on workers, which
call ``on_change`` when there is something new to draw.
"""

import logging
import time
from collections.abc import Callable

import scanners.reader
from printing.spool import Job, Spool
from scanners.reader import SourceStatus
from server import reading, wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing.order import Mode
from server.kernel_clock import clock_synchronised
from station.beat import message
from station.clock import ClockCheck
from station.config import StationConfig
from station.desks.bell import Bell
from station.desks.boxes import Boxes
from station.desks.dock import DockDesk
from station.desks.fetching import Fetching
from station.desks.forgetting import Forgetting
from station.desks.goods import GoodsDesk
from station.desks.goods_book import GoodsBook
from station.desks.labels import Labels
from station.desks.leased import Leased
from station.desks.load_closes import LoadCloses
from station.desks.load_opening import LoadOpening
from station.desks.load_papers import LoadPapers
from station.desks.loads import Loads
from station.desks.loads_begun import LoadsBegun
from station.desks.packing import PackingDesk
from station.desks.pallet import PalletDesk
from station.desks.queue import QueueDesk
from station.desks.reception import Reception
from station.desks.redirecting import Redirecting
from station.desks.sign_in import SignInDesk
from station.desks.teaching import Teaching
from station.desks.wanted import WantedElsewhere
from station.desks.weighing import Weighing
from station.heartbeat import Heartbeat
from station.jobs import Worker
from station.journal import Journal
from station.lamps import Lamps
from station.link import Link
from station.pictures.store import PictureStore
from station.print_jobs import PrintJobs
from station.scale import Scale, Weigher
from station.server_client import ServerClient
from station.status import server_lamp
from station.uplink import Uplink
from station.views import Flash, Note, StatusLine, View
from station.workplace import Workplace

ACKNOWLEDGE_SECONDS = 0.4
"""A bare Enter sooner than this after a stop appeared belongs to something else, such as a scanner's CR LF."""
TICK_SECONDS = 0.1
_log = logging.getLogger("packproof.station")


class Bench:
    """One packing bench: its desks, its threads, its state."""

    def __init__(
        self,
        *,
        config: StationConfig,
        journal: Journal,
        client: ServerClient,
        spool: Spool | None,
        scale: Scale | None = None,
        clock: Callable[[], float] = time.time,
        synchronised: Callable[[], bool | None] = clock_synchronised,
    ) -> None:
        self._place = place = Workplace(journal, client, clock, config.name)
        self._clock = ClockCheck(clock, synchronised)
        self._link, self._jobs = Link(), PrintJobs(spool, config.printers, lambda: place.bench)
        self._uplink = Uplink(journal, client, self._link)
        self._opening, self._buying, self._ticking = Worker("opening"), Worker("labels"), Worker("clock")
        self._boxes = Boxes(place)
        work, flush, link = self._buying, self._uplink.flush, self._link
        self._labels = Labels(place, self._boxes, self._jobs, work, flush, alone=lambda: link.away)
        self._config, self._sign_in = config, SignInDesk(place, self._boxes.paces)
        sign_in = self._sign_in
        wanted = WantedElsewhere(place, self._boxes, self._link, self._opening)
        self._packing = PackingDesk(place, self._boxes, self._labels, sign_in, wanted)
        place.has_scale = scale is not None
        weigher = Weigher(scale) if scale is not None else None
        self._weighing = Weighing(place, self._boxes, weigher, self._packing.follow)
        self._leased, self._leasing = Leased(place, self._link), Worker("lease")
        self.pictures, self._picturing = PictureStore(config.state_dir / "pictures"), Worker("pictures")
        self._fetching = Fetching(place, self._boxes, self._leased, self.pictures)
        queue = QueueDesk(place, self._boxes, self._packing, self._labels, self._opening, leased=self._leased)
        queue.later(self._ticking.do)
        manifests = config.state_dir / "manifests"
        self._papers = LoadPapers(place, self._jobs, self._opening, self._link, manifests)
        self._loads = Loads(place, self._uplink, self._link, self._papers)
        self._heartbeat = Heartbeat(place, self._link, self._clock, self._beat)
        self._goods = GoodsBook(place, self._opening)
        self._begun = begun = LoadsBegun(place, self._uplink, self._link)
        parts, uplink = (place, self._loads, begun, self._opening), self._uplink
        self._closes = LoadCloses(*parts, uplink=uplink, link=link)
        loading = LoadOpening(*parts, uplink=uplink, link=link)
        loading.before, begun.on_real = self._closes.settle, [self._loads.real, self._closes.real]
        self._pallet = PalletDesk(place, self._loads, self._jobs, self._opening)
        dock = DockDesk(place, self._loads, loading, self._closes, GoodsDesk(place, self._goods), self._pallet)
        moved = self._heartbeat.soon
        self._bell, teaching = Bell(place), Teaching(place, self._opening)
        self._redirecting = Redirecting(place, self._jobs)
        desks = (self._packing, queue, dock, self._bell, teaching, self._redirecting)
        self._reception = Reception(place, self._boxes, sign_in, *desks, moved, config.idle_minutes * 60.0)
        self._heartbeat.on_elsewhere = self._reception.elsewhere
        self._heartbeat.on_answered, self._heartbeat.on_paper = self._bell.answered, self._redirecting.heard
        workers = (self._opening, self._buying, self._leasing, self._picturing, self._ticking)
        self._threads = (self._uplink, self._heartbeat, *workers)
        self._uplink.on_stop = self._heartbeat.on_stop = self._labels.on_stop = self._packing.stop
        self._uplink.on_idle, self._uplink.due = self._dock_round, self._loads.due
        self._uplink.on_tote = queue.tote.done
        self._uplink.on_sent = lambda: place.tell([])
        place.on_fact = self._uplink.wake
        self._heartbeat.on_back = self._uplink.back
        place.own_code = reading.bench_code(config.bench_id) if config.bench_id else ""
        self._lamps = Lamps(clock, self._jobs, scale)

    @property
    def on_change(self) -> Callable[[], None]:
        """Called from any thread when there is something new to draw."""
        return self._place.on_change

    @on_change.setter
    def on_change(self, call: Callable[[], None]) -> None:
        self._place.on_change = call

    @property
    def on_tone(self) -> Callable[[Tone], None]:
        """Called from any thread for sounds that no scan caused."""
        return self._place.on_tone

    @on_tone.setter
    def on_tone(self, call: Callable[[Tone], None]) -> None:
        self._place.on_tone = call

    def start(self) -> None:
        """Restore everything from the journal, then begin to talk and to print. Raises JournalFailed, SpoolInUse."""
        self.restore()
        with self._place.lock:
            # Before the spool starts: a label of a parked box must not come out now.
            for box in self._boxes.parked.values():
                self._jobs.hold(box.session.parcel_id)
            self._jobs.start()
            self._labels.begin(restored=True)
        for thread in self._threads:
            thread.start()
        self._ticking.do(self._tick)
        self._leasing.do(self._leased.refresh)
        self._leasing.do(Forgetting(self._place, self._jobs).look)
        self._picturing.do(self._fetching.refresh)

    def restore(self) -> None:
        """Take up everything where the journal says it is; ``start`` does this by itself."""
        with self._place.lock:
            self._place.restore()
            self._bell.restore()
            self._boxes.restore()
            self._loads.restore()
            self._papers.restore()
            self._begun.restore()
            self._closes.restore()
            self._reception.dock.restore()
            self._goods.restore()
            self._pallet.restore()

    def stop(self) -> None:
        """End all threads; the journal and the client stay open and belong to the caller."""
        for thread in reversed(self._threads):
            thread.stop()
        self._jobs.stop()

    def scan(self, scan: scanners.reader.Scan) -> Flash:
        """Judge one code. Its verdict is on disk when this returns; never raises."""
        place = self._place
        with place.lock:
            self._lamps.heard(scan)
            try:
                flash = self._reception.scan(self._read(scan))
            except Exception:
                _log.exception("a scan could not be judged")
                flash = place.say(Reason.STOPPED, Tone.STOP, detail=Note.FAULT)
        self._uplink.wake()
        return flash

    def acknowledge(self) -> Flash | None:
        """A bare Enter or the foot pedal: as PPC-OK when a stop stands there for 0.4 s; None when it means nothing."""
        place = self._place
        with place.lock:
            if not self._reception.stopped or place.clock() - place.stop_at < ACKNOWLEDGE_SECONDS:
                return None
            now = place.clock()
            return self.scan(scanners.reader.Scan(reading.command_code(Command.OK), "enter", now, now, typed=True))

    def picture_of(self, sku: str) -> str:
        """The name of a product's picture in ``pictures``; empty without one."""
        return self._fetching.name_of(sku)

    @property
    def view(self) -> View:
        """What there is to draw now."""
        with self._place.lock:
            return self._reception.view()

    @property
    def status(self) -> StatusLine:
        """The bottom row."""
        place = self._place
        with place.lock:
            person, scanner, secret = place.person, self._lamps.scanner, bool(self._sign_in.asks)
        return StatusLine(
            bench=place.bench,
            person=person.name if person else "",
            server=server_lamp(self._link, len(self._uplink.refused)),
            unsent=place.journal.unsent,
            scanner=scanner,
            printer=self._lamps.printer,
            mode=place.snapshot.mode if place.snapshot else Mode.BLOCK,
            called=self._bell.since,
            clock_off=self._clock.wrong,
            clock_unset=self._clock.unset,
            language=(person.language if person else "") or self._config.language,
            theme=(person.theme if person else "") or self._config.theme,
            secret=secret,
            scale=self._lamps.scale,
        )

    def note_source(self, status: SourceStatus) -> None:
        """A scanner came, went or has trouble; from any thread."""
        with self._place.changing():
            self._lamps.sources[status.name] = status

    def note_scale(self, status: SourceStatus) -> None:
        """The scale came, went or has trouble; from any thread."""
        self._lamps.note_scale(status)
        self._ticking.do(self._tick_once)

    def note_job(self, _job: Job) -> None:
        """A print job moved on; give this to the spool as its ``on_change``."""
        self._ticking.do(self._tick_once)

    def _read(self, scan: scanners.reader.Scan) -> Scan:
        return reading.read(
            scan.text,
            self._place.catalog,
            at=scan.last_at,
            source=scan.source,
            typed=scan.typed,
            bounce=scan.bounce,
            problem=scan.problem,
            clock_off=self._clock.doubtful,
        )

    def _dock_round(self) -> None:
        """After every drain: what began, left or was built without the server first. Raises Unavailable."""
        self._begun.settle()
        self._closes.settle()
        self._loads.pallets.settle()
        self._loads.refresh()
        self._papers.look()

    def _tick(self) -> float:
        """On the clock's worker, ten times a second: never waits for anything slow."""
        self._tick_once()
        return TICK_SECONDS

    def _tick_once(self) -> None:
        if self._lamps.look():
            self._place.on_change()
        with self._place.lock:
            due, leaves = self._labels.due or self._weighing.due, self._reception.somebody_leaves
        if due or leaves:
            with self._place.changing():
                self._labels.tick()
                self._weighing.tick()
                self._reception.see_out()

    def _beat(self) -> wire.Heartbeat:
        with self._place.lock:
            lamps = self._lamps.connected, self._lamps.printer
            return message(self._place, self._boxes, self._loads, self._bell, lamps, paper=self._redirecting)
