"""Listings that show another number than they were told: suspected, judged, corrected or raised (REC-02, REC-05)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from server.channels import Platform
from server.db import reconciling as rows
from server.db.reconciling import FIXING, SUSPECT, Standing
from server.db.transaction import Transaction
from server.domain.channels.deviations import Facts, cause_of
from server.usecases.record import incidents
from server.usecases.sharing.tempo import tempo_of
from server.usecases.talking.reconciling_acts import Judged, act, end_common, incident_key

FRESH = 60.0
"""Seconds for which a number that waits is only on its way."""
SETTLES = 60.0
"""Seconds after which a platform shows what it took, unless its adapter says otherwise."""
PATIENCE = 900.0
"""Seconds after which a difference is judged although it keeps changing, or orders keep waiting."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Listings of one platform as they were read just now.

    ``told`` are the outbox rows by SKU before it was asked, ``live`` its numbers by ref (None: gone; missing: not
    read), ``unseen`` the orders that our book has not, by the platform's SKU.
    """

    channel: Row[Any]
    platform: Platform
    standing: Standing
    wanted: Sequence[Row[Any]]
    told: Mapping[str, Row[Any]]
    live: Mapping[str, int | None]
    unseen: Mapping[str, tuple[str, ...]]

    @property
    def pauses(self) -> "Pauses":
        """Of the platform."""
        return pauses_of(self.platform, self.channel.settings)


@dataclass(frozen=True, slots=True)
class _One:
    """One listing, its live number, its outbox row, and the difference known of it."""

    row: Row[Any]
    live: int | None
    told: Row[Any] | None
    known: Row[Any] | None
    most: int | None

    @property
    def target(self) -> int | None:
        """What it should show; None where it was never told."""
        if self.told is None:
            return None
        units = max(0, int(self.told.payload["data"]["available"]))
        return units if self.most is None else min(units, self.most)

    @property
    def version(self) -> int:
        """Of the target."""
        return int(self.told.version) if self.told is not None else 0

    @property
    def differs(self) -> bool:
        """Whether it shows what it should not. A listing that nobody mapped should sell nothing."""
        if self.live is None:
            return self.row.sku is not None and (not self.row.gone or self.known is not None)
        if self.row.sku is None:
            return self.live > 0
        return self.live != self.target

    @property
    def same(self) -> bool:
        """Whether it differs just as it did."""
        known = self.known
        return known is not None and (known.version, known.live, known.sku) == (self.version, self.live, self.row.sku)


def compare(tx: Transaction, reading: Reading) -> bool:
    """Write down what agrees and what does not; True when something differs for the first time."""
    skus = {row.sku for row in reading.wanted if row.sku}
    told = rows.told(tx.connection, reading.channel.id, skus)
    known = rows.live_deviations(tx.connection, reading.channel.id, [row.ref for row in reading.wanted])
    most = reading.platform.SHOWN_MOST
    seen = [
        _One(row, reading.live[row.ref], told.get(row.sku or ""), known.get(row.ref), most)
        for row in reading.wanted
        if row.ref in reading.live
    ]
    still = [one for one in seen if not _moving(one, reading.told.get(one.row.sku or ""), tx.now)]
    _agree(tx, reading, [one for one in still if not one.differs])
    different = [one for one in still if one.differs]
    ripe: list[_One] = []
    fresh: list[_One] = []
    for one in different:
        (ripe if _is_time(one, reading, tx.now) else fresh).append(one)
    _judge(tx, reading, ripe)
    for one in fresh:
        _suspect(tx, reading, one)
    if known:
        end_common(tx, reading.channel.id)
    return any(not one.same for one in fresh)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds for which a platform may be behind: ``settles`` with what it took, ``lag`` with orders it shows."""

    settles: float = SETTLES
    lag: float = 0.0


def pauses_of(platform: Platform, settings: Mapping[str, Any]) -> Pauses:
    """Those of this channel; a platform that is asked seldom shows orders late."""
    poll = platform.poll(settings)
    return Pauses(platform.SETTLES, poll if poll > SETTLES else 0.0)


def is_ripe(known: Row[Any], told: Row[Any] | None, pauses: Pauses, standing: Standing, now: float) -> bool:
    """Whether what differs may be judged: all that was sold before it was seen is in the book, all told has settled."""
    if told is not None and told.state == "waiting" and (known.state == FIXING or now - told.created_at < FRESH):
        return False
    if told is not None and told.sent_at is not None and now < told.sent_at + pauses.settles:
        return False
    return is_certain(known, pauses, standing) or now > known.first_at + PATIENCE


