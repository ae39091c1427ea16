"""Dock days one after the other, 20 loads and three people each; every evening the books are held against the world."""

import logging
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
from pathlib import Path

import httpx
import structlog
from sqlalchemy import insert

from server.config import ServerConfig
from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.http.call import Services
from server.usecases.benchwork import benches
from tests.bench import figures
from tests.bench.dock.loader import Loader
from tests.bench.dock.reach import Reach
from tests.bench.dock.truth import Found, found
from tests.bench.dock.yard import CARRIERS, DOCK, NEW, Yard, orders_packed
from tests.book import receive
from tests.floor import BOSS, make_floor

DAYS, LOADS, PEOPLE, BOXES = 200, 20, 3, 4
"""BOXES is how many come for each load."""
WEEK = 5
"""So many days in one database; the next week begins with a fresh one, from the seed and its number alone."""
MEMORY = Path("/dev/shm")


@dataclass(slots=True)
class Result:
    """Of a whole run: what is wrong, each in words with its day, and how often what happened."""

    wrong: dict[str, list[str]] = field(default_factory=lambda: {f.name: [] for f in fields(Found)})
    stale: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    days: int = 0

    def add(self, other: "Result") -> None:
        """Also these days."""
        for name, notes in other.wrong.items():
            self.wrong[name] += notes
        self.stale += other.stale
        self.seen.update(other.seen)
        self.days += other.days

    @property
    def notes(self) -> list[str]:
        """Everything that is wrong."""
        return [f"{name}: {note}" for name, notes in self.wrong.items() for note in notes] + self.stale


@dataclass(frozen=True, slots=True)
class Start:
    """A warehouse as every week finds it: the database, three docks, and who works there."""

    file: Path
    docks: tuple[int, ...]
    loader: int
    supervisor: int


def dock(seed: int, size: int | None) -> None:
    """Days at the dock; ``size`` is how many. Exits with any fault."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    begun, result = time.perf_counter(), run(seed, size or DAYS)
    for name, notes in result.wrong.items():
        figures.line(f"dock.{name}", len(notes))
    figures.line("dock.stale_same", len(result.stale))
    figures.line("dock.days", result.days)
    for name, count in sorted(result.seen.items()):
        figures.line(f"dock.seen.{name}", count)
    figures.line("dock.seconds", time.perf_counter() - begun, "s")
    if result.notes:
        raise SystemExit("\n".join(result.notes[:20]))


def run(seed: int, size: int, *, loads: int = LOADS, first: int = 0, kills: bool = True) -> Result:
    """``size`` days from the week ``first`` on."""
    result = Result()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        days = min(size, WEEK)
        start = prepared(Path(name), days * loads * BOXES)
        weeks = [(week, min(WEEK, size - (week - first) * WEEK)) for week in range(first, first + -(-size // WEEK))]
        if len(weeks) == 1:
            return _week(start, seed, first, size, loads, kills)
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            for each in [pool.submit(_week, start, seed, week, left, loads, kills) for week, left in weeks]:
                result.add(each.result())
    return result


def prepared(folder: Path, boxes: int) -> Start:
    """A warehouse with so many packed orders."""
    file = folder / "start.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    db = Database(engine)
    with httpx.Client() as nobody:
        floor = make_floor(Services(db, ServerConfig(data_dir=folder)), nobody)
    docks = tuple(benches.add_bench(db, BOSS, f"Dock {n}", "EAST") for n in range(1, PEOPLE + 1))
    receive(db, "SOAP", "EAST", boxes)
    for _ in range(boxes):
        floor.set_order(floor.order(("SOAP", 1)), status="packed")
    own = [{"code": c, "name": c.title(), "provider": "own_van", "settings": {}} for c in CARRIERS[2:]]
    with engine.begin() as connection:
        connection.execute(insert(tables.carrier_account), own)
    engine.dispose()
    return Start(file, docks, floor.people["dock"], floor.people["supervisor"])


def _week(start: Start, seed: int, week: int, days: int, loads: int, kills: bool) -> Result:
    result = Result()
    chance = random.Random(f"{seed}:{week}")
    file = start.file.with_name(f"week{week}.db")
    shutil.copy(start.file, file)
    engine = open_engine(f"sqlite:///{file}")
    yard = Yard(Database(engine), chance, orders_packed(Database(engine)))
    reach = Reach(yard.db, chance, kills)
    people = [Loader(yard, reach, chance, d, start.loader, start.supervisor, result.seen) for d in start.docks]
    for day in range(days):
        try:
            _day(yard, people, loads)
        except Exception as error:
            raise AssertionError(f"day {day} of week {week} of seed {seed}: {error!r}") from error
        _evening(yard, people, f"day {day} of week {week} of seed {seed}", result)
    result.seen.update(yard.seen)
    result.seen.update(reach.seen)
    engine.dispose()
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()
    return result


def _day(yard: Yard, people: list[Loader], loads: int) -> None:
    done = 0
    while done < loads:
        yard.arrive(min(PEOPLE, loads - done) * BOXES)
        yard.relabel_boxes()
        open_loads = {_begin(yard, each) for each in people[: loads - done]}
        done += len(open_loads)
        while open_loads:
            _moment(yard, yard.chance.choice(people), open_loads)


def _begin(yard: Yard, who: Loader) -> str:
    """A vehicle backs up to this person's door."""
    carrier = yard.chance.choice(CARRIERS)
    planned = yard.plan(carrier) if yard.chance.random() < 0.15 else ""
    if planned:
        return who.open(load_id=planned)
    if yard.chance.random() < 0.15 and who.drain():
        return who.begin_alone(carrier)
    return who.open(carrier=carrier, another=True, trailer=f"T{len(who.seen)}")


