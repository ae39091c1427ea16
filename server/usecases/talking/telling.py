"""What waits in the outbox goes to its channel, and what became of it is written down (SYN-05, FLT-02 to FLT-06)."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import Connection, Row

from server.calls.troubles import Away, Broken, Denied, Refused, Throttled, Trouble
from server.channels import of_kind, platform_of
from server.db import channel_states, jobs, listings
from server.db.jobs import Job
from server.db.transaction import Actor, Database, Transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.trade.words import Answer, Listing, Word, failed
from server.usecases.record import incidents
from server.usecases.talking import access
from server.usecases.talking.lines import Lines

LEASE, PLATFORM_LEASE = 60.0, 900.0
"""Seconds for which a claimed row is one worker's; longer than any call can take. A platform may need a call for each
row of a large group; who takes its line over gives its rows free at once."""

UNREACHABLE_AFTER = 5
PARK_AFTER = 5
"""Refusals of one row until a person must look at it."""

ODD_AFTER, LATELY = 10, 300.0
"""Tries in vain of one row, while the channel took others within so many seconds, until a person hears of it."""

BACKOFF_MAX = 60.0
DENIED_AGAIN = 60.0
ORDERS_FIRST = 10.0
"""Seconds for which a number waits that met another one than it left: the sale behind it is asked for meanwhile."""
_WORKER = Actor("worker")
_ANSWER_MAX = 200
_DESTINATION_MAX = 255

log = structlog.get_logger("worker")


@dataclass(frozen=True, slots=True)
class Call:
    """Claimed rows of one channel and kind, in the words of the engine. ``before``: what was told last, by key."""

    group: Sequence[Job]
    before: Mapping[str, str]
    words: Sequence[Word]


@dataclass(frozen=True, slots=True)
class Ended:
    """A call with an answer for each of its words, and when the last of them came."""

    call: Call
    answers: Sequence[Answer]
    at: float


def claim_in(tx: Transaction, free: Sequence[tuple[Row[Any], int]]) -> list[Call]:
    """Take rows of several channels in the caller's transaction, each for so many calls, ready to be told."""
    wanted = []
    for channel, calls in free:
        platform = platform_of(channel.kind)
        lease = PLATFORM_LEASE if platform else LEASE
        wanted.append(jobs.Wanted(channel, platform.BULK if platform else {}, calls, lease))
    return _calls(tx.connection, jobs.claim_all(tx, wanted))


def at_once(kind: str, failures: int, most: int) -> int:
    """Calls in flight to one channel; a channel that fails gets one at a time."""
    if failures >= UNREACHABLE_AFTER:
        return 1
    platform = platform_of(kind)
    return min(most, platform.AT_ONCE) if platform else most


def made(db: Database, lines: Lines, call: Call) -> Ended:
    """Call the channel; whatever happens is an answer."""
    answers = _answers(lines, call.group, call.words)
    return Ended(call, answers, db.now())


def note_told(ended: Ended) -> None:
    """For the log, after the commit: a line for each call, and one for each row that was not taken."""
    group = ended.call.group
    taken = sum(answer.ok for answer in ended.answers)
    log.info("told", channel=group[0].channel, kind=group[0].kind, rows=len(group), taken=taken)
    for job, answer in zip(group, ended.answers, strict=True):
        if not answer.ok:
            log.info("not told", channel=job.channel, kind=job.kind, key=job.key, version=job.version)


def _answers(lines: Lines, group: Sequence[Job], words: Sequence[Word]) -> Sequence[Answer]:
    job = group[0]
    try:
        line = lines.telling(job.channel_id, job.channel, job.channel_kind, job.settings)
        answers = of_kind(job.channel_kind).tell(line, words)
        assert len(answers) == len(words), "an adapter answers for each word"  # noqa: S101
        return answers
    except Trouble as trouble:
        return [failed(trouble)] * len(words)
    except DomainError as error:
        broken: Trouble = Refused(error.detail)
    except Exception as error:
        # A bug in an adapter must not end its channel: it is written down as one more answer, and tried again.
        log.exception("an adapter failed", channel=job.channel, kind=job.kind)
        broken = Broken(f"{type(error).__name__} in the adapter")
    if len(words) == 1:
        return [failed(broken)]
    # The one word that its adapter cannot bear keeps no other back. What was said before it broke may have been done.
    again, half = [replace(word, tried=True) for word in words], len(words) // 2
    return [*_answers(lines, group[:half], again[:half]), *_answers(lines, group[half:], again[half:])]


def _calls(connection: Connection, groups: Sequence[Sequence[Job]]) -> list[Call]:
    """Each group with what its words need: the listings are read for all channels at once."""
    stock = {(job.channel_id, job.key) for group in groups for job in group if job.kind == "stock"}
    listed = listings.of_many(connection, stock) if stock else {}
    calls = []
    for group in groups:
        before = jobs.last_told(connection, group)
        calls.append(Call(group, before, [_word(job, before, listed) for job in group]))
    return calls


def _word(job: Job, before: Mapping[str, str], listed: Mapping[tuple[int, str], Sequence[Listing]]) -> Word:
    stock = job.kind == "stock"
    return Word(
        id=job.payload["id"],
        kind=job.kind,
        key=job.key,
        data=job.payload["data"] | ({"version": job.version} if stock else {}),
        timestamp=job.payload["timestamp"],
        tried=job.tried,
        before=int(before[job.key]) if stock and before.get(job.key) else None,
        listings=tuple(listed.get((job.channel_id, job.key), ())),
    )


