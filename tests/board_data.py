"""A believable floor at half past two: six benches, three channels, a day of orders, some trouble."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Table, insert, text

from server.db import tables
from server.db.transaction import Database
from server.domain.benchwork.reasons import Reason
from server.domain.incidents import HANDLING, IncidentType
from server.domain.people import Role
from server.wire import Heartbeat

MINUTE, HOUR = 60.0, 3600.0
ZONE = "America/New_York"
AFTERNOON = datetime(2026, 3, 17, 14, 32, 10, tzinfo=ZoneInfo(ZONE)).timestamp()
"""A fixed moment for pictures: ``Database(engine, now=lambda: AFTERNOON)``."""

PEOPLE = ("Ana Ruiz", "Ben Okafor", "Chiara Fabbri", "Dmitri Sol", "Emeka Obi", "Femke de Wit")
CHANNELS = ("Web shop", "Etsy", "Amazon")
PRODUCTS = (
    ("SKU-7801", "Spray bottle 500 ml", "CLEAR", "A-04-1"),
    ("SKU-7802", "Spray bottle 500 ml", "AMBER", "A-04-2"),
    ("SKU-1101", "Concentrate 16 oz", "LAVENDER", "B-01-3"),
    ("SKU-1102", "Concentrate 16 oz", "EUCALYPTUS", "B-01-4"),
    ("SKU-3300", "Refill pack 3 × 250 ml", "", "B-02-1"),
    ("SKU-5040", "Microfibre cloth 30 cm", "BLUE", "C-11-2"),
    ("SKU-9001", "Bamboo dish brush", "", "C-12-1"),
    ("SKU-9100", "Soap bar 120 g", "CEDAR", "D-03-5"),
)
BY_HOUR = {6: 11, 7: 19, 8: 27, 9: 31, 10: 24, 11: 29, 12: 13, 13: 33, 14: 20}
"""Orders packed in each hour of the day."""

REFUSED = {
    Reason.BAD_READ: 11,
    Reason.WRONG_ITEM: 9,
    Reason.UNKNOWN_CODE: 6,
    Reason.OVER_QUANTITY: 4,
    Reason.STOPPED: 3,
    Reason.WRONG_LABEL: 1,
}


@dataclass
class _Floor:
    """What the seeding has made so far; written at the end, many rows at a time."""

    now: float
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    number: int = 8800
    sessions: list[str] = field(default_factory=list)
    rows: dict[tuple[Table, tuple[str, ...]], list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: Table, **columns: Any) -> None:
        self.rows.setdefault((table, tuple(columns)), []).append(columns)

    def write(self, connection: Connection) -> None:
        """Parents first; PostgreSQL then counts on from the numbers given here."""
        order = {table: place for place, table in enumerate(tables.metadata.sorted_tables)}
        for (table, _), rows in sorted(self.rows.items(), key=lambda item: order[item[0][0]]):
            connection.execute(insert(table), rows)
        if connection.dialect.name == "postgresql":
            for name, key in (("site", "id"), ("person", "id"), ("bench", "id"), ("channel", "id"), ("orders", "id")):
                biggest = f"SELECT setval(pg_get_serial_sequence('{name}', '{key}'), (SELECT max({key}) FROM {name}))"
                connection.execute(text(biggest))

    def order(self, status: str, at: float, ship_by: float | None, carrier: str = "own-van") -> tuple[int, int]:
        """An order; its id and its units."""
        self.number += 1
        channel = self.rng.choices((1, 2, 3), (5, 2, 3))[0]
        columns = {"channel_id": channel, "channel_order_id": f"S-{self.number}", "fingerprint": "", "status": status}
        columns |= {"version": 1, "site_id": 1, "carrier": carrier, "service": "standard", "payment": "paid"}
        columns |= {
            "ship_by": ship_by,
            "placed_at": at - 5,
            "received_at": at,
            "number": str(self.number),
        }
        self.add(tables.order, id=self.number, **columns)
        units = 0
        for line_no, product in enumerate(self.rng.sample(PRODUCTS, self.rng.choice((1, 1, 2, 2, 3, 5))), 1):
            quantity = self.rng.choice((1, 1, 1, 2, 2, 3))
            units += quantity
            line = {"order_id": self.number, "line_no": line_no, "channel_sku": product[0], "sku": product[0]}
            self.add(tables.order_line, **line, title=product[1], quantity=quantity)
        return self.number, units


def fill(db: Database) -> None:
    """Seed a migrated, empty database; every time hangs on ``db.now()``."""
    floor = _Floor(db.now())
    _places(floor)
    _day(floor)
    _waiting(floor)
    _benches(floor)
    _trouble(floor)
    with db.engine.begin() as connection:
        floor.write(connection)


def _places(floor: _Floor) -> None:
    address: dict[str, Any] = {}
    floor.add(tables.site, id=1, code="main", name="Main warehouse", time_zone=ZONE, rank=0, address=address)
    for number, name in enumerate(PEOPLE, 1):
        floor.add(tables.person, id=number, name=name, roles=Role.PACKER.value)
    names = ("Bench 1", "Bench 2", "Bench 3", "Bench 4", "Dock A", "Bench 5")
    for number, name in enumerate(names, 1):
        floor.add(tables.bench, id=number, name=name, site_id=1, enrolled_at=floor.now - 90 * 86400)
    for number, name in enumerate(CHANNELS, 1):
        floor.add(tables.channel, id=number, code=f"c{number}", kind="custom", name=name, settings={})
    for sku, name, variant, shelf in PRODUCTS:
        floor.add(tables.product, sku=sku, name=name, variant=variant)
        floor.add(tables.stock, sku=sku, site_id=1, lot="", on_hand=400, reserved=0, bin=shelf)


def _day(floor: _Floor) -> None:
    """Everything packed since the morning: most of it has left, some is on the truck, some beside it."""
    midnight = datetime.fromtimestamp(floor.now, ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0).timestamp()
    present = (floor.now - midnight) // HOUR
    moments: list[float] = []
    for hour, orders in BY_HOUR.items():
        begin = midnight + (hour + present - 14) * HOUR
        last = min(HOUR, floor.now - begin)
        moments += sorted(begin + floor.rng.random() * last for _ in range(orders))
    for load, (carrier, closed) in enumerate((("ups", 4 * HOUR), ("own-van", HOUR), ("own-van", None)), 1):
        times = {"opened_at": floor.now - 6 * HOUR, "closed_at": None if closed is None else floor.now - closed}
        floor.add(tables.load, number=load, id=f"L{load}", site_id=1, carrier=carrier, **times)
    beside, on_truck = 9, 23
    for index, at in enumerate(moments):
        left = len(moments) - index
        load_id = None if left <= beside else "L3" if left <= beside + on_truck else "L1" if index < 90 else "L2"
        _packed(floor, at, load_id)
    _refused_scans(floor, moments)


def _packed(floor: _Floor, at: float, load_id: str | None) -> None:
    order_id, units = floor.order("shipped" if load_id in ("L1", "L2") else "packed", at - HOUR, None)
    session = str(uuid.UUID(int=floor.rng.getrandbits(128)))
    floor.sessions.append(session)
    bench = floor.rng.choice((1, 2, 3, 4, 6))
    whose = {"order_id": order_id, "order_version": 1, "bench_id": bench, "person_id": bench, "last_seq": 2}
    floor.add(tables.pack_session, id=session, state="closed", opened_at=at - 90, closed_at=at, **whose)
    for seq in range(1, units + 1):
        _scan(floor, session, seq, at, Reason.OK, 1)
    parcel = f"PCL{order_id:07d}"
    what = {"id": parcel, "order_id": order_id, "session_id": session, "site_id": 1, "carrier": "own-van"}
    state = {"purchase": "bought", "state": "loaded" if load_id else "ready", "bought_at": at - 9, "ready_at": at}
    floor.add(tables.parcel, number=order_id, service="standard", tracking=f"PV{order_id}", **what, **state)
    if load_id:
        loaded = {"parcel_id": parcel, "load_id": load_id, "loaded_at": at + 60, "person_id": 5, "bench_id": 5}
        floor.add(tables.load_parcel, **loaded)


def _scan(floor: _Floor, session: str, seq: int, at: float, reason: Reason, units: int) -> None:
    verdict: dict[str, Any] = {"reason": reason.value, "bench_reason": reason.value, "units": units, "event": {}}
    when = {"at": at, "received_at": at, "kind": "scan", "raw": "", "person_id": 1 + floor.rng.randrange(4)}
    floor.add(tables.pack_event, session_id=session, seq=seq, **when, **verdict)


def _refused_scans(floor: _Floor, moments: list[float]) -> None:
    for seq, (reason, times) in enumerate(REFUSED.items(), 50):
        for session in floor.rng.sample(floor.sessions, times):
            _scan(floor, session, seq, floor.rng.choice(moments), reason, 1)


def _waiting(floor: _Floor) -> None:
    cut_offs = (floor.now + 28 * MINUTE, floor.now + 148 * MINUTE, floor.now + 20 * HOUR)
    for index in range(41):
        ship_by = floor.now - 12 * MINUTE if index < 2 else cut_offs[0 if index < 14 else 1 if index < 31 else 2]
        carrier = "ups" if index % 3 else "own-van"
        floor.order("ready", floor.now - floor.rng.random() * 5 * HOUR, ship_by, carrier)
    for status in ("packing", "packing", "packing", "packing", "on_hold", "on_hold", "on_hold", "conflict", "conflict"):
        floor.order(status, floor.now - 2 * HOUR, cut_offs[1])


def _benches(floor: _Floor) -> None:
    now = floor.now
    ready = {"scanner": "ready", "printer": "ready", "desk": "pack"}
    beats: dict[int, tuple[int, dict[str, Any]]] = {
        1: (0, {**ready, "order_number": "9049", "phase": "packing", "verified": 3, "units": 7, "since": now - 71}),
        2: (0, {**ready, "order_number": "9050", "phase": "packing", "verified": 1, "units": 4, "since": now - 164}),
        3: (0, {**ready, "order_number": "9051", "phase": "label", "verified": 5, "units": 5, "since": now - 118}),
        4: (47, {**ready, "order_number": "9052", "phase": "packing", "verified": 9, "units": 12, "since": now - 205}),
        5: (0, {"scanner": "ready", "desk": "dock", "load_id": "L3", "since": now - 1500}),
        6: (0, {**ready, "verified": 0, "units": 0, "since": now - 900}),
    }
    last = {
        1: (Reason.OK, 3),
        2: (Reason.WRONG_ITEM, 22),
        3: (Reason.OK, 6),
        4: (Reason.BAD_READ, 4),
        5: (Reason.OK, 9),
    }
    odd: dict[int, dict[str, Any]] = {4: {"printer": "no paper"}, 6: {"unsent": 17}}
    for bench, (offset, beat) in beats.items():
        reason, ago = last.get(bench, (None, 0))
        told = beat | {"last_reason": reason, "last_at": now - ago + offset} | odd.get(bench, {})
        told["since"] += offset
        heartbeat = msgspec.to_builtins(Heartbeat(at=now + offset, person_id=bench, **told))
        seen = now - (12 * MINUTE if bench == 6 else 0)
        floor.add(tables.bench_state, bench_id=bench, seen_at=seen, clock_offset=offset, beat=heartbeat)


def _trouble(floor: _Floor) -> None:
    found = (
        (IncidentType.STOCK_CONFLICT, "SKU-1102: 2 wanted, 0 left; sold on Etsy and Amazon within 4 s", 131, 9056),
        (IncidentType.LABEL_SWAP, "the label of 9001 was found on the box of 9002; pull both", 12, 9001),
        (IncidentType.UNKNOWN_SKU, "line 2 asks for LAV-16-OLD, which no product is mapped to", 40, 9053),
        (IncidentType.CANCELLED_AFTER_PACKING, "cancelled by the buyer; take the parcel off the dock", 26, 8995),
    )
    for type_, cause, minutes, order_id in found:
        opened = floor.now - minutes * MINUTE
        deadline = opened + HANDLING[type_].within.total_seconds()
        who = {"type": type_.value, "state": "open", "cause": cause, "owner": HANDLING[type_].owner}
        floor.add(tables.incident, **who, opened_at=opened, deadline=deadline, order_id=order_id)
    for key, waits in (("SKU-1102", 7.0), ("SKU-7801", 1.0), ("SKU-9100", 0.2)):
        row = {"channel_id": 3, "kind": "stock", "key": key, "version": 4, "payload": {}, "state": "waiting"}
        floor.add(tables.outbox, **row, attempts=3, next_at=floor.now, created_at=floor.now - waits * MINUTE)
