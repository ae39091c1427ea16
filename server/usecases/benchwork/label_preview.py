"""The label and papers of an order as they would print now; nothing is bought, counted or written down."""

from typing import Any

from sqlalchemy import Connection

from server.db import parcels
from server.domain.errors import DomainError
from server.usecases.benchwork.drawing import answer_of
from server.usecases.benchwork.finding import by_reference


def papers_of_order(connection: Connection, ref: str) -> dict[str, Any]:
    """By kind, of the order's first labelled box. Raise DomainError("unknown_code" | "not_packed" | "no_address")."""
    order_id = by_reference(connection, ref)
    bought = next((p for p in parcels.of_order(connection, order_id) if p.purchase == "bought"), None)
    if bought is None:
        raise DomainError("not_packed", f"expected an order with a label, {ref} has none yet")
    answer = answer_of(connection, bought)
    return {"label": answer.label, **answer.papers.by_kind()}
