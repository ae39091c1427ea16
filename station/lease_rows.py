"""The orders a bench may open by itself, in the file of its journal: there after a restart, with no server in sight."""

import json
from collections.abc import Iterable

from server import wire
from server.domain.packing.order import PackOrder
from station.store import Statement, Store

LEASE_SCHEMA = """
CREATE TABLE IF NOT EXISTS lease (
  order_id INTEGER PRIMARY KEY, place INTEGER NOT NULL, version INTEGER NOT NULL, order_json BLOB NOT NULL
);
"""
_PUT = "INSERT OR REPLACE INTO lease (order_id, place, version, order_json) VALUES (?, 0, ?, ?)"
_ONLY = "DELETE FROM lease WHERE order_id NOT IN (SELECT value FROM json_each(?))"
_PLACES = """
UPDATE lease SET place = coalesce((SELECT key FROM json_each(?1) WHERE value = order_id), 0)
WHERE place <> coalesce((SELECT key FROM json_each(?1) WHERE value = order_id), 0)
"""
_BEGUN = "SELECT json_extract(CAST(order_json AS TEXT), '$.order_id') FROM session"
DROP = "DELETE FROM lease WHERE order_id = ?"


class LeaseRows(Store):
    """Leased orders, the most urgent first."""

    lease_changes = 0
    """Rises with every change, so that a reader knows when to read again."""

    def leased(self) -> tuple[PackOrder, ...]:
        """All of them."""
        rows = self._rows("SELECT order_json FROM lease ORDER BY place, order_id")
        return tuple(wire.decode(row[0], PackOrder) for row in rows)

    def keep_lease(self, order_ids: Iterable[int], fresh: Iterable[PackOrder]) -> None:
        """Hold exactly these orders from now on; ``fresh`` are those whose content is new.

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
            before = self._rows("SELECT order_id FROM lease ORDER BY place")
            if puts or [row[0] for row in before] != json.loads(ids):
                self._write(*puts, (_ONLY, (ids,)), (_PLACES, (ids,)))
                self.lease_changes += 1
