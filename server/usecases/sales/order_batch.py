"""The orders of one group commit: what was sent before, then asks for stock, then rows and answers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from server.db import aliases, catalogue, hold_rows, order_rows
from server.db import stock as db_stock
from server.db.transaction import Actor, Transaction
from server.domain.booking import conflicts
from server.domain.booking.reservation import Ask, Claim, Decision, Refused, Reserved
from server.domain.booking.stock import Move, MoveKind
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus, check_transition
from server.trade.orders import IncomingOrder
from server.usecases.booking.reference import Reference
from server.usecases.booking.stock import Posting
from server.usecases.outward import webhooks
from server.usecases.record import incidents
from server.usecases.routes.needs import need_of
from server.usecases.routes.promises import due_of, promised
from server.usecases.routes.routed import keep_routings
from server.usecases.sales.intake_rules import Defect, first_defect, wanted
from server.usecases.sales.losing import lose
from server.usecases.sales.order_parts import Part, line_rows, number_of, order_row, parts_of, recipient_row
from server.usecases.sales.taken import Taken, TakenLine, answered


class TakeOrder(NamedTuple):
    """An order to take in; ``seen`` is the signed message that brought it, where there was one."""

    channel_id: int
    order: IncomingOrder
    fingerprint: str
    actor: Actor
    seen: webhooks.Seen | None = None


Answer = Taken | str | DomainError
"""What was taken, the stored answer of a message that was seen, or why not."""


class _Fresh(NamedTuple):
    """An order that was never seen, on its way into the book. ``holds``: its checkout's hold, id and key."""

    place: int
    wish: TakeOrder
    names: Mapping[str, str]
    defect: Defect | None
    ask: Ask | None
    hold_id: int | None


class _Written(NamedTuple):
    fresh: _Fresh
    decision: Decision | None
    order_id: int
    number: str


