"""What changed in a load since a dock last asked: its parcels in a fixed number of groups, each known by a digest.

A dock names the digests of what it has, and gets every group that is another by now, whole: what is gone from it is not
in it any more. So nobody need remember what a dock was told, and any server process can answer it.
"""

import zlib
from collections.abc import Collection, Iterable, Sequence

from server.domain.dock.values import DockParcel

GROUPS = 128
"""Of 2,000 parcels one scan brings about 16 again; the digests are half a kilobyte of the question."""
WIDTH = 4
"""Characters of one digest."""
MOST = GROUPS // 2
"""Where more are another, all of it comes."""


def group_of(parcel_id: str) -> int:
    """The group of a parcel, 0 to GROUPS - 1: the same on every machine."""
    return zlib.crc32(parcel_id.encode()) % GROUPS


def named(version: str, digests: Sequence[str]) -> str:
    """A version with the digests of all groups behind it, and after them one of all names that they show."""
    return f"{version}.{''.join(digests)}"


def plain(seen: str) -> str:
    """The version alone."""
    return seen.partition(".")[0]


def unsure(version: str) -> str:
    """The same digests under no version: compared for themselves, also where nothing seems to have happened."""
    return f".{version.partition('.')[2]}"


def others(seen: str, digests: Sequence[str]) -> tuple[int, ...] | None:
    """The groups that are another than in the version ``seen``; None where nobody can say which, or most are."""
    had = seen.partition(".")[2]
    if len(had) != len(digests) * WIDTH:
        return None
    found = tuple(n for n, digest in enumerate(digests) if had[n * WIDTH : (n + 1) * WIDTH] != digest)
    return found if len(found) <= MOST and GROUPS not in found else None


def renewed(base: Iterable[DockParcel], groups: Collection[int], fresh: Iterable[DockParcel]) -> tuple[DockParcel, ...]:
    """All parcels as they are now: of these groups the fresh ones and no others."""
    chosen = frozenset(groups)
    return in_order((*(p for p in base if group_of(p.parcel_id) not in chosen), *fresh))


def in_order(parcels: Iterable[DockParcel]) -> tuple[DockParcel, ...]:
    """First what is loaded, as it was loaded."""
    return tuple(sorted(parcels, key=_place))


def _place(parcel: DockParcel) -> tuple[bool, float, str]:
    return parcel.loaded_at is None, parcel.loaded_at or 0.0, parcel.parcel_id
