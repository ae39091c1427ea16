"""A hundred thousand messages, genuine and otherwise: nothing is believed wrongly, nothing genuine is lost.

They come from many senders at once, in any order, again and again; half of the genuine ones are a day old. Every
message goes through the whole reception, and at the end each order is what its platform says it is, once.
"""

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.simulated.platforms import kinds, simulated
from server.simulated.platforms.base import Message, Simulated
from tests.bench import figures
from tests.market import NINE, Street, open_street

DELIVERIES = 100_000
SENDERS = 8
SALES = 100
"""Of each platform, half of them a day old; every tenth is cancelled."""
Headers = dict[str, str]
Place = tuple[str, str]
"""(Channel, the channel's order id)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is delivered; ``about`` what, ``how`` it was spoilt."""

    place: Place
    how: str
    headers: Headers
    body: bytes


@dataclass
class Storm:
    """What became of the letters. Safe from any thread."""

    made: Street
    letters: Iterator[Letter]
    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wrongly: int = 0
    heard: set[Place] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self) -> None:
        """Deliver one letter after the other until none is left."""
        while (letter := self._next()) is not None:
            before = time.perf_counter()
            try:
                self.made.bring(letter.place[0], Message(letter.headers, letter.body))
                taken = True
            except DomainError:
                taken = False
            self._note(letter, taken, time.perf_counter() - before)

    def _next(self) -> Letter | None:
        with self._lock:
            return next(self.letters, None)

    def _note(self, letter: Letter, taken: bool, seconds: float) -> None:
        genuine = letter.how == "genuine"
        with self._lock:
            again = genuine and letter.place in self.heard
            self.counts["genuine, again" if again else letter.how] += 1
            self.seconds.append(seconds)
            self.wrongly += taken != genuine
            if genuine:
                self.heard.add(letter.place)


def storm(seed: int, size: int | None) -> None:
    """Deliver so many messages (100,000) and look what became of them; fails where one was judged wrongly or lost."""
    with tempfile.TemporaryDirectory() as name:
        db = Database(open_engine(f"sqlite:///{Path(name) / 'book.db'}"))
        migrate(db.engine)
        done, lost = blow(db, seed, size or DELIVERIES, SALES)
        figures.line("webhooks.deliveries", sum(done.counts.values()))
        for how, number in sorted(done.counts.items()):
            figures.line(f"webhooks.{how.replace(', ', '_')}", number)
        figures.line("webhooks.judged_wrongly", done.wrongly)
        figures.line("webhooks.genuine_lost", len(lost))
        figures.spread("webhooks.answer", done.seconds)
        db.engine.dispose()
    assert not done.wrongly, "something was believed that nobody sent, or refused that was genuine"
    assert not lost, f"not as their platforms have them: {sorted(lost)[:5]}"


def blow(
    db: Database, seed: int, deliveries: int, sales: int, platforms: tuple[str, ...] = ()
) -> tuple[Storm, set[Place]]:
    """The storm over an empty book; orders of which we heard that are not in it as their platforms have them."""
    made = Street(db, platforms or [kind for kind in kinds() if _sends(kind)])
    open_street(db, made.shops, made.lines, {"CANDLE": 10 * sales * len(made.shops)})
    drawer = _sold(made, sales)
    done = Storm(made, _letters(made, random.Random(seed), drawer, deliveries))
    senders = [threading.Thread(target=done.send) for _ in range(SENDERS)]
    for thread in senders:
        thread.start()
    for thread in senders:
        thread.join()
    while not _taken_in(db):
        made.step()
        made.at += 1.0
    return done, done.heard - _as_they_are(made)


def _sold(made: Street, sales: int) -> list[tuple[Place, Message]]:
    """Sales of two days with all that was said of them."""
    drawer: list[tuple[Place, Message]] = []
    for day in range(2):
        for kind, shop in made.shops.items():
            for n in range(sales // 2):
                sale = shop.market.sell(("CANDLE", 1))
                if n % 10 == 0:
                    shop.market.cancel(sale.ref)
                drawer += [((kind, sale.ref), message) for message in shop.outgoing]
                shop.outgoing.clear()
        made.at += 86_400.0 * (1 - day)
    return drawer


def _letters(
    made: Street, chance: random.Random, drawer: list[tuple[Place, Message]], deliveries: int
) -> Iterator[Letter]:
    for _ in range(deliveries):
        place, message = chance.choice(drawer)
        how = chance.choice(_WAYS)
        headers, body = {name.lower(): text for name, text in message.headers.items()}, message.body
        if how != "genuine":
            headers, body = _spoilt(how, headers, body, chance, made.shops[place[0]])
        yield Letter(place, how, headers, body)


def _taken_in(db: Database) -> bool:
    i = tables.inbox
    with db.read() as connection:
        return connection.execute(select(i.c.id).where(i.c.state == "waiting").limit(1)).first() is None


def _as_they_are(made: Street) -> set[Place]:
    """Orders that are once in the book, and cancelled there if and only if their platform says so."""
    o, c = tables.order, tables.channel
    with made.db.read() as connection:
        rows: Any = connection.execute(
            select(c.c.code, o.c.channel_order_id, o.c.status).join(c, c.c.id == o.c.channel_id)
        )
        found = [((row.code, row.channel_order_id), row.status) for row in rows]
    times = Counter(place for place, _ in found)
    ours = {place: status for place, status in found if times[place] == 1}
    there = {(kind, ref): sale for kind, shop in made.shops.items() for ref, sale in shop.market.sales.items()}
    # What was cancelled before we looked at it is nothing to us.
    return {p for p, sale in there.items() if (ours.get(p, "cancelled") == "cancelled") == (sale.status == "cancelled")}


_WAYS = ("genuine", "genuine", "genuine", "forged", "cut", "flipped", "header_flipped", "unsigned", "other_body")


def _spoilt(how: str, headers: Headers, body: bytes, chance: random.Random, shop: Simulated) -> tuple[Headers, bytes]:
    signed = [name for name in headers if _is_proof(name)]
    assert signed, f"{shop.KIND} signs nothing"
    match how:
        case "forged":
            return {**headers, **dict.fromkeys(signed, "Zm9yZ2Vk")}, body
        case "cut":
            return headers, body[: chance.randrange(len(body))]
        case "flipped":
            place = chance.randrange(len(body))
            return headers, body[:place] + bytes([body[place] ^ (1 << chance.randrange(8))]) + body[place + 1 :]
        case "header_flipped":
            name = chance.choice(signed)
            text = headers[name]
            place = chance.randrange(len(text))
            other = chance.choice([c for c in "ABCDabcd0123" if c != text[place]])
            return {**headers, name: text[:place] + other + text[place + 1 :]}, body
        case "unsigned":
            return {name: text for name, text in headers.items() if name not in signed}, body
        case _:
            return headers, b'{"id": 1, "order_id": "1"}'


def _is_proof(name: str) -> bool:
    return any(part in name for part in ("hmac", "signature", "authorization"))


def _sends(kind: str) -> bool:
    return type(simulated(kind, lambda: NINE)).messages_of is not Simulated.messages_of
