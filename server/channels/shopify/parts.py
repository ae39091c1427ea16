"""The parts of one order that a page of orders shows too little of: lines, parcels that left, places that owe goods."""

from collections.abc import Mapping
from typing import Any

from server.calls.line import Line
from server.channels.shopify import questions
from server.channels.shopify.asking import Question, ask
from server.channels.shopify.reading import more, part, parts, text

Part = dict[str, Any]


def lines_of(line: Line, order: str, after: str | None) -> list[Part]:
    """The order's lines behind this cursor; ``order`` is a global id."""
    found: list[Part] = []
    while after is not None:
        shown = part(ask(line, questions.LINES, id=order, after=after), "order")
        found += [dict(each) for each in parts(shown, "lineItems")]
        after = more(shown, "lineItems")
    return found


def parcels_of(line: Line, order: str) -> list[Part]:
    """The fulfilments with all their lines."""
    shown = part(ask(line, questions.PARCELS, id=order), "order")
    found = [dict(each) for each in parts(shown, "fulfillments")]
    for parcel in found:
        _whole(line, questions.PARCEL, "fulfillment", parcel, "fulfillmentLineItems")
    return found


def places_of(line: Line, order: str) -> list[Part]:
    """The fulfilment orders with all their lines, as they are now: they split, merge and move on their own."""
    found: list[Part] = []
    after: str | None = None
    while True:
        shown = part(ask(line, questions.PLACES, id=order, after=after), "order")
        found += [dict(each) for each in parts(shown, "fulfillmentOrders")]
        after = more(shown, "fulfillmentOrders")
        if after is None:
            break
    for place in found:
        _whole(line, questions.PLACE, "fulfillmentOrder", place, "lineItems")
    return found


def _whole(line: Line, question: Question, root: str, holder: Part, name: str) -> None:
    nodes: list[Mapping[str, Any]] = parts(holder, name)
    after = more(holder, name)
    while after is not None:
        shown = part(ask(line, question, id=text(holder, "id"), after=after), root)
        nodes = [*nodes, *parts(shown, name)]
        after = more(shown, name)
    holder[name] = {"nodes": nodes}
