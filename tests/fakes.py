"""Stand-ins for what is not under test."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from server import wire
from server.domain.benchwork import handoff
from server.domain.benchwork.handoff import DockParcel, Load, ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import DockMode
from server.domain.masterdata.catalog import Catalog, ProductCode
from server.domain.packing import rules
from server.domain.packing.boxes import box_number, box_total
from server.domain.packing.order import PackOrder
from server.domain.packing.session import Phase, Session
from server.reading import product_key, read
from station.server_client import ServerClient
from tests import builders


def until(condition: Callable[[], object], what: str = "", seconds: float = 8.0) -> None:
    """Wait until the condition holds; fail with ``what`` when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what or condition}")
        time.sleep(0.005)


class FakePrinter:
    """A printer that keeps its jobs, or is off."""

    name = "fake"

    def __init__(self) -> None:
        from printing.printers import PrinterStatus, PrinterUnavailable

        self._status, self._unavailable = PrinterStatus, PrinterUnavailable
        self.jobs: list[bytes] = []
        self.off = False

    def send(self, data: bytes) -> None:
        """Keep one job."""
        if self.off:
            raise self._unavailable("it is switched off")
        self.jobs.append(data)

    def recover(self, torn: bytes) -> None:
        """It never keeps half a job."""

    def status(self):  # type: ignore[no-untyped-def]
        """Ready, or offline."""
        return self._status("offline", "it is switched off") if self.off else self._status("ready", "", 0)


@dataclass(slots=True)
class _Session:
    order: PackOrder
    events: list[wire.PackEvent] = field(default_factory=list)
    label: wire.LabelAnswer | None = None


