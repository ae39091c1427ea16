"""``python -m tests.bench.sim --only NAME --seed N --size N``: seeded simulations; nothing waits for real time."""

import argparse
import random
from collections.abc import Callable

from tests.bench import figures
from tests.paper.running import run_long
from tests.property.test_pack_sessions import SESSIONS, Tally, pack


def packing(seed: int, size: int | None) -> None:
    """Boxes packed by a hand that errs in two of a hundred picks."""
    chance, tally = random.Random(seed), Tally()
    for _ in range(size or SESSIONS):
        pack(chance, tally)
    figures.line("packing.sessions", size or SESSIONS)
    figures.line("packing.picks", tally.picks)
    figures.line("packing.wrong_picks", tally.wrong_picks)
    figures.line("packing.wrong_units", tally.wrong_units + tally.missing_units, "units")
    figures.line("packing.false_reds", tally.false_reds)


def book(seed: int, size: int | None) -> None:
    """The whole stock book against a pencil, on both engines; fails with the shortest history that goes wrong."""
    histories = size or HISTORIES
    run_long(seed, histories)
    figures.line("book.histories", histories)
    figures.line("book.differences", 0)


HISTORIES = 100
"""Of the stock book, on each engine."""
SIMULATIONS: dict[str, Callable[[int, int | None], None]] = {"packing": packing, "book": book}


def main() -> None:
    """Run what was asked for; an unknown name lists those there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="all", choices=("all", *SIMULATIONS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int)
    asked = parser.parse_args()
    for name in SIMULATIONS if asked.only == "all" else (asked.only,):
        print(f"--- {name}, seed {asked.seed}", flush=True)
        SIMULATIONS[name](asked.seed, asked.size)


if __name__ == "__main__":
    main()
