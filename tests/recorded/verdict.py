"""Who checks a recorded history: nothing here asks the product what is right."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from tests.paper.seen import Seen, look
from tests.recorded.clients import Entry


def judge(db: Database, entries: Iterable[Entry], stocked: Mapping[str, int]) -> Counter[str]:
    """Raise AssertionError for a history that must not be; return how many holds and orders have which state."""
    said = list(entries)
    seen = look(db)
    _acknowledged(seen, said)
    _one_effect(db, seen, said)
    _never_twice(db, stocked)
    promised = Counter[str]()
    for (sku, _, _), n in seen.claims().items():
        promised[sku] += n
    assert all(promised[sku] <= stocked[sku] for sku in promised), (promised, stocked)
    states = Counter(f"hold {hold.state}" for hold in seen.holds.values())
    return states + Counter(f"order {order.status}" for order in seen.orders.values())


def _by_id(entries: Iterable[Entry], *verbs: str) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.status in {200, 201, 409} and entry.verb.split("/")[-1] in verbs:
            found[entry.id].append(entry)
    return found


def _wanted(entry: Entry) -> Counter[str]:
    wanted = Counter[str]()
    for line in json.loads(entry.body)["lines"]:
        wanted[line["sku"]] += line["quantity"]
    return wanted


def _acknowledged(seen: Seen, said: list[Entry]) -> None:
    """Every answer that was given is still true: what was promised is kept, what was given back is free."""
    released, bought = _by_id(said, "holds:release"), _by_id(said, "orders")
    for key, entries in _by_id(said, "holds").items():
        first, hold = entries[0], seen.holds[key]
        after = "released" if key in released else hold.state
        if first.said["state"] == "refused":
            assert hold.state == "refused", (key, hold)
            continue
        if after != "released":
            after = "used" if key in bought else "held or confirmed"
        assert hold.state in after, f"{key}: {first.answer}, then {after}, and it is {hold}"
        assert _sum(hold.claims) == _wanted(first), (key, hold, first)
    cancelled = _by_id(said, "cancel")
    numbers = {order.number: order for order in seen.orders.values()}
    for name, entries in bought.items():
        order = numbers[entries[0].said["order"]]
        status = "cancelled" if name in cancelled else entries[0].said["status"]
        assert order.status == status, f"{name}: {entries[0].answer}, and it is {order}"
        assert _sum(order.claims) == (_wanted(entries[0]) if status == "ready" else Counter()), (name, order)


def _sum(claims: Mapping[tuple[str, str, str], int]) -> Counter[str]:
    found = Counter[str]()
    for (sku, _, _), n in claims.items():
        found[sku] += n
    return found


def _one_effect(db: Database, seen: Seen, said: list[Entry]) -> None:
    """The ledger took units for each key and each order exactly once, however often it was asked."""
    t, o, h = tables.ledger, tables.order, tables.hold
    with db.read() as connection:
        orders = {r.id: r.channel_order_id for r in connection.execute(select(o.c.id, o.c.channel_order_id))}
        holds = {r.id: r.key for r in connection.execute(select(h.c.id, h.c.key))}
        rows = connection.execute(select(t)).all()
    assert len(set(orders.values())) == len(orders), "an order was taken twice"
    taken: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.kind == "hold":
            taken["hold", holds[row.hold_id]][row.sku] += row.d_held
        elif row.kind == "reserve":
            taken["order", orders[row.order_id]][row.sku] += row.d_reserved
    for kind, verb, won in (("hold", "holds", "held"), ("order", "orders", "ready")):
        for name, entries in _by_id(said, verb).items():
            first = entries[0].said.get("state") or entries[0].said["status"]
            wanted = _wanted(entries[0]) if first == won else Counter[str]()
            assert taken.pop((kind, name), Counter()) == wanted, f"{kind} {name}: {entries[0].answer}"
    assert not taken, f"units were taken for what nobody asked: {taken}"


def _never_twice(db: Database, stocked: Mapping[str, int]) -> None:
    """Walk the ledger in the order of the commits: never was more promised than there were."""
    t, b = tables.ledger, tables.batch
    with db.read() as connection:
        batches = connection.execute(select(b).order_by(b.c.seq)).all()
        rows = connection.execute(select(t).order_by(t.c.id)).all()
    moved: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    at = {event: batch.seq for batch in batches for event in range(batch.first_id, batch.last_id + 1)}
    for row in rows:
        moved[at[row.id]].append((row.sku, row.d_on_hand, row.d_reserved + row.d_held))
    there, promised = Counter[str](), Counter[str]()
    for seq in sorted(moved):
        for sku, d_on_hand, d_promised in moved[seq]:
            there[sku] += d_on_hand
            promised[sku] += d_promised
        over = {sku: (n, there[sku]) for sku, n in promised.items() if not 0 <= n <= there[sku]}
        assert not over, f"after batch {seq} more was promised than there was: {over}"
    assert there == Counter(stocked), (there, stocked)