def is_certain(known: Row[Any], pauses: Pauses, standing: Standing) -> bool:
    """Whether all orders until the difference was seen are known."""
    return standing.looked_at > known.seen_at + pauses.lag and standing.clear


def _is_time(one: _One, reading: Reading, now: float) -> bool:
    if one.known is None:
        return False
    if not one.same and now <= one.known.first_at + PATIENCE:
        return False
    return is_ripe(one.known, one.told, reading.pauses, reading.standing, now)


def _moving(one: _One, before: Row[Any] | None, now: float) -> bool:
    """The number was on its way while the platform was read: nothing can be said."""
    told = one.told
    if told is None:
        return before is not None
    if before is None or (told.version, told.state, told.sent_version) != (
        before.version,
        before.state,
        before.sent_version,
    ):
        return True
    return bool(told.claimed_until > now or (told.state == "waiting" and now - told.created_at < FRESH))


def _agree(tx: Transaction, reading: Reading, agreeing: Sequence[_One]) -> None:
    kept = rows.agreed(tx.connection, reading.channel.id, [one.row.ref for one in agreeing])
    new = []
    for one in agreeing:
        if one.known is not None:
            _over(tx, one.known)
        before = kept.get(one.row.ref)
        if one.row.sku and one.live is not None and one.told is not None and one.told.state == "sent":
            now = (one.row.sku, one.version)
            if before is None or (before.sku, before.version) != now:
                what = {"channel_id": reading.channel.id, "ref": one.row.ref, "at": tx.now}
                new.append(what | {"sku": one.row.sku, "version": one.version, "units": one.live})
    rows.put_agreed(tx, new)


def _over(tx: Transaction, known: Row[Any]) -> None:
    """It shows what it was told: a suspect was none, anything else is over."""
    if known.state == SUSPECT:
        rows.forget(tx, known.id)
        return
    by = "rule" if known.state == FIXING else "itself"
    done = {"state": rows.CLOSED, "closed_at": tx.now, "open_key": None, "fixed_by": by}
    rows.change(tx, known.id, **done)
    incidents.close_by_key(tx, incident_key(known.channel_id, known.ref), "the channel shows our number again")


def _suspect(tx: Transaction, reading: Reading, one: _One) -> None:
    shown = {"sku": one.row.sku, "told": one.target, "live": one.live, "version": one.version}
    if one.known is None:
        rows.suspect(tx, reading.channel.id, ref=one.row.ref, channel_sku=one.row.channel_sku, **shown)
    elif not one.same:
        rows.change(tx, one.known.id, **shown, seen_at=tx.now)


def _judge(tx: Transaction, reading: Reading, ripe: Sequence[_One]) -> None:
    if not ripe:
        return
    channel = reading.channel
    skus = sorted({one.row.sku for one in ripe if one.row.sku})
    moved = rows.unseen_by_fan_out(tx.connection, skus)
    before = rows.last_before(tx.connection, channel.id, skus)
    kept = rows.agreed(tx.connection, channel.id, [one.row.ref for one in ripe])
    shared = rows.shared(tx.connection, channel.id, skus)
    for one in ripe:
        assert one.known is not None, "only what was seen before is judged"  # noqa: S101
        sku, last = one.row.sku, kept.get(one.row.ref)
        shown = {int(before[sku])} if before.get(sku, "").isdecimal() else set()
        shown |= {one.known.live} if one.known.tries and one.known.live is not None else set()
        shown |= {last.units} if last is not None else set()
        facts = Facts(
            live=one.live,
            sku=sku,
            told=one.target,
            state=one.told.state if one.told is not None else "",
            version=one.version,
            agreed=(last.sku, last.version) if last is not None else None,
            shown_before=frozenset(shown),
            others=tuple(row.live for row in shared if row.sku == sku and row.ref != one.row.ref),
            unseen_orders=reading.unseen.get(one.row.channel_sku, ()),
            moved_here=sku in moved,
            on_purpose=_on_purpose(channel, one.told, tx.now),
        )
        orders = list(facts.unseen_orders)
        if not orders and sku:
            orders = rows.orders_of(tx.connection, channel.id, sku, last.at if last else one.known.first_at)
        certain = is_certain(one.known, reading.pauses, reading.standing)
        act(tx, channel, Judged(one.known, one.row, facts, cause_of(facts), tuple(orders), certain))


def _on_purpose(channel: Row[Any], told: Row[Any] | None, now: float) -> bool:
    """A channel that is told in batches has its times."""
    waits = told is not None and told.state == "waiting" and told.attempts == 0 and told.next_at > now
    return not channel.active or (waits and tempo_of(channel.policy).period > 0)
