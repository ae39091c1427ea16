"""After a run: was anything promised twice, and do the counters say what the ledger and the claims say?"""

from dataclasses import dataclass

from server.db.transaction import Database

_CLAIMED = """
SELECT sku, site_id, lot, sum(CASE WHEN held THEN quantity ELSE 0 END) AS held,
  sum(CASE WHEN held THEN 0 ELSE quantity END) AS reserved FROM (
  SELECT l.sku, l.site_id, l.lot, l.quantity, true AS held FROM hold_line AS l JOIN hold AS h ON h.id = l.hold_id
  WHERE h.state IN ('held', 'confirmed')
  UNION ALL SELECT sku, site_id, lot, quantity, false FROM reservation WHERE state = 'reserved') AS claim
GROUP BY sku, site_id, lot
"""
_TOLD = """
SELECT sku, site_id, lot, sum(d_on_hand) AS on_hand, sum(d_reserved) AS reserved, sum(d_held) AS held
FROM ledger GROUP BY sku, site_id, lot
"""
_CHECK = f"""
SELECT coalesce(sum(CASE WHEN c.held + c.reserved > s.on_hand THEN c.held + c.reserved - s.on_hand ELSE 0 END), 0),
  coalesce(sum(abs(s.held - coalesce(c.held, 0)) + abs(s.reserved - coalesce(c.reserved, 0))
  + abs(s.on_hand - coalesce(t.on_hand, 0)) + abs(s.reserved - coalesce(t.reserved, 0))
  + abs(s.held - coalesce(t.held, 0))), 0), coalesce(sum(c.held + c.reserved), 0)
FROM stock AS s LEFT JOIN ({_CLAIMED}) AS c ON (c.sku, c.site_id, c.lot) = (s.sku, s.site_id, s.lot)
LEFT JOIN ({_TOLD}) AS t ON (t.sku, t.site_id, t.lot) = (s.sku, s.site_id, s.lot)
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """Units: live claims beyond the stock, the sum of every disagreement, and all live claims."""

    oversold: int
    drift: int
    claimed: int


def check(db: Database) -> Checked:
    """Count with the slow obvious sums, never with the counters alone."""
    with db.read() as connection:
        return Checked(*map(int, connection.exec_driver_sql(_CHECK).one()))
