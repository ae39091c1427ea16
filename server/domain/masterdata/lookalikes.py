"""Products that look the same from three feet away, and the one thing that tells them apart (SKU-05)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from types import MappingProxyType

VARIANT = "variant"
"""The name under which a product's variant stands among its attributes."""
_TOGETHER_MAX = 3
"""Of more than three attributes no smallest choice is looked for; then all are shown."""


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Member:
    """A product as far as it can be mistaken for another."""

    sku: str
    name: str
    variant: str = ""
    attributes: Mapping[str, str] = field(default_factory=_nothing)
    family: str = ""

    def value(self, attribute: str) -> str:
        """What it says of this attribute; "" when it says nothing."""
        said = self.variant if attribute == VARIANT else self.attributes.get(attribute, "")
        return said.strip()


@dataclass(frozen=True, slots=True)
class ToldApart:
    """The attributes to look at, and what each SKU of the group says of them: ``{"C-LAV": "scent LAVENDER"}``."""

    attributes: tuple[str, ...]
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Indistinct:
    """Two members that the master cannot tell apart either: nothing could be shown to the packer."""

    one: str
    other: str

    @property
    def sentence(self) -> str:
        """What must be entered first."""
        told = f"{self.one} and {self.other} differ in no attribute that the whole group has"
        return f"{told}; give each of them what a packer can see"


def told_apart(members: Sequence[Member]) -> ToldApart | Indistinct:
    """The fewest attributes in which every two members differ; the variant goes first, then by name.

    At least two members, each SKU once. An attribute counts only when every member has a value for it.
    """
    names = sorted({name for member in members for name in member.attributes} - {VARIANT})
    spoken = [n for n in (VARIANT, *names) if all(member.value(n) for member in members)]
    few = (chosen for size in range(1, _TOGETHER_MAX + 1) for chosen in combinations(spoken, size))
    for chosen in (*few, tuple(spoken)):
        if len({_value(member, chosen) for member in members}) == len(members):
            return ToldApart(chosen, {member.sku: _shown(member, chosen) for member in members})
    return _same(members, spoken)


def differences(wanted: Member, scanned: Member) -> tuple[tuple[str, str, str], ...]:
    """(attribute, what was wanted, what was scanned) for each attribute in which the two differ."""
    names = (VARIANT, *sorted({*wanted.attributes, *scanned.attributes} - {VARIANT}))
    pairs = ((name, wanted.value(name), scanned.value(name)) for name in names)
    return tuple(pair for pair in pairs if pair[1].casefold() != pair[2].casefold())


def suggested(members: Iterable[Member]) -> dict[str, tuple[str, ...]]:
    """Groups a person may want: SKUs of one family, or with one and the same name, two or more."""
    found: dict[str, list[str]] = {}
    for member in members:
        key = member.family or " ".join(member.name.casefold().split())
        found.setdefault(key, []).append(member.sku)
    return {name: tuple(sorted(skus)) for name, skus in sorted(found.items()) if len(skus) > 1}


def _value(member: Member, attributes: Iterable[str]) -> tuple[str, ...]:
    return tuple(member.value(name).casefold() for name in attributes)


def _shown(member: Member, attributes: Iterable[str]) -> str:
    """A variant speaks for itself; any other value needs its name."""
    return ", ".join(member.value(n) if n == VARIANT else f"{n} {member.value(n)}" for n in attributes)


def _same(members: Sequence[Member], attributes: Sequence[str]) -> Indistinct:
    """The first two members with the same values; the caller knows that there are two."""
    seen: dict[tuple[str, ...], str] = {}
    for member in members:
        before = seen.setdefault(_value(member, attributes), member.sku)
        if before != member.sku:
            return Indistinct(before, member.sku)
    raise AssertionError("a SKU stands in the group twice")
