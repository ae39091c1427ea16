"""Goods between two sites: units out = in + in transit + lost, at all times (LOC-02)."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from server.domain.errors import DomainError


class TransferState(StrEnum):
    """What is true of a transfer.

    PLANNED     nothing was scanned out; nothing is set aside either, so that a sale may still take it
    LOADING     some units were scanned out of the source
    ON_THE_WAY  the source is done; the destination scans in
    CLOSED      the destination is done; what did not come is a recorded loss
    CANCELLED   nothing ever left
    """

    PLANNED = "planned"
    LOADING = "loading"
    ON_THE_WAY = "on_the_way"
    CLOSED = "closed"
    CANCELLED = "cancelled"


_S = TransferState


class Key(NamedTuple):
    """What a line is about."""

    sku: str
    lot: str = ""


@dataclass(frozen=True, slots=True)
class TransferLine:
    """Units of one lot. ``found`` came out of the box though nobody had scanned them in at the source."""

    sku: str
    lot: str = ""
    planned: int = 0
    dispatched: int = 0
    received: int = 0
    lost: int = 0
    found: int = 0

    @property
    def in_transit(self) -> int:
        """Units that left and neither came nor were given up."""
        return self.dispatched - self.received - self.lost

    @property
    def undispatched(self) -> int:
        """Units of the plan that were not scanned out."""
        return max(0, self.planned - self.dispatched)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer; ``lines`` has each (sku, lot) once."""

    source: int
    destination: int
    state: TransferState
    lines: tuple[TransferLine, ...]

    def line(self, key: Key) -> TransferLine:
        """The line of this lot; an empty one when nothing was planned of it."""
        found = next((line for line in self.lines if (line.sku, line.lot) == key), None)
        return found or TransferLine(key.sku, key.lot)

    @property
    def in_transit(self) -> int:
        """Units on the way."""
        return sum(line.in_transit for line in self.lines)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one receipt scan was: ``arrived`` leave transit, ``recovered`` had been given up, ``found`` are surplus."""

    transfer: Transfer
    arrived: int
    recovered: int
    found: int


@dataclass(frozen=True, slots=True)
class Closing:
    """The transfer closed, and the lines with a difference: lost or found."""

    transfer: Transfer
    differences: tuple[TransferLine, ...]


def planned(source: int, destination: int, wanted: dict[Key, int]) -> Transfer:
    """A plan; raise DomainError("invalid") for nothing to move, a place to itself or a quantity below one."""
    if source == destination:
        raise DomainError("invalid", "expected two different sites")
    if not wanted or min(wanted.values()) < 1:
        raise DomainError("invalid", "expected at least one unit of at least one product")
    lines = tuple(TransferLine(key.sku, key.lot, planned=units) for key, units in sorted(wanted.items()))
    return Transfer(source, destination, _S.PLANNED, lines)


def dispatch(transfer: Transfer, key: Key, units: int) -> Transfer:
    """Units scanned out of the source. More than planned is for the caller to check against what is available."""
    _need(transfer, "dispatch", _S.PLANNED, _S.LOADING)
    _positive(units)
    line = transfer.line(key)
    return _with(replace(transfer, state=_S.LOADING), replace(line, dispatched=line.dispatched + units))


def depart(transfer: Transfer) -> Transfer:
    """The source is done; raise DomainError("nothing_dispatched") when nothing was scanned out."""
    _need(transfer, "depart", _S.PLANNED, _S.LOADING)
    if not transfer.in_transit:
        what = "nothing was scanned out: scan it, or cancel the transfer"
        raise DomainError("nothing_dispatched", what, says="goods_none_out")
    return replace(transfer, state=_S.ON_THE_WAY)


def receive(transfer: Transfer, key: Key, units: int) -> Arrival:
    """Units scanned in at the destination; also after closing, when a lost box turns up late.

    The first one ends loading: whatever the source still scans now did not leave with this truck.
    """
    _need(transfer, "receive", _S.LOADING, _S.ON_THE_WAY, _S.CLOSED)
    _positive(units)
    line = transfer.line(key)
    arrived = min(units, line.in_transit)
    recovered = min(units - arrived, line.lost)
    found = units - arrived - recovered
    after = replace(
        line,
        received=line.received + arrived + recovered,
        lost=line.lost - recovered,
        found=line.found + found,
    )
    state = _S.ON_THE_WAY if transfer.state is _S.LOADING else transfer.state
    return Arrival(_with(replace(transfer, state=state), after), arrived, recovered, found)


def close(transfer: Transfer) -> Closing:
    """The destination is done: what is still on the way is lost."""
    _need(transfer, "close", _S.ON_THE_WAY)
    lines = tuple(replace(line, lost=line.lost + line.in_transit) for line in transfer.lines)
    after = replace(transfer, state=_S.CLOSED, lines=lines)
    return Closing(after, tuple(line for line in lines if line.lost or line.found))


def cancel(transfer: Transfer) -> Transfer:
    """Call the plan off before anything left."""
    _need(transfer, "cancel", _S.PLANNED)
    return replace(transfer, state=_S.CANCELLED)


def _with(transfer: Transfer, line: TransferLine) -> Transfer:
    key = (line.sku, line.lot)
    others = (other for other in transfer.lines if (other.sku, other.lot) != key)
    return replace(transfer, lines=tuple(sorted((*others, line), key=lambda a: (a.sku, a.lot))))


def _need(transfer: Transfer, verb: str, *states: TransferState) -> None:
    if transfer.state not in states:
        expected = " or ".join(state.value.replace("_", " ") for state in states)
        what = f"cannot {verb} a transfer that is {transfer.state}: expected {expected}"
        raise DomainError("illegal_transition", what, says="goods_moved_on")


def _positive(units: int) -> None:
    if units < 1:
        raise DomainError("invalid", f"expected at least one unit, found {units}", says="goods_none")
