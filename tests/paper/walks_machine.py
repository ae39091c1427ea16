"""The machine's sixth part: orders are fetched from the shelves in waves and lie in totes before a bench opens them."""

from collections import Counter

from hypothesis import strategies as st

from server.domain.picks.waves import Limits
from server.usecases.picks import totes
from server.usecases.picks.short_pick import Found, short_in_wave
from server.usecases.picks.waves import Wanted, cancel_wave, finish_wave, make_waves
from tests.book import BOSS
from tests.paper.goods_machine import SITE
from tests.paper.machine import NTH, verb
from tests.paper.routes_machine import Routes
from tests.paper.seen import Key

TOTE = st.sampled_from(("T1", "T2", "T3"))


class Walks(Routes):
    """What lies between an order and its bench. None of it moves a unit, but for what is not on the shelf."""

    @verb(3, site=SITE)
    def a_wave_is_made(self, site: str) -> None:
        ready = {
            order.number
            for order_id, order in self.seen.orders.items()
            if order.status == "ready" and order_id not in self.seen.waved and any(k[1] == site for k in order.claims)
        }
        made = [number for wave in make_waves(self.db, BOSS, Wanted(site, Limits(orders=3))) for number in wave.numbers]
        assert len(made) == len(set(made)), f"an order is in two waves: {made}"
        assert set(made) == ready, f"waves of {made}, ready and in none are {ready}"

    @verb(2, nth=NTH, tote=TOTE)
    def slip_and_tote_are_scanned(self, nth: int, tote: str) -> None:
        order_id = self.order(nth, "ready")
        self.may.clear()
        if order_id is None:
            return
        number = self.seen.orders[order_id].number
        if self.tried(lambda: totes.bind(self.db, BOSS, f"PPO-{number}", tote), "in_use") is not None:
            self.then.append(lambda after: _is_fetched(order_id in after.fetched, number))

    @verb(tote=TOTE)
    def a_tote_is_emptied(self, tote: str) -> None:
        totes.empty(self.db, BOSS, tote)

    @verb(nth=NTH, given_up=st.booleans())
    def a_walk_ends(self, nth: int, given_up: bool) -> None:
        if waves := sorted(set(self.seen.fetched.values())):
            wave = waves[nth % len(waves)]
            (cancel_wave if given_up else finish_wave)(self.db, BOSS, wave)
            self.then.append(lambda after: _is_fetched(wave in after.fetched.values(), f"of wave {wave}"))

    @verb(2, nth=NTH, which=NTH, units=st.integers(0, 3))
    def a_walk_finds_too_little(self, nth: int, which: int, units: int) -> None:
        """What its orders lack is written off once, with what was for sale of the lots that were short."""
        waves = sorted(set(self.seen.fetched.values()))
        if not waves:
            return
        wave = waves[nth % len(waves)]
        wants = Counter[Key]()
        for order_id in [o for o, of in self.seen.fetched.items() if of == wave]:
            order = self.seen.orders[order_id]
            self.may.add(order.number)
            wants.update(order.claims if order.status in {"ready", "packing"} else {})
        if not wants:
            return
        sku, site, _ = sorted(wants)[which % len(wants)]
        left, moves = units, Counter[Key]()
        for key in self._rows(sku, site):
            here = min(left, wants[key])
            left -= here
            if lost := wants[key] - here:
                moves[key] = lost + self.paper.on_hand[key] - self.seen.claims()[key]
        done = self.tried(lambda: short_in_wave(self.db, BOSS, wave, Found(sku, units)), "not_short")
        assert (done is None) == (not moves), (done, wants)
        for key, n in moves.items():
            self.paper.move("write_off", key, -n)


def _is_fetched(found: bool, what: str) -> None:
    assert not found, f"somebody still fetches {what}"
