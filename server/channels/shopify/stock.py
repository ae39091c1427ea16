"""Numbers: absolute, up to 250 in a call, each only where the shop still has the number that we last saw there.

``available`` is what can be sold. The shop lowers it by itself when it sells, so that a number worked out before that
sale would put the sold unit back on the shelf: changeFromQuantity refuses it, and the engine asks for the sale first.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Refused, Trouble
from server.channels.shopify import questions
from server.channels.shopify.asking import ask, gid, said
from server.channels.shopify.reading import part, parts, text
from server.channels.shopify.shelf import numbers, place_of
from server.trade.words import Answer, Word, failed

_WHOLE_CALL = frozenset({"INVALID_NAME", "INVALID_REASON", "INVALID_REFERENCE_DOCUMENT"})
_AGAIN = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"})
_ABSENT = object()


@dataclass(slots=True)
class _Row:
    """One listing's number. ``before`` is what the shop must have now; ``text`` is empty until it is settled."""

    word: int
    item: str
    target: int
    before: int | None
    text: str = ""
    trouble: Trouble | None = None

    def ok(self, text: str) -> None:
        self.text = text

    def fail(self, trouble: Trouble) -> None:
        self.text, self.trouble = trouble.detail or type(trouble).__name__, trouble


def tell(line: Line, words: Sequence[Word]) -> list[Answer]:
    """All numbers, most urgent first."""
    try:
        place = place_of(line)
    except Trouble as trouble:
        return [failed(trouble) for _ in words]
    rows = [row for nth, word in enumerate(words) for row in _rows(nth, word)]
    for batch in _batches(rows):
        try:
            _write(line, place, batch)
        except Trouble as trouble:
            for row in batch:
                if not row.text:
                    row.fail(trouble)
    return [_answer([row for row in rows if row.word == nth]) for nth in range(len(words))]


# --- rows -------------------------------------------------------------------------------------------------------------


def _rows(nth: int, word: Word) -> list[_Row]:
    rows = []
    for listing in word.listings:
        row = _Row(nth, listing.ref, int(word.data["available"]), None if word.tried else word.before)
        if listing.data.get("bundle"):
            row.fail(Refused(f"{listing.sku}: a bundle: the shop works out its number from its parts"))
        elif listing.data.get("tracked") is False:
            row.fail(Refused(f"{listing.sku}: the shop does not track its quantity: switch that on, then import again"))
        rows.append(row)
    return rows


def _batches(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Unsettled rows in their order; an item comes once in a batch, as the shop demands."""
    batch: dict[str, _Row] = {}
    for row in rows:
        if row.text:
            continue
        if row.item in batch or len(batch) == questions.ROWS_MAX:
            yield list(batch.values())
            batch = {}
        batch[row.item] = row
    if batch:
        yield list(batch.values())


def _answer(rows: Sequence[_Row]) -> Answer:
    if not rows:
        return failed(Refused("expected a listing for this SKU, found none"))
    troubles = [row.trouble for row in rows if row.trouble is not None]
    passing = [trouble for trouble in troubles if not isinstance(trouble, Refused)]
    if troubles:
        return failed((passing or troubles)[0])
    return Answer("; ".join(row.text for row in rows))


# --- writing ----------------------------------------------------------------------------------------------------------


def _write(line: Line, place: str, rows: list[_Row]) -> None:
    """Settle every row of a batch; raise Trouble for those that are not."""
    if unseen := [row for row in rows if row.before is None]:
        _look(line, place, unseen, first=True)
    while left := [row for row in rows if not row.text]:
        errors = _send(line, place, left)
        if not errors:
            for row in left:
                row.ok(f"{row.before} -> {row.target}")
            return
        _sort_out(line, place, left, errors)


def _sort_out(line: Line, place: str, left: list[_Row], errors: list[Mapping[str, Any]]) -> None:
    """One bad row fails the call. Settle what is bad, so that the rest can be sent again."""
    codes = {text(error, "code") for error in errors}
    if codes & _AGAIN:
        raise Away(said(errors), maybe_done=True)
    if codes & _WHOLE_CALL:
        raise Refused(said(errors))
    named = {nth: error for error in errors if (nth := _index(error)) is not None and nth < len(left)}
    _look(line, place, left, first=False)
    for nth, error in named.items():
        if not left[nth].text:
            left[nth].fail(_trouble(error))
    if named or any(row.text for row in left):
        return
    if len(left) == 1:
        left[0].fail(_trouble(errors[0]))
        return
    # The shop does not say which row it means: halves find it.
    half = len(left) // 2
    for some in (left[:half], left[half:]):
        _write(line, place, some)


def _look(line: Line, place: str, rows: Sequence[_Row], *, first: bool) -> None:
    """Hold rows against the live numbers. ``first``: nothing is known yet, and the live number is the one before."""
    live = numbers(line, place, [row.item for row in rows])
    for row in rows:
        number = live.get(row.item, _ABSENT)
        if number is _ABSENT:
            row.fail(Refused("the listing is gone: the shop has no such inventory item"))
        elif number is None:
            _stock_here(line, place, row)
        elif number == row.target:
            row.ok(f"{number} already")
        elif first:
            row.before = int(str(number))
        elif number != row.before:
            why = f"expected {row.before}, the shop has {number}: orders first"
            row.fail(Away(why, maybe_done=True, orders_first=True))


def _send(line: Line, place: str, rows: Sequence[_Row]) -> list[Mapping[str, Any]]:
    """A key for each call: whatever repeats it on the way changes nothing; our own next try looks before it writes."""
    key = str(uuid.uuid4())
    quantities = [
        {
            "inventoryItemId": gid("InventoryItem", row.item),
            "locationId": place,
            "quantity": row.target,
            "changeFromQuantity": row.before,
        }
        for row in rows
    ]
    document = f"gid://packproof/StockPush/{key}"
    push = {"name": "available", "reason": "correction", "referenceDocumentUri": document, "quantities": quantities}
    data = ask(line, questions.SET_NUMBERS, input=push, key=key)
    return parts(part(data, "inventorySetQuantities"), "userErrors")


def _stock_here(line: Line, place: str, row: _Row) -> None:
    """The item is not kept at our location yet."""
    item = gid("InventoryItem", row.item)
    data = ask(line, questions.STOCK_HERE, item=item, place=place, available=row.target, key=str(uuid.uuid4()))
    errors = parts(part(data, "inventoryActivate"), "userErrors")
    if errors:
        row.fail(Refused(said(errors)))
    else:
        row.ok(f"stocked here with {row.target}")


def _index(error: Mapping[str, Any]) -> int | None:
    """The row that an error names: ["input", "quantities", "71", ...]."""
    steps = error.get("field")
    return next((int(step) for step in steps or () if str(step).isdecimal()), None)


def _trouble(error: Mapping[str, Any]) -> Trouble:
    code = text(error, "code")
    if code == "CHANGE_FROM_QUANTITY_STALE":
        return Away(f"{code}: orders first", maybe_done=True, orders_first=True)
    return Refused(f"{code}: {said([error])}")
