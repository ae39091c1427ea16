"""From which lot to which a promise moves, when another lot went into the box."""

from collections.abc import Mapping


def moves_of(boxed: Mapping[str, int], promised: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(from lot, to lot, units) so that the promise covers what is in the box, moving as little as possible.

    Units that are promised and not in the box yet give first, of the lots in their order. What is in the box beyond
    the whole promise moves nothing.
    """
    spare = {lot: units - boxed.get(lot, 0) for lot, units in sorted(promised.items())}
    found = []
    for target, units in sorted(boxed.items()):
        lacking = units - promised.get(target, 0)
        for source, left in spare.items():
            moved = min(lacking, left)
            if moved > 0:
                found.append((source, target, moved))
                spare[source] -= moved
                lacking -= moved
    return found
