"""What is said of parcels is written down, by whatever way it came; what follows from it comes afterwards (TRK-01)."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from server.db import tracking
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.tracking.status import Status
from server.domain.tracking.words import Meaning, normalise
from server.trade.shipping import Seen
from server.usecases.outward import signed
from server.usecases.record.incidents import open_incident
from server.usecases.shipping.accounts import counter_of

Way = Literal["webhook", "poll", "outside"]
EVENTS_MOST = 1_000
"""Of one message from outside."""
AHEAD = 3_600.0
"""Seconds by which a clock elsewhere may be ahead of ours; what is later counts as now."""
ETA_MOST = 366 * 86_400.0
"""Seconds ahead; a later date of delivery is a way of saying none, and may not even be a date."""
CHANNEL, OFFICE = "channel:", "from:"
"""Before the code of a channel, and of whoever the office speaks for, as the source of what is told; a carrier account
is its bare code."""
_NUMBER_MAX, _CODE_MAX, _PLACE_MAX, _WORDS_MAX, _NAME_MAX = 64, 80, 120, 500, 40


class Voice(NamedTuple):
    """Who says it: ``source`` numbers its own events, ``provider`` names whose words these are."""

    source: str
    provider: str
    way: Way


class Put(NamedTuple):
    """What became of a message: events that are new, and tracking numbers that no parcel of ours has yet."""

    new: int
    strangers: tuple[str, ...] = ()


class OutsideEvent(msgspec.Struct, forbid_unknown_fields=True):
    """One event in our own vocabulary (``status``) or raw (``code``, ``words``); times are ISO 8601 with a zone."""

    tracking: str
    at: datetime
    status: str = ""
    code: str = ""
    words: str = ""
    where: str = ""
    eta: datetime | None = None
    event_id: str = ""


class OutsideEvents(msgspec.Struct, forbid_unknown_fields=True):
    """What a warehouse system, a courier or a marketplace tells; ``source`` names whose words these are."""

    source: str
    events: list[OutsideEvent]


def hear(db: Database, carrier: str, headers: Mapping[str, str], body: bytes) -> Put:
    """A message of a carrier's; it is answered at once and looked at by the worker.

    Raise DomainError("not_found") for a carrier that sends none, and "bad_signature" unless it sent exactly this.
    """
    try:
        counter = counter_of(db, carrier)
    except DomainError as error:
        raise DomainError("not_found", f"there is no carrier {carrier[:40]!r}") from error
    if not counter.can.hear:
        raise DomainError("not_found", f"{counter.account.name} sends no messages")
    seen = counter.carrier.hear(headers, body)
    return put(db, Actor(f"carrier:{carrier}"), Voice(carrier, counter.words, "webhook"), seen)


def put(db: Database, actor: Actor, voice: Voice, seen: Sequence[Seen]) -> Put:
    """Write down what a carrier says, once for ever; nothing it may say is an error."""
    if not seen:
        return Put(0)

    def once() -> Put:
        with transaction(db, actor, "hear_tracking") as tx:
            return put_in(tx, voice, [(each, None) for each in seen])

    return again(once)


def tell(db: Database, actor: Actor, body: bytes) -> Put:
    """Events from outside by somebody of the office, all of them or none; raise DomainError("malformed")."""
    message = _read(body)

    def once() -> Put:
        with transaction(db, actor, "tell_tracking") as tx:
            return put_in(tx, Voice(f"{OFFICE}{message.source}", message.source, "outside"), _seen(message))

    return again(once)


def tell_signed(db: Database, actor: Actor, channel: str, headers: Mapping[str, str], body: bytes) -> str:
    """The same by a signed message of a channel, about its own parcels; return the JSON answer.

    Raise DomainError("not_found" | "bad_signature" | "webhook_reused" | "malformed").
    """

    def work(tx: Transaction, row: Any) -> str:
        message = _read(body)
        found = tracking.parcels_with(tx.connection, {_number(each.tracking) for each in message.events})
        for parcel in tracking.parcels_of(tx.connection, found.values()):
            if parcel.channel_id != row.id:
                raise DomainError("not_found", f"there is no parcel {parcel.tracking} of {channel}")
        answer = put_in(tx, Voice(f"{CHANNEL}{channel}", message.source, "outside"), _seen(message))
        return msgspec.json.encode({"new": answer.new, "strangers": list(answer.strangers)}).decode()

    return signed.acted_on(db, actor, (channel, ""), headers, body, verb="tell_tracking", work=work)


def may_speak(source: str, channel: str, carrier: str) -> bool:
    """Whether what this source says counts for a parcel of this channel and carrier account.

    A channel speaks of its own parcels only, and so does a carrier account; somebody of the office speaks of all. It is
    asked when the parcel is known: a number may be told of long before it is anybody's.
    """
    return source.startswith(OFFICE) or source in (f"{CHANNEL}{channel}", carrier)


def put_in(tx: Transaction, voice: Voice, said: Iterable[tuple[Seen, Status | None]]) -> Put:
    """As ``put`` in the caller's transaction; a status beside an event is in our own words already."""
    explained, provider = tracking.explained(tx.connection), voice.provider[:48]
    rows: dict[str, dict[str, Any]] = {}
    strange: dict[str, tuple[str, str]] = {}
    for seen, status in said:
        meaning = Meaning(status) if status else normalise(provider, clean(seen.code, _CODE_MAX), seen.words)
        if meaning.key:
            strange[meaning.key] = (clean(seen.code, _CODE_MAX), clean(seen.words, _WORDS_MAX))
            meaning = Meaning(explained.get((provider, meaning.key), meaning.status), meaning.key)
        row = _row(tx.now, voice, seen, meaning)
        rows[row["key"]] = row
    new = tracking.put(tx, list(rows.values()))
    for key, (code, words) in sorted(strange.items()):
        _flag(tx, provider, key, code, words)
    known = tracking.parcels_with(tx.connection, {row["tracking"] for row in rows.values()})
    strangers = sorted({row["tracking"] for row in rows.values()} - known.keys())
    if new:
        tx.note("tracking.heard", {"source": voice.source, "way": voice.way, "new": new, "strangers": len(strangers)})
    return Put(new, tuple(strangers))


