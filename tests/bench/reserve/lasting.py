"""What years do: the same work in a young and in an old database, the server's memory, and what idleness costs."""

import statistics
import time
from contextlib import ExitStack

from server.channels import caller_of
from server.db.transaction import Database
from server.usecases.booking.book import Wish
from server.usecases.sales.intake import fingerprint
from server.usecases.sales.order_batch import TakeOrder
from tests.bench import figures
from tests.bench.reserve import in_process, over_http
from tests.bench.reserve.checking import check
from tests.bench.reserve.ground import Ground
from tests.bench.reserve.growth import trade
from tests.bench.reserve.workloads import CHECKOUT, Workload, commands, workload

ROUNDS = 5
_IDLE = 5.0
"""Seconds over which an idle server is watched."""


def growth(name: str, place: Ground, young: int, old: int, skus: int, orders: int) -> None:
    """W1 as holds and as orders, in turn in both databases; the ratio is young over old: 1.3 is 1.3 times slower."""
    with ExitStack() as stack:
        on_hand = {f"SKU-{n}": orders * ROUNDS * 3 + old // skus + 1 for n in range(skus)}
        fields = [stack.enter_context(place.fresh(on_hand)) for _ in range(2)]
        for field, size in zip(fields, (young, old), strict=True):
            trade(field.db, size, skus)
        for kind, wishes in (("holds", commands_of), ("orders", orders_of)):
            rates: list[list[float]] = [[], []]
            for number in range(ROUNDS):
                for n, field in enumerate(fields):
                    work = workload("w1", orders // 2, seed=1000 * number + n, among=skus)
                    wanted = wishes(work)
                    rates[n].append(len(wanted) / in_process.chunks(field.db, wanted))
            figures.line(f"{name}.{kind}.young.rate", statistics.median(rates[0]), "orders/s")
            figures.line(f"{name}.{kind}.old.rate", statistics.median(rates[1]), "orders/s")
            figures.line(f"{name}.{kind}.ratio", statistics.median(a / b for a, b in zip(*rates, strict=True)))
        _wrong(name, fields[1].db)


def commands_of(work: Workload) -> list[Wish]:
    """Each basket as a hold."""
    return list(commands(work.wishes))


def orders_of(work: Workload) -> list[Wish]:
    """Each basket as an order that was read and checked."""
    read = caller_of("custom").read_body
    taken = [read(over_http.order_body(wish)) for wish in work.wishes]
    return [TakeOrder(1, order, fingerprint(order), CHECKOUT) for order in taken]


def server(name: str, place: Ground, holds: int) -> None:
    """Resident memory of one server after a tenth and after all of these holds, and its CPU while nobody asks."""
    work = workload("w1", holds, seed=7)
    with place.fresh(work.on_hand) as field, over_http.server_of(field) as (pid, port):
        figures.line(f"{name}.rss_started", over_http.memory(pid), "MiB")
        warm = holds // 10
        over_http.hold_batches(port, work.wishes[:warm])
        figures.line(f"{name}.rss_warm", over_http.memory(pid), "MiB")
        for start in range(warm, holds, warm):
            over_http.hold_batches(port, work.wishes[start : start + warm])
        figures.line(f"{name}.rss_after", over_http.memory(pid), "MiB")
        figures.line(f"{name}.holds", holds)
        _settled(pid)
        before = over_http.cpu_seconds(pid)
        time.sleep(_IDLE)
        figures.line(f"{name}.idle_cpu", (over_http.cpu_seconds(pid) - before) / _IDLE * 100, "% of a core")
        _wrong(name, field.db)


def _settled(pid: int) -> None:
    """Wait until it has done what was left to do, at most half a minute."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        before = over_http.cpu_seconds(pid)
        time.sleep(1)
        if over_http.cpu_seconds(pid) - before < 0.05:
            return


def _wrong(name: str, db: Database) -> None:
    found = check(db)
    figures.line(f"{name}.oversold", found.oversold, "units")
    figures.line(f"{name}.drift", found.drift, "units")
