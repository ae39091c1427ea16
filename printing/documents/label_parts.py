"""Where the parts of a shipping label stand, and what a shop may do with them."""

from collections.abc import Collection, Iterator
from itertools import combinations

from printing.documents.look import Look, Place

LEFT, TOP, RIGHT, BOTTOM = 20, 20, 792, 1198
"""The printed frame of a 4 x 6 inch label, in units of 1/8 mm."""
DEFAULTS = {
    place.part: place
    for place in (
        Place("logo", 20, 20, 160, 160),
        Place("carrier", 180, 20, 380, 160),
        Place("ship_date", 560, 20, 232, 80),
        Place("weight", 560, 100, 232, 80),
        Place("service", 20, 180, 772, 96),
        Place("sender", 20, 276, 540, 148),
        Place("box", 560, 276, 232, 148),
        Place("recipient", 20, 424, 772, 386),
        Place("tracking", 20, 810, 772, 290),
        Place("order", 20, 1100, 290, 98),
        Place("parcel", 310, 1100, 250, 98),
        Place("notes", 560, 1100, 232, 98),
    )
}
NEEDED = frozenset({"recipient", "tracking"})
_LEAST = {"recipient": (480, 280), "tracking": (640, 200), "service": (160, 60)}
_LEAST_OTHER = (80, 64)


def arranged(look: Look) -> dict[str, Place]:
    """The visible parts and their places; ValueError says which part cannot stand where it was put."""
    for name in (*look.hidden, *(place.part for place in look.places)):
        if name not in DEFAULTS:
            raise ValueError(f"label.{name}: there is no such part; there are {', '.join(DEFAULTS)}")
    moved = {place.part: place for place in look.places}
    shown = {name: moved.get(name, place) for name, place in DEFAULTS.items() if name not in look.hidden}
    trouble = next(_troubles(shown, moved.keys()), None)
    if trouble:
        raise ValueError(trouble)
    return shown


def _troubles(shown: dict[str, Place], moved: Collection[str]) -> Iterator[str]:
    for name in sorted(NEEDED - shown.keys()):
        yield f"label.{name}: expected on every label, found hidden"
    for name, place in shown.items():
        width, height = _LEAST.get(name, _LEAST_OTHER)
        if place.width < width or place.height < height:
            yield f"label.{name}: expected at least {_mm(width)} x {_mm(height)} mm, found {_size(place)}"
        if place.x < LEFT or place.y < TOP or place.x + place.width > RIGHT or place.y + place.height > BOTTOM:
            frame = f"{_mm(LEFT)} to {_mm(RIGHT)} mm across and {_mm(TOP)} to {_mm(BOTTOM)} mm down"
            yield f"label.{name}: expected within {frame}, found {_size(place)} at {_mm(place.x)}, {_mm(place.y)}"
    # Who moved one part on another looks for the name of the one he moved.
    for one, other in combinations(sorted(shown.values(), key=lambda place: place.part not in moved), 2):
        if _overlap(one, other):
            found = f"{_size(one)} at {_mm(one.x)}, {_mm(one.y)}"
            yield f"label.{one.part}: expected apart from {other.part}, found {found}"


def _overlap(one: Place, other: Place) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def _mm(units: int) -> str:
    return f"{units / 8:g}"


def _size(place: Place) -> str:
    return f"{_mm(place.width)} x {_mm(place.height)} mm"
