"""A small warehouse on a fresh database, and benches that speak to the real routes as a station does."""

import uuid
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import httpx
import pytest
from sqlalchemy import select, update

from server import wire
from server.db import tables
from server.db.transaction import Actor, Database
from server.domain.benchwork.handoff import Load
from server.domain.benchwork.handoff import judge as judge_dock
from server.domain.benchwork.reasons import Reason
from server.domain.benchwork.scans import Scan
from server.domain.dock.values import LeftReason
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Catalog, Product
from server.domain.packing.rules import apply, judge, opened, replay
from server.domain.packing.session import Fact, FactKind, Session
from server.domain.people import Role
from server.http.call import Services
from server.reading import read
from server.trade.orders import IncomingOrder, ShipTo, SoldLine
from server.usecases.benchwork import benches
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.sales.intake import take_order
from server.usecases.staff import people
from server.usecases.starting.sites import add_channel, add_site
from tests.book import receive
from tests.remembered import remembered

BOSS = Actor("the boss")
SOAP, SOAP_CASE, BRUSH, MUG = "4006381333931", "14006381333938", "5012345678900", "9780201379624"
"""A soap, its case of six, a brush and a mug."""
SHOP_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
T = TypeVar("T")

one_engine = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
"""For tests of rules that no database can change."""


@dataclass
class Floor:
    """Sites EAST and WEST with plenty of stock, one shop, one person for each role named after it."""

    services: Services
    http: httpx.Client
    people: dict[str, int] = field(default_factory=dict)
    orders_made: int = 0

    @property
    def db(self) -> Database:
        """The database."""
        return self.services.db

    def bench(self, name: str, site: str = "EAST") -> "Bench":
        """Add and enrol a bench."""
        bench_id = benches.add_bench(self.db, BOSS, name, site)
        secret = benches.new_join_secret(self.db, BOSS, name)
        answer = self.http.post("/api/join", content=wire.encode(wire.JoinRequest(secret=secret)))
        joined = wire.decode(answer.content, wire.JoinAnswer)
        return Bench(self, bench_id, name, joined.token)

    def order(self, *lines: tuple[str, int], carrier: str = "own-van", ship_by: float | None = None) -> str:
        """Sell (sku, quantity) lines in the shop; the number of the order, which is ready."""
        number = self.sold(*lines, carrier=carrier, ship_by=ship_by)
        assert self.status(number) == "ready"
        return number

    def sold(self, *lines: tuple[str, int], carrier: str = "own-van", ship_by: float | None = None) -> str:
        """The number of such an order, ready or not."""
        self.orders_made += 1
        sold = tuple(SoldLine(sku=sku, quantity=quantity) for sku, quantity in lines)
        ship_to = ShipTo(
            name="Zoe Quill",
            lines=("7 Hidden Lane",),
            city="Springfield",
            postcode="94107",
            country="US",
            phone="415 555 0100",
        )
        order = IncomingOrder(
            order_id=f"S-{self.orders_made}",
            placed_at=self.db.now(),
            paid=True,
            currency="USD",
            ship_by=ship_by,
            carrier=carrier,
            service="standard",
            note="",
            ship_to=ship_to,
            lines=sold,
        )
        return take_order(self.db, BOSS, "shop", order).order

    def order_id(self, number: str) -> int:
        """The row id of an order."""
        with self.db.read() as connection:
            t = tables.order
            return int(connection.execute(select(t.c.id).where(t.c.number == number)).scalar_one())

    def status(self, number: str) -> str:
        """What is true of an order."""
        with self.db.read() as connection:
            t = tables.order
            return str(connection.execute(select(t.c.status).where(t.c.number == number)).scalar_one())

    def set_order(self, number: str, **columns: object) -> None:
        """Write an order's row behind everybody's back."""
        with self.db.engine.begin() as connection:
            t = tables.order
            connection.execute(update(t).where(t.c.number == number).values(**columns))

    def parcel_state(self, parcel_id: str) -> str:
        """What is true of a parcel."""
        with self.db.read() as connection:
            t = tables.parcel
            return str(connection.execute(select(t.c.state).where(t.c.id == parcel_id)).scalar_one())

    def stock(self, sku: str, site: str = "EAST") -> tuple[int, int]:
        """(on hand, reserved) of a SKU at a site."""
        with self.db.read() as connection:
            t, s = tables.stock, tables.site
            query = select(t.c.on_hand, t.c.reserved).join(s, s.c.id == t.c.site_id)
            row = connection.execute(query.where(t.c.sku == sku, s.c.code == site)).one()
            return int(row.on_hand), int(row.reserved)

    def incidents(self, kind: str) -> list[str]:
        """Causes of open incidents of a type."""
        with self.db.read() as connection:
            t = tables.incident
            query = select(t.c.cause).where(t.c.type == kind, t.c.state == "open").order_by(t.c.id)
            return list(connection.execute(query).scalars())

    def incident_id(self, kind: str) -> int:
        """The one open incident of a type."""
        with self.db.read() as connection:
            t = tables.incident
            return int(connection.execute(select(t.c.id).where(t.c.type == kind, t.c.state == "open")).scalar_one())

    def audited(self, action: str) -> list[tuple[str, str]]:
        """(actor, bench) of each audit row of an action."""
        with self.db.read() as connection:
            t = tables.audit
            query = select(t.c.actor, t.c.bench).where(t.c.action == action).order_by(t.c.id)
            return [(row.actor, row.bench) for row in connection.execute(query)]

    def count(self, table: str) -> int:
        """Rows of a table."""
        with self.db.read() as connection:
            return len(connection.execute(select(tables.metadata.tables[table])).all())


