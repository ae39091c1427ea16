"""The server as docks reach it: it dies before a commit or after one, answers get lost, and requests come twice."""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import event

from server.db.engine import open_engine
from server.db.transaction import Database

T = TypeVar("T")
DIES, LOSES, TWICE, KILLED = 0.02, 0.02, 0.05, 0.004
"""How often, of all requests: it dies before the commit; its answer is lost after it; the request comes twice; a
process of its own does the work and is really killed."""


class Away(Exception):
    """Nobody knows what was done."""


@dataclass(slots=True)
class Reach:
    """One database behind a bad network. ``kills`` is False where no process may be forked."""

    db: Database
    chance: random.Random
    kills: bool = True
    seen: Counter[str] = field(default_factory=Counter)
    _dies: bool = False

    def __post_init__(self) -> None:
        event.listen(self.db.engine, "commit", self._commit)
        self.db.on_commit.append(lambda: None)

    def ask(self, work: Callable[[Database], T]) -> T:
        """The server's answer; raise Away when none came, whatever was done."""
        roll = self.chance.random()
        if self.kills and roll < KILLED:
            self._in_a_process_that_dies(work)
            raise Away
        if roll < KILLED + DIES:
            self._without_commit(work)
            raise Away
        answer = work(self.db)
        if roll < KILLED + DIES + LOSES:
            self.seen["answers_lost"] += 1
            raise Away
        if roll < KILLED + DIES + LOSES + TWICE:
            self.seen["posted_twice"] += 1
            answer = work(self.db)
        return answer

    def _without_commit(self, work: Callable[[Database], Any]) -> None:
        self._dies = True
        try:
            work(self.db)
        except Away:
            self.seen["died_before_commit"] += 1
        finally:
            self._dies = False

    def _commit(self, _connection: Any) -> None:
        if self._dies:
            raise Away

    def _in_a_process_that_dies(self, work: Callable[[Database], Any]) -> None:
        """A child with a connection of its own, killed in the moment before its commit or right after it."""
        before = self.chance.random() < 0.5
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            self.seen["killed_before_commit" if before else "killed_after_commit"] += os.WIFSIGNALED(status)
            return
        try:
            engine = open_engine(self.db.engine.url.render_as_string(hide_password=False))
            db = Database(engine, self.db.now)
            if before:
                event.listen(engine, "commit", lambda _connection: os.kill(os.getpid(), signal.SIGKILL))
            work(db)
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
