"""Kits: what is in them, how many may still be sold, and what building one moves."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from server.domain.errors import DomainError

DEPTH_MAX = 8
"""Kits inside kits."""
UNITS_MAX = 10_000
"""Units of one component in a kit, and of one leaf in the whole of it."""

Bill = Mapping[str, int]
"""Units of each SKU."""


@dataclass(frozen=True, slots=True)
class Kit:
    """One version of a kit's definition: the units of each component, which may be kits themselves.

    A kit is expanded to its components when it is sold, its own (pre-built) stock first. An ``assembled`` one is sold
    only when it was built before; inside other kits it is a component like any product.
    """

    sku: str
    components: tuple[tuple[str, int], ...]
    version: int = 1
    assembled: bool = False


def _no_bills() -> Mapping[str, Bill]:
    return MappingProxyType({})


def _no_kits() -> Mapping[str, Kit]:
    return MappingProxyType({})


def _no_users() -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class KitBook:
    """All kits with their bills worked out down to the leaves: what is picked from a shelf."""

    kits: Mapping[str, Kit] = field(default_factory=_no_kits)
    _bills: Mapping[str, Bill] = field(default_factory=_no_bills)
    _users: Mapping[str, tuple[str, ...]] = field(default_factory=_no_users)

    @classmethod
    def of(cls, kits: Iterable[Kit], products: Collection[str] | None = None) -> "KitBook":
        """Check and index the current definitions; ``products`` are the known SKUs (None: not checked).

        Raise DomainError naming the path from the outermost kit: "kit_cycle", "kit_depth" (more than ``DEPTH_MAX``),
        "kit_unknown_component", "kit_empty", "kit_quantity" (not 1 to ``UNITS_MAX``), "kit_twice".
        """
        by_sku: dict[str, Kit] = {}
        for kit in kits:
            if kit.sku in by_sku:
                raise DomainError("kit_twice", f"{kit.sku} is defined twice")
            by_sku[kit.sku] = kit
        workings = _Workings(by_sku, products)
        for sku in by_sku:
            workings.depth(sku)
        users: dict[str, list[str]] = {}
        for kit in sorted(by_sku.values(), key=lambda kit: kit.sku):
            for leaf in () if kit.assembled else workings.bills[kit.sku]:
                users.setdefault(leaf, []).append(kit.sku)
        return cls(
            MappingProxyType(by_sku),
            MappingProxyType(workings.bills),
            MappingProxyType({leaf: tuple(skus) for leaf, skus in users.items()}),
        )

    def __contains__(self, sku: str) -> bool:
        return sku in self.kits

    def __bool__(self) -> bool:
        """Whether there is any kit at all; without one, callers need not ask further."""
        return bool(self.kits)

    def expands(self, sku: str) -> bool:
        """Whether selling it takes components: it is a kit, and not an assembled one."""
        kit = self.kits.get(sku)
        return kit is not None and not kit.assembled

    def version(self, sku: str) -> int:
        """The version of the kit; 0 for a plain product."""
        kit = self.kits.get(sku)
        return kit.version if kit else 0

    def expand(self, sku: str, quantity: int = 1) -> dict[str, int]:
        """The leaves of so many units when they are sold; a plain SKU and an assembled kit give themselves."""
        if not self.expands(sku):
            return {sku: quantity}
        return {leaf: units * quantity for leaf, units in self._bills[sku].items()}

    def contents(self, sku: str, quantity: int = 1) -> dict[str, int]:
        """What building so many units takes from the shelves (leaves); raise DomainError("not_a_kit")."""
        if sku not in self.kits:
            raise DomainError("not_a_kit", f"{sku} has no kit definition")
        return {leaf: units * quantity for leaf, units in self._bills[sku].items()}

    def sellable(self, available: Callable[[str], int], sku: str) -> int:
        """Units that could be sold now: its own stock, and for a kit as many as the scarcest leaf allows (KIT-02).

        For one order or one place: kits which share components cannot all sell theirs.
        """
        own = max(0, available(sku))
        if not self.expands(sku):
            return own
        return own + min(max(0, available(leaf)) // units for leaf, units in self._bills[sku].items())

    def take(self, sku: str, quantity: int, prebuilt: int) -> tuple[int, int]:
        """Of so many units, how many come from the ``prebuilt`` ones and how many are expanded (KIT-04)."""
        if not self.expands(sku):
            return quantity, 0
        built = min(quantity, max(0, prebuilt))
        return built, quantity - built

    def explode(self, lines: Iterable[tuple[str, int]], own: Callable[[str], int]) -> dict[str, int]:
        """What whole lines (sku, units) take, summed per SKU; ``own(sku)`` are pre-built units still available.

        Units of one kit over several lines share its pre-built stock. Using that first is never worse: it serves
        nothing but this kit, while its components serve everything that needs them.
        """
        wanted = Counter[str]()
        for sku, quantity in lines:
            wanted[sku] += quantity
        taken = Counter[str]()
        for sku, quantity in wanted.items():
            built, loose = self.take(sku, quantity, own(sku) if self.expands(sku) else 0)
            if built:
                taken[sku] += built
            if loose:
                taken.update(self.expand(sku, loose))
        return dict(taken)

    def using(self, leaf: str) -> tuple[str, ...]:
        """The kits whose number changes with this leaf's, sorted (KIT-01)."""
        return self._users.get(leaf, ())

    def touched(self, skus: Iterable[str]) -> set[str]:
        """These SKUs and every kit that sells from them."""
        told = set(skus)
        return told.union(*(self.using(sku) for sku in told)) if self.kits else told


