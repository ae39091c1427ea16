"""What a row of a product file says beyond name, weight and barcode."""

from typing import Final

from server.db.transaction import Database
from server.usecases.masterdata.handling import Handling, check_ways, size_of, values_of
from server.usecases.masterdata.masters import Described
from server.usecases.starting.csv_rows import CsvRow

MAY_HAVE = frozenset({"size_mm", "pack_note", "material", "own_box", "hazmat", "hazmat_services", "typed_quantity"})
NOTHING: Final = Described()


def described(db: Database, row: CsvRow) -> Described:
    """An empty cell leaves a value as it is. Raise DomainError("invalid" | "unknown_carrier")."""
    size, ways = row.text("size_mm"), row.text("hazmat_services").split()
    handling = Handling(
        size_of(size) if size else None,
        row.text("pack_note") or None,
        row.text("material") or None,
        _yes(row, "own_box"),
        _yes(row, "hazmat"),
        tuple(ways) or None,
    )
    # Refused here, before anything of the row is written.
    values_of(handling)
    if ways:
        with db.read() as connection:
            check_ways(connection, handling)
    return Described(typed_quantity=_yes(row, "typed_quantity"), handling=handling)


def _yes(row: CsvRow, column: str) -> bool | None:
    return row.yes(column) if row.text(column) else None
