"""Where an order stands while it is being packed, and what a scan did to it."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.order import PackOrder


class Phase(StrEnum):
    """Where a session is.

    PACKING   units are being verified
    CHECKED   every unit is verified; no label is known yet
    LABEL     a label was bought; its barcode must be scanned on the box
    PARKED    the box waits for its label; scanning its slip resumes
    CLOSED    the right label is on the right box
    ENDED     cancelled, changed, held or taken over: nothing counts any more
    """

    PACKING = "packing"
    CHECKED = "checked"
    LABEL = "label"
    PARKED = "parked"
    CLOSED = "closed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Stop:
    """A latched stop. ``item`` names what was scanned, ``not_counted`` lists what was scanned since.

    A product refused because there is too much of it has its ``units`` (6 for a case of six) and ``wanted``, the units
    of its SKU the box still needs: where some are, the item is right and only the case is too large.
    """

    reason: Reason
    item: str = ""
    variant: str = ""
    detail: str = ""
    not_counted: tuple[str, ...] = ()
    units: int = 0
    wanted: int = 0

    @property
    def case_too_large(self) -> bool:
        """Whether single units of the same item would still be right."""
        return self.reason is Reason.OVER_QUANTITY and 0 < self.wanted < self.units


class AskedKind(StrEnum):
    """What a session can wait for; ``rules.ANSWERS`` has a function for each."""

    LOT = "lot"
    OTHER_LOT = "other_lot"
    SERIAL = "serial"
    EMPTY_BOX = "empty_box"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, asked by the scan at ``at`` (seconds since the epoch) about ``sku``; ``code`` is what was scanned.

    Kept as JSON with the session: plain values only.
    """

    kind: AskedKind
    at: float
    sku: str = ""
    units: int = 0
    code: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One order being packed. ``counts`` runs parallel to ``order.lines``."""

    session_id: str
    order: PackOrder
    counts: tuple[int, ...]
    phase: Phase = Phase.PACKING
    stop: Stop | None = None
    unknown_run: int = 0
    parcel_id: str | None = None
    tracking: str | None = None
    box_type: str | None = None
    last_line: int | None = None
    asked: Asked | None = None
    """What the bench waits to be told before it goes on with something."""

    @property
    def open_units(self) -> int:
        """Units still to be verified."""
        return sum(line.quantity for line in self.order.lines) - sum(self.counts)

    def open_of(self, index: int) -> int:
        """Units of one line still to be verified."""
        return self.order.lines[index].quantity - self.counts[index]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one scan: the reason, the sound, and the session that follows."""

    reason: Reason
    tone: Tone
    session: Session
    line_no: int | None = None
    units: int = 0
    item: str = ""
    detail: str = ""


class FactKind(StrEnum):
    """Things that happen to a session and are not scans."""

    LABEL = "label"
    """A label was bought: ``parcel_id`` and ``tracking``."""
    PARK = "park"
    RESUME = "resume"
    STOP = "stop"
    """The server says stop: ``reason``."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One such thing."""

    kind: FactKind
    reason: Reason = Reason.OK
    parcel_id: str = ""
    tracking: str = ""
