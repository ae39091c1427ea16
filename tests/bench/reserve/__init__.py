"""Checkout holds a second, beside a bare script and beside one conditional statement, on both engines.

Every row runs on a fresh database in each round, all rows in turn, so that a busy machine slows all of them alike;
rates and ratios are medians over the rounds. Nothing about time is asserted.
"""

import gc
import logging
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from tests.bench import figures
from tests.bench.reserve import lasting, others
from tests.bench.reserve.ground import ENGINES, Ground, ground
from tests.bench.reserve.rows import HERE, SENT, Measured, over_the_network
from tests.bench.reserve.workloads import NAMES, workload

NAME = "reserve"
Rounds = Mapping[str, Sequence[Measured]]
_RATIOS = {
    "ratio_in_process": ("in_process", "limit"),
    "ratio_batches": ("batches", "limit"),
    "ratio_http16": ("http16", "conditional"),
    "ratio_http_batch": ("http_batch", "limit"),
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured. ``grown`` are orders in a database that is old, ``lasting`` holds that one server takes."""

    orders: int = 8000
    rounds: int = 3
    skus: int = 100_000
    young: int = 1000
    grown: int = 1_000_000
    lasting: int = 200_000


QUICK = Sizes(orders=300, rounds=1, skus=2000, young=100, grown=3000, lasting=2000)


def run(*, quick: bool = False) -> None:
    """Measure and print; ``quick`` only shows that everything runs."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sizes = QUICK if quick else Sizes()
    # As the server does: what is imported is not looked through for rubbish while something is measured.
    gc.collect()
    gc.freeze()
    for engine in ENGINES:
        with ground(engine) as place:
            hot = {name: _workload(f"{NAME}.{engine}.{name}", place, name, sizes) for name in NAMES}
            for row in ("in_process", "http16"):
                figures.line(f"{NAME}.{engine}.hot_sku.ratio_{row}", _ratio(hot["w3"][row], hot["w1"][row]))
            lasting.growth(f"{NAME}.{engine}.growth", place, sizes.young, sizes.grown, sizes.skus, sizes.orders)
            lasting.server(f"{NAME}.{engine}.server", place, sizes.lasting)
    others.run(NAME)


def _workload(name: str, place: Ground, which: str, sizes: Sizes) -> Rounds:
    found: dict[str, list[Measured]] = {row: [] for row in (*HERE, *SENT)}
    for number in range(sizes.rounds):
        work = workload(which, sizes.orders, seed=number)
        for row, measure in HERE.items():
            found[row].append(measure(place, work))
        for row, measured in over_the_network(place, which, sizes.orders, number).items():
            found[row].append(measured)
    _tell(name, found)
    return found


def _tell(name: str, found: Rounds) -> None:
    for row, rounds in found.items():
        if failed := sum(m.failed for m in rounds):
            figures.line(f"{name}.{row}.failed", failed, "requests")
        figures.line(f"{name}.{row}.rate", statistics.median(m.rate for m in rounds), "orders/s")
        if cpu := statistics.median(m.cpu for m in rounds):
            figures.line(f"{name}.{row}.cpu", cpu * 1e6, "us/order")
        times = [t for m in rounds for t in m.times]
        if times:
            for p in (50, 99):
                figures.line(f"{name}.{row}.p{p}", figures.percentile(times, p) * 1000, "ms")
    for ratio, (over, under) in _RATIOS.items():
        figures.line(f"{name}.{ratio}", _ratio(found[over], found[under]))
    figures.line(f"{name}.oversold", sum(m.oversold for rounds in found.values() for m in rounds), "units")
    figures.line(f"{name}.drift", sum(m.drift for rounds in found.values() for m in rounds), "units")


def _ratio(over: Sequence[Measured], under: Sequence[Measured]) -> float:
    return statistics.median(a.rate / b.rate for a, b in zip(over, under, strict=True))
