"""What a hand takes off the shelf, right or wrong, and what a scanner makes of a code on a bad day."""

import random
from dataclasses import dataclass

from server.domain.packing.session import Session
from server.domain.packing.stops import open_of_sku
from tests.bench.packing.goods import CASE, LOTS, WARE, WARES, Unit, unit
from tests.bench.packing.hands import Grab, room

WRONG, OVER, MISREAD = 0.02, 0.01, 0.01
"""How often the hand takes wrong goods, or one unit too many, and the scanner reads wrongly."""


@dataclass(frozen=True, slots=True)
class Read:
    """What arrives of a code; ``problem`` is what the reader says itself."""

    text: str
    problem: str | None = None


def grab(chance: random.Random, session: Session) -> Grab:
    """Off the shelf; two of a hundred times something else than was wanted, once one too many."""
    roll = chance.random()
    if roll < WRONG:
        return Grab(_bad_lot(chance, session) or _wrong(chance))
    full = sorted({line.sku for line in session.order.lines if not open_of_sku(session, line.sku)})
    if roll < WRONG + OVER and full:
        return Grab((_any_lot(chance, chance.choice(full)),))
    return Grab(_right(chance, session))


def _right(chance: random.Random, session: Session) -> tuple[Unit, ...]:
    still = sorted({line.sku for i, line in enumerate(session.order.lines) if session.open_of(i)})
    ware = WARE[chance.choice(still)]
    lots = [lot for lot, _ in LOTS if room(session, ware.sku, lot)] if ware.by_lot else [""]
    lot = lots[0] if chance.random() < 0.8 else chance.choice(lots)
    left = open_of_sku(session, ware.sku)
    left = min(left, room(session, ware.sku, lot)) if ware.by_lot else left
    many = CASE if ware.cased and left >= CASE and chance.random() < 0.5 else 1
    return tuple(unit(chance, ware.sku, lot) for _ in range(many))


def _bad_lot(chance: random.Random, session: Session) -> tuple[Unit, ...]:
    """The right product, sometimes, of a lot that has expired or soon will; nothing otherwise."""
    kept = sorted({line.sku for i, line in enumerate(session.order.lines) if line.by_lot and session.open_of(i)})
    return (unit(chance, chance.choice(kept), chance.choice(LOTS[2:])[0]),) if kept and chance.random() < 0.3 else ()


def _wrong(chance: random.Random) -> tuple[Unit, ...]:
    """Anything at all, now and then by the case."""
    ware = chance.choice(WARES)
    one = _any_lot(chance, ware.sku)
    many = CASE if ware.cased and chance.random() < 0.3 else 1
    return (one, *(unit(chance, ware.sku, one.lot) for _ in range(many - 1)))


def _any_lot(chance: random.Random, sku: str) -> Unit:
    return unit(chance, sku, chance.choice(LOTS)[0])


def shown(chance: random.Random, hand: Grab, *, fits: bool) -> str:
    """The code that is held under the scanner: the plain one, that of the case, or the one that tells lot and serial.

    A code that two products share is only on goods that are wanted: the bench takes it for what the order wants, as
    it must, and no screen can know better.
    """
    one = hand.units[0]
    code = one.ware.case_code if len(hand.units) > 1 else one.ware.code
    if (one.lot or one.serial) and chance.random() < 0.6:
        return one.data_matrix(code)
    return one.ware.shared if one.ware.shared and fits and len(hand.units) == 1 and chance.random() < 0.3 else code


def misread(chance: random.Random, text: str) -> Read:
    """One digit wrong, cut off at either end, glued to itself, or given up by the reader."""
    cut = chance.randrange(1, len(text))
    plain = text.isdecimal()
    match chance.choice(("digit", "head", "tail", "glued", "partial") if plain else ("partial", "tail")):
        case "digit":
            other = chance.choice([d for d in "0123456789" if d != text[cut]])
            return Read(text[:cut] + other + text[cut + 1 :])
        case "head":
            return Read(text[cut:])
        case "tail":
            return Read(text[: min(cut, 12)])
        case "glued":
            return Read(text + text)
    return Read(text[:cut], "partial")
