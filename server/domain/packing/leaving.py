"""A channel changed the order while its box was packed: what it does not want any more is scanned out of the box."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """So many units of a product. Without a ``sku`` they can be shown and not scanned."""

    name: str
    variant: str
    units: int
    sku: str = ""

    @property
    def label(self) -> str:
        """Name and variant as a packer reads it."""
        return f"{self.name} {self.variant}".strip()


@dataclass(frozen=True, slots=True)
class Leaving:
    """What lay in the box and must come out, what the order wants beside, and (SKU, units) of each scan out.

    ``settled``: a supervisor sees to what is left.
    """

    take_out: tuple[LineChange, ...] = ()
    add: tuple[LineChange, ...] = ()
    out: tuple[tuple[str, int], ...] = ()
    settled: bool = False

    @property
    def left(self) -> tuple[LineChange, ...]:
        """What must still come out."""
        if self.settled:
            return ()
        lines = (replace(change, units=change.units - self._gone(change.sku)) for change in self.take_out)
        return tuple(line for line in lines if line.units > 0)

    def left_of(self, sku: str) -> int:
        """Units of a product that must still come out."""
        return sum(line.units for line in self.left if line.sku == sku)

    @property
    def waits(self) -> bool:
        """Whether anything that can be scanned must still come out."""
        return any(line.sku for line in self.left)

    def _gone(self, sku: str) -> int:
        return sum(units for each, units in self.out if sku and each == sku)


def told(before: Leaving | None, take_out: tuple[LineChange, ...], add: tuple[LineChange, ...]) -> Leaving:
    """After the server said so, perhaps once more: what is out already stays out."""
    return Leaving(take_out, add, before.out if before else ())
