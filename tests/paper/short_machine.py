"""The machine's fourth part: what is gone already. Tills sell it, shelves lack it, something else goes in the box."""

from collections import Counter

from hypothesis import strategies as st

from server.domain.people import Role
from server.usecases.picks.short_pick import Found, short_of_order
from server.usecases.routes.overriding import override
from server.usecases.sales.substituting import approve_substitute
from server.usecases.sales.till import TillLine, TillSale, take_sale
from tests.book import BOSS
from tests.paper.goods_machine import SITE, SKU
from tests.paper.machine import CHANNEL, LINES, NTH, Lines, verb
from tests.paper.pencil import Shelves
from tests.paper.rules_machine import Rules
from tests.paper.seen import Key, Seen


class Short(Rules):
    """Sales, goods, rules, and what a person finds who stands before the shelf."""

    @verb(3, lines=LINES, channel=CHANNEL, site=SITE)
    def a_till_sells(self, lines: Lines, channel: str, site: str) -> None:
        """It has happened: whoever is in no box gives way, and what the book lacks was there all the same."""
        before, wanted = self.seen, self._at_the_till(lines, site)
        rows = {sku: self._rows(sku, site) for sku in wanted}
        expected = Counter[Key]()
        for sku, n in wanted.items():
            free = {key: max(0, self.paper.on_hand[key] - before.claims()[key]) for key in rows[sku]}
            if sum(free.values()) >= n:
                expected += _first(free, n)
            else:
                self._may_give_way(sku, site)
        receipt = TillSale(f"T-{next(self.names)}", site, [TillLine(sku, n) for sku, n in lines])
        number = take_sale(self.db, BOSS, channel, receipt)
        assert take_sale(self.db, BOSS, channel, receipt) == number, "one receipt is one sale"

        def left(after: Seen) -> None:
            order = next(i for i, o in after.orders.items() if o.number == number)
            gone = after.orders[order].left
            self.paper.sold[order] = dict(enumerate(lines, 1))
            self.paper.shipped[order] = Counter(
                {sku: sum(gone[key] for key in gone if key[0] == sku) for sku in wanted}
            )
            assert (after.orders[order].status, self.paper.shipped[order]) == ("shipped", wanted)
            assert {key: gone[key] for key in expected} == expected
            for key, n in gone.items():
                self.paper.move("ship", key, -n)
            for sku, n in wanted.items():
                self._found(before, after, (sku, site, ""), n)

        self.then.append(left)

    def _at_the_till(self, lines: Lines, site: str) -> Counter[str]:
        """Somebody holds a kit that was built in the hand, whoever it was promised to; other kits are put together."""
        lying = Counter[tuple[str, str]]()
        for (sku, where, _), n in self.paper.on_hand.items():
            lying[sku, where] += n
        return Shelves({}, lying).wanted(self.paper, lines, site)

    def _rows(self, sku: str, site: str) -> list[Key]:
        """Those that expire first, first."""
        rows = [key for key in self.paper.on_hand if key[:2] == (sku, site)]
        return sorted(rows, key=lambda key: (self.paper.expires.get((sku, key[2])) or "9999", key[2]))

    def _may_give_way(self, sku: str, site: str) -> None:
        for order in self.seen.orders.values():
            if order.status != "packed" and any(key[:2] == (sku, site) for key in order.claims):
                self.may.add(order.number)
        for name, hold in self.seen.holds.items():
            if any(key[:2] == (sku, site) for key in hold.claims):
                self.may.add(name)

    def _found(self, before: Seen, after: Seen, key: Key, units: int) -> None:
        """So many units the till sold that the book did not have, or has in boxes."""
        sku, site, _ = key
        there = sum(n for (of, at, _), n in self.paper.on_hand.items() if (of, at) == (sku, site)) + units
        boxes = Counter[str]()
        for order in before.orders.values():
            boxes[order.status] += sum(n for (of, at, _), n in order.claims.items() if (of, at) == (sku, site))
        now = sum(row.on_hand for (of, at, _), row in after.rows.items() if (of, at) == (sku, site))
        found = now - (there - units)
        least = max(0, units - (there - boxes["packed"]))
        assert least <= found <= max(least, units - (there - boxes["packed"] - boxes["packing"])), (key, found)
        self.paper.move("count", key, found)

    @verb(3, nth=NTH, which=NTH, units=st.integers(0, 3))
    def a_shelf_is_short(self, nth: int, which: int, units: int) -> None:
        """What was promised and is not there is written off, and with it what was for sale there."""
        order = self.order(nth, "ready", "packing")
        if order is None:
            return
        claims = self.seen.orders[order].claims
        sku, site, _ = sorted(claims)[which % len(claims)]
        missing, unsold, left = 0, 0, units
        moves = Counter[Key]()
        for key in self._rows(sku, site):
            here = min(left, claims[key])
            left -= here
            if lost := claims[key] - here:
                free = self.paper.on_hand[key] - self.seen.claims()[key]
                missing, unsold = missing + lost, unsold + free
                moves[key] = lost + free
        done = self.tried(lambda: short_of_order(self.db, BOSS, order, Found(sku, units)), "not_short")
        assert (done is None) == (not missing), (done, claims)
        if done is not None:
            assert (done.written.missing, done.written.unsold) == (missing, unsold), done
            for key, n in moves.items():
                self.paper.move("write_off", key, -n)

    @verb(3, nth=NTH, line=st.integers(1, 3), instead=SKU, by=st.sampled_from(("Ben", "Ben", "")))
    def a_supervisor_puts_something_else_in(self, nth: int, line: int, instead: str, by: str) -> None:
        order = self.order(nth)
        if order is None or not (had := self.paper.sold[order].get(line)):
            return
        says = self.paper.approval(had[0], instead, self.seen.orders[order].channel)
        refusals = ("not_approved", "no_stock", "invalid", "already_packed")
        done = self.tried(lambda: approve_substitute(self.db, BOSS, order, line, instead, supervisor=by), *refusals)
        if done is not None:
            assert says == "auto" or (says == "ask" and by), f"{instead} for {had[0]} although the matrix says {says}"
            self.paper.sold[order][line] = (instead, had[1])
            self.then.append(lambda after: _instead(after, order, had[0], instead))

    @verb(2, nth=NTH, site=SITE)
    def a_supervisor_sends_it_elsewhere(self, nth: int, site: str) -> None:
        if (order := self.order(nth)) is not None:
            refusals = ("in_use", "not_movable", "already_there", "not_there")
            self.tried(lambda: override(self.db, BOSS, [Role.SUPERVISOR], order, site, "nearer"), *refusals)


def _first(free: dict[Key, int], units: int) -> Counter[Key]:
    """From the first rows."""
    picked = Counter[Key]()
    for key, n in free.items():
        picked[key] = min(n, units)
        units -= picked[key]
    return +picked


def _instead(after: Seen, order: int, sold: str, instead: str) -> None:
    assert (sold, instead) in after.orders[order].instead.values(), after.orders[order]
