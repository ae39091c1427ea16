"""A picture of a product: taken from a file, made small once here, kept by the hash of what it then is."""

import hashlib
import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import Connection

from server.db import pictures as rows
from server.db.transaction import Transaction
from server.domain.errors import DomainError

BYTES_MAX = 10_000_000
PIXELS_MAX = 50_000_000
"""More than telephones take; fifty million pixels are 150 MB while they are read."""
SIDE = 400
"""Pixels of the longer side as it is kept: as large as a terminal of today shows it."""
_COLOURS = 256
_FORMATS = ("PNG", "JPEG", "WEBP")


def small_picture(path: Path) -> bytes:
    """The picture as a PNG of at most 400 pixels a side, without whatever else the file holds.

    Raise DomainError("invalid") with what was expected and found.
    """
    try:
        if (size := path.stat().st_size) > BYTES_MAX:
            raise _bad(f"at most {BYTES_MAX:,} bytes, found {size:,}", path)
        with warnings.catch_warnings():
            # Pillow warns of what is refused below anyway.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_FORMATS) as picture:
                return _png(picture, path)
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        bomb = isinstance(error, Image.DecompressionBombError)
        found = (
            f"at most {PIXELS_MAX:,} pixels, found far more" if bomb else "a PNG, JPEG or WebP, found something else"
        )
        raise _bad(found, path) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise _bad(f"a picture that can be read whole, found {error}", path) from error


def kept(connection: Connection, digest: str) -> bytes:
    """The PNG with this hash; raise DomainError("not_found")."""
    png = rows.read(connection, digest)
    if png is None:
        raise DomainError("not_found", f"there is no picture {digest[:64]!r}")
    return png


def replace(tx: Transaction, old: str, png: bytes) -> None:
    """Keep what a product now has, after its row says so, and forget what none has any more."""
    if png:
        rows.put(tx, digest_of(png), png)
    if old:
        rows.drop_unused(tx, old)


def digest_of(png: bytes) -> str:
    """Under which it is kept and asked for: SHA-256 in hex."""
    return hashlib.sha256(png).hexdigest()


def _bad(said: str, path: Path) -> DomainError:
    return DomainError("invalid", f"picture: expected {said} ({path.name[:80]})")


def _png(picture: Image.Image, path: Path) -> bytes:
    width, height = picture.size
    if width * height > PIXELS_MAX:
        raise _bad(f"at most {PIXELS_MAX:,} pixels, found {width} x {height}", path)
    # A JPEG is read at a fraction of its size.
    picture.draft("RGB", (2 * SIDE, 2 * SIDE))
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    paper = Image.new("RGBA", upright.size, "white")
    flat = Image.alpha_composite(paper, upright).convert("RGB")
    out = io.BytesIO()
    flat.quantize(_COLOURS, dither=Image.Dither.FLOYDSTEINBERG).save(out, "PNG", optimize=True)
    return out.getvalue()