class OrderBatch:
    """``look``, decide outside, ``write``, write the counters outside, ``finish``: then every wish has its answer."""

    def __init__(self, tx: Transaction, ref: Reference, wishes: Sequence[TakeOrder]) -> None:
        self._tx, self._ref, self._wishes = tx, ref, wishes
        self.answers: list[Answer | None] = [None] * len(wishes)
        self._fresh: list[_Fresh] = []
        self._twins: list[tuple[int, int]] = []
        self._written: list[_Written] = []

    def look(self) -> tuple[list[Ask], list[conflicts.Ask]]:
        """Answer what was sent before; an ask for every new order that may have units, and who its rivals are."""
        fresh = self._unseen()
        names = self._names(fresh)
        held = self._held(fresh)
        self._fresh = [self._checked(index, names, held) for index in fresh]
        asking = [(f, f.ask) for f in self._fresh if f.ask is not None]
        return [ask for _, ask in asking], [self._rival(f.wish.order, ask) for f, ask in asking]

    def _unseen(self) -> list[int]:
        wishes = self._wishes
        messages = webhooks.stored_many(self._tx.connection, [w.seen for w in wishes if w.seen is not None])
        known = order_rows.known(self._tx.connection, [(w.channel_id, w.order.order_id) for w in wishes])
        first: dict[tuple[int, str], int] = {}
        fresh = []
        for index, wish in enumerate(wishes):
            place = wish.channel_id, wish.order.order_id
            row = known.get(place)
            remembered = _remembered(wish, messages)
            if remembered is not None:
                self.answers[index] = remembered
            elif row is not None:
                self.answers[index] = self._again(wish, row.id, row.number, row.fingerprint)
            elif place in first:
                self._twins.append((index, first[place]))
            else:
                first[place] = index
                fresh.append(index)
        return fresh

    def _again(self, wish: TakeOrder, order_id: int, number: str, was: str) -> Taken | DomainError:
        if was == wish.fingerprint:
            return answered(self._tx, order_id, first=False)
        channel = self._ref.channel_code(wish.channel_id)
        detail = f"order {wish.order.order_id} of {channel} is our {number} and came with another content"
        return DomainError("order_differs", detail, order=number, order_id=order_id)

    def _names(self, fresh: Sequence[int]) -> dict[tuple[int, str], str]:
        """Our SKU for each (channel id, channel's SKU) that means a product."""
        if not fresh:
            return {}
        asked = {(self._wishes[i].channel_id, line.sku) for i in fresh for line in self._wishes[i].order.lines}
        renamed = aliases.resolve(self._tx.connection, asked) if self._ref.aliased else {}
        products = catalogue.known(self._tx.connection, {renamed.get(key, key[1]) for key in asked})
        return {key: sku for key in asked if (sku := renamed.get(key, key[1])) in products}

    def _held(self, fresh: Sequence[int]) -> dict[tuple[int, str], tuple[int, list[Claim]]]:
        """The live holds that these orders name, locked: what each holds, by (channel id, key)."""
        named = [(w.channel_id, w.order.hold) for w in (self._wishes[i] for i in fresh) if w.order.hold]
        return hold_rows.lock_live(self._tx, named) if named else {}

    def _checked(
        self, index: int, known: Mapping[tuple[int, str], str], held: Mapping[tuple[int, str], tuple[int, list[Claim]]]
    ) -> _Fresh:
        wish = self._wishes[index]
        order, channel_id = wish.order, wish.channel_id
        names = {line.sku: known[channel_id, line.sku] for line in order.lines if (channel_id, line.sku) in known}
        if order.fulfilment == "channel":
            return _Fresh(index, wish, names, None, None, None)
        defect = first_defect(order, names, self._ref.carriers)
        if defect is not None and not defect.keeps_units:
            return _Fresh(index, wish, names, defect, None, None)
        units = wanted(order, names)
        hold_id, claims = held.get((channel_id, order.hold), (None, []))
        need = need_of(self._tx, self._ref, channel_id, order, units)
        due = due_of(self._ref, channel_id, order, self._tx.now)
        ask = Ask(MoveKind.RESERVE, units, self._ref.channel_code(channel_id), need, claims, due)
        return _Fresh(index, wish, names, defect, ask, hold_id)

    def _rival(self, order: IncomingOrder, ask: Ask) -> conflicts.Ask:
        arrival = order.placed_at if order.placed_at is not None else self._tx.now
        return conflicts.Ask(order.order_id, ask.units, ask.channel, arrival, order.customer_value)

    # --- after the decisions ----------------------------------------------------------------------------------------

    def write(self, decisions: Sequence[Decision]) -> list[Posting]:
        """Rows for every new order and what it keeps; the postings are for the caller to write."""
        given = iter(decisions)
        decided = [(fresh, next(given) if fresh.ask is not None else None) for fresh in self._fresh]
        parts = [parts_of(fresh.wish.order, fresh.names, decision) for fresh, decision in decided]
        ids = iter(order_rows.new_ids(self._tx, sum(len(some) for some in parts)))
        rows = _Rows()
        for (fresh, decision), some in zip(decided, parts, strict=True):
            self._write_one(fresh, decision, [(next(ids), part) for part in some], rows)
        order_rows.insert(self._tx, rows.orders, rows.lines, rows.recipients)
        db_stock.put_reserved(self._tx, rows.claims)
        hold_rows.use(self._tx, rows.used_holds)
        return rows.postings

    def _write_one(
        self, fresh: _Fresh, decision: Decision | None, parts: Sequence[tuple[int, Part]], rows: "_Rows"
    ) -> None:
        wish, status = fresh.wish, _status(fresh, decision)
        check_transition(OrderStatus.NEW, status)
        same = order_row(wish.channel_id, wish.order, wish.fingerprint, status, self._tx.now)
        same |= promised(self._ref, wish.channel_id, wish.order, self._tx.now)
        same["held_because"] = fresh.defect.code if fresh.defect else ("stock_conflict" if status == "conflict" else "")
        first_id = parts[0][0]
        for nth, (order_id, part) in enumerate(parts, 1):
            number = number_of(first_id, nth, len(parts))
            place = {"id": order_id, "number": number, "site_id": part.site_id, "part": nth, "parts": len(parts)}
            rows.orders.append(same | place)
            rows.lines += line_rows(self._ref, order_id, part, fresh.names)
            rows.recipients.append(recipient_row(order_id, wish.order))
            if part.moves:
                rows.claims[order_id] = part.moves
                rows.postings.append(self._posting(wish, order_id, part.moves))
            self._note(wish, order_id, number, status)
        if fresh.hold_id is not None and fresh.ask is not None:
            rows.postings.append(self._claimed(fresh, fresh.ask.given, first_id))
            rows.used_holds[fresh.hold_id] = first_id
        number = number_of(first_id, 1, len(parts))
        reason = str(same["held_because"])
        self.answers[fresh.place] = Taken(first_id, number, status, reason, _taken_lines(fresh), first=True)
        self._written.append(_Written(fresh, decision, first_id, number))

    def _posting(self, wish: TakeOrder, order_id: int, moves: Sequence[Move]) -> Posting:
        return Posting(moves, order_id=order_id, channel_id=wish.channel_id, actor=wish.actor.name)

    def _claimed(self, fresh: _Fresh, claims: Sequence[Claim], order_id: int) -> Posting:
        moves = [Move(MoveKind.CLAIM, c.sku, c.site_id, 0, 0, -c.units, 0, c.lot) for c in claims]
        return self._posting(fresh.wish, order_id, moves)._replace(hold_id=fresh.hold_id)

    def _note(self, wish: TakeOrder, order_id: int, number: str, status: OrderStatus) -> None:
        channel = self._ref.channel_code(wish.channel_id)
        sold = {"channel": channel, "channel_order_id": wish.order.order_id}
        self._tx.note("order.new", sold, by=wish.actor, order=order_id)
        detail = {"before": OrderStatus.NEW.value, "number": number}
        self._tx.note(f"order.{status.value}", detail, by=wish.actor, order=order_id)

    def finish(self) -> None:
        """After the counters were written: incidents, a way on for losers, answers for twins and messages."""
        keep_routings(self._tx, [(w.order_id, w.decision) for w in self._written if w.decision is not None])
        for written in self._written:
            defect, decision = written.fresh.defect, written.decision
            if isinstance(decision, Refused):
                lose(self._tx, self._ref, written.order_id, written.number, decision)
                self.answers[written.fresh.place] = answered(self._tx, written.order_id, first=True)
            elif defect is not None and defect.incident is not None:
                cause = f"order {written.number} is on hold: {defect.cause}"
                once = f"hold:{written.order_id}"
                incidents.open_incident(self._tx, defect.incident, cause, order_id=written.order_id, once_key=once)
        for twin, first in self._twins:
            found = self.answers[first]
            assert isinstance(found, Taken), "it was written a moment ago"  # noqa: S101
            self.answers[twin] = self._again(
                self._wishes[twin], found.order_id, found.order, self._wishes[first].fingerprint
            )
        taken = zip(self._wishes, self.answers, strict=True)
        # One message may have come twice within the batch.
        told = {w.seen: (w.seen, 200, a.body()) for w, a in taken if w.seen is not None and isinstance(a, Taken)}
        webhooks.store_many(self._tx, told.values())


class _Rows:
    """What the batch will write."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.recipients: list[dict[str, Any]] = []
        self.claims: dict[int, Sequence[Move]] = {}
        self.postings: list[Posting] = []
        self.used_holds: dict[int, int] = {}


def _remembered(wish: TakeOrder, messages: Mapping[tuple[int, str], Any]) -> str | DomainError | None:
    if wish.seen is None:
        return None
    try:
        return webhooks.judged(wish.seen, messages)
    except DomainError as error:
        return error


def _status(fresh: _Fresh, decision: Decision | None) -> OrderStatus:
    if fresh.wish.order.fulfilment == "channel":
        return OrderStatus.EXTERNAL
    if isinstance(decision, Refused):
        return OrderStatus.CONFLICT
    if fresh.defect is not None:
        return OrderStatus.ON_HOLD
    assert isinstance(decision, Reserved), "an order without a defect was decided"  # noqa: S101
    return OrderStatus.READY


def _taken_lines(fresh: _Fresh) -> tuple[TakenLine, ...]:
    return tuple(
        TakenLine(number, line.sku, line.quantity, line.sku in fresh.names)
        for number, line in enumerate(fresh.wish.order.lines, 1)
        if line.quantity > 0
    )
