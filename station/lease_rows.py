"""The orders a bench may open by itself, in the file of its journal: there after a restart, with no server in sight."""

import json
from collections.abc import Iterable, Mapping

from server import wire
from server.domain.packing.order import PackOrder
from station.store import PUT_NOTE, Statement, Store

LEASE_SCHEMA = """
CREATE TABLE IF NOT EXISTS lease (
  order_id INTEGER PRIMARY KEY, place INTEGER NOT NULL, version INTEGER NOT NULL, order_json BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS allotted (
  order_id INTEGER PRIMARY KEY, tracking TEXT NOT NULL, label BLOB NOT NULL
);
"""
_PUT = "INSERT OR REPLACE INTO lease (order_id, place, version, order_json) VALUES (?, 0, ?, ?)"
_ONLY = "DELETE FROM lease WHERE order_id NOT IN (SELECT value FROM json_each(?))"
_PLACES = """
UPDATE lease SET place = coalesce((SELECT key FROM json_each(?1) WHERE value = order_id), 0)
WHERE place <> coalesce((SELECT key FROM json_each(?1) WHERE value = order_id), 0)
"""
_BEGUN = "SELECT json_extract(CAST(order_json AS TEXT), '$.order_id') FROM session"
_TOTES = "lease_totes"
_PUT_LABEL = "INSERT OR REPLACE INTO allotted (order_id, tracking, label) VALUES (?, ?, ?)"
DROP_LABELS = """
DELETE FROM allotted WHERE order_id NOT IN (
  SELECT order_id FROM lease UNION ALL SELECT json_extract(CAST(order_json AS TEXT), '$.order_id') FROM session
)
"""
"""An allotted label holds an address: it goes with the lease of its order, or with the box on which it is."""
DROP = "DELETE FROM lease WHERE order_id = ?"


class LeaseRows(Store):
    """Leased orders, the most urgent first."""

    lease_changes = 0
    """Rises with every change, so that a reader knows when to read again."""

    def leased(self) -> tuple[PackOrder, ...]:
        """All of them."""
        rows = self._rows("SELECT order_json FROM lease ORDER BY place, order_id")
        return tuple(wire.decode(row[0], PackOrder) for row in rows)

    def totes(self) -> dict[int, str]:
        """The tote in which each of them lies, by order id; those in none are missing."""
        kept = self.get(_TOTES)
        return wire.decode(kept, dict[int, str]) if kept else {}

    def allotted(self) -> dict[int, str]:
        """Tracking numbers of the labels given out beforehand, by order id."""
        return dict(self._rows("SELECT order_id, tracking FROM allotted"))

    def allotted_label(self, order_id: int) -> wire.Allotted | None:
        """The label given out beforehand for an order."""
        rows = self._rows("SELECT label FROM allotted WHERE order_id = ?", order_id)
        return wire.decode(rows[0][0], wire.Allotted) if rows else None

    def forget_label(self, order_id: int) -> None:
        """The server spoke of the label of this order since. Found again after a power cut it does no harm."""
        self._write(("DELETE FROM allotted WHERE order_id = ?", (order_id,)), durable=False)

    def keep_lease(
        self,
        order_ids: Iterable[int],
        fresh: Iterable[PackOrder],
        totes: Mapping[int, str] | None = None,
        labels: Iterable[wire.Allotted] = (),
    ) -> None:
        """Hold exactly these orders from now on; ``fresh`` are those whose content is new, so are the ``labels``.

        One that was begun here is not taken up again, whatever a server says which does not know of it yet.
        """
        with self._lock:
            begun = {row[0] for row in self._rows(_BEGUN)}
            ids = json.dumps([order_id for order_id in order_ids if order_id not in begun])
            puts: list[Statement] = [
                (_PUT, (order.order_id, order.version, wire.encode(order)))
                for order in fresh
                if order.order_id not in begun
            ]
            puts += [
                (_PUT_LABEL, (one.order_id, one.label.tracking, wire.encode(one)))
                for one in labels
                if one.order_id not in begun
            ]
            if dict(totes or {}) != self.totes():
                puts.append((PUT_NOTE, (_TOTES, wire.encode(totes or {}))))
            before = self._rows("SELECT order_id FROM lease ORDER BY place")
            if puts or [row[0] for row in before] != json.loads(ids):
                self._write(*puts, (_ONLY, (ids,)), (_PLACES, (ids,)), (DROP_LABELS, ()))
                self.lease_changes += 1
