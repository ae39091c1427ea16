"""What somebody with a pencil writes down while orders, goods and rules come by."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from tests.paper.seen import Key, Seen

SITES = ("EAST", "WEST")
"""In the order in which they are asked."""


class Amount(NamedTuple):
    """Units, or a percentage of them."""

    number: int
    percent: bool = False

    def of(self, whole: int, *, up: bool) -> int:
        """In units."""
        if not self.percent:
            return self.number
        return -(-whole * self.number // 100) if up else whole * self.number // 100

    def __str__(self) -> str:
        return f'"{self.number} %"' if self.percent else str(self.number)


class Claim(NamedTuple):
    """So much of a SKU is this channel's, ``hard``: and no more. ``base``: what each channel had taken before."""

    channel: str
    amount: Amount
    hard: bool
    base: Mapping[str, int]


@dataclass
class Pencil:
    """Counters by (SKU, site, lot), the words of the ledger by (word, SKU), and what was sold to whom."""

    on_hand: Counter[Key] = field(default_factory=Counter)
    transit: Counter[Key] = field(default_factory=Counter)
    words: Counter[tuple[str, str]] = field(default_factory=Counter)
    expires: dict[tuple[str, str], str] = field(default_factory=dict)
    bills: dict[str, dict[str, int]] = field(default_factory=dict)
    assembled: set[str] = field(default_factory=set)
    versions: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)
    sold: dict[int, dict[int, tuple[str, int]]] = field(default_factory=dict)
    """Units still wanted of each line, by order and line; substitutes in place of what was sold."""
    shipped: dict[int, Counter[str]] = field(default_factory=dict)
    returned: dict[int, Counter[str]] = field(default_factory=dict)
    carts: dict[str, list[dict[str, int]]] = field(default_factory=dict)
    """What each hold may keep: its lines as they came to leaves when it was placed."""
    kept: dict[str, Claim] = field(default_factory=dict)
    buffers: dict[tuple[str, str], Amount] = field(default_factory=dict)
    beyond: dict[str, int] = field(default_factory=dict)
    """Units of one SKU that a channel may sell beyond the stock."""
    matrix: dict[str, str] = field(default_factory=dict)
    life: dict[str, int] = field(default_factory=dict)
    """Days that a channel asks for; seven of travel where it asks for none."""
    pairs: dict[tuple[str, str], bool] = field(default_factory=dict)
    """May a product stand in for another? By channel and "*" for all; pairs go by themselves or are asked about."""
    splits: set[str] = field(default_factory=set)
    """Channels whose orders may leave from both sites."""
    pinned: str = ""
    """The site that routing asks first."""
    banned: set[tuple[str, str]] = field(default_factory=set)
    """(SKU, site): an order for it does not leave from there."""

    @classmethod
    def of(cls, seen: Seen) -> "Pencil":
        """Begin with a count of what is there."""
        paper = cls()
        for key, row in seen.rows.items():
            paper.on_hand[key] = row.on_hand
            paper.expires[key[0], key[2]] = row.expires_on
        for (word, sku), (on_hand, _) in seen.words.items():
            paper.words[word, sku] += on_hand
        return paper

    def move(self, word: str, key: Key, units: int) -> None:
        """Units come onto a shelf (or leave it, below zero) for a reason."""
        self.on_hand[key] += units
        self.words[word, key[0]] += units

    def depart(self, key: Key, units: int, to: str) -> None:
        """They are on a truck to another site."""
        self.on_hand[key] -= units
        self.transit[key[0], to, key[2]] += units

    def expand(self, sku: str) -> dict[str, int]:
        """What is on the shelves for one of it."""
        if sku not in self.bills or sku in self.assembled:
            return {sku: 1}
        return self.contents(sku)

    def contents(self, sku: str) -> dict[str, int]:
        """What a kit is built of."""
        found = Counter[str]()
        for part, each in self.bills[sku].items():
            for leaf, n in self.expand(part).items():
                found[leaf] += n * each
        return dict(found)

    def route(self, lines: Iterable[tuple[str, int]]) -> list[str]:
        """Sites that may ship these, the first to be asked first."""
        sold = {sku for sku, _ in lines}
        free = [site for site in SITES if not any((sku, site) in self.banned for sku in sold)]
        return sorted(free, key=lambda site: site != self.pinned)

    def taken(self, seen: Seen, sku: str, channel: str) -> int:
        """Units the channel has ever taken and not given back: kept or shipped."""
        kept = sum(n for (of, _, _), n in seen.claims(channel).items() if of == sku)
        return kept + sum(left[sku] for o, left in self.shipped.items() if seen.orders[o].channel == channel)

    def since(self, seen: Seen, sku: str, channel: str) -> int:
        """Units the channel has taken since the claim began."""
        return self.taken(seen, sku, channel) - self.kept[sku].base[channel]

    def quota(self, seen: Seen, sku: str, free: int) -> int:
        """Units the claim comes to: a percentage is of all there were when it began and have come since."""
        claim = self.kept[sku]
        whole = max(0, free) + sum(self.since(seen, sku, channel) for channel in claim.base)
        return claim.amount.of(whole, up=not claim.hard)

    def unsold(self, seen: Seen, sku: str, free: int) -> int:
        """What is left of the claim."""
        return max(0, self.quota(seen, sku, free) - self.since(seen, sku, self.kept[sku].channel))

    def beyond_left(self, seen: Seen, sku: str, channel: str) -> int:
        """Units the channel may still sell beyond the stock."""
        sold = sum(o.waits[sku] for o in seen.orders.values() if (o.channel, o.waiting_for) == (channel, "oversell"))
        return max(0, self.beyond.get(channel, 0) - sold)

    def approval(self, sold: str, instead: str, channel: str) -> str:
        """What the matrix says."""
        return "never" if sold == instead else self.matrix.get(channel, self.matrix.get("*", "never"))


