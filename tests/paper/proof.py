"""The pencil's book against the database's, after each step: whatever differs is an assertion that names it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import product

from server.db.audit_chain import snapshot
from server.db.transaction import Database
from server.usecases.record.audit_check import check
from server.usecases.record.audit_verify import verify
from tests.paper.pencil import SITES, Pencil, Shelves
from tests.paper.seen import Key, Seen, SeenOrder

FULL = {"ready", "packing", "packed"}
NONE = {"conflict", "waiting", "cancelled", "external", "shipped"}
UNITLESS = {"fraud", "payment_failed"}
"""Why an order on hold keeps nothing; any other trouble has nothing to do with stock."""


def compare(paper: Pencil, before: Seen, after: Seen, may_change: Collection[str], today: str) -> None:
    """Everything that must hold; ``may_change`` are the orders and checkouts that the step was about."""
    _counters(paper, after)
    _words(paper, after)
    for order_id, order in after.orders.items():
        _whole(paper, order_id, order)
    for key, hold in after.holds.items():
        if hold.live:
            taken = _by_sku(hold.claims)
            assert any(taken == Counter(cart) for cart in paper.carts[key]), (key, taken, paper.carts[key])
    _untouched(before, after, may_change)
    _published(paper, after, today)


def drift(db: Database) -> None:
    """`packproof audit check` finds nothing."""
    with snapshot(db) as connection:
        assert [one.sentence for _, found in check(connection, db.now()) for one in found] == []


def chain_is_whole(db: Database) -> None:
    """`packproof audit verify` finds nothing."""
    with snapshot(db) as connection:
        report = verify(connection)
    assert report.whole, report.findings
    assert report.events > 0


def _counters(paper: Pencil, seen: Seen) -> None:
    claimed = seen.claims()
    held = Counter[Key]()
    for hold in seen.holds.values():
        held.update(hold.claims if hold.live else {})
    for key in {*seen.rows, *paper.on_hand, *paper.transit, *claimed}:
        row = seen.rows.get(key)
        found = (row.on_hand, row.reserved, row.held, row.in_transit) if row else (0, 0, 0, 0)
        wanted = (paper.on_hand[key], claimed[key] - held[key], held[key], paper.transit[key])
        assert found == wanted, f"{key}: (on hand, reserved, held, in transit) {found}, on paper {wanted}"
        assert min(found) >= 0, (key, found)
        assert found[1] + found[2] <= found[0], f"{key}: promised more than there is: {found}"


def _words(paper: Pencil, seen: Seen) -> None:
    """The ledger's words are the pencil's, and every unit that came is somewhere or has left for a known reason."""
    for sku in {key[0] for key in seen.rows}:
        said = {word: moved for (word, of), moved in seen.words.items() if of == sku}
        for word in ("receive", "return", "count", "ship", "write_off", "build", "consume"):
            assert said.get(word, (0, 0))[0] == paper.words[word, sku], (sku, word, said.get(word))
        assert -said.get("lose", (0, 0))[1] == paper.words["lose", sku], (sku, "lose")
        came = sum(paper.words[word, sku] for word in ("receive", "return", "count", "build"))
        left = -sum(paper.words[word, sku] for word in ("ship", "write_off", "consume")) + paper.words["lose", sku]
        there = sum(row.on_hand + row.in_transit for key, row in seen.rows.items() if key[0] == sku)
        assert came == there + left, f"{sku}: {came} came, {there} are there, {left} left"


def _by_sku(claims: Mapping[Key, int]) -> Counter[str]:
    found = Counter[str]()
    for (sku, _, _), n in claims.items():
        found[sku] += n
    return found


def _whole(paper: Pencil, order_id: int, order: SeenOrder) -> None:
    """It holds all of what is wanted, from one site, or nothing: never a half."""
    lines = Counter[str]()
    for sku, n, _ in order.lines:
        lines[sku] += n
    still = Counter[str]()
    for sku, n in paper.sold[order_id].values():
        still[sku] += n
    assert lines == +still, f"order {order.number}: lines {lines}, on paper {still}"
    full = order.status in FULL or (order.status == "on_hold" and order.because not in UNITLESS)
    # What is cancelled when it is in its box is kept for it until somebody puts it back on its shelf.
    full |= order.status == "cancelled" and order.boxed and bool(order.claims)
    assert full or order.status == "on_hold" or order.status in NONE, order
    if not full:
        assert not order.claims, f"order {order.number} is {order.status} {order.because} and holds {order.claims}"
        assert bool(order.waits) == (order.status == "waiting"), order
        return
    assert not order.waits, order
    assert len({site for _, site, _ in order.claims}) == 1, order
    taken = _by_sku(order.claims)
    assert taken in _ways(paper, order), f"order {order.number} {order.status} holds {taken} for {order.lines}"


def _ways(paper: Pencil, order: SeenOrder) -> Iterable[Counter[str]]:
    """Every way to fill its lines: each kit built before, or by its components of the version it was sold under."""
    choices = []
    for sku, n, version in order.lines:
        bill = paper.versions.get((sku, version), {sku: 1}) if version else {sku: 1}
        made = [(sku, built, bill, n - built) for built in range(n + 1)]
        choices.append(made)
    for way in product(*choices):
        found = Counter[str]()
        for sku, built, bill, loose in way:
            found[sku] += built
            for leaf, each in bill.items():
                found[leaf] += each * loose
        yield +found


def _untouched(before: Seen, after: Seen, may_change: Collection[str]) -> None:
    """Nobody lost or won a promise by what happened to somebody else."""
    for order_id, was in before.orders.items():
        now = after.orders[order_id]
        if was.number not in may_change:
            assert (now.status, now.claims, now.waits) == (was.status, was.claims, was.waits), (was, now)
    for key, held in before.holds.items():
        if key not in may_change:
            assert after.holds[key] == held, (key, held, after.holds[key])


_NEXT = {
    "in_stock": {"in_stock", "packed", "in_transit", "written_off"},
    "packed": {"packed", "in_stock", "shipped"},
    "in_transit": {"in_transit", "in_stock"},
    "shipped": {"shipped", "in_stock"},
    "written_off": {"written_off"},
}


def serials(before: Seen, after: Seen) -> None:
    """A unit with a number goes one step at a time and is never forgotten; a packed box has all of its numbers."""
    for name, was in before.serials.items():
        now = after.serials[name]
        assert now.state in _NEXT[was.state], f"{name} was {was} and is {now}"
        if now.state == "shipped" and was.state != "shipped":
            assert (was.order, after.orders[now.order or 0].status) == (now.order, "shipped"), (name, was, now)
    packed = Counter(one.order for one in after.serials.values() if one.state == "packed")
    for order_id, order in after.orders.items():
        lamps = _by_sku(order.claims)["LAMP"]
        if order.status == "packed":
            assert packed[order_id] == lamps, f"{order.number} holds {lamps} lamps, {packed[order_id]} have a number"


def _published(paper: Pencil, seen: Seen, today: str) -> None:
    """No channel is told more than what it could still sell, and no less where no two rules meet."""
    shelves_of = {channel: Shelves.of(paper, seen, today, channel) for channel, _ in seen.told}
    for (channel, sku), told in seen.told.items():
        shelves = shelves_of[channel]
        parts = paper.expand(sku) if sku in paper.bills and sku not in paper.assembled else {}
        most = _sellable(paper, seen, shelves, sku, channel)
        if parts:
            most -= paper.beyond_left(seen, sku, channel)
            made = min(paper.beyond_left(seen, leaf, channel) // n for leaf, n in parts.items())
            made += sum(min(max(0, shelves.left[leaf, site]) // n for leaf, n in parts.items()) for site in SITES)
            most += min(made, *(_sellable(paper, seen, shelves, leaf, channel) // n for leaf, n in parts.items()))
        assert told <= most, f"{channel} is told {told} of {sku}, and could sell {most}"
        ruled = any(leaf in paper.kept or (leaf, channel) in paper.buffers for leaf in (sku, *parts))
        if not ruled or (not parts and not (sku in paper.kept and (sku, channel) in paper.buffers)):
            assert told == most, f"{channel} is told {told} of {sku}, and could sell {most}"


def _sellable(paper: Pencil, seen: Seen, shelves: Shelves, sku: str, channel: str) -> int:
    free = shelves.total(sku)
    buffer = paper.buffers.get((sku, channel))
    shown = max(0, free - buffer.of(free, up=True)) if buffer else free
    claim = paper.kept.get(sku)
    if claim is not None:
        unsold = paper.unsold(seen, sku, free)
        if channel != claim.channel:
            shown = min(shown, free - unsold)
        elif claim.hard:
            shown = min(shown, unsold)
    return max(0, shown) + paper.beyond_left(seen, sku, channel)
