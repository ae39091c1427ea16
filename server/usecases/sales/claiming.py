"""A person says what a buyer holds against an order; what platforms show is kept as their orders are followed."""

from server.db import claims, orders
from server.db.transaction import Actor, Database, transaction
from server.domain.sales.claims import ClaimKind


def note_claim(db: Database, actor: Actor, order_id: int, kind: ClaimKind) -> bool:
    """Keep it with the order's channel; False when it was known. Raise DomainError("not_found")."""
    with transaction(db, actor, "note_claim") as tx:
        row = orders.lock(tx, order_id)
        fresh = claims.note(tx, (row.channel_id, row.channel_order_id), kind.value, tx.now, actor.name)
        if fresh:
            tx.note("order.claim", {"kind": kind.value}, order=row.id)
        return fresh