class FakeServer:
    """A server in memory behind the real client: claims, logs, labels and loads, judged by the real rules.

    Set ``away`` and nobody answers; ``lose_answers`` does the work and loses that many answers; ``refuse`` maps the
    end of a path to a problem; ``delay`` is in seconds; ``hold`` blocks label purchases until it is set.
    """

    def __init__(self, orders: Iterable[PackOrder] = ()) -> None:
        self.orders = {o.number: o for o in orders}
        self.snapshot = builders.snapshot()
        self.catalog = Catalog.of(self.snapshot.products, self.snapshot.codes, self.snapshot.boxes)
        self.sessions: dict[str, _Session] = {}
        self.stops: list[wire.SessionStop] = []
        self.unreachable: tuple[str, ...] = ()
        self.erased = wire.ErasedAnswer()
        self.leased: list[str] = []
        self.stop_after_events: wire.EventsAnswer | None = None
        """What it says of every session whose events it took."""
        self.allots: list[str] = []
        """Numbers of leased orders whose label it gives out beforehand."""
        self.papers = wire.NO_PAPERS
        """What its channels want beside every label."""
        self.totes: dict[str, str] = {}
        """Totes of leased orders by their numbers."""
        """Numbers of the orders this bench may open by itself."""
        self.loads: dict[str, Load] = {}
        self.parcels: list[DockParcel] = []
        self.dock_events: list[wire.DockEvent] = []
        self.dock_sessions: list[str] = []
        """Of each dock event, in step with them."""
        self.told: tuple[wire.Told, ...] = ()
        self.stock_told = False
        self.away = False
        self.lose_answers: dict[str, int] = {}
        self.refuse: dict[str, wire.Problem] = {}
        self.call_answered = False
        self.signed_in_elsewhere: dict[int, str] = {}
        self.paper: tuple[wire.PaperOrder, ...] = ()
        self.guests: tuple[wire.PaperFor, ...] = ()
        """By person, the other bench at which they signed in since."""
        self.delay = 0.0
        self.clock_off = 0.0
        self.wanted: dict[str, tuple[wire.Wanted, ...]] = {}
        """Other orders that wait for a SKU."""
        self.purchases: list[str] = []
        self.reprints: list[str] = []
        """Parcels whose label it gave once more, or was told of."""
        self.relabels: list[tuple[str, wire.RelabelRequest]] = []
        """Of each wish for another label: the code of its parcel, and what was said. It answers its first order."""
        self.opens: list[wire.OpenRequest] = []
        self.released: list[wire.ReleaseRequest] = []
        self.looks: list[tuple[str, str]] = []
        """Of each answer about a tote: its code, and what still lay in it."""
        self.carried: Session | None = None
        """The box that goes on in the next session opened."""
        self.tote_done = ""
        self.resent = 0
        self.gaps = 0
        self.lane_asks = ""
        """The problem that a lane is answered with until somebody says YES: need_confirm or which_load."""
        self.load_requests: list[wire.LoadRequest] = []
        self.forms: dict[str, bytes | wire.Problem] = {}
        """The carrier's own paper of each load; without one it gives none."""
        self.begun: dict[str, str] = {}
        """Loads that docks began with no network, by the docks' own keys."""
        self.closes: list[tuple[str, wire.CloseRequest]] = []
        self.closing: list[tuple[str, bool]] = []
        """Of each word about a summary on a screen: the load, and whether somebody went back."""
        self.dock = wire.DockAnswer()
        self.pickups: list[wire.PickupRequest] = []
        self.pallets: list[wire.PalletRequest] = []
        self.as_of = 1_700_000_000.0
        self.carrier_close = wire.CarrierClose()
        self.goods: dict[str, wire.GoodsExpected] = {}
        """What it expects of a paper, or of a SKU that is counted."""
        self.booked: dict[str, wire.GoodsDocument] = {}
        """Documents of goods by their key."""
        self.beats: list[wire.Heartbeat] = []
        self.pictures: dict[str, bytes] = {}
        self.paths: list[str] = []
        self.hold = threading.Event()
        self.hold.set()
        self._lock = threading.RLock()

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Really listen on a port of this machine; gives the address."""
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply(b"")

            def do_POST(self) -> None:
                self._reply(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def _reply(self, body: bytes) -> None:
                try:
                    reply = answer(httpx.Request(self.command, f"http://server{self.path}", content=body))
                except httpx.HTTPError:
                    reply = httpx.Response(503)
                with suppress(OSError):
                    self.send_response(reply.status_code)
                    for name in ("content-type",):
                        self.send_header(name, reply.headers.get(name, "application/json"))
                    self.send_header("Content-Length", str(len(reply.content)))
                    self.end_headers()
                    self.wfile.write(reply.content)

            def log_message(self, format: str, *args: object) -> None:
                """Tests are quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def client(self) -> ServerClient:
        """A real client that talks to this server."""
        return ServerClient("http://server", "token", transport=httpx.MockTransport(self._answer))

    def log(self, number: str) -> list[wire.PackEvent]:
        """Every event of an order, over all its sessions."""
        return [e for s in self.sessions.values() if s.order.number == number for e in s.events]

    def add_parcels(self, *parcels: DockParcel) -> None:
        """Parcels every load knows of from now on."""
        with self._lock:
            self.parcels.extend(parcels)
            for load in self.loads.values():
                self.loads[load.load_id] = replace(load, parcels=(*load.parcels, *parcels))

    def change_parcel(self, parcel_id: str, state: ParcelState) -> None:
        """Something happened to a parcel."""
        with self._lock:
            for load in self.loads.values():
                changed = tuple(replace(p, state=state) if p.parcel_id == parcel_id else p for p in load.parcels)
                self.loads[load.load_id] = replace(load, parcels=changed)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/")
        if self.away:
            raise httpx.ConnectError("nobody there")
        if self.delay:
            time.sleep(self.delay)
        if path.endswith("/label"):
            self.hold.wait(10)
        problem = next((p for end, p in self.refuse.items() if path.endswith(end)), None)
        if problem is not None:
            return httpx.Response(
                problem.status, content=wire.encode(problem), headers={"content-type": "application/problem+json"}
            )
        with self._lock:
            self.paths.append(path)
            answer = self._route(path, request.content)
            for end, left in self.lose_answers.items():
                if path.endswith(end) and left:
                    self.lose_answers[end] = left - 1
                    raise httpx.ReadTimeout("lost")
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer)
        if isinstance(answer, wire.Problem):
            headers = {"content-type": "application/problem+json"}
            return httpx.Response(answer.status, content=wire.encode(answer), headers=headers)
        return httpx.Response(200, content=wire.encode(answer))

    def _route(self, path: str, body: bytes) -> object:
        match path.split("/"):
            case ["snapshot"]:
                return self.snapshot
            case ["pictures", digest]:
                return self.pictures.get(digest) or wire.Problem(code="not_found", status=404, detail="no picture")
            case ["queue"]:
                return wire.Queue(waiting=len(self.orders), items=())
            case ["heartbeat"]:
                self.beats.append(wire.decode(body, wire.Heartbeat))
                elsewhere = self.signed_in_elsewhere.get(self.beats[-1].person_id or 0, "")
                at = time.time() - self.clock_off
                return wire.HeartbeatAnswer(
                    at=at,
                    stops=tuple(self.stops),
                    snapshot_version=self.snapshot.version,
                    unreachable=self.unreachable,
                    call_answered=self.call_answered,
                    signed_in_elsewhere=elsewhere,
                    paper=self.paper,
                    guests=self.guests,
                )
            case ["erased"]:
                return self.erased
            case ["lease"]:
                return self._lease(wire.decode(body, wire.LeaseRequest))
            case ["orders", "open"]:
                return self._open(wire.decode(body, wire.OpenRequest))
            case ["orders", "release"]:
                self.released.append(wire.decode(body, wire.ReleaseRequest))
                self.refuse.pop("orders/open", None)
                return wire.ReleaseAnswer(number=self.released[-1].ref)
            case ["codes"]:
                return self._attach(wire.decode(body, wire.AttachRequest))
            case ["wanted"]:
                return wire.WantedAnswer(orders=self.wanted.get(wire.decode(body, wire.WantedRequest).sku, ()))
            case ["totes", tote, "look"]:
                self.looks.append((tote, wire.decode(body, wire.ToteRequest).item))
                return {}
            case ["sessions", session_id, "events"]:
                request = wire.decode(body, wire.EventsRequest)
                for first in request.events[:1]:
                    self._adopt(session_id, first)
                return self._events(self.sessions[session_id], request)
            case ["sessions", session_id, "label"]:
                return self._label(session_id)
            case ["parcels", code, "reprint"]:
                has_it = (s.label for s in self.sessions.values() if s.label)
                label = next(x for x in has_it if code in (x.parcel_id, x.tracking, x.label.order_number))
                self.reprints.append(label.parcel_id)
                return label
            case ["parcels", parcel_id, "relabel"]:
                self.relabels.append((parcel_id, wire.decode(body, wire.RelabelRequest)))
                return wire.RelabelAnswer(number=next(iter(self.orders)))
            case ["goods", "expected"]:
                ask = wire.decode(body, wire.GoodsAsk)
                unknown = wire.Problem(code="not_found", detail=f"nobody knows {ask.ref}", status=404)
                return self.goods.get(ask.sku or ask.ref, unknown)
            case ["goods", "book"]:
                document = wire.decode(body, wire.GoodsDocument)
                if self.booked.setdefault(document.key, document) != document:
                    return wire.Problem(code="key_reused", detail="another document", status=409)
                return wire.GoodsBooked()
            case ["loads"]:
                return self._open_load(wire.decode(body, wire.LoadRequest))
            case ["loads", load_id]:
                return self._load(load_id)
            case ["loads", load_id, "events"]:
                return self._dock(load_id, wire.decode(body, wire.DockEventsRequest))
            case ["loads", load_id, "close"]:
                self.closes.append((load_id, wire.decode(body, wire.CloseRequest)))
                self.loads[load_id] = replace(self.loads[load_id], closed=True)
                return self._load(load_id)
            case ["loads", load_id, "closing"]:
                self.closing.append((load_id, wire.decode(body, wire.ClosingRequest).back))
                return self._load(load_id)
            case ["dock"]:
                return self.dock
            case ["dock", "yard"]:
                known = replace(builders.load(self.parcels, "", ""), others=self.dock.loads)
                return wire.YardAnswer(load=known, as_of=self.as_of, version="as it is")
            case ["pallets", "new"]:
                return wire.PalletCode(sscc="340123450000000024")
            case ["pallets"]:
                self.pallets.append(wire.decode(body, wire.PalletRequest))
                return wire.PalletAnswer(parcels=len(self.pallets[-1].parcels))
            case ["pickup"]:
                self.pickups.append(wire.decode(body, wire.PickupRequest))
                carrier = self.pickups[-1].carrier
                self.loads[f"L-{carrier}"] = replace(builders.load(self.parcels, f"L-{carrier}", carrier), closed=True)
                return self._load(f"L-{carrier}")
            case ["loads", _, "manifest.pdf"]:
                return b"%PDF-fake"
            case ["loads", load_id, "form"]:
                return self.forms.get(load_id) or wire.Problem(code="no_form", status=409, detail="no paper")
        return wire.Problem(code="unknown_path", detail=path, status=404)

    def _attach(self, request: wire.AttachRequest) -> wire.AttachAnswer:
        code = ProductCode(product_key(request.code), request.sku)
        self.snapshot = replace(self.snapshot, version=self.snapshot.version + 1, codes=(*self.snapshot.codes, code))
        return wire.AttachAnswer(sku=request.sku, added=True)

    def _open(self, request: wire.OpenRequest) -> object:
        self.opens.append(request)
        order = self.orders.get(request.ref.upper().removeprefix("PPO-"))
        if request.item:
            skus = {match.sku for match in read(request.item, self.catalog, at=0.0).matches}
            begun = {i: s.order.number for i, s in self.sessions.items() if i != request.session_id}
            free = (o for n, o in self.orders.items() if n not in begun.values())
            order = next((o for o in free if [line.sku for line in o.lines] == [*skus]), None)
        if order is None:
            return wire.Problem(code="unknown_code", detail=f"no order {request.ref}", status=404)
        claimed = next((i for i, s in self.sessions.items() if s.order.number == order.number), None)
        if claimed is None:
            claimed = request.session_id
            self.sessions[claimed] = _Session(order)
            if self.carried is not None:
                event = wire.PackEvent(seq=1, at=1.0, kind="carry", person_id=1, carried=self.carried)
                self.sessions[claimed].events.append(event)
        held = self.sessions[claimed]
        return wire.OpenAnswer(session_id=claimed, order=order, events=tuple(held.events))

    def _lease(self, request: wire.LeaseRequest) -> wire.LeaseAnswer:
        begun = {s.order.number for s in self.sessions.values()}
        mine = [self.orders[number] for number in self.leased if number not in begun]
        has = {(h.order_id, h.version) for h in request.held}
        fresh = tuple(o for o in mine if (o.order_id, o.version) not in has)
        totes = {o.order_id: self.totes[o.number] for o in mine if o.number in self.totes}
        ids = tuple(o.order_id for o in mine)
        given = {h.order_id: h.tracking for h in request.held}
        labels = tuple(self._allotted(o) for o in mine if o.number in self.allots and not given.get(o.order_id))
        return wire.LeaseAnswer(until=time.time() + 3600, order_ids=ids, orders=fresh, totes=totes, labels=labels)

    def _allotted(self, order: PackOrder) -> wire.Allotted:
        """The label that ``_label`` gives too."""
        parcel_id, tracking = f"P-{order.number}", f"TRK{order.number:0>8}"
        paper = replace(builders.label(parcel_id, tracking, order.number), box=1, boxes=1)
        label = wire.LabelAnswer(parcel_id=parcel_id, tracking=tracking, label=paper, papers=self.papers)
        return wire.Allotted(order_id=order.order_id, version=order.version, label=label)

    def _adopt(self, session_id: str, first: wire.PackEvent) -> None:
        if session_id not in self.sessions and first.kind == "claim":
            order = next(o for o in self.orders.values() if o.order_id == first.order_id)
            self.sessions[session_id] = _Session(order)

    def _events(self, held: _Session, request: wire.EventsRequest) -> wire.EventsAnswer | wire.Problem:
        expected = len(held.events) + 1
        if request.events and request.events[0].seq > expected:
            self.gaps += 1
            return _gap(expected, request.events[0].seq)
        for event in request.events:
            if event.seq <= len(held.events):
                self.resent += 1
            else:
                assert event.seq == len(held.events) + 1, "events came with a gap"
                held.events.append(event)
                self.reprints += [event.parcel_id] if event.kind == "reprint" else []
        said = self.stop_after_events or wire.EventsAnswer(accepted_through=0, tote_done=self.tote_done)
        return replace(said, accepted_through=len(held.events))

    def _label(self, session_id: str) -> object:
        held = self.sessions[session_id]
        if self.replayed(session_id).phase not in (Phase.CHECKED, Phase.LABEL, Phase.PARKED):
            return wire.Problem(code="not_ready", detail="units are not verified", status=409)
        now = self.replayed(session_id)
        if held.label is None or held.label.label.box != box_number(now):
            self.purchases.append(session_id)
            box = box_number(now)
            more = f"-{box}" if box > 1 else ""
            parcel_id, tracking = f"P-{held.order.number}{more}", f"TRK{held.order.number:0>8}{more}"
            paper = replace(builders.label(parcel_id, tracking, held.order.number), box=box, boxes=box_total(now))
            held.label = wire.LabelAnswer(parcel_id=parcel_id, tracking=tracking, label=paper, papers=self.papers)
        return held.label

    def replayed(self, session_id: str) -> Session:
        """The session as this server judges it."""
        held = self.sessions[session_id]
        session = rules.opened(session_id, held.order)
        for e in held.events:
            if e.kind == "scan":
                scan = read(e.raw, self.catalog, at=e.at, bounce=e.bounce, problem=e.problem, typed=e.typed)
                session = rules.judge(session, scan).session
            else:
                fact = e.fact
                session = rules.apply(session, fact)
        return session

    def _open_load(self, request: wire.LoadRequest) -> wire.LoadAnswer | wire.Problem:
        self.load_requests.append(request)
        load_id = request.load_id or f"L-{request.carrier}"
        if request.load_id in self.loads:
            return self._load(request.load_id)
        if request.client_id:
            load_id = self.begun.setdefault(request.client_id, f"L-begun-{len(self.begun) + 1}")
            if load_id in self.loads:
                return self._load(load_id)
        if self.lane_asks and not (request.yes or request.load_id):
            return wire.Problem(code=self.lane_asks, detail="which?", status=409)
        if load_id not in self.loads or self.loads[load_id].closed:
            self.loads[load_id] = builders.load(self.parcels, load_id, request.carrier)
        return self._load(load_id)

    def _load(self, load_id: str) -> wire.LoadAnswer:
        load = self.loads[load_id]
        return wire.LoadAnswer(
            load=load, told=self.told, stock_told=self.stock_told, as_of=self.as_of, carrier_close=self.carrier_close
        )

    def _dock(self, load_id: str, request: wire.DockEventsRequest) -> wire.DockEventsAnswer | wire.Problem:
        if self.loads[load_id].closed:
            left, load_id = load_id, f"{load_id}-next"
            carrier = self.loads[left].carrier
            self.loads.setdefault(load_id, builders.load(self.parcels, load_id, carrier))
        load, reason = self.loads[load_id], Reason.OK
        held = sum(session == request.dock_session for session in self.dock_sessions)
        if request.events[0].seq > held + 1:
            self.gaps += 1
            return _gap(held + 1, request.events[0].seq)
        for event in request.events:
            if event.seq <= held:
                continue
            self.dock_sessions.append(request.dock_session)
            self.dock_events.append(event)
            verdict = handoff.judge(
                replace(load, mode=event.mode), read(event.raw, self.catalog, at=event.at, bounce=event.bounce)
            )
            if event.reason is not Reason.OK and verdict.reason is Reason.OK:
                # What the dock refused is not loaded, whatever is known here by now.
                reason = event.reason
                continue
            after = replace(verdict.load, stop=None, stop_item="", not_counted=(), mode=DockMode.LOAD)
            load, reason = after, verdict.reason
        self.loads[load_id] = load
        return wire.DockEventsAnswer(accepted_through=request.events[-1].seq, load=load, reason=reason)


def _gap(expected: int, found: int) -> wire.Problem:
    return wire.Problem(
        code="gap",
        detail=f"expected event {expected}, found {found}",
        status=409,
        facts={"expected": expected, "found": found},
    )