def clean(text: str, most: int) -> str:
    """Text from outside as it may be kept and shown: one line, no control characters, not longer than ``most``."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


def _flag(tx: Transaction, provider: str, key: str, code: str, words: str) -> None:
    """Once for each new word, never for each parcel."""
    if tracking.put_word(tx, provider, key, code, words):
        named = f"the code {code!r}" if code else "words without a code"
        cause = f"{provider} says of parcels {named}, which nobody has explained; see packproof tracking words"
        open_incident(tx, IncidentType.TRACKING_WORD, cause, once_key=word_key(provider, key))


def word_key(provider: str, key: str) -> str:
    """Of the incident about an unknown word."""
    return f"word:{provider}:{key}"


def _row(now: float, voice: Voice, seen: Seen, meaning: Meaning) -> dict[str, Any]:
    said = seen.at if math.isfinite(seen.at) and seen.at > 0 else now
    eta = seen.eta if seen.eta is not None and 0 < seen.eta <= now + ETA_MOST else None
    return {
        "source": voice.source[:48],
        "key": _digest(seen, meaning.status),
        "way": voice.way,
        "provider": voice.provider[:48],
        "tracking": _number(seen.tracking),
        "at": said if said <= now + AHEAD else now,
        "said_at": said,
        "status": meaning.status.value,
        "code": clean(seen.code, _CODE_MAX),
        "words": clean(seen.words, _WORDS_MAX),
        "place": clean(seen.where, _PLACE_MAX),
        "eta": eta,
        "word_key": meaning.key,
    }


def _digest(seen: Seen, status: Status) -> str:
    """By the source's own id of it where it has one, else by everything it says but for the date of delivery."""
    whole = (seen.at, seen.code, seen.words, seen.where, "" if seen.code or seen.words else status.value)
    parts = ("id", seen.event_id) if seen.event_id else whole
    text = "\x1f".join(str(part) for part in (_number(seen.tracking), *parts))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _number(text: str) -> str:
    return "".join(c for c in text if c.isprintable() and not c.isspace())[:_NUMBER_MAX]


def _read(body: bytes) -> OutsideEvents:
    message = signed.read(body, OutsideEvents, "tracking")
    if clean(message.source, _NAME_MAX) != message.source or not message.source:
        raise DomainError("malformed", f"tracking: source: expected 1 to {_NAME_MAX} printable characters")
    if not 1 <= len(message.events) <= EVENTS_MOST:
        raise DomainError("malformed", f"tracking: events: expected 1 to {EVENTS_MOST}, found {len(message.events)}")
    for place, event in enumerate(message.events):
        _check(f"tracking: events[{place}]", event)
    return message


def _check(where: str, event: OutsideEvent) -> None:
    if not _number(event.tracking):
        raise DomainError("malformed", f"{where}: tracking: expected a tracking number, found nothing")
    if event.status and event.status not in set(Status):
        known = ", ".join(Status)
        raise DomainError("malformed", f"{where}: status: expected one of {known}, found {event.status[:40]!r}")
    if not (event.status or event.code.strip() or event.words.strip()):
        raise DomainError("malformed", f"{where}: expected a status of ours, or a code or words, found nothing")
    for name, moment in (("at", event.at), ("eta", event.eta)):
        if moment is not None and moment.tzinfo is None:
            raise DomainError("malformed", f"{where}: {name}: expected a time with its zone, found {moment}")


def _seen(message: OutsideEvents) -> list[tuple[Seen, Status | None]]:
    return [
        (
            Seen(
                tracking=each.tracking,
                at=each.at.timestamp(),
                code=each.code,
                words=each.words,
                where=each.where,
                eta=each.eta.timestamp() if each.eta else None,
                event_id=each.event_id,
            ),
            Status(each.status) if each.status else None,
        )
        for each in message.events
    ]
