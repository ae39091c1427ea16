"""A bench that scans at random and prints each verdict it shows, until somebody kills it. See test_kill.py."""

import random
import sys
from pathlib import Path

from station.views import PackView, StopView
from tests import builders
from tests.bench_floor import OneBench
from tests.fakes import until

TEXTS = (builders.CANDLE, builders.CANDLE, builders.CANDLE, builders.MUG, "NONSENSE", "PPX-M", "PPC-OK", "PPC-OK")


def main(folder: str, url: str, seed: str) -> None:
    """Scan for ever."""
    chance = random.Random(seed)
    with OneBench(Path(folder), url=url).begin() as floor:
        if not floor.bench.status.person:
            floor.sign_in()
            floor.scan("PPO-1043")
        until(lambda: isinstance(floor.bench.view, PackView | StopView), "the order")
        print("open", flush=True)
        while True:
            texts = ("PPC-PARK", "PPO-1043") if chance.random() < 0.05 else (chance.choice(TEXTS),)
            for text in texts:
                flash = floor.scan(text)
                word = {"parked": "park", "resumed": "resume"}.get(flash.detail)
                print(word or f"scan {flash.reason}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
