"""A hundred thousand messages, genuine and otherwise: nothing is believed wrongly, nothing genuine is lost."""

import random
import tempfile
import time
from collections import Counter
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
from server.usecases.talking import hearing
from tests.bench import figures
from tests.market import NINE, Street, open_street

DELIVERIES = 100_000
_SALES = 300
Headers = dict[str, str]


def storm(seed: int, size: int | None) -> None:
    """Messages of every platform that sends any, in seven states, through the whole reception."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        db = Database(open_engine(f"sqlite:///{Path(name) / 'book.db'}"))
        migrate(db.engine)
        made = Street(db, [kind for kind in kinds() if _sends(kind)])
        open_street(db, made.shops, made.lines, {"CANDLE": 10 * _SALES})
        letters: list[tuple[str, Message, str]] = []
        for kind, shop in made.shops.items():
            for _ in range(_SALES):
                sale = shop.market.sell(("CANDLE", 1))
                letters += [(kind, message, sale.ref) for message in shop.outgoing]
                shop.outgoing.clear()
        counts, seconds, wrongly = Counter[str](), [], 0
        genuine: set[tuple[str, str]] = set()
        for _ in range(size or DELIVERIES):
            kind, message, ref = chance.choice(letters)
            how = chance.choice(_WAYS)
            headers = {name.lower(): text for name, text in message.headers.items()}
            body = message.body
            if how != "genuine":
                headers, body = _spoilt(how, headers, body, chance, made.shops[kind])
            before = time.perf_counter()
            try:
                hearing.hear(db, made.lines, kind, headers, body)
                taken = True
            except DomainError:
                taken = False
            seconds.append(time.perf_counter() - before)
            counts[how] += 1
            if how == "genuine":
                genuine.add((kind, ref))
                wrongly += not taken
            else:
                wrongly += taken
        figures.line("webhooks.deliveries", sum(counts.values()))
        for how, number in sorted(counts.items()):
            figures.line(f"webhooks.{how}", number)
        figures.line("webhooks.judged_wrongly", wrongly)
        figures.line("webhooks.genuine_lost", len(genuine - _known(db)))
        figures.spread("webhooks.answer", seconds)
        db.engine.dispose()


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


def _known(db: Database) -> set[tuple[str, str]]:
    i, c = tables.inbox, tables.channel
    with db.read() as connection:
        rows: Any = connection.execute(select(c.c.code, i.c.ref).join(c, c.c.id == i.c.channel_id))
        return {(row.code, row.ref) for row in rows}


def _sends(kind: str) -> bool:
    return type(simulated(kind, lambda: NINE)).messages_of is not Simulated.messages_of
