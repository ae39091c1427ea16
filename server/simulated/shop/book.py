"""The shop's own memory: one SQLite file with its products, its own stock numbers, its orders and what it was told."""

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS product (sku TEXT PRIMARY KEY, title TEXT NOT NULL, cents INTEGER NOT NULL,
  stock INTEGER NOT NULL CHECK (stock >= 0), version INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS sale (number INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
  status TEXT NOT NULL, answer TEXT NOT NULL DEFAULT '{}', carrier TEXT NOT NULL DEFAULT '',
  tracking TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS letter (id INTEGER PRIMARY KEY, webhook_id TEXT NOT NULL, order_id TEXT NOT NULL,
  path TEXT NOT NULL, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS heard (webhook_id TEXT PRIMARY KEY, at TEXT NOT NULL, type TEXT NOT NULL,
  verdict TEXT NOT NULL, data TEXT NOT NULL);
"""
_FIRST_ORDER = 1001


class SoldOut(Exception):
    """The shop's own stock number does not allow this sale; nothing was sold."""


class Book:
    """All methods are safe from any thread; each is one transaction."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.row_factory = sqlite3.Row
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()

    def offer(self, products: Sequence[Mapping[str, Any]]) -> None:
        """Put products on the shelf: ``sku``, ``title``, ``cents``, ``stock``. Known ones stay as they are."""
        with self._writing() as file:
            file.executemany(
                "INSERT OR IGNORE INTO product (sku, title, cents, stock) VALUES (:sku, :title, :cents, :stock)",
                products,
            )

    def products(self) -> list[dict[str, Any]]:
        """Everything on offer with the shop's own stock number."""
        return self._rows("SELECT sku, title, cents, stock, version FROM product ORDER BY rowid")

    def sell(self, lines: Mapping[str, int], ship_to: Mapping[str, Any], note: str = "") -> str:
        """Sell or raise SoldOut; the order is written together with the letter that tells Packproof of it."""
        with self._writing() as file:
            for sku, quantity in lines.items():
                taken = file.execute(
                    "UPDATE product SET stock = stock - ? WHERE sku = ? AND stock >= ?", (quantity, sku, quantity)
                )
                if quantity < 1 or taken.rowcount == 0:
                    raise SoldOut(f"not enough of {sku} for {quantity}")
            last = file.execute("SELECT max(number) FROM sale").fetchone()[0]
            number = (last or _FIRST_ORDER - 1) + 1
            body = json.dumps(self._order(f"S-{number}", lines, ship_to, note))
            row = (number, f"S-{number}", body, "placed")
            file.execute("INSERT INTO sale (number, order_id, body, status) VALUES (?, ?, ?, ?)", row)
            self._post(file, f"S-{number}", "/orders", body)
        return f"S-{number}"

    def cancel(self, order_id: str) -> bool:
        """The buyer changed their mind; False when there is no such order or it left already."""
        with self._writing() as file:
            changed = file.execute(
                "UPDATE sale SET status = 'cancelled' WHERE order_id = ? AND status NOT IN ('shipped', 'cancelled')",
                (order_id,),
            )
            if changed.rowcount:
                body = json.dumps({"order_id": order_id, "reason": "customer_request"})
                self._post(file, order_id, f"/orders/{order_id}/cancel", body)
            return bool(changed.rowcount)

    def letters(self) -> list[dict[str, Any]]:
        """What Packproof has not acknowledged, oldest first, one letter per order at a time."""
        return self._rows(
            "SELECT * FROM letter a WHERE sent = 0 AND NOT EXISTS (SELECT 1 FROM letter b"
            " WHERE b.order_id = a.order_id AND b.sent = 0 AND b.id < a.id) ORDER BY id"
        )

    def tried(self, letter: Mapping[str, Any], status: int | None, answer: Mapping[str, Any]) -> None:
        """Note one attempt; only a 2xx ends them. Its answer is kept with the order."""
        sent = status is not None and status // 100 == 2
        with self._writing() as file:
            file.execute("UPDATE letter SET attempts = attempts + 1, sent = ? WHERE id = ?", (sent, letter["id"]))
            if sent and letter["path"] == "/orders":
                file.execute(
                    "UPDATE sale SET answer = ?, status = CASE status WHEN 'placed' THEN 'accepted' ELSE status END"
                    " WHERE order_id = ?",
                    (json.dumps(answer), letter["order_id"]),
                )

    def hear(self, webhook_id: str, message: Mapping[str, Any]) -> str:
        """Take one webhook in; say what became of it: applied, repeat, older, or ignored (not for us)."""
        kind, data = str(message.get("type", "")), message.get("data", {})
        with self._writing() as file:
            if file.execute("SELECT 1 FROM heard WHERE webhook_id = ?", (webhook_id,)).fetchone():
                return "repeat"
            verdict = self._apply(file, kind, data)
            now = datetime.now(UTC).isoformat()
            row = (webhook_id, now, kind, verdict, json.dumps(data))
            file.execute("INSERT INTO heard VALUES (?, ?, ?, ?, ?)", row)
        return verdict

    def orders(self) -> list[dict[str, Any]]:
        """Every order, newest first."""
        found = self._rows("SELECT * FROM sale ORDER BY number DESC")
        return [{**o, "body": json.loads(o["body"]), "answer": json.loads(o["answer"])} for o in found]

    def told(self) -> list[dict[str, Any]]:
        """Every webhook taken in, oldest first."""
        return [{**h, "data": json.loads(h["data"])} for h in self._rows("SELECT * FROM heard ORDER BY rowid")]

    def unsent(self) -> int:
        """Letters that Packproof has not acknowledged."""
        return int(self._rows("SELECT count(*) AS n FROM letter WHERE sent = 0")[0]["n"])

    @staticmethod
    def _apply(file: sqlite3.Connection, kind: str, data: Mapping[str, Any]) -> str:
        if kind == "stock.updated":
            row = (data["available"], data["version"], data["sku"], data["version"])
            changed = file.execute("UPDATE product SET stock = ?, version = ? WHERE sku = ? AND version < ?", row)
            known = file.execute("SELECT 1 FROM product WHERE sku = ?", (data["sku"],)).fetchone()
            return "applied" if changed.rowcount else "older" if known else "ignored"
        if kind == "shipment.created":
            left = (data["tracking_number"], data.get("carrier_name") or data["carrier"], data["order_id"])
            changed = file.execute(
                "UPDATE sale SET status = 'shipped', tracking = ?, carrier = ? WHERE order_id = ?", left
            )
            return "applied" if changed.rowcount else "ignored"
        return _without(file, data) if kind == "order.cancelled" else "ignored"

    def _order(self, order_id: str, lines: Mapping[str, int], ship_to: Mapping[str, Any], note: str) -> dict[str, Any]:
        offered = {p["sku"]: p for p in self.products()}
        return {
            "order_id": order_id,
            "placed_at": datetime.now(UTC).isoformat(),
            "paid": True,
            "currency": "USD",
            "ship_by": None,
            "note": note,
            "ship_to": dict(ship_to),
            "lines": [
                {
                    "line_id": str(n),
                    "sku": sku,
                    "quantity": quantity,
                    "title": offered[sku]["title"],
                    "price": f"{offered[sku]['cents'] / 100:.2f}",
                }
                for n, (sku, quantity) in enumerate(lines.items(), start=1)
            ],
        }

    @staticmethod
    def _post(file: sqlite3.Connection, order_id: str, path: str, body: str) -> None:
        row = (f"msg_{uuid.uuid4().hex}", order_id, path, body)
        file.execute("INSERT INTO letter (webhook_id, order_id, path, body) VALUES (?, ?, ?, ?)", row)

    def _rows(self, query: str) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._file.execute(query)]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield self._file
                self._file.execute("COMMIT")
            except BaseException:
                self._file.execute("ROLLBACK")
                raise


def _without(file: sqlite3.Connection, data: Mapping[str, Any]) -> str:
    """Take out of a sale what the warehouse cancelled; a sale of which nothing is left is cancelled."""
    query = "SELECT body FROM sale WHERE order_id = ? AND status NOT IN ('shipped', 'cancelled')"
    sale = file.execute(query, (data["order_id"],)).fetchone()
    if sale is None:
        return "ignored"
    body = json.loads(sale["body"])
    for gone in data["lines"]:
        for line in body["lines"]:
            if line["line_id"] == gone["line_id"]:
                line["quantity"] -= gone["quantity"]
    if any(line["quantity"] > 0 for line in body["lines"]):
        file.execute("UPDATE sale SET body = ? WHERE order_id = ?", (json.dumps(body), data["order_id"]))
    else:
        file.execute("UPDATE sale SET status = 'cancelled' WHERE order_id = ?", (data["order_id"],))
    return "applied"
