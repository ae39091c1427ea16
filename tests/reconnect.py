"""Many benches that packed alone for days, and all find their server again in the same moment."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from server import reading, wire
from server.db import tables
from server.domain.packing import rules
from server.domain.packing.session import Fact, FactKind
from server.domain.people import Role
from server.usecases.benchwork.leases import set_size
from station.desks.boxes import Boxes
from station.journal import Journal
from station.link import Link
from station.server_client import ServerClient
from station.uplink import Uplink
from station.workplace import Workplace
from tests.fakes import until
from tests.floor import BOSS, SOAP, Bench, Floor


@dataclass
class Alone:
    """A bench with a journal full of what nobody has heard of. ``sent`` is (session, seq, kind, raw, at) of each."""

    bench: Bench
    journal: Journal
    client: ServerClient
    sent: list[tuple[str, int, str, str, float]] = field(default_factory=list)
    seconds: float = 0.0


@contextmanager
def alone(floor: Floor, folder: Path, names: Sequence[str], boxes: int) -> Iterator[list[Alone]]:
    """Benches which each packed so many orders of their lease, of one SOAP each, and parked the boxes."""
    with ExitStack() as stack:
        made = []
        for name in names:
            bench = floor.bench(name)
            set_size(floor.db, BOSS, name, boxes)
            journal = Journal(folder / name / "journal.db")
            stack.callback(journal.close)
            client = ServerClient(str(floor.http.base_url), bench.token)
            stack.callback(client.close)
            one = Alone(bench, journal, client)
            _pack(one, boxes)
            made.append(one)
        yield made


def _pack(one: Alone, boxes: int) -> None:
    lease = one.client.lease(wire.LeaseRequest())
    now = [one.bench.floor.db.now() - 3 * 86_400.0]
    place = Workplace(one.journal, one.client, lambda: now[0], one.bench.name)
    place.catalog = one.bench.catalog
    packer = one.bench.floor.people["packer"]
    place.person = wire.PersonCard(person_id=packer, name="Packer", roles=(Role.PACKER,), badge_digest="")
    desk = Boxes(place)
    for n, order in enumerate(lease.orders[:boxes]):
        now[0] += 600.0
        box = desk.claimed(f"{one.bench.bench_id:08}-0000-4000-8000-{n:012}", order)
        for text in (SOAP, "NONSENSE"):
            now[0] += 5.0
            scan = reading.read(text, place.catalog, at=now[0])
            box = desk.scanned(box, scan, rules.judge(box.session, scan))
        desk.happened(box, Fact(FactKind.PARK))
    assert len(desk.parked) == boxes, "every bench has its orders"
    for session in one.journal.sessions():
        events = (entry.event for entry in session.entries)
        one.sent += [(session.session_id, e.seq, e.kind, e.raw, e.at) for e in events]


def reconnect(benches: Sequence[Alone], seconds: float = 60.0) -> None:
    """All at once; returns when everything is sent. Raises AssertionError when the server refused anything."""
    gate, uplinks = threading.Barrier(len(benches)), [Uplink(b.journal, b.client, Link()) for b in benches]
    done = [threading.Thread(target=_drain, args=(b, u, gate)) for b, u in zip(benches, uplinks, strict=True)]
    for thread in done:
        thread.start()
    until(lambda: not any(b.journal.unsent for b in benches), "all benches to be drained", seconds)
    for thread in done:
        thread.join()
    for uplink in uplinks:
        uplink.stop()
    refused = [uplink.refused for uplink in uplinks if uplink.refused]
    assert not refused, refused


def _drain(one: Alone, uplink: Uplink, gate: threading.Barrier) -> None:
    gate.wait()
    began = time.monotonic()
    uplink.start()
    while one.journal.unsent:
        time.sleep(0.005)
    one.seconds = time.monotonic() - began


def at_server(floor: Floor) -> list[tuple[str, int, str, str, float]]:
    """Every event the server has, as ``Alone.sent``."""
    t = tables.pack_event
    with floor.db.read() as connection:
        rows = connection.execute(select(t).order_by(t.c.session_id, t.c.seq))
        return [(row.session_id, row.seq, row.kind, row.raw, row.at) for row in rows]