def _moment(yard: Yard, who: Loader, open_loads: set[str]) -> None:
    """Something happens to this person."""
    chance = yard.chance
    if who.book is not None and who.book.load.load_id not in open_loads:
        who.book = None  # The vehicle is not there any more.
    if who.book is None:
        who.drain()
        known = sorted(each for each in open_loads if not each.startswith(NEW))
        who.close_following()
        if known and who.online and not who.closes and chance.random() < 0.5:
            if chance.random() < 0.25 and who.drain():
                who.begin_alone("", chance.choice(known))
            else:
                who.open(load_id=chance.choice(known))
        who.online = who.online or chance.random() < 0.2
        return
    roll, load_id = chance.random(), who.book.load.load_id
    if roll < 0.55:
        _carry(yard, who)
    elif roll < 0.62:
        on = yard.on(load_id)
        if on:
            who.take_off(chance.choice(on))
    elif roll < 0.68:
        yard.something()
    elif roll < 0.72:
        who.online = not who.online
    elif roll < 0.74:
        who.restart()
    elif roll < 0.85:
        who.look()
    elif roll < 0.94:
        who.close()
    load_id = _called(yard, load_id, open_loads)
    if who.left == load_id:
        yard.leaves(load_id)
        open_loads.discard(load_id)
        yard.relabel_boxes()
    yard.at += 5.0


def _called(yard: Yard, load_id: str, open_loads: set[str]) -> str:
    """What this load is called by now, which may have begun with no network; also among the open ones."""
    real = yard.called.get(load_id, load_id)
    if load_id in open_loads:
        open_loads.remove(load_id)
        open_loads.add(real)
    return real


def _carry(yard: Yard, who: Loader) -> None:
    """A box of this carrier, mostly."""
    assert who.book is not None
    load_id = who.book.load.load_id
    here = [box for box in yard.here if box.place == DOCK]
    if yard.chance.random() < 0.9:
        here = [box for box in here if box.refused != load_id]
    right = [box for box in here if box.carrier == who.book.load.carrier]
    some = right if right and yard.chance.random() < 0.85 else here
    if some:
        who.put(yard.chance.choice(some))
    else:
        who.scan("nobody knows")


def _evening(yard: Yard, people: list[Loader], day: str, result: Result) -> None:
    """Everybody is online again and everything is sent."""
    for _ in range(200):
        for each in people:
            each.online = True
        sent = [each.drain() for each in people]
        if all(sent) and not any(each.follow for each in people):
            break
        for each in people:
            each.close_following()
    else:
        raise AssertionError(f"{day}: scans were never sent")
    result.days += 1
    wrong = found(yard)
    for name, notes in result.wrong.items():
        notes += [f"{day}: {note}" for note in getattr(wrong, name)]
    yard.night()
    for each in people:
        result.stale += [f"{day}: {note}" for note in each.stale]
        each.stale.clear()
