"""Sends the shop's letters to Packproof: signed with Standard Webhooks, again and again until it answers 2xx."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks.webhooks import Webhook

from server.simulated.shop.book import Book

_PAUSE_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Before the next round, by how many rounds in a row failed."""


def signed(secret: str, webhook_id: str, body: str) -> dict[str, str]:
    """Headers for one attempt. The id stays the same over attempts, the time is of this one."""
    now = datetime.now(UTC)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, now, body),
        "content-type": "application/json",
    }


@dataclass(slots=True)
class Postman:
    """A thread that delivers whatever is in the book. ``channel_url`` ends with the channel's code."""

    book: Book
    channel_url: str
    secret: str
    news: threading.Event
    stopping: threading.Event

    def run(self) -> None:
        """Deliver until stopped."""
        failed_rounds = 0
        with httpx.Client(timeout=10) as client:
            while not self.stopping.is_set():
                self.news.clear()
                taken = [self._deliver(client, letter) for letter in self.book.letters()]
                fine = all(taken)
                failed_rounds = 0 if fine else min(failed_rounds + 1, len(_PAUSE_SECONDS))
                if fine and not self.book.letters():
                    self.news.wait()
                elif not fine:
                    self.stopping.wait(_PAUSE_SECONDS[failed_rounds - 1])

    def stop(self) -> None:
        """End soon; unsent letters stay in the book."""
        self.stopping.set()
        self.news.set()

    def _deliver(self, client: httpx.Client, letter: Mapping[str, Any]) -> bool:
        body = str(letter["body"])
        headers = signed(self.secret, str(letter["webhook_id"]), body)
        try:
            answer = client.post(f"{self.channel_url}{letter['path']}", content=body, headers=headers)
        except httpx.HTTPError:
            self.book.tried(letter, None, {})
            return False
        self.book.tried(letter, answer.status_code, _json(answer))
        return answer.is_success


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
