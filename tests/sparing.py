"""Which calls are held against a platform's description: the first of every shape."""

import re

from server.simulated.platforms.base import Ask, Said


class Sparing:
    """Remembers the shapes of all tests of a run. Two calls have one shape when the same words are in them.

    The words are the names of fields and parameters, and all values of plain letters: statuses, codes, kinds.
    """

    def __init__(self) -> None:
        self._seen = set[str]()

    def due(self, ask: Ask, said: Said) -> bool:
        """Whether this call is the first of its shape."""
        path = re.sub(r"[^/]*[0-9% ][^/]*", "#", ask.raw_path)
        names = sorted({name for name, _ in ask.query})
        shape = f"{ask.method} {path} {names} {_words(ask.body)} {said.status} {_words(said.body)}"
        new = shape not in self._seen
        self._seen.add(shape)
        return new


def _words(body: bytes) -> list[bytes]:
    return sorted(set(re.findall(rb'"([A-Za-z_]+)"', body)))
