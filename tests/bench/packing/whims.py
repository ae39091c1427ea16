"""What a packer does of their own accord: takes something out again, puts the box aside, reports, asks for things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.domain.packing import boxes
from server.domain.packing.session import AskedKind, Phase, Session
from tests.bench.packing.goods import KIT, WARE, unit
from tests.bench.packing.hands import Grab

if TYPE_CHECKING:
    from tests.bench.packing.packer import Packer

ODD_CODES = ("PPC-YES", "PPL-VAN", "PPX-ZZ", "PPC-OK", "PPR-NONSENSE", "PPC-DOCK", "PPO-7")


def whim(packer: Packer, session: Session) -> None:
    """One of them; most are corrections."""
    correct = (undo_last, undo_last, undo_this, never_mind, empty_all, empty_this)
    packer.chance.choice((*correct, report, aside, kit, force, odd, reopen))(packer, session)


def undo_last(packer: Packer, _: Session) -> None:
    """UNDO twice, now and then too fast."""
    packer.scan("PPC-UNDO")
    packer.bench.clock.passes(packer.chance.choice((0.4, 1.2, 1.5)))
    packer.scan("PPC-UNDO")


def undo_this(packer: Packer, _: Session) -> None:
    """UNDO, then a unit taken out of the box; its lot or serial number where the bench asks."""
    table, chance = packer.table, packer.chance
    if not table.box:
        return
    one = chance.choice(table.box)
    packer.scan("PPC-UNDO")
    packer.bench.clock.passes(1.5)
    table.pointed = one
    told = one.lot or one.serial
    packer.scan(one.data_matrix(one.ware.code) if told and chance.random() < 0.5 else one.ware.code, red=True)
    asked = packer.bench.session.asked
    if asked is not None and asked.kind is AskedKind.UNDO and told:
        packer.scan(one.serial or one.lot, red=True)
    table.pointed = None


def never_mind(packer: Packer, _: Session) -> None:
    """UNDO or EMPTY, and then not."""
    packer.scan(packer.chance.choice(("PPC-UNDO", "PPC-EMPTY", "PPC-PROBLEM")))
    packer.scan("PPC-OK")


def empty_all(packer: Packer, _: Session) -> None:
    """EMPTY twice."""
    packer.scan("PPC-EMPTY")
    packer.bench.clock.passes(1.2)
    packer.scan("PPC-EMPTY")


def empty_this(packer: Packer, _: Session) -> None:
    """EMPTY, then one of the items in the box."""
    if packer.table.box:
        packer.scan("PPC-EMPTY")
        packer.bench.clock.passes(1.2)
        packer.scan(packer.chance.choice(packer.table.box).ware.code, red=True)


def report(packer: Packer, _: Session) -> None:
    """Something is damaged; the order stands aside. Seldom it is held, and does not come back."""
    if packer.chance.random() < 0.1:
        packer.scan("PPC-HOLD")
        return
    packer.scan("PPC-PROBLEM")
    packer.scan(packer.chance.choice(("PPR-DAMAGED", "PPR-SHORT", "PPR-MISSING")))


def aside(packer: Packer, _: Session) -> None:
    """PARK."""
    packer.do(packer.bench.park)


def kit(packer: Packer, session: Session) -> None:
    """The kit's own code: it says what to scan."""
    parts = [i for i, line in enumerate(session.order.lines) if line.kit_sku]
    if session.phase is Phase.PACKING and any(session.open_of(i) for i in parts):
        packer.scan(KIT)


def force(packer: Packer, session: Session) -> None:
    """A unit whose code cannot be read is verified by hand."""
    line = next((line for i, line in enumerate(session.order.lines) if session.open_of(i)), None)
    if session.phase is Phase.PACKING and line is not None and not (line.by_lot or line.by_serial):
        packer.scan("PPC-FORCE")
        packer.bench.clock.passes(1.2)
        packer.table.hand = Grab((unit(packer.chance, WARE[line.sku].sku),))
        packer.scan("PPR-UNREADABLE")
        packer.table.put_back()


def odd(packer: Packer, _: Session) -> None:
    """A code that means nothing here; twice an unknown one stops, as it must."""
    packer.scan(packer.chance.choice(ODD_CODES), red=True)


def reopen(packer: Packer, session: Session) -> None:
    """A sealed box is opened again by a supervisor."""
    if boxes.can_reopen(session):
        packer.scan("PPX-OPEN")
        packer.do(packer.bench.supervise)
