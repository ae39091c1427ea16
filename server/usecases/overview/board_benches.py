"""One card for each bench, from its newest heartbeat. Times come in the bench's clock and leave in the server's."""

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from server.db import board as rows
from server.db import leases
from server.domain.benchwork.reasons import STOPS
from server.typed import learnt
from server.usecases.overview.board_values import BenchCard, Device, LastVerdict
from server.usecases.overview.board_words import MODE_WORDS, PHASE_WORDS, Shape, device_shape, reason_words, spoken
from server.wire import Heartbeat

SILENT_SECONDS = 5.0
CLOCK_OFF_SECONDS = 30.0


def cards(connection: Connection, now: float) -> tuple[BenchCard, ...]:
    """Every enrolled or awaited bench."""
    found = [(row, _beat(row.beat)) for row in rows.benches(connection)]
    ids = [beat.person_id for _, beat in found if beat and beat.person_id is not None]
    names = rows.names(connection, ids) if ids else {}
    held = leases.held(connection, now)
    return tuple(_holding(_card(row, beat, names, now), held.get(row.id)) for row, beat in found)


def _holding(card: BenchCard, held: tuple[int, float] | None) -> BenchCard:
    card = replace(card, link=f"/benches/{card.id}")
    return replace(card, assigned=held[0], assigned_since=held[1]) if held else card


def without_person(card: BenchCard) -> BenchCard:
    """The card with nothing of the person in it: a stop reads as work, since the error behind it is one person's."""
    card = replace(card, called_why="", link="")
    if not card.stopped:
        return replace(card, person="", last=None)
    return replace(card, person="", last=None, stopped=False, shape=Shape.GOOD, words=_moded("packing", card))


def _beat(stored: Any) -> Heartbeat | None:
    try:
        return msgspec.convert(stored, learnt(Heartbeat)) if stored else None
    except msgspec.ValidationError:
        # A station of another version: its bench is shown, its details are not.
        return None


def _card(row: Row[Any], beat: Heartbeat | None, names: dict[int, str], now: float) -> BenchCard:
    mode = MODE_WORDS.get(row.mode, "")
    card = BenchCard(row.id, spoken(row.name, 40), spoken(row.site, 40), Shape.OFF, "", mode=mode)
    if row.seen_at is None:
        return replace(card, words="waits to join" if row.enrolled_at is None else "not seen yet")
    offset = float(row.clock_offset)
    card = replace(card, clock_off=round(offset) if abs(offset) > CLOCK_OFF_SECONDS else 0)
    if beat is not None:
        card = _working(card, beat, names, offset)
    if now - row.seen_at > SILENT_SECONDS:
        return replace(card, shape=Shape.OFF, words="silent", silent_since=row.seen_at, stopped=False)
    return card


def _working(card: BenchCard, beat: Heartbeat, names: dict[int, str], offset: float) -> BenchCard:
    shape, words = _doing(beat)
    called = reason_words(beat.call_reason)[0] if beat.call_reason else ""
    return replace(
        card,
        shape=shape,
        words=_moded(words, card),
        called_since=_server_time(beat.call_since, offset),
        called_why=called,
        stopped=_stopped(beat),
        person=spoken(names.get(beat.person_id or 0, ""), 40),
        order=spoken(beat.order_number or "", 40),
        load=spoken(beat.load_id or "", 40),
        verified=beat.verified,
        units=beat.units,
        since=_server_time(beat.since, offset),
        last=_last(beat, offset),
        unsent=beat.unsent,
        scanner=_device(beat.scanner),
        printer=_device(beat.printer),
    )


def _moded(words: str, card: BenchCard) -> str:
    """A bench that does not stop as the others do says so beside whatever it does."""
    return f"{words} · {card.mode}" if card.mode else words


def _doing(beat: Heartbeat) -> tuple[Shape, str]:
    if _stopped(beat):
        return Shape.STOP, "stopped"
    if beat.person_id is None or beat.desk == "sign-in":
        return Shape.OFF, "nobody signed in"
    if beat.desk == "dock":
        return Shape.GOOD, "loading" if beat.load_id else "at the dock"
    if beat.order_number is None:
        return Shape.GOOD, "ready for an order"
    words = PHASE_WORDS.get(beat.phase or "", "packing")
    return Shape.LOOK if beat.phase in ("parked", "ended") else Shape.GOOD, words


def _stopped(beat: Heartbeat) -> bool:
    """A stop latches until a person answers it, and the answer is a verdict of its own."""
    return beat.desk == "pack" and beat.order_number is not None and beat.last_reason in STOPS


def _last(beat: Heartbeat, offset: float) -> LastVerdict | None:
    if beat.last_reason is None:
        return None
    words, shape = reason_words(beat.last_reason)
    return LastVerdict(words, shape, _server_time(beat.last_at, offset))


def _device(words: str) -> Device:
    said = spoken(words, 40)
    return Device(said or "none", device_shape(said))


def _server_time(at: float | None, offset: float) -> float | None:
    """``offset`` is the bench's clock minus the server's, in seconds."""
    return None if at is None else round(at - offset, 1)
