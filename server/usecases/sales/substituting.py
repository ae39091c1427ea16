"""Another product goes in the box, where the matrix approves or a supervisor does (RTE-10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select, update

from server.db import conflict_rows, kits, orders, tables, waiting_rows
from server.db import stock as db_stock
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.booking.reservation import Ask, Reserved, decide
from server.domain.booking.stock import MoveKind
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.domain.sales.substitution import Approval, Candidate, Ruling, approved, judge
from server.usecases.benchwork import packing
from server.usecases.benchwork.box_waiting import refuse_boxed
from server.usecases.booking import stock
from server.usecases.booking.deciding import decide_all, open_shelf
from server.usecases.booking.reference import Reference, reference
from server.usecases.booking.stock import Posting, write_down
from server.usecases.record import incidents
from server.usecases.routes.needs import due_of_row
from server.usecases.sales.as_it_came import as_it_came
from server.usecases.sales.intake_rules import Defect, first_defect
from server.usecases.sales.why_lost import once
from server.usecases.shipping.accounts import accounts

_OPEN = (OrderStatus.READY, OrderStatus.PACKING, OrderStatus.CONFLICT, OrderStatus.WAITING, OrderStatus.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Swap:
    """What replaces what, by which rules. ``decision`` is there when it goes by itself."""

    skus: Mapping[str, str]
    rulings: Mapping[str, Ruling]
    decision: Reserved | None = None

    @property
    def automatic(self) -> bool:
        """Whether nobody has to approve it."""
        return self.decision is not None

    @property
    def why(self) -> str:
        """The sentences of the rules."""
        return "; ".join(ruling.why for ruling in self.rulings.values())


def find_swap(tx: Transaction, ref: Reference, row: Row[Any], lacking: Iterable[str]) -> Swap | None:
    """Substitutes for everything that lacks, in stock together with the rest of the order; None when there are none."""
    short = tuple(sorted(set(lacking)))
    asked = ("substitutes", short, row.channel_id)
    pairs = once(tx, asked, lambda: conflict_rows.substitutes(tx.connection, short, row.channel_id))
    if not pairs:
        return None
    units = _units(tx, row.id)
    rulings = _ruled(tx, row.channel, pairs)
    skus: dict[str, str] = {}
    for sku in short:
        best = min((p for p in pairs if p.sku == sku), key=lambda p: _rank(rulings[p.id]), default=None)
        if best is None or sku not in units:
            return None
        skus[sku] = best.substitute_sku
    chosen = {p.sku: rulings[p.id] for p in pairs if skus.get(p.sku) == p.substitute_sku}
    if any(ruling.approval is not Approval.AUTO for ruling in chosen.values()):
        return Swap(skus, chosen)
    wanted: dict[str, int] = {}
    for sku, n in units.items():
        wanted[skus.get(sku, sku)] = wanted.get(skus.get(sku, sku), 0) + n
    shelf = open_shelf(tx, ref, wanted)
    decision = decide(Ask(MoveKind.RESERVE, wanted, row.channel, due=due_of_row(row)), shelf, ref.rules)
    return Swap(skus, chosen, decision) if isinstance(decision, Reserved) else None


def put_swap(tx: Transaction, row: Row[Any], swap: Swap) -> None:
    """The order gets its substitutes: lines, units, status; who approved and by which rule is in the record."""
    assert swap.decision is not None, "only what goes by itself is put"  # noqa: S101
    for sku, substitute in swap.skus.items():
        _rename(tx, row.id, sku, substitute)
        _note(tx, row, sku, substitute, swap.rulings[sku])
    kits.restamp(tx, row.id, reference(tx.connection, tx.now).rules.kits)
    db_stock.put_reserved(tx, {row.id: swap.decision.moves})
    write_down(tx, [Posting(swap.decision.moves, order_id=row.id, channel_id=row.channel_id, reason=swap.why[:255])])
    _stand(tx, row.id, swap.decision.site_ids[0])


def approve_substitute(
    db: Database, actor: Actor, order_id: int, line_no: int, substitute: str, *, supervisor: str
) -> Ruling:
    """A supervisor puts another product in the box of one line, where the matrix lets one; a bench begins it again.

    Raise DomainError("not_approved") with the rule's sentence, "no_stock", "not_found", "invalid", "already_packed".
    """

    def once() -> Ruling:
        with transaction(db, actor, "approve_substitute") as tx:
            return _approve(tx, orders.lock(tx, order_id), line_no, substitute, supervisor)

    return again(once)


def _approve(tx: Transaction, locked: Row[Any], line_no: int, substitute: str, supervisor: str) -> Ruling:
    row = orders.find(tx.connection, locked.id)
    assert row is not None, "it is locked"  # noqa: S101
    if row.status not in _OPEN:
        raise DomainError("already_packed", f"order {row.number} is {row.status}: its box is not opened for this")
    refuse_boxed(tx, row, "already_packed")
    line = next((each for each in orders.lines(tx.connection, row.id) if each.line_no == line_no), None)
    if line is None or not line.sku:
        raise DomainError("invalid", f"order {row.number} has no line {line_no} with a known product")
    ruling = _judged(tx, row.channel, line.sku, substitute)
    if not approved(ruling, supervisor.strip() or None):
        raise DomainError("not_approved", ruling.why, rule=ruling.rule_id)
    _replace(tx, row, line, substitute)
    _note(tx, row, line.sku, substitute, ruling, by=supervisor)
    return ruling


def _replace(tx: Transaction, row: Row[Any], line: Row[Any], substitute: str) -> None:
    """Give back what the order holds, take everything anew with the substitute, or nothing happens at all."""
    ref = reference(tx.connection, tx.now)
    if row.status == OrderStatus.PACKING:
        why = f"{substitute} goes in the box instead of {line.sku}"
        says = {"says": "stop_substitute", "substitute": substitute, "sku": line.sku}
        packing.stop_sessions(tx, row.id, Reason.CHANGED, why, **says)
    stock.release_order(tx, row.id, "substitution")
    waiting_rows.leave(tx, [row.id])
    _rename(tx, row.id, line.sku, substitute, line.line_no)
    defect = _defect(tx, row.id)
    if defect is not None and not defect.keeps_units:
        return
    asks = [Ask(MoveKind.RESERVE, _units(tx, row.id), row.channel, due=due_of_row(row))]
    [decision] = decide_all(tx, ref, asks)
    if not isinstance(decision, Reserved):
        short = "; ".join(f"{s.sku}: {s.wanted} wanted, {s.available} available" for s in decision.shortages)
        raise DomainError("no_stock", f"order {row.number} cannot be served with {substitute}: {short}")
    kits.restamp(tx, row.id, ref.rules.kits)
    db_stock.put_reserved(tx, {row.id: decision.moves})
    write_down(tx, [Posting(decision.moves, order_id=row.id, channel_id=row.channel_id, reason="substitution")])
    incidents.close_by_key(tx, f"conflict:{row.id}", f"{substitute} goes in the box instead of {line.sku}")
    _stand(tx, row.id, decision.site_ids[0])


def _stand(tx: Transaction, order_id: int, site_id: int) -> None:
    """Ready, or on hold for what has nothing to do with stock."""
    defect = _defect(tx, order_id)
    status = OrderStatus.READY if defect is None else OrderStatus.ON_HOLD
    orders.set_status(tx, order_id, status, site_id=site_id, held_because=defect.code if defect else "")


def _defect(tx: Transaction, order_id: int) -> Defect | None:
    """What else is wrong with it, also a line that is no product yet."""
    order = as_it_came(tx, orders.lock(tx, order_id))
    known = [line for line in orders.lines(tx.connection, order_id) if line.sku]
    names = {name: line.sku for line in known for name in (line.channel_sku, line.sku)}
    return first_defect(order, names, accounts(tx.connection))


def _units(tx: Transaction, order_id: int) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in orders.lines(tx.connection, order_id):
        if line.sku:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def _ruled(tx: Transaction, channel: str, pairs: Iterable[Row[Any]]) -> dict[int, Ruling]:
    """The matrix's answer to each pair; a pair that is not marked automatic is approved by a person."""
    matrix, found = conflict_rows.matrix(tx.connection), {}
    known = _candidates(tx, {sku for p in pairs for sku in (p.sku, p.substitute_sku)})
    for pair in pairs:
        ruling = judge(matrix, known[pair.sku], known[pair.substitute_sku], channel)
        if ruling.approval is Approval.AUTO and not pair.automatic:
            why = f"{pair.substitute_sku} for {pair.sku}: this pair is approved by a supervisor each time"
            ruling = Ruling(Approval.ASK, ruling.rule_id, why)
        found[pair.id] = ruling
    return found


