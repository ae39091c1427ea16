"""A floor whose shop takes the cheapest way, with two carriers that do as they are told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from server.db import rates as rows
from server.db import tables
from server.domain.rates.values import Decision, Verdict
from server.usecases.shipping import choosing, quoting, rate_rules
from tests.carriers_in_memory import InMemory, offer, open_accounts
from tests.fakes import until
from tests.floor import BOSS, Bench, Floor

RULES = {"default": "alpha", "deadline_seconds": 5, "channels": {"shop": {"shop": True}}}


@dataclass
class Market:
    """A floor whose shop takes the cheapest way, and two carriers beside the own vans."""

    floor: Floor
    bench: Bench
    alpha: InMemory
    beta: InMemory

    def open(self, *lines: tuple[str, int], service: str = "standard") -> str:
        """Sell and open an order; the prices are there when it returns."""
        number = self.floor.order(*(lines or (("SOAP", 1),)))
        self.floor.set_order(number, service=service)
        self.bench.open(number)
        self.settled(number)
        return number

    def settled(self, number: str) -> None:
        """Wait for the prices of an order."""
        assert not quoting.wait(self.floor.db, self.floor.order_id(number), 10)

    def decision(self, number: str) -> Decision:
        """What was chosen last."""
        with self.floor.db.read() as connection:
            row = rows.latest(connection, self.floor.order_id(number), 1)
        assert row is not None
        return rows.decision_of(row)

    def way(self, number: str) -> tuple[str, str, str, str]:
        """Carrier and service of the parcel, then those of the order."""
        p, o = tables.parcel, tables.order
        query = select(p.c.carrier, p.c.service, o.c.carrier, o.c.service).join(o, o.c.id == p.c.order_id)
        with self.floor.db.read() as connection:
            found = connection.execute(query.where(o.c.number == number)).one()
        return found[0], found[1], found[2], found[3]

    def verdicts(self, number: str) -> dict[str, Verdict]:
        """What became of each offer and each silent account."""
        decision = self.decision(number)
        said = {each.offer.way: each.verdict for each in decision.judged}
        return said | {each.account: each.verdict for each in decision.silent}

    def settle(self) -> None:
        """As the last scan does, before the label is asked for."""
        assert self.bench.session is not None
        self.bench.send()
        choosing.settle(self.floor.db, BOSS, self.bench.bench_id, self.bench.session.session_id)


@contextmanager
def open_market(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    """Own vans ask 3.90 for a parcel to this buyer, so both carriers are cheaper."""
    alpha = InMemory([offer("ground", "3.10"), offer("2day", "9.40", 2)])
    beta = InMemory([offer("ground", "2.60"), offer("second-day", "8.20", 2)])
    open_accounts(floor.db, monkeypatch, {"alpha": alpha, "beta": beta})
    rate_rules.set_rules(floor.db, BOSS, RULES)
    yield Market(floor, floor.bench("B1"), alpha, beta)
    for gate in (alpha.gate, beta.gate):
        if gate is not None:
            gate.set()
    until(lambda: not asking_now())


def asking_now() -> list[threading.Thread]:
    """Questions to carriers that are still on their way."""
    return [each for each in threading.enumerate() if each.name.startswith(("quote ", "rates "))]
