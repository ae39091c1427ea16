"""The goods where they really are: in the hand, in the box on the table, in sealed boxes; apart from any session."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.packing import boxes
from server.domain.packing.captured import units_of
from server.domain.packing.session import Session
from server.domain.packing.stops import line_of, open_of_sku
from tests.bench.packing.goods import LOTS, WARE, Unit

BAD_LOTS = {LOTS[2][0], LOTS[3][0]}


@dataclass(slots=True)
class Grab:
    """What the packer holds: units, and whether they lie in the box already, before anybody looked."""

    units: tuple[Unit, ...]
    dropped: bool = False
    text: str = ""
    """What was scanned of it last."""

    @property
    def sku(self) -> str:
        """What it really is."""
        return self.units[0].sku


class Table:
    """What lies where. ``follow`` does with the goods what the screen says counts, or does not count any more."""

    def __init__(self, session: Session) -> None:
        self.seen = session
        self.hand: Grab | None = None
        self.box: list[Unit] = []
        self.sealed: list[list[Unit]] = []
        self.aside: list[Unit] = []
        """Taken out of the box, to be scanned again."""
        self.pointed: Unit | None = None
        """The very unit that is meant to come out."""

    def follow(self, now: Session, *, forgets: bool = False) -> None:
        """From what the screen showed to what it shows. ``forgets``: nobody takes out what does not count any more."""
        before, self.seen = self.seen, now
        changes = _by_sku(before, now)
        if any(more > 0 for more in changes.values()) and self.hand is not None:
            self.drop()
            self.hand = None
        less = {sku: -more for sku, more in changes.items() if more < 0 and not forgets}
        for sku, units in less.items():
            self._out(sku, units, now)
        if less and not any(boxes.present(now)):
            # The screen shows an empty box: whatever else lies there comes out too.
            self.aside += self.box
            self.box = []
        if len(now.sealed) < len(before.sealed):
            self.box = [*self.sealed.pop(), *self.box]
        elif len(now.sealed) > len(before.sealed):
            self.sealed.append(self.box)
            self.box = []

    def drop(self) -> None:
        """Into the box, if it is not there yet."""
        if self.hand is not None and not self.hand.dropped:
            self.box += self.hand.units
            self.hand.dropped = True

    def leave(self) -> None:
        """Let go of what is in the hand: it lies in the box now, whatever the bench says."""
        self.drop()
        self.hand = None

    def put_back(self) -> None:
        """Back on the shelf, out of the box if it is there."""
        if self.hand is not None and self.hand.dropped:
            self.box = [u for u in self.box if u not in self.hand.units]
        self.hand = None

    def _out(self, sku: str, units: int, now: Session) -> None:
        """The unit pointed at, else the newest; all there are where a line is scanned again for its weight."""
        there = [u for u in self.box if u.sku == sku]
        if self.pointed in there and units == 1:
            gone = [u for u in there if u is self.pointed]
        else:
            rescan = now.weighed_off is not None and now.weighed_off.rescan
            gone = there if rescan else there[-units:]
        self.box = [u for u in self.box if u not in gone]
        self.aside += gone

    def set_right(self, now: Session) -> bool:
        """Somebody looks into the box: what does not belong there comes out, what is missing goes in; whether there
        was anything."""
        wanted, right = of_box(now, boxes.present(now)), list[Unit]()
        for one in self.box:
            if wanted[one.sku] > 0 and one.lot not in BAD_LOTS:
                wanted[one.sku] -= 1
                right.append(one)
        lacking = +wanted
        changed = bool(lacking) or len(right) != len(self.box)
        self.box = right + [Unit(WARE[sku], WARE[sku].grams) for sku in lacking.elements()]
        return changed


def fits(session: Session, units: Sequence[Unit]) -> bool:
    """Whether the order really wants these: the bench must take them."""
    first = units[0]
    if open_of_sku(session, first.sku) < len(units):
        return False
    return not first.ware.by_lot or room(session, first.sku, first.lot) >= len(units)


def room(session: Session, sku: str, lot: str) -> int:
    """Units of this lot that may still go out for this order."""
    record = line_of(session, sku).record_of(lot)
    if record is None or lot in BAD_LOTS:
        return 0
    return record.reserved + record.free - units_of(session, sku, lot)


def wrong_units(table: Table, session: Session, *, strictly: bool) -> tuple[int, str]:
    """(units that should not be in the labelled boxes or are missing there, in words). ``strictly``: box for box, lot
    for lot, serial for serial."""
    there = [*table.sealed, *([table.box] if table.box or not session.sealed else [])]
    units = [u for box in there for u in box]
    wanted, have = _wanted(session), Counter(u.sku for u in units)
    off = (have - wanted).total() + (wanted - have).total() + sum(u.lot in BAD_LOTS for u in units)
    if off:
        return off, f"{dict(have)} for {dict(wanted)}"
    return _differences(session, there) if strictly else (0, "")


def _differences(session: Session, there: list[list[Unit]]) -> tuple[int, str]:
    told = [of_box(session, box.contents) for box in boxes.all_boxes(session)]
    real = [Counter(u.sku for u in box) for box in there]
    if told != real:
        return 1, f"boxes hold {real}, the session says {told}"
    lots = Counter[tuple[str, str, str]]()
    for one in session.captured:
        lots[one.sku, one.lot, one.serial] += one.units
    found = Counter((u.sku, u.lot, u.serial) for box in there for u in box if u.lot or u.serial)
    return (0, "") if lots == found else (1, f"lots and serials {found - lots}, the session says {lots - found}")


def _wanted(session: Session) -> Counter[str]:
    wanted = Counter[str]()
    for line in session.order.lines:
        wanted[line.sku] += line.quantity
    return wanted


def of_box(session: Session, contents: tuple[int, ...]) -> Counter[str]:
    """Units of each SKU, by what the session says of a box."""
    found = Counter[str]()
    for line, units in zip(session.order.lines, contents, strict=True):
        if units:
            found[line.sku] += units
    return found


def _by_sku(before: Session, after: Session) -> dict[str, int]:
    """Units that count more, or less, than before."""
    changes: dict[str, int] = {}
    for line, had, has in zip(after.order.lines, before.counts, after.counts, strict=True):
        changes[line.sku] = changes.get(line.sku, 0) + has - had
    return changes
