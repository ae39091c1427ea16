"""The line to each channel: one in a process, so that its limits and tokens are counted once."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import httpx

from server.calls.clients import new_client
from server.calls.line import PATIENCE, Line
from server.calls.pace import Pace
from server.channels import platform_of
from server.db import channel_states, jobs
from server.db.memory import ChannelMemory
from server.db.together import Together
from server.db.transaction import Actor, Database, transaction
from server.usecases.booking.book import Book
from server.usecases.booking.window import Decide, window_of

TIMEOUT = httpx.Timeout(8.0, connect=3.0)
HOLD = 60.0
"""Seconds for which a worker holds the line of a platform; another one takes over when it does not come back."""
_WORKER = Actor("worker")


@dataclass(slots=True)
class Lines:
    """Gives out lines; a channel whose settings changed gets a new one. Safe from any thread."""

    db: Database
    client: httpx.Client = field(default_factory=partial(new_client, TIMEOUT))
    patience: float = PATIENCE
    limited: bool = True
    """Whether the platforms' limits hold, those they publish and those their answers tell."""
    fetches: int = 4
    """Orders fetched from one platform at the same time."""
    on_news: list[Callable[[str], None]] = field(default_factory=list)
    """Told the channel's code when one of its platform's messages was kept."""
    book: Book | None = None
    """The group commit of this process; one is made where there is none."""
    decide: Decide = field(init=False)
    """Takes orders in with those that come at the same moment, from wherever (RSV-02, CNF-01)."""
    writes: Together = field(init=False)
    """Small works of all lines, written together."""
    _lines: dict[int, tuple[Mapping[str, Any], Line]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: dict[int, tuple[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.writes = Together(self.db, _WORKER, "talk")
        self.book = self.book or Book(self.db)
        self.decide = window_of(self.db, self.book).take

    def of(self, channel_id: int, code: str, kind: str, settings: Mapping[str, Any]) -> Line:
        """The line of this channel."""
        with self._lock:
            kept = self._lines.get(channel_id)
            if kept is None or kept[0] != settings:
                platform = platform_of(kind)
                limits = platform.LIMITS if platform is not None and self.limited else {}
                line = Line(
                    channel=code,
                    settings=settings,
                    client=self.client,
                    clock=self.db.now,
                    pace=Pace(limits, self.db.now, learns=self.limited),
                    memory=ChannelMemory(self.db, self.writes, channel_id),
                    patience=self.patience,
                )
                kept = self._lines[channel_id] = (settings, line)
            return kept[1]

    def telling(self, channel_id: int, code: str, kind: str, settings: Mapping[str, Any]) -> Line:
        """As ``of``, for what must not be said twice: silent as soon as another worker has taken the line over."""
        return replace(self.of(channel_id, code, kind, settings), ours=lambda: self._still_ours(channel_id))

    def hold(self, channel_id: int, owner: str) -> bool:
        """Keep the line of a platform, or take it where nobody has it; False while another worker has it."""
        holder, until = self._held.get(channel_id, ("", 0.0))
        if holder == owner and self.db.now() < until - HOLD / 2:
            return True  # Nobody can take it before that.
        with self.db.read() as connection:
            state = channel_states.of(connection, channel_id)
        if state is not None and state.owner == owner and state.owned_until > self.db.now() + HOLD / 2:
            self._held[channel_id] = (owner, state.owned_until)
            return True
        with transaction(self.db, _WORKER, "hold_line") as tx:
            held = channel_states.hold(tx, channel_id, owner, HOLD)
            if held and (state is None or state.owner != owner):
                jobs.free_claims(tx, channel_id)
            until = tx.now + HOLD
        if held:
            self._held[channel_id] = (owner, until)
        return held

    def _still_ours(self, channel_id: int) -> bool:
        """A process that was frozen for a minute wakes in the middle of its work, which another has taken up."""
        owner, until = self._held.get(channel_id, ("", 0.0))
        if not owner or self.db.now() < until - HOLD / 2:
            return True
        with self.db.read() as connection:
            state = channel_states.of(connection, channel_id)
        return state is not None and state.owner == owner and self.hold(channel_id, owner)

    def ring(self, code: str) -> None:
        """Something was heard of this channel."""
        for tell in self.on_news:
            tell(code)

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()
