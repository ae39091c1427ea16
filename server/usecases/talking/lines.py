"""The line to each channel: one in a process, so that its limits and tokens are counted once."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from server.calls.line import PATIENCE, Line
from server.calls.pace import Pace
from server.channels import platform_of
from server.db.memory import ChannelMemory
from server.db.together import Together
from server.db.transaction import Actor, Database

TIMEOUT = httpx.Timeout(8.0, connect=3.0)


def new_client() -> httpx.Client:
    """The client of all lines."""
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False)


@dataclass(slots=True)
class Lines:
    """Gives out lines; a channel whose settings changed gets a new one. Safe from any thread."""

    db: Database
    client: httpx.Client = field(default_factory=new_client)
    patience: float = PATIENCE
    limited: bool = True
    """Whether the platforms' limits hold, those they publish and those their answers tell."""
    on_news: list[Callable[[str], None]] = field(default_factory=list)
    """Told the channel's code when one of its platform's messages was kept."""
    writes: Together = field(init=False)
    """Small works of all lines, written together."""
    _lines: dict[int, tuple[Mapping[str, Any], Line]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.writes = Together(self.db, Actor("worker"), "talk")

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

    def ring(self, code: str) -> None:
        """Something was heard of this channel."""
        for tell in self.on_news:
            tell(code)

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()
