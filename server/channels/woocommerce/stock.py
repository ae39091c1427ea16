"""Absolute numbers, a hundred rows a call. WooCommerce has no compare-and-set: ``before`` is of no use here.

Products go through products/batch, variations through the batch of their product. An answer of 200 may hold rows that
failed; a batch that is refused whole is halved until the row is found that it was refused for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.channels.woocommerce.asking import ask, row_of
from server.channels.woocommerce.listing import is_ref, parent_of
from server.trade.words import Answer, Word, failed

ROWS_MAX = 100
_HALVE = (400, 413)


@dataclass(frozen=True, slots=True)
class _Row:
    """One listing's new number; ``word`` is the place of its word."""

    word: int
    ref: str
    quantity: int


def write_stock(line: Line, words: Sequence[Word]) -> list[Answer]:
    """What became of each word; a word with several listings is told when all of them have its number."""
    troubles: list[list[Trouble]] = [[] for _ in words]
    by_parent: dict[str, list[_Row]] = {}
    for nth, word in enumerate(words):
        if not word.listings:
            troubles[nth].append(Refused("expected a listing, found none"))
        for listing in word.listings:
            if is_ref(listing.ref):
                row = _Row(nth, listing.ref, max(0, int(word.data["available"])))
                by_parent.setdefault(parent_of(listing), []).append(row)
            else:
                troubles[nth].append(Refused(f"listing: expected a product's number, found {listing.ref[:40]!r}"))
    for parent, chunk in _chunks(by_parent):
        for row, trouble in _write(line, parent, chunk):
            troubles[row.word].append(trouble)
    return [_answer(word, found) for word, found in zip(words, troubles, strict=True)]


def _chunks(by_parent: dict[str, list[_Row]]) -> Iterator[tuple[str, list[_Row]]]:
    """Calls, the most urgent first: each is as urgent as its first word."""
    calls = [
        (parent, rows[nth : nth + ROWS_MAX])
        for parent, rows in by_parent.items()
        for nth in range(0, len(rows), ROWS_MAX)
    ]
    yield from sorted(calls, key=lambda call: call[1][0].word)


def _write(line: Line, parent: str, rows: list[_Row]) -> list[tuple[_Row, Trouble]]:
    """The rows that were not written, and why."""
    path = f"/wc/v3/products/{parent}/variations/batch" if parent else "/wc/v3/products/batch"
    update = [{"id": int(row.ref), "manage_stock": True, "stock_quantity": row.quantity} for row in rows]
    try:
        reply = ask(line, "stock", "POST", path, body={"update": update}, allow=_HALVE)
        if reply.status in _HALVE:
            if len(rows) == 1:
                return [(rows[0], Refused(reply.text()))]
            half = len(rows) // 2
            return [*_write(line, parent, rows[:half]), *_write(line, parent, rows[half:])]
        return _failures(rows, row_of(reply).get("update"))
    except Trouble as trouble:
        return [(row, trouble) for row in rows]


def _failures(rows: list[_Row], said: Any) -> list[tuple[_Row, Trouble]]:
    answers = {str(each.get("id")): each for each in said or () if isinstance(each, dict)}
    failures: list[tuple[_Row, Trouble]] = []
    for row in rows:
        answer = answers.get(row.ref)
        if answer is None:
            failures.append((row, Away(f"product {row.ref}: the answer does not mention it", maybe_done=True)))
        elif error := answer.get("error"):
            failures.append((row, _trouble(row, error)))
    return failures


def _trouble(row: _Row, error: Any) -> Trouble:
    error = error if isinstance(error, dict) else {}
    data = error.get("data")
    status = data.get("status") if isinstance(data, dict) else None
    detail = f"product {row.ref}: {str(error.get('code'))[:80]}"
    if isinstance(status, int) and status >= 500:
        return Away(detail, maybe_done=True)
    return Refused(detail)


def _answer(word: Word, troubles: list[Trouble]) -> Answer:
    """What can be tried again comes before what never will."""
    for kind in (Denied, Away, Throttled, Refused):
        for trouble in troubles:
            if isinstance(trouble, kind):
                return failed(trouble)
    return Answer(f"{word.data['available']} on {len(word.listings)} listings")