@dataclass(frozen=True, slots=True)
class _Workings:
    """The bills and depths worked out so far."""

    kits: Mapping[str, Kit]
    products: Collection[str] | None
    bills: dict[str, Bill] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)

    def depth(self, sku: str, above: tuple[str, ...] = ()) -> int:
        """Work out the bill of this kit and of those inside it; return how many kits deep it is."""
        path = (*above, sku)
        if sku in above:
            raise DomainError("kit_cycle", f"a kit cannot contain itself: {_spoken(path)}")
        deep = self.depths.get(sku)
        if len(path) + (deep or 1) - 1 > DEPTH_MAX:
            raise DomainError(
                "kit_depth", f"expected at most {DEPTH_MAX} kits inside each other, found {_spoken(path)}"
            )
        if deep is None:
            deep = self.depths[sku] = self._inside(self.kits[sku], path)
        return deep

    def _inside(self, kit: Kit, path: tuple[str, ...]) -> int:
        _check_components(kit, self.kits, self.products, path)
        bill, deepest = Counter[str](), 0
        for component, units in kit.components:
            inside: Bill = {component: 1}
            if component in self.kits:
                deepest = max(deepest, self.depth(component, path))
                inside = inside if self.kits[component].assembled else self.bills[component]
            for leaf, each in inside.items():
                bill[leaf] += each * units
        _check_bill(bill, path)
        self.bills[kit.sku] = MappingProxyType(dict(bill))
        return deepest + 1


def _check_components(
    kit: Kit, kits: Mapping[str, Kit], products: Collection[str] | None, path: tuple[str, ...]
) -> None:
    if not kit.components:
        raise DomainError("kit_empty", f"{_spoken(path)} has no components")
    seen = set[str]()
    for component, units in kit.components:
        here = _spoken((*path, component))
        if component in seen:
            raise DomainError("kit_twice", f"{here}: the component is named twice; write the sum once")
        if not 1 <= units <= UNITS_MAX:
            raise DomainError("kit_quantity", f"{here}: expected 1 to {UNITS_MAX} units, found {units}")
        if products is not None and component not in products and component not in kits:
            raise DomainError("kit_unknown_component", f"{here}: there is no product {component!r}; add it first")
        seen.add(component)


def _check_bill(bill: Bill, path: tuple[str, ...]) -> None:
    leaf, units = max(bill.items(), key=lambda item: item[1])
    if units > UNITS_MAX:
        raise DomainError(
            "kit_quantity", f"{_spoken(path)}: expected at most {UNITS_MAX} units of {leaf}, found {units}"
        )


def _spoken(path: tuple[str, ...]) -> str:
    return " > ".join(path)
