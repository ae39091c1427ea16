"""Sessions by the thousand: every one from its seed and its number alone, so that any can be packed again."""

import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from server.domain.packing.session import Phase
from tests.bench import figures
from tests.bench.packing.benches import BenchOfSim, Fault, PureBench
from tests.bench.packing.goods import an_order
from tests.bench.packing.hands import wrong_units
from tests.bench.packing.packer import Packer
from tests.bench.packing.real import RealBench
from tests.bench.packing.tally import NOTES_MAX, Tally

SESSIONS = 10_000
REAL_EVERY = 10
"""Of so many sessions one has the real bench, its journal and its server."""
MEMORY = Path("/dev/shm")
Kind = tuple[bool, bool]
"""(obedient, with a scale)."""


@dataclass(frozen=True, slots=True)
class Result:
    """Of a whole run: what was seen, by kind of session."""

    seen: dict[Kind, Tally]

    def total(self, name: str, *, obedient: bool | None = None) -> int:
        """One figure over all sessions, or over those of one kind of packer."""
        return sum(getattr(t, name) for (good, _), t in self.seen.items() if obedient in (None, good))

    @property
    def notes(self) -> list[str]:
        """What is wrong, in words; empty after a good run."""
        return [note for tally in self.seen.values() for note in tally.notes]


def run(seed: int, size: int, first: int = 0) -> Result:
    """Pack ``size`` sessions, from the number ``first`` on."""
    kinds = [(obedient, scale) for obedient in (True, False) for scale in (True, False)]
    result = Result({kind: Tally() for kind in kinds})
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        for number in range(first, first + size):
            kind = kinds[number % 4]
            tally = result.seen[kind]
            before = len(tally.notes)
            try:
                _session(seed, number, kind, tally, Path(folder))
            except Fault as fault:
                tally.notes.append(str(fault))
            except Exception as error:
                raise AssertionError(f"session {number} of seed {seed}: {error!r}") from error
            tally.notes[before:] = [f"session {number} of seed {seed}: {note}" for note in tally.notes[before:]]
    return result


def _session(seed: int, number: int, kind: Kind, tally: Tally, folder: Path) -> None:
    obedient, scale = kind
    chance = random.Random(f"{seed}:{number}")
    order = an_order(chance, 100_000 + number, scale=scale)
    real = number // 4 % REAL_EVERY == 0
    bench: BenchOfSim = RealBench(order, chance, folder / str(number), scale=scale) if real else PureBench(order)
    packer = Packer(chance, bench, tally, obedient=obedient)
    packer.pack()
    session = bench.session
    tally.sessions += 1
    tally.kills += bench.kills
    if session.phase is Phase.CLOSED:
        tally.labelled += 1
        wrong, why = wrong_units(packer.table, session, strictly=obedient)
        tally.wrong_units += wrong
        if wrong and obedient:
            tally.notes.append(f"wrong in a labelled box: {why}")
    lost = bench.close()
    tally.scans_lost += lost
    if lost:
        tally.notes.append(f"{lost} scans lost")


def report(result: Result) -> None:
    """Print the figures; exit with what is wrong, by session and seed."""
    for name in ("sessions", "labelled", "picks", "wrong_picks", "scans", "kills"):
        figures.line(f"packing.{name}", result.total(name))
    figures.line("packing.wrong_units", result.total("wrong_units", obedient=True), "units")
    for scale, words in ((True, "with_scale"), (False, "without_scale")):
        careless = result.seen[False, scale]
        rate = careless.wrong_units / max(1, careless.picks) * 10_000
        figures.line(f"packing.wrong_units_careless.{words}", rate, "per_10000_picks")
    rate = result.total("wrong_units", obedient=False) / max(1, result.total("picks", obedient=False)) * 10_000
    figures.line("packing.wrong_units_careless", rate, "per_10000_picks")
    figures.line("packing.weights_doubted", result.total("weights_doubted", obedient=True))
    figures.line("packing.false_reds", result.total("false_reds"))
    figures.line("packing.scans_lost", result.total("scans_lost"))
    if result.notes:
        for note in result.notes[:NOTES_MAX]:
            print(note, file=sys.stderr)
        sys.exit(
            f"{len(result.notes)} faults; one again: python -m tests.bench.sim --only packing --seed S --session N"
        )