@dataclass
class Shelves:
    """Units free by row and by (SKU, site), as a newcomer sees them: without what is kept, owed or too old."""

    rows: dict[Key, int]
    left: Counter[tuple[str, str]]

    @classmethod
    def of(
        cls, paper: Pencil, seen: Seen, today: str, channel: str, *, own: Mapping[Key, int] | None = None
    ) -> "Shelves":
        """``own`` are units that the newcomer, an order or checkout of this channel, holds already."""
        last = date.fromisoformat(today) + timedelta(paper.life.get(channel, 7))
        claimed = seen.claims()
        rows = {}
        for key, n in paper.on_hand.items():
            if not (ends := paper.expires.get((key[0], key[2]), "")) or ends >= last.isoformat():
                rows[key] = n - claimed[key]
        left = Counter[tuple[str, str]]()
        for (sku, site, _), n in rows.items():
            left[sku, site] += n
        owed = seen.waited()
        for site in SITES:
            for sku in owed:
                back = min(owed[sku], max(0, left[sku, site]))
                left[sku, site] -= back
                owed[sku] -= back
        for key in rows:
            n = (own or {}).get(key, 0)
            rows[key] += n
            left[key[:2]] += n
        return cls(rows, left)

    def total(self, sku: str) -> int:
        """Over all sites."""
        return sum(max(0, self.left[sku, site]) for site in SITES)

    def wanted(self, paper: Pencil, lines: Iterable[tuple[str, int]], site: str) -> Counter[str]:
        """What the lines take from this site's shelves: kits that were built before, then components."""
        sums = Counter[str]()
        for sku, n in lines:
            sums[sku] += n
        found = Counter[str]()
        for sku, n in sums.items():
            if paper.expand(sku) == {sku: 1}:
                found[sku] += n
                continue
            built = min(n, max(0, self.left[sku, site]))
            found[sku] += built
            for leaf, each in paper.expand(sku).items():
                found[leaf] += each * (n - built)
        return +found

    def place(
        self, paper: Pencil, lines: Iterable[tuple[str, int]], sites: Sequence[str] = SITES
    ) -> Counter[Key] | None:
        """The rows from which the first site that has everything serves it, the first to expire first."""
        sold = list(lines)
        for site in sites:
            wanted = self.wanted(paper, sold, site)
            if all(self.left[sku, site] >= n for sku, n in wanted.items()):
                return sum((self._pick(paper, sku, site, n) for sku, n in wanted.items()), Counter[Key]())
        return None

    def divisible(self, paper: Pencil, lines: Iterable[tuple[str, int]]) -> bool:
        """Whether both sites together hold it, of plain products only: parts of a kit do not travel apart."""
        sums = Counter[str]()
        for sku, n in lines:
            sums[sku] += n
        sites = {sku: [site for site in SITES if (sku, site) not in paper.banned] for sku in sums}
        there = {sku: sum(max(0, self.left[sku, site]) for site in sites[sku]) for sku in sums}
        return all(paper.expand(sku) == {sku: 1} and there[sku] >= n for sku, n in sums.items())

    def _pick(self, paper: Pencil, sku: str, site: str, n: int) -> Counter[Key]:
        lots = [key for key in self.rows if key[:2] == (sku, site)]
        picked = Counter[Key]()
        for key in sorted(lots, key=lambda key: (paper.expires.get((sku, key[2])) or "9999", key[2])):
            here = min(n, self.rows[key])
            if here > 0:
                picked[key] = here
                n -= here
        return picked
