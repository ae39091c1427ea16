"""From a document to the bytes its printer gets, for each kind in each of its languages."""

import time
from dataclasses import replace

from printing.kinds import KINDS, Language, write
from printing.samples import sample
from tests.bench.figures import spread

TIMES = {"zpl": 1000, "escpos": 1000, "pdf": 100}


def run() -> None:
    """Every document has a buyer of its own, so that nothing is remembered of the one before."""
    for kind, languages in KINDS.items():
        for language in languages:
            spread(f"documents.{kind}.{language}", [_one(kind, language, n) for n in range(TIMES[language])])


def _one(kind: str, language: Language, number: int) -> float:
    document = sample(kind)
    if hasattr(document, "ship_to"):
        document = replace(document, ship_to=replace(document.ship_to, name=f"Łukasz Álvarez {number}"))
    begun = time.perf_counter()
    write(kind, document, language)
    return time.perf_counter() - begun
