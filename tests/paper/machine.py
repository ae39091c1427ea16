"""A Hypothesis machine that does anything to the stock book that people, shops and benches may do, in any order.

After each step the pencil's book is compared with the database's (``proof``); at the end the audit chain is whole.
"""

import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from server.domain.errors import DomainError
from server.usecases.sharing.publishing import tell_everything
from tests.paper.ground import CHANNELS, KITS, PLAIN, Ground
from tests.paper.pencil import Pencil, Shelves
from tests.paper.proof import chain_is_whole, compare, drift, serials
from tests.paper.seen import Key, Seen, look

NTH = st.integers(0, 30)
CHANNEL = st.sampled_from(CHANNELS)
LINES = st.lists(st.tuples(st.sampled_from((*PLAIN, *KITS)), st.integers(1, 3)), min_size=1, max_size=3)
TROUBLE = st.sampled_from(("", "", "", "", "", "unpaid", "fraud", "failed"))
Lines = list[tuple[str, int]]
Method = TypeVar("Method", bound=Callable[..., None])


def verb(weight: int = 1, **drawn: st.SearchStrategy[Any]) -> Callable[[Method], Method]:
    """Something that may happen, so many times as often as others. (Hypothesis would switch rules on and off.)"""

    def mark(method: Method) -> Method:
        _WEIGHTS[method.__name__] = weight
        _DRAWN[method.__name__] = drawn
        return method

    return mark


_WEIGHTS: dict[str, int] = {}
_DRAWN: dict[str, dict[str, st.SearchStrategy[Any]]] = {}


class Machine(RuleBasedStateMachine):
    """A house, both books and the comparison; what may happen is in the machines that grow from this one."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.db, self.bench, self.clock = self.stack.enter_context(self.ground.house())
        self.seen: Seen = look(self.db)
        self.paper = Pencil.of(self.seen)
        self.names = itertools.count(1)
        self.may: set[str] = set()
        self.then: list[Callable[[Seen], None]] = []
        self.until: dict[str, float] = {}
        self.wishes: list[tuple[str, str, Lines, dict[str, Any], int]] = []

    def teardown(self) -> None:
        try:
            chain_is_whole(self.db)
        finally:
            self.stack.close()

    @invariant()
    def both_books_agree(self) -> None:
        tell_everything(self.db)
        after = look(self.db)
        for expectation in self.then:
            expectation(after)
        self.divided(after)
        self.swapped(after)
        compare(self.paper, self.seen, after, self.may, self.clock.today)
        serials(self.seen, after)
        drift(self.db)
        self.seen, self.may, self.then = after, set(), []

    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        known = [name for name, weight in _WEIGHTS.items() if hasattr(self, name) for _ in range(weight)]
        name = data.draw(st.sampled_from(known), "what")
        getattr(self, name)(**data.draw(st.fixed_dictionaries(_DRAWN[name]), "how"))

    def divided(self, after: Seen) -> None:
        """A part that was split off has lines that its order had, and nothing is wanted twice."""
        for order_id in sorted(after.orders.keys() - self.paper.sold.keys()):
            sale = after.orders[order_id].sale
            parts = [i for i, order in after.orders.items() if order.sale == sale]
            had, have = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
            for part in parts:
                for line, (sku, n) in self.paper.sold.get(part, {}).items():
                    had[line, sku] += n
                for line, (sku, n) in after.orders[part].by_line.items():
                    have[line, sku] += n
            assert len(parts) > 1, f"nobody sold {after.orders[order_id]}"
            assert +had == have, f"order {sale} was for {had}, its parts are for {have}"
            assert sale[0] in self.paper.splits, f"{sale[0]} takes one parcel for an order"
            for part in parts:
                self.paper.sold[part] = dict(after.orders[part].by_line)

    def swapped(self, after: Seen) -> None:
        """What was put in the place of something else by itself; only where the matrix and the pair say so."""
        for order_id, order in after.orders.items():
            for line, (sold, instead) in order.instead.items():
                had, units = self.paper.sold[order_id][line]
                if had == instead:
                    continue
                by_itself = self.paper.pairs.get((sold, instead)) and self.paper.approval(sold, instead, order.channel)
                assert (had, by_itself) == (sold, "auto"), f"order {order.number}: {instead} went in for {sold}"
                assert order.number in self.may, (
                    f"order {order.number} got a substitute although nothing happened to it"
                )
                self.paper.sold[order_id][line] = (instead, units)

    # --- helpers ----------------------------------------------------------------------------------------------------

    def tried(self, work: Callable[[], Any], *refusals: str) -> Any:
        """Its result, or None when it was refused as it may be: then nothing has changed."""
        try:
            return work()
        except DomainError as error:
            assert error.code in refusals, (error.code, error.detail)
            self.may.clear()
            return None

    def order(self, nth: int, *states: str) -> int | None:
        """One of the orders in these states, or of all; the step may change it."""
        ids = [i for i, order in self.seen.orders.items() if not states or order.status in states]
        if not ids:
            return None
        found = ids[nth % len(ids)]
        self.may.add(self.seen.orders[found].number)
        return found

    def cart(self, nth: int, *states: str) -> str | None:
        """As ``order`` for a checkout."""
        keys = [key for key, hold in self.seen.holds.items() if not states or hold.state in states]
        if not keys:
            return None
        self.may.add(keys[nth % len(keys)])
        return keys[nth % len(keys)]

    def ways(self, lines: Lines) -> list[dict[str, int]]:
        """What a checkout of these may keep: kits that were built, or what they are made of now."""
        found: list[Counter[str]] = [Counter()]
        for sku, n in lines:
            bill = self.paper.expand(sku)
            made = [Counter({sku: b}) + Counter({k: e * (n - b) for k, e in bill.items()}) for b in range(n + 1)]
            found = [have + more for have in found for more in made]
        return [dict(+one) for one in found]

    def promised(
        self, after: Seen, claims: Counter[Key], expected: Counter[Key] | None, lines: Lines, channel: str
    ) -> None:
        """All of it from where the pencil says, or nothing; a claim of another channel was respected."""
        fenced = {sku for sold, _ in lines for sku in (sold, *self.paper.expand(sold))} & self.paper.kept.keys()
        if expected is None:
            assert not claims, f"{lines} were promised {claims} although no site has them"
        elif claims or not fenced:
            assert claims == expected, f"{lines} were promised {claims}, the pencil says {expected}"
        free = Shelves.of(self.paper, after, self.clock.today, channel)
        for sku in fenced & {key[0] for key in claims}:
            kept, left = self.paper.kept[sku], free.total(sku)
            if channel != kept.channel:
                unsold = self.paper.unsold(after, sku, left)
                assert left >= unsold, f"{channel} took {sku} that is kept for {kept.channel}: {left} of {unsold} left"
            elif kept.hard:
                net, share = self.paper.since(after, sku, channel), self.paper.quota(after, sku, left)
                assert net <= share, f"{channel} took {net} of {sku}, its share is {share}"
