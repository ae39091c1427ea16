"""The simulated packer: hands that err, and eyes that sometimes look too late.

An obedient packer does what the screen says: after a stop the unit comes out of the box, and only then is the stop
acknowledged. A careless one acknowledges without looking, goes on behind a stop, scans one unit for two, and forgets to
take out what does not count any more.
"""

import random
from collections.abc import Callable

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing import boxes
from server.domain.packing.order import Mode
from server.domain.packing.session import AskedKind, Phase, Session
from server.domain.packing.steps import open_steps
from server.domain.packing.stops import open_of_sku
from server.domain.packing.wants import NO_BOX, StepKind
from tests.bench.packing.benches import BenchOfSim, Fault, Said
from tests.bench.packing.goods import TARE, unit
from tests.bench.packing.grabs import MISREAD, Read, grab, misread, shown
from tests.bench.packing.hands import Grab, Table, fits
from tests.bench.packing.tally import Tally
from tests.bench.packing.whims import whim

WHIM, BOUNCE, TYPES, NEXT_BOX, WRONG_LABEL, AGAIN = 0.02, 0.03, 0.3, 0.02, 0.01, 0.02
EARLY = (0.2, 0.5)
"""How often the unit is in the box before anybody looked, of an obedient and of a careless packer."""
BLIND, BEHIND, TWICE, FORGETS = 0.3, 0.2, 0.01, 0.05
"""Of a careless one: does not look at what the bench says, goes on behind a stop, scans one unit for two, forgets to
take out what the screen names."""
SUPERVISOR_SEES = 0.8
STEPS_MAX = 3000
_TRY_AGAIN = {Reason.BAD_READ, Reason.UNKNOWN_CODE, Reason.REPEAT, Reason.NEED_LOT, Reason.NEED_SERIAL}


