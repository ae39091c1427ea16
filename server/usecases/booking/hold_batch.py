"""The holds of one group commit."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from server import wire
from server.db import hold_rows
from server.db.transaction import Actor, Transaction
from server.domain.booking import conflicts
from server.domain.booking.reservation import Ask, Decision, Refused, Reserved
from server.domain.booking.stock import Move, MoveKind
from server.domain.errors import DomainError
from server.usecases.booking.reference import Reference
from server.usecases.booking.stock import Posting


class PlaceHold(NamedTuple):
    """A wish: ``units`` by the channel's own SKUs. The same key again is answered from memory."""

    channel_id: int
    key: str
    units: Mapping[str, int]
    ttl: float
    fingerprint: str
    actor: Actor


class Held(NamedTuple):
    """The answer: ``state`` is held, refused, confirmed, released, expired or used; ``body`` its JSON."""

    key: str
    state: str
    body: str

    @property
    def status(self) -> int:
        """The HTTP status: 201 while the units are kept, 409 when they are not."""
        return 201 if self.state in {"held", "confirmed", "used"} else 409


Asked = tuple[list[Ask], list[conflicts.Ask]]


def places(wishes: Sequence[PlaceHold]) -> list[hold_rows.Place]:
    """Under what they are remembered."""
    return [(w.channel_id, w.key) for w in wishes]


class HoldBatch:
    """The holds of one group commit: what was asked before, then asks, then rows and answers."""

    def __init__(self, tx: Transaction, ref: Reference, wishes: Sequence[PlaceHold]) -> None:
        self._tx, self._ref, self._wishes = tx, ref, wishes
        self.answers: list[Held | DomainError | None] = [None] * len(wishes)
        self._fresh: list[int] = []
        self._twins: list[tuple[int, int]] = []

    def look(self, seen: Mapping[hold_rows.Place, hold_rows.Known] | None = None) -> Asked:
        """Answer what is known by its key (``seen``, where it was read); an ask for everything else, and its rivals."""
        known = hold_rows.by_keys(self._tx.connection, places(self._wishes)) if seen is None else seen
        first: dict[tuple[int, str], int] = {}
        for index, wish in enumerate(self._wishes):
            place = wish.channel_id, wish.key
            row = known.get(place)
            if row is not None:
                self.answers[index] = _replayed(wish, row.fingerprint, Held(wish.key, row.state, row.answer))
            elif place in first:
                self._twins.append((index, first[place]))
            else:
                first[place] = index
                self._fresh.append(index)
        codes = self._ref.channel_code
        names = hold_rows.canonical(self._tx.connection, self._ref.aliased, [self._wishes[i] for i in self._fresh])
        wishes = [self._wishes[index] for index in self._fresh]
        asks = [Ask(MoveKind.HOLD, names(w.channel_id, w.units), codes(w.channel_id)) for w in wishes]
        now = self._tx.now
        return asks, [conflicts.Ask(w.key, a.units, a.channel, now) for w, a in zip(wishes, asks, strict=True)]

    def write(self, decisions: Sequence[Decision]) -> list[Posting]:
        """Rows for the asks of ``look``, and the postings for the counters."""
        tx, postings = self._tx, []
        ends: dict[float, str] = {}
        rows: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        for hold_id, index, decision in zip(tx.events.take_ids(len(decisions)), self._fresh, decisions, strict=True):
            wish = self._wishes[index]
            held, expires_at = _answer(wish, decision, tx.now, ends)
            self.answers[index] = held
            rows.append(_row(hold_id, wish, held, tx.now, expires_at))
            if isinstance(decision, Reserved):
                lines += held_lines(hold_id, decision.moves)
                postings.append(
                    Posting(decision.moves, hold_id=hold_id, channel_id=wish.channel_id, actor=wish.actor.name)
                )
        hold_rows.insert(tx, rows, lines)
        for twin, first in self._twins:
            answer = self.answers[first]
            assert isinstance(answer, Held), "it was decided a moment ago"  # noqa: S101
            self.answers[twin] = _replayed(self._wishes[twin], self._wishes[first].fingerprint, answer)
        return postings


def _replayed(wish: PlaceHold, fingerprint: str, held: Held) -> Held | DomainError:
    if fingerprint != wish.fingerprint:
        return DomainError("key_reused", f"hold {wish.key} was asked for before with other lines or another time")
    return held


def _answer(wish: PlaceHold, decision: Decision, now: float, ends: dict[float, str]) -> tuple[Held, float | None]:
    """The answer and when the hold ends; ``ends`` remembers how that time is written, for all of a batch."""
    if isinstance(decision, Refused):
        short = [{"sku": s.sku, "wanted": s.wanted, "available": s.available} for s in decision.shortages]
        said = {"hold": wish.key, "state": "refused", "shortages": short}
        return Held(wish.key, "refused", msgspec.json.encode(said).decode()), None
    written = ends.get(wish.ttl)
    if written is None:
        written = ends[wish.ttl] = wire.instant(now + wish.ttl)
    held = {"hold": wish.key, "state": "held", "expires_at": written}
    return Held(wish.key, "held", msgspec.json.encode(held).decode()), now + wish.ttl


def _row(hold_id: int, wish: PlaceHold, held: Held, now: float, expires_at: float | None) -> dict[str, Any]:
    return {
        "id": hold_id,
        "channel_id": wish.channel_id,
        "key": wish.key,
        "fingerprint": wish.fingerprint,
        "state": held.state,
        "answer": held.body,
        "at": now,
        "expires_at": expires_at,
    }


def held_lines(hold_id: int, moves: Sequence[Move]) -> list[dict[str, Any]]:
    if len(moves) == 1:
        _, sku, site_id, _, _, quantity, _, lot = moves[0]
        return [{"hold_id": hold_id, "sku": sku, "site_id": site_id, "lot": lot, "quantity": quantity}]
    summed: dict[tuple[str, int, str], int] = {}
    for m in moves:
        summed[m.key] = summed.get(m.key, 0) + m.d_held
    return [
        {"hold_id": hold_id, "sku": sku, "site_id": site_id, "lot": lot, "quantity": n}
        for (sku, site_id, lot), n in summed.items()
    ]
