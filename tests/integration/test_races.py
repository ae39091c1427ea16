"""Packing, cancelling, releasing, loading and closing at once: each box ships or is cancelled, never both."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from sqlalchemy import select

from server.db import tables
from server.domain.errors import DomainError
from server.usecases.benchwork.opening import release_order
from server.usecases.sales.cancel import cancel_order
from tests.book import count_rows, ledger_sums, level
from tests.floor import BOSS, BRUSH, SOAP, Bench, Dock, Floor

ORDERS = 10


def refusals_of(seen: list[DomainError], work: Callable[..., Any], *facts: Any) -> None:
    """Do it; an expected refusal is kept."""
    try:
        work(*facts)
    except DomainError as error:
        seen.append(error)


def pack(bench: Bench, number: str, twin: Bench) -> None:
    """Pack an order, sending everything twice at once as a bench with a bad network does."""
    bench.open(number)
    with suppress(DomainError):
        twin.open(number)
    bench.scan(SOAP)
    bench.scan(BRUSH)
    events = list(bench.unsent)
    resend = threading.Thread(target=refusals_of, args=([], bench.send_raw, events))
    resend.start()
    bench.send()
    resend.join()
    label = bench.buy()
    bench.scan(label.tracking)
    bench.send()


def load_and_close(bench: Bench, until_packed: threading.Event, seen: list[DomainError]) -> None:
    """Scan whatever is ready, close, again; once more after the last box."""
    last = False
    while not last:
        last = until_packed.is_set()
        dock = Dock.at(bench)
        for parcel in dock.load.parcels:
            refusals_of(seen, dock.scan, parcel.tracking)
        refusals_of(seen, bench.close_load, dock.load.load_id, len(dock.load.loaded))


def test_whatever_happens_at_once_every_unit_is_sold_once_and_every_box_has_one_end(floor: Floor) -> None:
    benches = [floor.bench(f"Bench {n}") for n in range(4)]
    docks = [floor.bench(f"Dock {n}") for n in range(2)]
    numbers = [floor.order(("SOAP", 1), ("BRUSH", 1)) for _ in range(ORDERS)]
    chance, seen, packed = random.Random(7), list[DomainError](), threading.Event()

    def disturb(number: str) -> None:
        order_id = floor.order_id(number)
        for _ in range(chance.randrange(3)):
            refusals_of(seen, release_order, floor.db, BOSS, order_id)
        if chance.random() < 0.5:
            refusals_of(seen, cancel_order, floor.db, BOSS, order_id)

    def work(bench: Bench, mine: list[str]) -> None:
        for number in mine:
            refusals_of(seen, pack, bench, number, docks[0])

    with ThreadPoolExecutor(12) as pool:
        packing = [pool.submit(work, bench, numbers[n::4] + numbers[n + 1 :: 4]) for n, bench in enumerate(benches)]
        disturbing = [pool.submit(disturb, number) for number in numbers]
        loading = [pool.submit(load_and_close, dock, packed, seen) for dock in docks]
        for each in (*packing, *disturbing):
            each.result()
        packed.set()
        for each in loading:
            each.result()
    assert [error for error in seen if int(str(error.facts.get("status") or 0)) >= 500] == []
    check_ends(floor)


def check_ends(floor: Floor) -> None:
    """What is shipped left once with one parcel; what is cancelled is on no closed load, and holds nothing but what a
    packed box still has to give back.
    """
    o, p, on, r = tables.order, tables.parcel, tables.load_parcel, tables.reservation
    with floor.db.read() as connection:
        orders = connection.execute(select(o)).all()
        parcels = connection.execute(select(p)).all()
        loaded = set(connection.execute(select(on.c.parcel_id)).scalars())
        held = {(row.order_id, row.state) for row in connection.execute(select(r))}
    live, back = [parcel for parcel in parcels if parcel.state != "cancelled"], 0
    assert len({parcel.order_id for parcel in live}) == len(live)
    for order in orders:
        mine = [parcel for parcel in live if parcel.order_id == order.id]
        state = {"shipped": "shipped", "cancelled": "released"}.get(order.status, "reserved")
        boxed = order.status == "cancelled" and any(p.ready_at for p in parcels if p.order_id == order.id)
        back += boxed
        assert {s for number, s in held if number == order.id} == {"reserved" if boxed else state}, order.number
        if order.status == "shipped":
            assert [parcel.state for parcel in mine] == ["loaded"]
            assert mine[0].id in loaded
        if order.status == "cancelled":
            assert mine == []
    assert not loaded & {parcel.id for parcel in parcels if parcel.state == "cancelled"}
    shipped = sum(order.status == "shipped" for order in orders)
    waiting = sum(order.status in {"ready", "packing", "packed"} for order in orders)
    for sku in ("SOAP", "BRUSH"):
        assert level(floor.db, sku) == ledger_sums(floor.db, sku)
        assert level(floor.db, sku)[1] == waiting + back
    assert count_rows(floor.db, tables.outbox, tables.outbox.c.kind == "shipment") == shipped
