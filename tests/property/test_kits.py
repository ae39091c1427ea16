"""Random bills of material, nested, with shared components: never more is sold than the leaves allow (KIT-01, 02)."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from server.domain.booking.kits import Kit, KitBook

LEAVES = ["A", "B", "C", "D"]


@st.composite
def books(draw: st.DrawFn) -> list[Kit]:
    """Kits of leaves and of kits drawn before them, so that there is no cycle."""
    kits: list[Kit] = []
    for number in range(draw(st.integers(1, 6))):
        below = LEAVES + [kit.sku for kit in kits]
        bill = draw(st.dictionaries(st.sampled_from(below), st.integers(1, 3), min_size=1, max_size=4))
        kits.append(Kit(f"K{number}", tuple(bill.items()), assembled=draw(st.integers(0, 5)) == 0))
    return draw(st.permutations(kits))


STOCK = st.dictionaries(st.sampled_from([*LEAVES, *(f"K{n}" for n in range(6))]), st.integers(0, 200)).map(Counter)


def taken(kits: dict[str, Kit], sku: str, outer: bool = True) -> Counter[str]:
    """The slow obvious way: open one unit by hand, as deep as kits are opened at a sale."""
    if sku not in kits or kits[sku].assembled:
        return Counter({sku: 1})
    found = Counter[str]()
    for component, units in kits[sku].components:
        for _ in range(units):
            found += taken(kits, component, outer=False)
    return found


def sold_one_by_one(definitions: list[Kit], stock: Counter[str], sku: str) -> int:
    """Sell single units until one cannot be made whole."""
    kits, left, sold = {kit.sku: kit for kit in definitions}, Counter(stock), 0
    one = taken(kits, sku)
    while True:
        if left[sku] > 0:
            left[sku] -= 1
        elif sku in kits and all(left[leaf] >= n for leaf, n in one.items()) and one != Counter({sku: 1}):
            left.subtract(one)
        else:
            return sold
        sold += 1


@given(books(), STOCK)
def test_sellable_is_what_can_be_sold_one_by_one(definitions: list[Kit], stock: Counter[str]) -> None:
    book = KitBook.of(definitions)
    for sku in [*LEAVES, *book.kits]:
        assert book.sellable(stock.__getitem__, sku) == sold_one_by_one(definitions, stock, sku)


@given(books(), st.integers(1, 9))
def test_expanding_is_opening_by_hand(definitions: list[Kit], quantity: int) -> None:
    book, kits = KitBook.of(definitions), {kit.sku: kit for kit in definitions}
    for sku in [*LEAVES, *kits]:
        one = taken(kits, sku)
        assert book.expand(sku, quantity) == {leaf: n * quantity for leaf, n in one.items()}


@given(books(), STOCK, st.data())
def test_whatever_is_sold_in_turn_no_shelf_goes_below_zero_and_all_that_share_it_fall(
    definitions: list[Kit], stock: Counter[str], data: st.DataObject
) -> None:
    book, left = KitBook.of(definitions), Counter(stock)
    everything = [*LEAVES, *book.kits]
    for _ in range(data.draw(st.integers(1, 6))):
        sku = data.draw(st.sampled_from(everything))
        most = book.sellable(left.__getitem__, sku)
        if not most:
            continue
        before = {other: book.sellable(left.__getitem__, other) for other in everything}
        needs = book.explode([(sku, data.draw(st.integers(1, most)))], left.__getitem__)
        left.subtract(needs)
        assert min(left.values()) >= 0
        changed = {o for o in everything if book.sellable(left.__getitem__, o) != before[o]}
        assert changed <= book.touched(needs)
        assert all(book.sellable(left.__getitem__, o) <= before[o] for o in everything)


@given(books(), STOCK, st.lists(st.tuples(st.sampled_from([*LEAVES, "K0", "K1"]), st.integers(1, 4)), max_size=5))
def test_an_order_takes_the_same_in_whatever_order_its_lines_stand(
    definitions: list[Kit], stock: Counter[str], lines: list[tuple[str, int]]
) -> None:
    book = KitBook.of(definitions)
    assert book.explode(lines, stock.__getitem__) == book.explode(lines[::-1], stock.__getitem__)
    for sku, quantity in lines:
        built, loose = book.take(sku, quantity, stock[sku])
        assert built + loose == quantity
        assert 0 <= built <= max(stock[sku], quantity * (not book.expands(sku)))


@given(books(), st.data())
def test_a_kit_put_inside_one_of_its_own_parts_is_refused(definitions: list[Kit], data: st.DataObject) -> None:
    kits = {kit.sku: kit for kit in definitions}
    outer = data.draw(st.sampled_from(sorted(kits)))
    inside = sorted(_parts(kits, outer))
    inner = data.draw(st.sampled_from(inside))
    bent = [Kit(k.sku, (*k.components, (outer, 1))) if k.sku == inner else k for k in definitions]
    try:
        KitBook.of(bent)
    except Exception as error:
        assert "kit_cycle" in str(error), error
    else:
        raise AssertionError(f"{outer} inside {inner} was accepted")


def _parts(kits: dict[str, Kit], sku: str) -> set[str]:
    """The kit itself and every kit in it."""
    return {sku}.union(*(_parts(kits, c) for c, _ in kits[sku].components if c in kits))