def make_floor(services: Services, http: httpx.Client) -> Floor:
    """Set everything up through the use cases; ``http`` reaches the real routes over these services."""
    return Floor(services, http, dict(remembered(services.db, "floor", lambda: _fill(services.db))))


def _fill(db: Database) -> dict[str, int]:
    """People by their role."""
    for rank, (code, name) in enumerate((("EAST", "East house"), ("WEST", "West house"))):
        address = {"lines": ["1 Dock Road"], "city": "Oakland", "postcode": "94607", "country": "US"}
        add_site(db, BOSS, code, name, time_zone="America/Los_Angeles", rank=rank, address=address)
    settings = {"secret": SHOP_SECRET, "webhook_url": "http://127.0.0.1:9/hook"}
    add_channel(db, BOSS, "shop", "The shop", settings)
    soap_codes = [CodeEntry(SOAP), CodeEntry(SOAP_CASE, 6)]
    put_product(db, BOSS, Product("SOAP", "Soap bar", "LAVENDER", 120), soap_codes)
    put_product(db, BOSS, Product("BRUSH", "Dish brush", "", 80), [CodeEntry(BRUSH)])
    put_product(db, BOSS, Product("MUG", "Mug", "BLUE", 300), [CodeEntry(MUG)])
    for sku in ("SOAP", "BRUSH", "MUG"):
        receive(db, sku, "EAST", 100)
    badges = {role: f"PPB-{role.value.upper()}-0001" for role in Role}
    return {r.value: people.add_person(db, BOSS, f"{r.value.title()} Person", [r], badges[r]) for r in Role}


