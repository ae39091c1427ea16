"""What waits in the outbox goes to its channel, and what became of it is written down (SYN-05, FLT-02 to FLT-06)."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.channels import of_kind, platform_of
from server.db import channel_states, jobs, listings
from server.db.jobs import Job
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.trade.words import Answer, Word, failed
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


def due(db: Database) -> list[tuple[int, str, int]]:
    """(channel id, kind, failures in a row) where something may be sent now."""
    with db.read() as connection:
        return jobs.due(connection, db.now())


def claim(db: Database, channel_id: int, kind: str, calls: int) -> list[list[Job]]:
    """Take rows of one channel for up to ``calls`` calls; each is nobody else's for ``LEASE`` seconds."""
    with transaction(db, _WORKER, "claim") as tx:
        return claim_in(tx, channel_id, kind, calls)


def claim_in(tx: Transaction, channel_id: int, kind: str, calls: int) -> list[list[Job]]:
    """As ``claim`` in the caller's transaction."""
    platform = platform_of(kind)
    return jobs.claim(tx, channel_id, platform.BULK if platform else {}, calls, PLATFORM_LEASE if platform else LEASE)


def is_full(group: Sequence[Job]) -> bool:
    """Whether no more rows of its kind fit into one call: more may be waiting."""
    platform = platform_of(group[0].channel_kind)
    return len(group) >= (platform.BULK.get(group[0].kind, 1) if platform else 1)


def at_once(kind: str, failures: int, most: int) -> int:
    """Calls in flight to one channel; a channel that fails gets one at a time."""
    if failures >= UNREACHABLE_AFTER:
        return 1
    platform = platform_of(kind)
    return min(most, platform.AT_ONCE) if platform else most


def tell(db: Database, lines: Lines, group: Sequence[Job]) -> None:
    """Tell one group of claimed rows, all of one channel and kind, and write down what became of each."""
    before, words = _words(db, group)
    answers = _answers(lines, group, words)
    lines.writes.do(lambda tx: report_in(tx, group, answers, before))
    for job, answer in zip(group, answers, strict=True):
        log.info("told", channel=job.channel, kind=job.kind, key=job.key, version=job.version, ok=answer.ok)


def tell_due(db: Database, lines: Lines, channel_id: int, kind: str) -> int:
    """Tell everything of a channel that is due now, one call after another; how many rows."""
    told = 0
    while groups := claim(db, channel_id, kind, 1):
        for group in groups:
            tell(db, lines, group)
            told += len(group)
    return told


def _answers(lines: Lines, group: Sequence[Job], words: Sequence[Word]) -> Sequence[Answer]:
    job = group[0]
    try:
        line = lines.of(job.channel_id, job.channel, job.channel_kind, job.settings)
        answers = of_kind(job.channel_kind).tell(line, words)
        assert len(answers) == len(words), "an adapter answers for each word"  # noqa: S101
        return answers
    except Trouble as trouble:
        return [failed(trouble)] * len(words)
    except DomainError as error:
        return [failed(Refused(error.detail))] * len(words)
    except Exception as error:
        # A bug in an adapter must not end its channel: it is written down as one more answer, and tried again.
        log.exception("an adapter failed", channel=job.channel, kind=job.kind)
        return [failed(Away(f"{type(error).__name__} in the adapter", maybe_done=True))] * len(words)


def _words(db: Database, group: Sequence[Job]) -> tuple[Mapping[str, str], list[Word]]:
    with db.read() as connection:
        before = jobs.last_told(connection, group)
        stock = [job.key for job in group if job.kind == "stock"]
        listed = listings.of_skus(connection, group[0].channel_id, stock) if stock else {}
    return before, [_word(job, before, listed) for job in group]


def _word(job: Job, before: Mapping[str, str], listed: Mapping[str, Any]) -> Word:
    stock = job.kind == "stock"
    return Word(
        id=job.payload["id"],
        kind=job.kind,
        key=job.key,
        data=job.payload["data"] | ({"version": job.version} if stock else {}),
        timestamp=job.payload["timestamp"],
        tried=job.tried,
        before=int(before[job.key]) if stock and before.get(job.key) else None,
        listings=tuple(listed.get(job.key, ())),
    )


def report(db: Database, group: Sequence[Job], answers: Sequence[Answer], before: Mapping[str, str]) -> None:
    """Write down one call: each row is taken, or tried again, or put aside where it is refused again and again."""
    with transaction(db, _WORKER, "deliver") as tx:
        report_in(tx, group, answers, before)


def report_in(tx: Transaction, group: Sequence[Job], answers: Sequence[Answer], before: Mapping[str, str]) -> None:
    """As ``report`` in the caller's transaction."""
    tried = [(job, answer) for job, answer in zip(group, answers, strict=True) if not _too_early(answer)]
    jobs.append_deliveries(tx, [(job, _said(job, answer, before.get(job.key, ""))) for job, answer in tried])
    jobs.settle_sent(tx, [job for job, answer in tried if answer.ok])
    for job, answer in zip(group, answers, strict=True):
        _settle(tx, job, answer)
    _judge_channel(tx, group[0], answers)


def _too_early(answer: Answer) -> bool:
    return isinstance(answer.trouble, Throttled)


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
    if job.attempts + 1 == ODD_AFTER and channel_states.goes_well(
        tx.connection, job.channel_id, told_since=tx.now - LATELY
    ):
        cause = f"channel {job.channel} takes everything but the {job.kind} {job.key}: {answer.text[:_ANSWER_MAX]}"
        incidents.open_incident(tx, IncidentType.CHANNEL_REFUSES, cause, once_key=_refused_key(job))
    may_park = isinstance(trouble, Refused) and platform_of(job.channel_kind) is not None
    if may_park and job.attempts + 1 >= PARK_AFTER and jobs.park(tx, job):
        cause = f"channel {job.channel} refuses the {job.kind} {job.key}: {answer.text[:_ANSWER_MAX]}"
        incidents.open_incident(tx, IncidentType.CHANNEL_REFUSES, cause, once_key=_refused_key(job))


def _judge_channel(tx: Transaction, job: Job, answers: Sequence[Answer]) -> None:
    key = f"channel:{job.channel_id}"
    if any(isinstance(answer.trouble, Away) and answer.trouble.orders_first for answer in answers):
        channel_states.note(tx, job.channel_id, next_look=tx.now)
    if any(answer.ok for answer in answers):
        channel_states.note(tx, job.channel_id, told_at=tx.now)
        access.let_in(tx, job.channel_id, what="tell")
        if jobs.count_success(tx, job.channel_id):
            jobs.hurry(tx, job.channel_id)
            incidents.close_by_key(tx, key, "the channel answers again")
        return
    troubles = [a.trouble for a in answers if a.trouble is not None and not isinstance(a.trouble, Throttled)]
    if not troubles:
        return
    if isinstance(troubles[0], Denied):
        access.deny(tx, job.channel_id, job.channel, troubles[0].detail, what="tell")
    if jobs.count_failure(tx, job.channel_id) >= UNREACHABLE_AFTER:
        text = troubles[0].detail[:_ANSWER_MAX]
        cause = f"channel {job.channel} did not take {UNREACHABLE_AFTER} messages in a row: {text}"
        incidents.open_incident(tx, IncidentType.CHANNEL_UNREACHABLE, cause, once_key=key)


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
