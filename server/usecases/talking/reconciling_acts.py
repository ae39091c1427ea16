"""What becomes of a judged difference: told again, left to what is under way, or shown to a person (REC-05)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from server.db import jobs, stale
from server.db import reconciling as rows
from server.db.transaction import Transaction
from server.domain.channels.deviations import UNCOUNTED, Cause, Facts, Remedy
from server.domain.channels.rules import reconcile_rules
from server.domain.incidents import IncidentType
from server.usecases.record import incidents

RAISED_MOST = 20
"""Incidents of one channel about single listings; from then on one speaks for all."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A difference (its row, its listing), the facts and their cause; ``orders`` are those it may concern."""

    known: Row[Any]
    listing: Row[Any]
    facts: Facts
    cause: Cause
    orders: tuple[str, ...]
    certain: bool


def act(tx: Transaction, channel: Row[Any], judged: Judged) -> None:
    """Do what the channel's rule says, and write it down."""
    facts, known = judged.facts, judged.known
    rule = reconcile_rules(channel.policy or {}).fix
    remedy = rule.remedy(judged.cause, facts.told, facts.live, known.tries, judged.certain)
    values: dict[str, Any] = {
        "cause": judged.cause.value,
        "orders": list(judged.orders),
        "judged_at": tx.now,
        "sku": facts.sku,
        "told": facts.told,
        "live": facts.live,
        "version": facts.version,
    }
    if remedy is Remedy.PUSH:
        values |= _push(tx, channel, judged)
    else:
        values["state"] = rows.OPEN
        if known.cause != judged.cause.value:
            tx.note("drift.found", _detail(judged), channel=channel.code, sku=facts.sku)
    rows.change(tx, known.id, **values)
    if remedy is Remedy.PERSON:
        _raise(tx, channel, judged)


def end_common(tx: Transaction, channel_id: int) -> None:
    """Close the incidents that speak for several listings when the last of them is right."""
    if not rows.left(tx.connection, channel_id, Cause.NOT_MAPPED.value):
        incidents.close_by_key(tx, f"unmapped:{channel_id}", "every listing that sells has its product")
    if not rows.raised(tx.connection, f"number:{channel_id}:"):
        incidents.close_by_key(tx, f"numbers:{channel_id}", "the channel shows our numbers again")


def incident_key(channel_id: int, ref: str) -> str:
    """The key of the incident about one listing."""
    return f"number:{channel_id}:{ref}"[:160]


def _push(tx: Transaction, channel: Row[Any], judged: Judged) -> dict[str, Any]:
    """Our number goes out once more, through the outbox like every other; one that was never told is worked out."""
    sku = judged.facts.sku
    assert sku is not None, "only a listing with a product is corrected"  # noqa: S101
    cause = tx.note("drift.fixed", _detail(judged), channel=channel.code, sku=sku)
    versions = jobs.tell_again(tx, channel.id, [sku], cause)
    if sku not in versions:
        stale.mark(tx, [sku], cause)
    return {
        "state": rows.FIXING,
        "tries": judged.known.tries + 1,
        "version": versions.get(sku, 0),
        "seen_at": tx.now,
    }


def _raise(tx: Transaction, channel: Row[Any], judged: Judged) -> None:
    """One incident for each listing, one for all that are not mapped, and one for everything when it is too much."""
    key, what = incident_key(channel.id, judged.listing.ref), _sentence(channel.code, judged)
    if judged.cause is Cause.NOT_MAPPED:
        key = f"unmapped:{channel.id}"
    elif (
        not incidents.is_open(tx.connection, key) and rows.raised(tx.connection, f"number:{channel.id}:") >= RAISED_MOST
    ):
        key = f"numbers:{channel.id}"
        what = f"channel {channel.code} shows more than {RAISED_MOST} wrong numbers; see `packproof report exceptions`"
    incidents.open_incident(tx, IncidentType.CHANNEL_DRIFT, what[:2000], sku=judged.facts.sku, once_key=key)


def _sentence(channel: str, judged: Judged) -> str:
    facts = judged.facts
    shows = "is gone" if facts.live is None else f"shows {facts.live}"
    if facts.live == UNCOUNTED:
        shows = "sells without end"
    told = "was never told a number" if facts.told is None else f"was told {facts.told}"
    if judged.cause is Cause.NOT_MAPPED:
        what = f"channel {channel} sells {judged.listing.channel_sku} ({facts.live}), and nobody has said what it is"
        return f"{what}: `packproof channels listings {channel} --unmapped`"
    sku = f"{judged.listing.channel_sku} ({facts.sku})"
    tries = f"; told again {judged.known.tries} times in vain" if judged.known.tries else ""
    return f"channel {channel} {shows} of {sku}, {told}: {judged.cause.sentence}{tries}"


def _detail(judged: Judged) -> dict[str, Any]:
    facts = judged.facts
    return {
        "listing": judged.listing.ref,
        "cause": judged.cause.value,
        "live": facts.live,
        "told": facts.told,
        "orders": list(judged.orders),
    }
