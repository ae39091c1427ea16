"""Bitmaps in a PDF."""

from typing import Any

from PIL import Image
from reportlab.lib.utils import ImageReader

from printing.documents import Bitmap


def draw_bitmap(canvas: Any, bitmap: Bitmap, x: float, y: float, pixel: float) -> None:
    """With its lower left corner at x, y; `pixel` is the side of one pixel in points."""
    paper = bytes(byte ^ 0xFF for byte in bitmap.rows)
    image = Image.frombytes("1", (bitmap.width, bitmap.height), paper)
    canvas.drawImage(ImageReader(image.convert("L")), x, y, bitmap.width * pixel, bitmap.height * pixel)
