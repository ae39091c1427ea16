"""Bitmaps in ZPL."""

from functools import lru_cache

from printing.documents import Bitmap


@lru_cache(maxsize=32)
def graphic_field(bitmap: Bitmap, width: int, height: int) -> str:
    """The bitmap at a size in dots as ^GFA; empty rows are shortened (ZPL II, alternative data compression)."""
    row_bytes = -(-width // 8)
    rows = (_row(bitmap, y * bitmap.height // height, width) for y in range(height))
    data = "".join("," if not any(row) else row.hex().upper() for row in rows)
    return f"^GFA,{row_bytes * height},{row_bytes * height},{row_bytes},{data}^FS"


def _row(bitmap: Bitmap, y: int, width: int) -> bytes:
    source = bitmap.rows[y * bitmap.row_bytes : (y + 1) * bitmap.row_bytes]
    row = bytearray(-(-width // 8))
    for x in range(width):
        at = x * bitmap.width // width
        if source[at // 8] & (0x80 >> at % 8):
            row[x // 8] |= 0x80 >> x % 8
    return bytes(row)