@dataclass
class Bench:
    """A bench with its own copy of the session, which it judges by itself as a station does."""

    floor: Floor
    bench_id: int
    name: str
    token: str
    session: Session | None = None
    unsent: list[wire.PackEvent] = field(default_factory=list)
    seq: int = 0
    label: wire.LabelAnswer | None = None
    stop: Reason | None = None
    wire_version: int = wire.WIRE_VERSION

    def call(self, method: str, path: str, message: object = None) -> httpx.Response:
        """One request with this bench's token."""
        headers = {"Authorization": f"Bearer {self.token}", wire.WIRE_HEADER: str(self.wire_version)}
        body = wire.encode(message) if message is not None else b""
        return self.floor.http.request(method, path, content=body, headers=headers)

    def ask(self, method: str, path: str, kind: type[T], message: object = None) -> T:
        """The answer as a message, or the refusal as DomainError."""
        answer = self.call(method, path, message)
        if answer.is_success:
            return wire.decode(answer.content, kind)
        problem = wire.decode(answer.content, wire.Problem)
        raise DomainError(problem.code, problem.detail, **(problem.facts | {"status": answer.status_code}))

    @cached_property
    def catalog(self) -> Catalog:
        """What the snapshot said when this bench first looked."""
        snapshot = self.ask("GET", "/api/snapshot", wire.Snapshot)
        return Catalog.of(snapshot.products, snapshot.codes, snapshot.boxes, snapshot.version)

    def open(self, ref: str, session_id: str = "", person: str = "packer", *, scale: bool = False) -> wire.OpenAnswer:
        """Open an order and keep its session."""
        fresh, person_id = session_id or str(uuid.uuid4()), self.floor.people[person]
        request = wire.OpenRequest(ref=ref, session_id=fresh, person_id=person_id, scale=scale)
        answer = self.ask("POST", "/api/orders/open", wire.OpenAnswer, request)
        catalog = self.catalog
        happened = [_happening(event, catalog) for event in answer.events]
        self.session = replay(opened(answer.session_id, answer.order), happened)
        self.seq, self.unsent, self.label, self.stop = len(answer.events), [], None, None
        return answer

    def scan(self, raw: str, *, bounce: bool = False, reason: Reason | None = None, later: float = 0.0) -> Reason:
        """Scan something, so many seconds ``later`` than now; ``reason`` overrides what this bench says of it."""
        assert self.session is not None
        at = self.floor.db.now() + later
        verdict = judge(self.session, read(raw, self.catalog, at=at, bounce=bounce))
        self.session = verdict.session
        self._happened("scan", raw=raw, bounce=bounce, reason=reason or verdict.reason, at=at)
        return verdict.reason

    def fact(self, kind: FactKind, person: str = "packer", **values: Any) -> None:
        """Something that is not a scan."""
        assert self.session is not None
        self.session = apply(self.session, Fact(kind, **values))
        self._happened(kind.value, person, **values)

    def send(self) -> wire.EventsAnswer:
        """Hand over what is unsent."""
        assert self.session is not None
        answer = self.send_raw(self.unsent)
        self.unsent = []
        self.stop = answer.stop
        return answer

    def send_raw(self, events: list[wire.PackEvent]) -> wire.EventsAnswer:
        """Hand over exactly these."""
        assert self.session is not None
        path = f"/api/sessions/{self.session.session_id}/events"
        return self.ask("POST", path, wire.EventsAnswer, wire.EventsRequest(events=tuple(events)))

    def buy(self) -> wire.LabelAnswer:
        """Ask for the label and journal it."""
        assert self.session is not None
        self.send()
        answer = self.ask("POST", f"/api/sessions/{self.session.session_id}/label", wire.LabelAnswer)
        if self.session.tracking is None:
            box = answer.label.box
            self.fact(FactKind.LABEL, parcel_id=answer.parcel_id, tracking=answer.tracking, box=box)
            self.send()
        self.label = answer
        return answer

    def pack(self, number: str, *codes: str) -> wire.LabelAnswer:
        """Pack an order up to its label scanned on the box."""
        self.open(number)
        for code in codes:
            self.scan(code)
        label = self.buy()
        assert self.scan(label.tracking) is Reason.OK
        self.send()
        return label

    def open_load(self, carrier: str = "own-van") -> wire.LoadAnswer:
        """Open or rejoin a load."""
        request = wire.LoadRequest(carrier=carrier, person_id=self.floor.people["dock"])
        return self.ask("POST", "/api/loads", wire.LoadAnswer, request)

    def close_load(self, load_id: str, loaded: int, **said: Any) -> wire.LoadAnswer:
        """Close it with this count; what stays behind stays for the next load unless something else is ``said``."""
        said = {"left_reason": LeftReason.NEXT_LOAD} | said
        request = wire.CloseRequest(person_id=self.floor.people["dock"], loaded=loaded, **said)
        return self.ask("POST", f"/api/loads/{load_id}/close", wire.LoadAnswer, request)

    def _happened(self, kind: wire.EventKind, person: str = "packer", **values: Any) -> None:
        self.seq += 1
        who = self.floor.people[person]
        when = {"at": self.floor.db.now()} | values
        self.unsent.append(wire.PackEvent(seq=self.seq, kind=kind, person_id=who, **when))


@dataclass
class Dock:
    """A bench at the dock with its own copy of a load."""

    bench: Bench
    load: Load
    dock_session: str = field(default_factory=lambda: str(uuid.uuid4()))
    events: list[wire.DockEvent] = field(default_factory=list)

    @classmethod
    def at(cls, bench: Bench, carrier: str = "own-van") -> "Dock":
        """Open or rejoin the load of a carrier."""
        return cls(bench, bench.open_load(carrier).load)

    def scan(self, raw: str, *, bounce: bool = False, reason: Reason | None = None) -> wire.DockEventsAnswer:
        """Look at the load as it is now, scan, hand it over; ``reason`` overrides what this dock says of it."""
        fresh = self.bench.ask("GET", f"/api/loads/{self.load.load_id}", wire.LoadAnswer).load
        self.load = replace(fresh, stop=self.load.stop, mode=self.load.mode)
        verdict = judge_dock(self.load, read(raw, self.bench.catalog, at=0.0, bounce=bounce))
        person = self.bench.floor.people["dock"]
        at, seq = self.bench.floor.db.now(), len(self.events) + 1
        said, mode = reason or verdict.reason, self.load.mode
        event = wire.DockEvent(seq=seq, at=at, person_id=person, raw=raw, bounce=bounce, reason=said, mode=mode)
        self.events.append(event)
        answer = self.send([self.events[-1]])
        self.load = replace(answer.load, stop=verdict.load.stop, mode=verdict.load.mode)
        return answer

    def send(self, events: list[wire.DockEvent]) -> wire.DockEventsAnswer:
        """Hand over exactly these."""
        request = wire.DockEventsRequest(dock_session=self.dock_session, events=tuple(events))
        return self.bench.ask("POST", f"/api/loads/{self.load.load_id}/events", wire.DockEventsAnswer, request)


def _happening(event: wire.PackEvent, catalog: Catalog) -> Scan | Fact:
    if event.kind == "scan":
        return read(event.raw, catalog, at=event.at, bounce=event.bounce, problem=event.problem)
    return event.fact