def report_in(tx: Transaction, ended: Sequence[Ended]) -> None:
    """Write down some calls: each row is taken, or tried again, or put aside where it is refused again and again."""
    tries, good = list[tuple[Job, Mapping[str, Any]]](), list[Job]()
    for each in ended:
        for job, answer in zip(each.call.group, each.answers, strict=True):
            if not isinstance(answer.trouble, Throttled):
                tries.append((job, _said(job, answer, each.call.before.get(job.key, "")) | {"at": each.at}))
                good += [job] if answer.ok else []
    jobs.append_deliveries(tx, tries)
    jobs.settle_sent(tx, good)
    for each in ended:
        for job, answer in zip(each.call.group, each.answers, strict=True):
            _settle(tx, job, answer)
    _answering(tx, {each.call.group[0].channel_id for each in ended if any(answer.ok for answer in each.answers)})
    for each in ended:
        _judge_channel(tx, each.call.group[0], each.answers)


def _said(job: Job, answer: Answer, before: str) -> dict[str, Any]:
    text = answer.text[:_ANSWER_MAX]
    return {"before": before, "after": _told(job), "answer": text, "ok": answer.ok, "destination": _destination(job)}


def _settle(tx: Transaction, job: Job, answer: Answer) -> None:
    """What follows for one row, beyond being taken."""
    trouble = answer.trouble
    if trouble is None:
        if job.tried:
            incidents.close_by_key(tx, _refused_key(job), "the channel took it")
        if job.kind == "cancel" and platform_of(job.channel_kind) is not None:
            # Most platforms put what is cancelled back on their shelf by themselves, whatever is on ours.
            named = [str(line["sku"]) for line in job.payload["data"].get("lines", ())]
            jobs.tell_again(tx, job.channel_id, listings.meant(tx.connection, job.channel_id, named), job.caused_by)
        return
    if isinstance(trouble, Throttled):
        jobs.settle_later(tx, job, tx.now + max(0.05, trouble.after))
        return
    wait = backoff(job.attempts, random.random())  # noqa: S311 - jitter
    if isinstance(trouble, Denied):
        wait = DENIED_AGAIN
    elif isinstance(trouble, Away) and trouble.orders_first:
        wait = max(wait, ORDERS_FIRST)
    jobs.settle_failed(tx, job, tx.now + wait)
    if job.attempts + 1 == ODD_AFTER and _goes_well(tx, job):
        cause = f"channel {job.channel} takes everything but the {job.kind} {job.key}: {answer.text[:_ANSWER_MAX]}"
        incidents.open_incident(tx, IncidentType.CHANNEL_REFUSES, cause, once_key=_refused_key(job))
    if job.attempts + 1 >= PARK_AFTER and _may_park(tx, job, trouble) and jobs.park(tx, job):
        cause = f"channel {job.channel} refuses the {job.kind} {job.key}: {answer.text[:_ANSWER_MAX]}"
        incidents.open_incident(tx, IncidentType.CHANNEL_REFUSES, cause, once_key=_refused_key(job))


def _may_park(tx: Transaction, job: Job, trouble: Trouble) -> bool:
    """What is refused for good waits for a person, and what our adapter breaks on while the channel takes others."""
    refused = isinstance(trouble, Refused) and platform_of(job.channel_kind) is not None
    return refused or (isinstance(trouble, Broken) and _goes_well(tx, job))


def _goes_well(tx: Transaction, job: Job) -> bool:
    return channel_states.goes_well(tx.connection, job.channel_id, told_since=tx.now - LATELY)


def _answering(tx: Transaction, channels: Collection[int]) -> None:
    """These channels took something."""
    if not channels:
        return
    channel_states.note_all(tx, channels, told_at=tx.now)
    for channel_id in channel_states.denied(tx.connection, channels):
        access.let_in(tx, channel_id, what="tell")
    for channel_id in jobs.count_success(tx, channels):
        jobs.hurry(tx, channel_id)
        incidents.close_by_key(tx, _key(channel_id), "the channel answers again")


def _judge_channel(tx: Transaction, job: Job, answers: Sequence[Answer]) -> None:
    if any(isinstance(answer.trouble, Away) and answer.trouble.orders_first for answer in answers):
        channel_states.note(tx, job.channel_id, next_look=tx.now)
    if any(answer.ok for answer in answers):
        return
    troubles = [a.trouble for a in answers if a.trouble is not None and not isinstance(a.trouble, Throttled)]
    if not troubles:
        return
    if isinstance(troubles[0], Denied):
        access.deny(tx, job.channel_id, job.channel, troubles[0].detail, what="tell")
    if jobs.count_failure(tx, job.channel_id) >= UNREACHABLE_AFTER:
        text = troubles[0].detail[:_ANSWER_MAX]
        cause = f"channel {job.channel} did not take {UNREACHABLE_AFTER} messages in a row: {text}"
        incidents.open_incident(tx, IncidentType.CHANNEL_UNREACHABLE, cause, once_key=_key(job.channel_id))


def _key(channel_id: int) -> str:
    return f"channel:{channel_id}"


def backoff(failures: int, chance: float) -> float:
    """Seconds until the next try after ``failures`` earlier ones: 1, 2, 4 ... 60, spread by ``chance`` in [0, 1)."""
    return min(BACKOFF_MAX, 2.0 ** min(failures, 10) * (0.8 + 0.4 * chance))


def _refused_key(job: Job) -> str:
    return f"refused:{job.channel_id}:{job.kind}:{job.key}"


def _destination(job: Job) -> str:
    """Where it went; a query string may hold a secret of the channel's."""
    platform = platform_of(job.channel_kind)
    where = job.settings.get("webhook_url", "") if platform is None else f"{platform.NAME} ({job.channel})"
    return str(where).partition("?")[0][:_DESTINATION_MAX]


def _told(job: Job) -> str:
    data = job.payload["data"]
    if job.kind == "stock":
        return str(data["available"])
    return str(data.get("tracking_number") or data.get("reason", ""))