def _judged(tx: Transaction, channel: str, sku: str, substitute: str) -> Ruling:
    known = _candidates(tx, {sku, substitute})
    if substitute not in known:
        raise DomainError("unknown_sku", f"there is no product {substitute!r}")
    return judge(conflict_rows.matrix(tx.connection), known[sku], known[substitute], channel)


def _candidates(tx: Transaction, skus: Iterable[str]) -> dict[str, Candidate]:
    t = tables.product
    query: Select[Any] = select(t.c.sku, t.c.category, t.c.brand, t.c.regulated).where(t.c.sku.in_(set(skus)))
    rows = tx.connection.execute(query)
    return {row.sku: Candidate(row.sku, row.category, _flags(row)) for row in rows}


def _flags(row: Row[Any]) -> frozenset[str]:
    named = (("regulated", row.regulated), ("branded", bool(row.brand)))
    return frozenset(name for name, on in named if on)


def _rank(ruling: Ruling) -> int:
    return (Approval.AUTO, Approval.ASK, Approval.NEVER).index(ruling.approval)


def _rename(tx: Transaction, order_id: int, sku: str, substitute: str, line_no: int | None = None) -> None:
    t, o = tables.order_line, tables.order
    which = (t.c.order_id == order_id) & (t.c.sku == sku)
    if line_no is not None:
        which &= t.c.line_no == line_no
    tx.connection.execute(update(t).where(which).values(sku=substitute, substituted_for=sku, kit_version=None))
    tx.connection.execute(update(o).where(o.c.id == order_id).values(version=o.c.version + 1))


def _note(tx: Transaction, row: Row[Any], sku: str, substitute: str, ruling: Ruling, *, by: str = "") -> None:
    detail = {"sku": sku, "substitute": substitute, "rule": ruling.rule_id, "by": by or "the rule", "why": ruling.why}
    tx.note("order.substituted", detail, order=row.id, sku=substitute)
