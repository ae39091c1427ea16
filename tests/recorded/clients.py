"""A client: does what shops do, repeats what was not answered, and writes everything down."""

import itertools
import json
import random
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

from tests.book import order_body, signed

SKUS = tuple(f"SKU-{n}" for n in range(6))
DEADLINE = 180.0
"""Seconds within which a dead server must have come back."""


@dataclass(frozen=True)
class Entry:
    """One request and its answer; status 0 when none came. ``id`` is that of the hold or order it is about."""

    verb: str
    id: str
    message: str
    body: bytes
    status: int
    answer: str

    @property
    def said(self) -> dict[str, Any]:
        """The answer's JSON."""
        found: dict[str, Any] = json.loads(self.answer)
        return found

    @property
    def known(self) -> bool:
        """Whether the book spoke: it did something, or refused by a rule."""
        return self.status in {200, 201, 409}


@dataclass
class Client:
    """One buyer's browser or shop; its random choices follow its number."""

    number: int
    channel: str
    ports: list[int]
    entries: list[Entry] = field(default_factory=list)
    refusals: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.number)
        self.lines = {port: HTTPConnection("127.0.0.1", port, timeout=20) for port in self.ports}

    def work(self, errands: int, enough: threading.Event) -> None:
        """So many errands, and more until somebody says that it is enough."""
        for step in itertools.count():
            if step >= errands and enough.is_set():
                break
            name = f"c{self.number}-{step}"
            self.chance.choice((self.checkout, self.checkout, self.order, self.order, self.abandon))(name)
        for line in self.lines.values():
            line.close()

    # --- errands ----------------------------------------------------------------------------------------------------

    def checkout(self, name: str) -> None:
        """A hold, perhaps asked for twice, then its order."""
        held = self.hold(name)
        if held.said["state"] != "held":
            return
        if self.chance.random() < 0.5:
            self.insist("holds:confirm", name, {"key": name})
        lines = [(line["sku"], line["quantity"]) for line in json.loads(held.body)["lines"]]
        self.buy(name, lines, hold=name)

    def abandon(self, name: str) -> None:
        """A hold that is given back, perhaps twice."""
        if self.hold(name).said["state"] == "held":
            for _ in range(self.chance.choice((1, 2))):
                self.insist("holds:release", name, {"key": name})

    def order(self, name: str) -> None:
        """An order without a hold; a third of them are cancelled, perhaps twice."""
        sku, other = self.chance.sample(SKUS, 2)
        self.buy(name, [(sku, self.chance.randint(1, 2)), (other, 1)][: self.chance.randint(1, 2)])
        if self.chance.random() < 0.34:
            for nth in range(self.chance.choice((1, 2))):
                self.insist(f"orders/{name}/cancel", name, {}, message=f"cancel-{name}-{nth}")

    # --- requests ---------------------------------------------------------------------------------------------------

    def hold(self, name: str) -> Entry:
        lines = [{"sku": self.chance.choice(SKUS), "quantity": self.chance.randint(1, 2)}]
        wish = {"key": name, "ttl_seconds": 3600, "lines": lines}
        found = self.insist("holds", name, wish)
        if self.chance.random() < 0.4:
            assert self.insist("holds", name, wish).answer == found.answer, "the same key gave another answer"
        if self.chance.random() < 0.3:
            other = wish | {"lines": [{"sku": lines[0]["sku"], "quantity": 3}]}
            self.refused("holds", name, other, "key_reused")
        return found

    def buy(self, name: str, lines: list[tuple[str, int]], **more: Any) -> Entry:
        wish = order_body(name, *lines, **more)
        found = self.insist("orders", name, wish)
        assert found.status in {200, 201}, f"an order was refused: {found}"
        if self.chance.random() < 0.4:
            again = self.insist("orders", name, wish)
            assert again.answer == found.answer, "the same message gave another answer"
        if self.chance.random() < 0.3:
            again = self.insist("orders", name, wish, message=f"again-{name}")
            assert again.said["order"] == found.said["order"], "the same order was taken twice"
        if self.chance.random() < 0.3:
            other = order_body(name, *lines, ("SKU-0", 9))
            self.refused("orders", name, other, "webhook_reused")
            self.refused("orders", name, other, "order_differs", message=f"other-{name}")
        return found

    def refused(self, verb: str, name: str, wish: dict[str, Any], code: str, message: str = "") -> None:
        found = self.insist(verb, name, wish, message=message)
        assert (found.status, found.said["code"]) == (409, code), found
        self.refusals += 1

    def insist(self, verb: str, name: str, wish: dict[str, Any], message: str = "") -> Entry:
        """Ask until there is an answer, with the same words and the same id, of whichever server is up."""
        end = time.monotonic() + DEADLINE
        body = json.dumps(wish).encode()
        message = message or f"{verb}-{name}"
        while True:
            entry = self.ask(verb, name, message, body)
            self.entries.append(entry)
            if entry.known:
                return entry
            assert entry.status in {0, 503}, entry
            assert time.monotonic() < end, f"no answer within {DEADLINE} s: {entry}"
            time.sleep(self.chance.uniform(0.02, 0.2))

    def ask(self, verb: str, name: str, message: str, body: bytes) -> Entry:
        line = self.lines[self.chance.choice(self.ports)]
        try:
            line.request("POST", f"/channels/{self.channel}/{verb}", body, signed(body, message))
            answer = line.getresponse()
            return Entry(verb, name, message, body, answer.status, answer.read().decode())
        except (OSError, HTTPException) as error:
            line.close()
            return Entry(verb, name, message, body, 0, type(error).__name__)
