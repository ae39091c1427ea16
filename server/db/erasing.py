"""A buyer's data taken out of every table that may hold some, for the parts of one order that is over.

What happened stays: numbers, statuses, tracking numbers, prices, times, who of the house did what. Ledger and audit
refuse changes and hold none of it: reasons that people type are asked for without names.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, delete, null, or_, select, update

from server.db import labels, tables, tracking
from server.db.buyers import changed
from server.db.transaction import Transaction
from server.domain.sales.personal import names_in, unnamed_scan, without_names, without_own_words

_to, _n, _p, _e = tables.recipient, tables.order_note, tables.parcel, tables.tracking_event
_w, _i = tables.tracking_word, tables.incident
Changes = dict[Column[Any], Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class Whole:
    """One order with all its parts, all of its parcels, and what finds its buyer in other texts."""

    parts: Sequence[Row[Any]]
    parcels: Sequence[Row[Any]]
    who: re.Pattern[str] | None

    @property
    def ids(self) -> list[int]:
        """Of its parts."""
        return [part.id for part in self.parts]

    @property
    def parcel_ids(self) -> list[str]:
        """Those of its parcels that have one."""
        return [parcel.id for parcel in self.parcels if parcel.id]


def whole(tx: Transaction, parts: Sequence[Row[Any]]) -> Whole:
    """What is to be erased of an order whose parts are locked."""
    ids = [part.id for part in parts]
    parcels = tx.connection.execute(select(_p).where(_p.c.order_id.in_(ids)).order_by(_p.c.number)).all()
    kept = tx.connection.execute(select(_to).where(_to.c.order_id.in_(ids))).all()
    notes = list(tx.connection.execute(select(_n.c.text).where(_n.c.order_id.in_(ids))).scalars())
    texts = [each for row in kept for each in (row.note, row.texts.get("gift"), row.texts.get("personal"))]
    others = [*(row.contact for row in kept), texts, notes]
    return Whole(parts, parcels, names_in([row.address for row in kept], others))


def named_words(tx: Transaction, order: Whole) -> list[tuple[str, str]]:
    """(provider, key) of unknown words of carriers that name this buyer; an incident may be open about each."""
    query = select(_e.c.provider, _e.c.word_key).where(tracking.of_order(order.ids), _e.c.word_key != "")
    found = {(str(row.provider), str(row.word_key)) for row in tx.connection.execute(query)}
    return sorted(each for each in found if order.who is not None and order.who.search(each[1]))


def erase(tx: Transaction, order: Whole) -> Counter[str]:
    """Take it all out; how many rows of which table were changed, none when nothing was left."""
    rows: Counter[str] = Counter()
    # The words of carriers first: what they came from is asked of the events.
    rows["tracking_word"] = _words(tx, order)
    for part in order.parts:
        rows["parcel_label"] += labels.erase(tx, part.id)
        rows["tracking_event"] += tracking.erase(tx, part.id)
    rows["carrier_memory"] = _memories(tx, order)
    rows["inbox"] = _inbox(tx, order)
    rows.update(_packing(tx, order))
    rows.update(_mentions(tx, order))
    rows["order_note"] = tx.connection.execute(delete(_n).where(_n.c.order_id.in_(order.ids))).rowcount
    rows["recipient"] = _recipients(tx, order)
    return +rows


def _recipients(tx: Transaction, order: Whole) -> int:
    kept = _to.c.order_id.in_(order.ids) & _to.c.erased_at.is_(None)
    nothing = {"address": {}, "contact": {}, "note": "", "texts": {}, "raw": {}, "erased_at": tx.now}
    return tx.connection.execute(update(_to).where(kept).values(**nothing)).rowcount


def _inbox(tx: Transaction, order: Whole) -> int:
    """The order as its platform said it; what still waits is fetched again when it is looked at."""
    t, first = tables.inbox, order.parts[0]
    same = (t.c.channel_id == first.channel_id) & (t.c.kind == "order") & (t.c.ref == first.channel_order_id[:120])
    return tx.connection.execute(update(t).where(same, t.c.body.is_not(None)).values(body=null())).rowcount


def _memories(tx: Transaction, order: Whole) -> int:
    """What providers keep of purchases: the label goes, and the digest of what was asked. That it was bought stays, so
    that nothing is bought twice."""
    t = tables.carrier_memory
    keys = [f"{kind}:{parcel}" for parcel in order.parcel_ids for kind in ("bought", "picture", "shp")]
    return _rewrite(tx, t, {t.c.value: partial(_unlabelled, order.who)}, t.c.key.in_(keys))


def _unlabelled(who: re.Pattern[str] | None, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    blank = {key: "" for key in ("label", "format", "of") if value.get(key)}
    return without_names(who, value | blank)


def _packing(tx: Transaction, order: Whole) -> Counter[str]:
    """Sessions and leases, which hold what a packer confirms, and scans."""
    s, lease, e, d = tables.pack_session, tables.lease, tables.pack_event, tables.dock_event
    mine = e.c.session_id.in_(select(s.c.id).where(s.c.order_id.in_(order.ids)))
    here = d.c.parcel_id.in_(order.parcel_ids)
    silent, unnamed = without_own_words, partial(unnamed_scan, order.who)

    def happened(event: dict[str, Any]) -> Any:
        said = {"raw": unnamed(event["raw"])} if event.get("raw") else {}
        return silent(event | said)

    return Counter(
        pack_session=_rewrite(tx, s, {s.c.folded: silent}, s.c.order_id.in_(order.ids)),
        lease=_rewrite(tx, lease, {lease.c.given: silent}, lease.c.order_id.in_(order.ids)),
        pack_event=_rewrite(tx, e, {e.c.raw: unnamed, e.c.event: happened}, mine),
        dock_event=_rewrite(tx, d, {d.c.raw: unnamed}, here),
    )


def _mentions(tx: Transaction, order: Whole) -> Counter[str]:
    """Texts of people and carriers about this order, where they name its buyer."""
    found: Counter[str] = Counter()
    if order.who is not None:
        for table, columns, mine in _places(order):
            changes: Changes = dict.fromkeys(columns, partial(without_names, order.who))
            found[table.name] += _rewrite(tx, table, changes, mine)
    return found


def _places(order: Whole) -> list[tuple[Table, list[Column[Any]], ColumnElement[bool]]]:
    o, label, session = tables.order, tables.parcel_label, tables.pack_session
    alert, case, told, sent = tables.alert, tables.tracking_case, tables.outbox, tables.delivery
    rate, moved = tables.rate_decision, tables.routing_override
    ids, parcels, channel = order.ids, order.parcel_ids, order.parts[0].channel_id
    about = _i.c.order_id.in_(ids) | _i.c.parcel_id.in_(parcels)
    # What has not left is a promise to the channel: it is told as it was written.
    left = told.c.state.in_(("sent", "withdrawn"))
    return [
        (o, [o.c.held_because], o.c.id.in_(ids)),
        (session, [session.c.stop_detail], session.c.order_id.in_(ids)),
        (_p, [_p.c.void_reason], _p.c.order_id.in_(ids)),
        (label, [label.c.void_text], label.c.parcel_id.in_(parcels)),
        (_i, [_i.c.cause, _i.c.resolution], about),
        (alert, [alert.c.content], alert.c.incident_id.in_(select(_i.c.id).where(about))),
        (case, [case.c.why, case.c.text], case.c.parcel_id.in_(parcels)),
        (told, [told.c.payload], (told.c.channel_id == channel) & left & _told_of(told, order)),
        (sent, [sent.c.before, sent.c.after, sent.c.answer], (sent.c.channel_id == channel) & _told_of(sent, order)),
        (rate, [rate.c.decision], rate.c.order_id.in_(ids)),
        (moved, [moved.c.reason], moved.c.order_id.in_(ids)),
    ]


def _told_of(table: Table, order: Whole) -> ColumnElement[bool]:
    numbers = [part.number for part in order.parts if part.number]
    keys = [*order.parcel_ids, *numbers, order.parts[0].channel_order_id[:96]]
    cuts = [table.c.key.startswith(f"{number}/", autoescape=True) for number in numbers]
    return (table.c.kind != "stock") & or_(table.c.key.in_(keys), *cuts)


def _words(tx: Transaction, order: Whole) -> int:
    """Unknown words that came with this order's parcels. Those that name its buyer are let go altogether, and of a code
    the example goes: the meaning that a person gave to the code stays."""
    count = 0
    for provider, key in named_words(tx, order):
        there = (_e.c.provider == provider) & (_e.c.word_key == key)
        tx.connection.execute(update(_e).where(there).values(word_key=""))
        count += tx.connection.execute(delete(_w).where(_w.c.provider == provider, _w.c.key == key)).rowcount
    coded = _e.c.word_key.startswith("code ") & (_e.c.words != "")
    query = select(_e.c.provider, _e.c.word_key, _e.c.words).where(tracking.of_order(order.ids), coded)
    for provider, key, words in sorted({tuple(row) for row in tx.connection.execute(query)}):
        example = (_w.c.provider == provider) & (_w.c.key == key) & (_w.c.words == words)
        count += tx.connection.execute(update(_w).where(example).values(words="")).rowcount
    return count


def _rewrite(tx: Transaction, table: Table, changes: Changes, mine: ColumnElement[bool]) -> int:
    """Columns of these rows as ``changes`` makes them; how many rows were another before."""
    keys = list(table.primary_key.columns)
    count = 0
    for row in tx.connection.execute(select(*keys, *changes).where(mine)).all():
        after = {column.name: change(getattr(row, column.name)) for column, change in changes.items()}
        other = {name: value for name, value in after.items() if changed(getattr(row, name), value)}
        if other:
            same = [key == getattr(row, key.name) for key in keys]
            count += tx.connection.execute(update(table).where(*same).values(**other)).rowcount
    return count
