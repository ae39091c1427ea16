"""A shop's picture as ink and paper."""

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from printing.documents import Bitmap

BYTES_MAX = 2_000_000
SIDE_MAX = 4000
_KEPT_SIDE = 320
"""Pixels; 40 mm at 203 dpi."""
_DARK = 160


def read_logo(path: Path) -> Bitmap:
    """The picture in black and white, at most 320 pixels a side. Raise ValueError with what was expected and found."""
    try:
        if (size := path.stat().st_size) > BYTES_MAX:
            raise ValueError(f"logo: expected at most {BYTES_MAX:,} bytes, found {size:,} in {path}")
        with Image.open(path, formats=("PNG", "JPEG", "BMP", "GIF")) as picture:
            if max(picture.size) > SIDE_MAX:
                raise ValueError(f"logo: expected at most {SIDE_MAX} pixels a side, found {picture.size} in {path}")
            logo = _bitmap(picture)
    except UnidentifiedImageError:
        raise ValueError(f"logo: expected a PNG, JPEG, BMP or GIF, found something else in {path}") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"logo: expected a picture that can be read, found {error} ({path})") from error
    if not any(logo.rows):
        raise ValueError(f"logo: expected dark ink on white or clear paper, found nothing dark in {path}")
    return logo


def _bitmap(picture: Image.Image) -> Bitmap:
    """Clear parts and light colours are paper, the rest is ink: dots of a shade print as dirt."""
    clear = picture.convert("RGBA")
    paper = Image.new("RGBA", clear.size, "white")
    grey = Image.alpha_composite(paper, clear).convert("L")
    grey.thumbnail((_KEPT_SIDE, _KEPT_SIDE))
    ink = grey.point(lambda value: 255 if value < _DARK else 0).convert("1", dither=Image.Dither.NONE)
    return Bitmap(ink.width, ink.height, ink.tobytes())