class Packer:
    """Packs one order at one bench."""

    def __init__(self, chance: random.Random, bench: BenchOfSim, tally: Tally, *, obedient: bool) -> None:
        self.chance, self.bench, self.tally, self.obedient = chance, bench, tally, obedient
        self.table = Table(bench.session)
        self._tare = chance.uniform(0.95, 1.05)
        self._weight_checked = 0

    def pack(self) -> None:
        """Until the box is closed or the order is gone. Raise Fault when that never comes."""
        for _ in range(STEPS_MAX):
            session = self.bench.session
            if session.phase in (Phase.CLOSED, Phase.ENDED):
                return
            self.bench.clock.passes(self.chance.uniform(1.5, 4.0))
            self._next(session)
        raise Fault(f"no end in sight: {_spoken(self.bench.session)}")

    def scan(self, text: str, *, red: bool = False, bounce: bool = False, problem: str | None = None) -> Said | None:
        """Scan, and do as the screen says; ``red``: a stop would be right."""
        before = self.bench.session
        said = self.bench.scan(text, bounce=bounce, problem=problem)
        self.tally.scans += 1
        if said is not None and said.tone is Tone.STOP and before.stop is None and not red:
            self.tally.false_red(f"{said.reason} at {text!r}: {self.bench.session.stop}")
        self._follow()
        return said

    def do(self, what: Callable[[], None]) -> None:
        """Anything else at the bench."""
        what()
        self._follow()

    def _follow(self) -> None:
        forgets = not self.obedient and self.chance.random() < FORGETS
        boxes_before = len(self.table.sealed)
        self.table.follow(self.bench.session, forgets=forgets)
        if len(self.table.sealed) != boxes_before:
            self._tare, self._weight_checked = self.chance.uniform(0.95, 1.05), 0

    def _next(self, session: Session) -> None:
        """By what the screen shows, as somebody does who comes to a bench that was just restarted."""
        if session.stop is not None:
            self._stopped(session)
        elif session.phase is Phase.PARKED:
            self.do(self.bench.resume)
        elif session.asked is not None:
            self._answer(session)
        elif self.table.hand is not None:
            self._show(session, self.table.hand)
        elif session.phase is not Phase.LABEL and self.chance.random() < WHIM:
            whim(self, session)
        elif session.phase is Phase.PACKING:
            self._pick(session)
        elif session.phase is Phase.STEPS:
            self._step(session)
        else:
            self._label(session)

    def _stopped(self, session: Session) -> None:
        roll = 1.0 if self.obedient else self.chance.random()
        if roll < BLIND:
            self.table.leave()
        elif roll < BLIND + BEHIND and session.phase is Phase.PACKING and session.open_units:
            self.table.leave()
            self.table.hand = grab(self.chance, session)
            self.scan(self.table.hand.units[0].ware.code)
            self.table.leave()
            return
        else:
            self.table.put_back()
        self.scan("PPC-OK")

    # Items.

    def _pick(self, session: Session) -> None:
        if self.table.aside:
            self.table.hand = Grab((self.table.aside.pop(),))
        elif self.table.box and not session.sealed and session.open_units > 1 and self.chance.random() < NEXT_BOX:
            self.scan("PPX-NEW")
            return
        else:
            self.table.hand = grab(self.chance, session)
            self.tally.picks += 1
            self.tally.wrong_picks += not fits(session, self.table.hand.units)
        if self.chance.random() < EARLY[not self.obedient]:
            self.table.drop()
        self._show(session, self.table.hand)

    def _show(self, session: Session, hand: Grab) -> None:
        """Hold it under the scanner."""
        if session.phase is not Phase.PACKING:
            # The order went on without it, perhaps while the bench was dead.
            self.table.put_back()
            return
        right = fits(session, hand.units)
        hand.text = shown(self.chance, hand, fits=right)
        said = self._read(hand.text, session, right=right)
        if self.table.hand is None:
            self._counted(hand)
        elif said is not None:
            self._not_counted(said)

    def _read(self, text: str, session: Session, *, right: bool) -> Said | None:
        """Scan it, perhaps misread; the second unknown code in a row stops, as it must."""
        read = misread(self.chance, text) if self.chance.random() < MISREAD else Read(text)
        red = not right or (read.text != text and session.unknown_run > 0)
        return self.scan(read.text, red=red, problem=read.problem)

    def _counted(self, hand: Grab) -> None:
        session, chance = self.bench.session, self.chance
        left = open_of_sku(session, hand.sku)
        if chance.random() < BOUNCE:
            self.scan(hand.text, bounce=True)
        elif hand.units[0].ware.typed and session.counted is not None and left and chance.random() < TYPES:
            more = chance.randint(1, left)
            self.table.hand = Grab(tuple(unit(chance, hand.sku) for _ in range(more)))
            self.scan(f"PPQ-{more + session.counted.units}")
            self.table.put_back()
        elif not self.obedient and left and chance.random() < TWICE:
            self.scan(hand.text, red=True)

    def _not_counted(self, said: Said) -> None:
        """No stop, and it did not count: a question, a misread, or something for elsewhere."""
        session = self.bench.session
        if session.stop is not None or session.asked is not None:
            return
        if not self.obedient and self.chance.random() < BLIND:
            self.table.leave()
        elif said.reason not in _TRY_AGAIN:
            self.table.put_back()

    def _answer(self, session: Session) -> None:
        """What the bench asks about what is in the hand; any other question is dropped by PPC-OK."""
        asked, hand = session.asked, self.table.hand
        assert asked is not None
        if asked.kind is AskedKind.RELEASE:
            self.scan("looked into the box", red=True)
        elif asked.kind is AskedKind.OUTSIDE_LABEL:
            self.scan(asked.code)
        elif hand is None or asked.kind not in _ABOUT_ITEMS:
            self.scan("PPC-OK")
        elif asked.kind is AskedKind.OTHER_LOT:
            self.bench.clock.passes(self.chance.choice((-1.2, 0.1)))
            self._told(hand.text)
        elif asked.kind is AskedKind.WHICH:
            number = [match.sku for match in asked.choices].index(hand.sku) + 1
            self._told(f"PPQ-{number}")
        elif self.chance.random() < AGAIN:
            self._show(session, hand)
        else:
            one = hand.units[0]
            hand.text = one.serial if asked.kind is AskedKind.SERIAL else self.chance.choice(("", "(10)")) + one.lot
            self._told(hand.text)

    def _told(self, text: str) -> None:
        hand = self.table.hand
        assert hand is not None
        said = self.scan(text, red=not fits(self.bench.session, hand.units))
        if self.table.hand is not None and said is not None:
            self._not_counted(said)

    # The box.

    def _step(self, session: Session) -> None:
        step = open_steps(session)[0]
        self.table.aside.clear()
        if step.kind is StepKind.WEIGHT:
            self._weigh(session)
        elif step.kind is StepKind.BOX:
            self.scan(self.chance.choice(("PPX-M", "PPX-M", "PPX-L", "PPX-XL")))
        else:
            self.scan(step.code or "PPC-YES")

    def _weigh(self, session: Session) -> None:
        if session.weighed_off is None or session.weighed_off.rescan:
            self._put_on_scale(session)
            after = self.bench.session
            self.tally.weights_doubted += self.obedient and after.weighed_off is not None
            return
        self._weight_checked += 1
        if self._weight_checked == 1 and (self.obedient or self.chance.random() < 0.5):
            self.scan("PPC-EMPTY")
            self.bench.clock.passes(1.2)
            self.scan("PPC-EMPTY")
            return
        if not self.obedient and self.chance.random() < SUPERVISOR_SEES and self.table.set_right(session):
            self._put_on_scale(session)
        if self.bench.session.phase is Phase.STEPS:
            self.do(self.bench.supervise)

    def _put_on_scale(self, session: Session) -> None:
        box = boxes.chosen(session)
        tare = 0 if box == NO_BOX else TARE[box or "M"]
        grams = round(sum(u.grams for u in self.table.box) + tare * self._tare)
        self.do(lambda: self.bench.weigh(grams))

    def _label(self, session: Session) -> None:
        self.table.aside.clear()
        if session.order.mode is Mode.VERIFY_ONLY:
            self.scan(f"1Z{session.order.number}OUTSIDE{boxes.box_number(session)}")
        elif session.phase is Phase.LABEL and self.chance.random() < WRONG_LABEL:
            self.scan("TRK99999999-9", red=True)
        elif session.phase is Phase.LABEL:
            self.scan(session.tracking or "")
        elif not self.bench.label():
            self.do(self.bench.park)
        else:
            self._follow()


_ABOUT_ITEMS = {AskedKind.LOT, AskedKind.OTHER_LOT, AskedKind.SERIAL, AskedKind.WHICH}


def _spoken(session: Session) -> str:
    stood = f"{session.phase}, {session.counts}, stop {session.stop}, asked {session.asked}"
    return f"{stood}, sealed {session.sealed}, weight {session.weighed_off}"
