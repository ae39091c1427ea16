"""Which box an order will fit into (FLR-04). The packer may scan another one.

A few units are laid out exactly, turned as they like; for more the volume and the longest sides must do, since an exact
answer takes longer than a packer should wait.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from packvium import Container, Dimensions, Item, Packer, PackingConfig
from sqlalchemy import Row

from server.domain.packing.order import OrderLine
from server.domain.packing.wants import NO_BOX

FILL_MAX = 0.85
"""Goods and padding never fill a box to the last millimetre."""
EXACT_MAX = 12
"""Units that are laid out exactly: under 0.1 s."""
Size = tuple[int, int, int]


def suggested(lines: Sequence[OrderLine], goods: Mapping[str, Row[Any]], types: Sequence[Row[Any]]) -> str | None:
    """The smallest box type that takes all units; NO_BOX for one unit in its own box.

    None while a size is not known or nothing is large enough.
    """
    units = [(line.sku, line.quantity) for line in lines]
    if any(sku not in goods for sku, _ in units):
        return None
    if all(goods[sku].own_box for sku, _ in units):
        return NO_BOX
    sizes = [(_size(goods[sku]), count) for sku, count in units]
    boxes = sorted((_volume(size), row.code, size) for row in types if (size := _size(row)))
    known = [(size, count) for size, count in sizes if size]
    if len(known) != len(sizes):
        return None
    return next((code for _, code, size in boxes if fits(known, size)), None)


def fits(items: Sequence[tuple[Size, int]], box: Size) -> bool:
    """Whether all units go in. Sides in millimetres, sorted, the longest last."""
    each = all(side <= room for size, _ in items for side, room in zip(size, box, strict=True))
    filled = sum(_volume(size) * count for size, count in items) <= FILL_MAX * _volume(box)
    few = sum(count for _, count in items) <= EXACT_MAX
    return each and filled and (not few or _laid_out(tuple(sorted(items)), box))


@lru_cache(maxsize=1024)
def _laid_out(items: tuple[tuple[Size, int], ...], box: Size) -> bool:
    goods = [Item.create(str(n), _dimensions(size), quantity=count) for n, (size, count) in enumerate(items)]
    found = Packer(PackingConfig.fast()).pack(items=goods, containers=[Container.create("box", _dimensions(box))])
    return len(found.containers) == 1 and not found.unpacked


def _dimensions(size: Size) -> Dimensions:
    short, middle, long = map(str, size)
    return Dimensions.mm(short, middle, long)


def _size(row: Row[Any]) -> Size | None:
    sides = (row.length_mm, row.width_mm, row.height_mm)
    if None in sides:
        return None
    short, middle, long = sorted(sides)
    return short, middle, long


def _volume(size: Size) -> int:
    return size[0] * size[1] * size[2]
