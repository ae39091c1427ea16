"""The machine's first part: orders and checkouts."""

from collections import Counter
from typing import Any

from hypothesis import strategies as st

from server.db.transaction import Actor
from server.domain.sales.payments import PaymentEvent, PaymentEventKind
from server.usecases.booking import book, holds
from server.usecases.booking.hold_batch import Held
from server.usecases.booking.hold_wishes import HoldLine, HoldWish, command
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.changing import cancel_lines, change_address
from server.usecases.sales.payments import flag_fraud, payment_event
from server.usecases.sales.recheck import settle_again
from server.usecases.sales.waiting import serve_waiting
from tests.book import BOSS, SHIP_TO, incoming, sell
from tests.paper.ground import CHANNELS
from tests.paper.machine import CHANNEL, LINES, NTH, TROUBLE, Lines, Machine, verb
from tests.paper.pencil import Shelves
from tests.paper.seen import Key, Seen

_SAID: dict[str, dict[str, Any]] = {
    "": {},
    "unpaid": {"paid": False},
    "fraud": {"fraud": True},
    "failed": {"paid": False, "payment": "failed"},
}


class Sales(Machine):
    """What shops, buyers and their money do."""

    # --- orders -----------------------------------------------------------------------------------------------------

    @verb(9, lines=LINES, channel=CHANNEL, trouble=TROUBLE, nth=NTH)
    def a_shop_sells(self, lines: Lines, channel: str, trouble: str, nth: int) -> None:
        cart = self.cart(nth) if nth % 3 == 0 else None
        said = {**_SAID[trouble], "carrier": "own-van", "service": "standard"} | ({"hold": cart} if cart else {})
        hold = self.seen.holds.get(cart or "")
        ours = trouble not in {"fraud", "failed"} and hold is not None and hold.live and hold.channel == channel
        shelves = Shelves.of(
            self.paper, self.seen, self.clock.today, channel, own=hold.claims if hold and ours else None
        )
        keeps = trouble not in {"fraud", "failed"}
        expected = shelves.place(self.paper, lines, self.paper.route(lines)) if keeps else None
        name = f"S-{next(self.names)}"
        taken = sell(self.db, name, *lines, channel=channel, **said)
        self.wishes.append((name, channel, lines, said, taken.order_id))
        self.paper.sold[taken.order_id] = dict(enumerate(lines, 1))
        self.may.add(taken.order)

        def check(after: Seen) -> None:
            order, own, into = after.orders[taken.order_id], expected, lines
            parts = [each for each in after.orders.values() if each.sale == order.sale]
            if len(parts) > 1 or (keeps and self._must_split(shelves, lines, channel)):
                assert expected is None, f"{lines} were split although one site has them"
                held = sum((part.claims for part in parts), Counter[Key]())
                sold = Counter[str]()
                for sku, n in lines:
                    sold[sku] += n
                by_sku = Counter[str]()
                for (sku, site, _), n in held.items():
                    by_sku[sku] += n
                    assert (sku, site) not in self.paper.banned, f"{sku} leaves from {site} although a rule forbids it"
                assert by_sku == sold or any(sku in self.paper.bills for sku in sold), (lines, held)
                return
            if order.instead and not cart:
                into = [(order.instead.get(line, (sku, sku))[1], n) for line, (sku, n) in enumerate(lines, 1)]
                own = shelves.place(self.paper, into, self.paper.route(into))
            if not (order.instead and cart):
                self.promised(after, order.claims, own, into, channel)
            if cart and hold and ours and hold.live:
                assert after.holds[cart].state == "used"

        self.then.append(check)

    def _must_split(self, shelves: Shelves, lines: Lines, channel: str) -> bool:
        """No site has all of it, both together have, and nobody's share is in the way."""
        fenced = any(sku in self.paper.kept for sku, _ in lines)
        whole = shelves.place(self.paper, lines, self.paper.route(lines)) is not None
        return channel in self.paper.splits and not fenced and not whole and shelves.divisible(self.paper, lines)

    @verb(nth=NTH, differs=st.booleans())
    def a_shop_sends_an_order_again(self, nth: int, differs: bool) -> None:
        if not self.wishes:
            return
        name, channel, lines, said, order_id = self.wishes[nth % len(self.wishes)]
        if differs:
            more = [*lines, ("MUG", 1)]
            refused = self.tried(lambda: sell(self.db, name, *more, channel=channel, **said), "order_differs")
            assert refused is None, "another order under an id that was used"
            return
        again = sell(self.db, name, *lines, channel=channel, **said)
        assert (again.order_id, again.first) == (order_id, False)

    @verb(2, nth=NTH)
    def an_order_is_cancelled(self, nth: int) -> None:
        if (order := self.order(nth)) is not None:
            self.tried(lambda: cancel_order(self.db, BOSS, order), "already_shipped")

    @verb(2, nth=NTH, line=st.integers(1, 3), units=st.integers(1, 2))
    def a_line_is_cut(self, nth: int, line: int, units: int) -> None:
        order = self.order(nth)
        if order is None or line not in self.paper.sold[order]:
            return
        status = self.tried(
            lambda: cancel_lines(self.db, BOSS, order, {line: units}), "invalid", "already_packed", "already_shipped"
        )
        sku, had = self.paper.sold[order][line]
        # An order of which nothing is left is cancelled with its lines as they were.
        if status is not None and sum(n for _, n in self.paper.sold[order].values()) > units:
            self.paper.sold[order][line] = (sku, had - units)

    @verb(2, nth=NTH, event=st.sampled_from((*PaymentEventKind, "fraud", "clear")))
    def money_or_suspicion(self, nth: int, event: str) -> None:
        order = self.order(nth)
        if order is None:
            return
        if event in {"fraud", "clear"}:
            flag_fraud(self.db, BOSS, order, event == "fraud", "looked odd")
        else:
            payment_event(self.db, BOSS, order, PaymentEvent(PaymentEventKind(event)))

    @verb(nth=NTH)
    def an_address_changes(self, nth: int) -> None:
        if (order := self.order(nth)) is not None:
            there = incoming("x", ("MUG", 1), ship_to=SHIP_TO | {"name": "Ada Quill"}).ship_to
            self.tried(lambda: change_address(self.db, BOSS, order, there), "already_shipped")

    @verb(nth=NTH)
    def a_person_looks_again(self, nth: int) -> None:
        if (order := self.order(nth, "on_hold", "conflict", "waiting")) is not None:
            self.tried(lambda: settle_again(self.db, BOSS, order), "not_waiting", "invalid")

    @verb(2)
    def those_who_wait_are_served(self) -> None:
        self.may |= {order.number for order in self.seen.orders.values() if order.status == "waiting"}
        while serve_waiting(self.db):
            pass

    # --- checkouts --------------------------------------------------------------------------------------------------

    @verb(3, lines=LINES, channel=CHANNEL, minutes=st.integers(1, 90))
    def a_checkout_keeps(self, lines: Lines, channel: str, minutes: int) -> None:
        key = f"cart-{next(self.names)}"
        wish = HoldWish(key, [HoldLine(sku, n) for sku, n in lines], minutes * 60.0)
        expected = Shelves.of(self.paper, self.seen, self.clock.today, channel).place(self.paper, lines)
        asked = command(CHANNELS.index(channel) + 1, wish, Actor(f"channel:{channel}"))
        [answer] = book.run(self.db, [asked])
        assert isinstance(answer, Held)
        self.paper.carts[key] = self.ways(lines)
        self.until[key] = self.clock.at + minutes * 60
        self.then.append(lambda after: self.promised(after, after.holds[key].claims, expected, lines, channel))
        [again] = book.run(self.db, [asked])
        assert again == answer, "the same key gave another answer"

    @verb(2, nth=NTH)
    def a_checkout_is_paid(self, nth: int) -> None:
        if (key := self.cart(nth)) is not None:
            channel_id = CHANNELS.index(self.seen.holds[key].channel) + 1
            self.paper.carts[key] += [
                way for cart in self.paper.carts[key][:8] for way in self.ways(sorted(cart.items()))
            ]
            self.tried(lambda: holds.confirm_hold(self.db, BOSS, channel_id, key), "hold_ended")

    @verb(nth=NTH)
    def a_checkout_is_left(self, nth: int) -> None:
        if (key := self.cart(nth)) is not None:
            channel_id = CHANNELS.index(self.seen.holds[key].channel) + 1
            self.tried(lambda: holds.release_hold(self.db, BOSS, channel_id, key), "hold_used")

    @verb(minutes=st.sampled_from((5, 30, 60, 600)))
    def time_goes_by(self, minutes: int) -> None:
        self.clock.at += minutes * 60
        held = {key for key, hold in self.seen.holds.items() if hold.state == "held"}
        over = {key for key in held if self.until[key] <= self.clock.at}
        assert holds.expire_holds(self.db) == len(over)
        self.may |= over
        self.then.append(lambda after: _expired(after, held, over))


def _expired(after: Seen, held: set[str], over: set[str]) -> None:
    for key in held:
        assert after.holds[key].state == ("expired" if key in over else "held"), key
