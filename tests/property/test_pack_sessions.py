"""Ten thousand boxes packed by a hand that errs in two of a hundred picks (PCK-04)."""

import random
from collections import Counter
from dataclasses import dataclass

from server.domain.benchwork.reasons import STOPS, Reason
from server.domain.benchwork.scans import Command, Scan
from server.domain.masterdata.catalog import Catalog, Product, ProductCode
from server.domain.packing.order import OrderLine, PackOrder
from server.domain.packing.rules import apply, judge, opened
from server.domain.packing.session import Fact, FactKind, Phase, Session

SESSIONS = 10_000
WRONG_PICKS = 0.02
PRODUCTS = [Product(f"SKU-{n:03d}", f"Item {n}", f"V{n % 7}") for n in range(60)]
CATALOG = Catalog.of(
    PRODUCTS,
    [
        *(ProductCode(f"U{p.sku}", p.sku) for p in PRODUCTS),
        *(ProductCode(f"C{p.sku}", p.sku, 6) for p in PRODUCTS),
        # Every tenth product shares one more code with its neighbour.
        *(ProductCode(f"S{n - n % 10}", PRODUCTS[n].sku) for n in range(60) if n % 10 < 2),
    ],
)
OK = Scan(raw="PPC-OK", at=0.0, payload="PPC-OK", command=Command.OK)


@dataclass
class Tally:
    """What the simulated floor saw."""

    picks: int = 0
    wrong_picks: int = 0
    caught: int = 0
    false_reds: int = 0
    wrong_units: int = 0
    missing_units: int = 0
    closed: int = 0


def scan(code: str, *, bounce: bool = False) -> Scan:
    return Scan(raw=code, at=0.0, payload=code, matches=CATALOG.find(code), bounce=bounce)


def an_order(rng: random.Random) -> PackOrder:
    chosen = rng.choices(PRODUCTS, k=rng.randint(1, 5))
    lines = tuple(OrderLine(n, p.sku, p.name, p.variant, rng.randint(1, 8)) for n, p in enumerate(chosen, start=1))
    return PackOrder(1, "1001", "shop", 1, "own-van", "standard", lines)


def pick(rng: random.Random, session: Session, tally: Tally) -> tuple[str, str, int, bool]:
    """(code, sku, units, whether it is a right pick): mostly what is still open, by unit or by case."""
    tally.picks += 1
    left = Counter[str]()
    for index, line in enumerate(session.order.lines):
        left[line.sku] += session.open_of(index)
    open_skus = sorted(sku for sku, units in left.items() if units)
    if rng.random() < WRONG_PICKS:
        sku = rng.choice(PRODUCTS).sku
        units = rng.choice((1, 1, 6))
        right = left[sku] >= units
        tally.wrong_picks += not right
    else:
        sku = rng.choice(open_skus)
        units = 6 if left[sku] >= 6 and rng.random() < 0.5 else 1
        right = True
    return (f"C{sku}" if units == 6 else f"U{sku}", sku, units, right)


def pack(rng: random.Random, tally: Tally) -> None:
    """Pack one order to its end; the box holds what the screen said went in, and nothing else."""
    session, box = opened("s", an_order(rng)), Counter[str]()
    while session.phase is Phase.PACKING:
        code, sku, units, right = pick(rng, session, tally)
        verdict = judge(session, scan(code))
        session = verdict.session
        if verdict.reason is Reason.OK:
            box[sku] += units
        if verdict.reason in STOPS:
            tally.false_reds += right
            tally.caught += not right
            listed = judge(session, scan(code)).session
            assert listed.counts == session.counts
            session = judge(listed, OK).session
        elif rng.random() < 0.05:
            bounced = judge(session, scan(code, bounce=True))
            assert bounced.session == session
        if rng.random() < 0.01:
            unsure = judge(session, scan(f"S{rng.randrange(0, 60, 10)}"))
            session = follow_shared(session, unsure.session, unsure.reason, box)
    session = apply(session, Fact(FactKind.LABEL, parcel_id="PCL0000001", tracking="PV00000000017"))
    session = judge(session, Scan(raw="x", at=0.0, payload="PV00000000017")).session
    tally.closed += session.phase is Phase.CLOSED
    wanted = Counter[str]()
    for line in session.order.lines:
        wanted[line.sku] += line.quantity
    tally.wrong_units += (box - wanted).total()
    tally.missing_units += (wanted - box).total()


def follow_shared(before: Session, after: Session, reason: Reason, box: Counter[str]) -> Session:
    """A code of two products: whatever counted is what the hand held, read off the lines that grew."""
    if reason is not Reason.OK:
        return judge(after, OK).session
    for line, old, new in zip(before.order.lines, before.counts, after.counts, strict=True):
        box[line.sku] += new - old
    return after


def test_no_wrong_unit_ships_and_no_right_pick_is_refused() -> None:
    rng, tally = random.Random(20260304), Tally()
    for _ in range(SESSIONS):
        pack(rng, tally)
    assert tally.wrong_picks > 500
    assert tally.caught == tally.wrong_picks
    assert (tally.wrong_units, tally.missing_units, tally.false_reds, tally.closed) == (0, 0, 0, SESSIONS)
