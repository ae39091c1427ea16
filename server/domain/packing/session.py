"""Where an order stands while it is being packed, and what a scan did to it."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.masterdata.catalog import Match
from server.domain.packing.leaving import Leaving, LineChange
from server.domain.packing.order import PackOrder
from server.domain.packing.wants import PackedBox, WeightTrouble


class Phase(StrEnum):
    """Where a session is.

    PACKING   units are being verified
    STEPS     before the box closes something is open: a note, the box, its weight (see ``steps.open_steps``)
    CHECKED   every unit is verified and nothing is open; no label is known yet
    LABEL     a label was bought; its barcode must be scanned on the box
    PARKED    the box waits for its label; scanning its slip resumes
    CLOSED    the right label is on the right box
    ENDED     cancelled, changed, held or taken over: nothing counts any more
    """

    PACKING = "packing"
    STEPS = "steps"
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
    WHICH = "which"
    EMPTY_BOX = "empty_box"
    UNDO = "undo"
    PROBLEM = "problem"
    """``code`` is the Trouble where it was scanned first."""
    FORCE = "force"
    OUTSIDE_LABEL = "outside_label"
    """A doubtful code that may be the label another tool printed."""
    REOPEN = "reopen"
    """A supervisor's badge, to open a sealed box again."""
    RELEASE = "release"
    """Why a supervisor lets a weight pass, in words."""


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
    lot: str = ""
    serial: str = ""
    expires_on: str = ""
    best_before: str = ""
    """What the scan that asked had said of the item already; ISO dates."""
    confirmed: bool = False
    choices: tuple[Match, ...] = ()
    """Of a code with several meanings: those still open, in the order in which they are numbered."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What was told of units in the box: their lot, their serial number (then it is one unit), or both."""

    sku: str
    units: int
    lot: str = ""
    serial: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Counted:
    """The item that counted last: its quantity may follow."""

    sku: str
    units: int
    item: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """One scan that counted and was not taken out again: what UNDO takes back."""

    sku: str
    units: int
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
    captured: tuple[Captured, ...] = ()
    """In the order of the scans; of products kept by lot or by serial number there is one for every unit."""
    counted: Counted | None = None
    taken: tuple[Taken, ...] = ()
    """Every scan that counted, the newest last; together they are what is in the boxes."""
    asked: Asked | None = None
    """What the bench waits to be told before it goes on with something."""
    confirmed: tuple[str, ...] = ()
    """Keys of steps that were confirmed; those of a box end in its number."""
    sealing: bool = False
    """The box on the table is full and closes as soon as nothing of it is open; more goods follow in the next."""
    sealed: tuple[PackedBox, ...] = ()
    """Boxes closed so far; empty for an order in one box. Once every unit is verified the last box is here too."""
    weight_grams: int | None = None
    """Of the box on the table, goods and all."""
    weighed_off: WeightTrouble | None = None
    reopened: bool = False
    """A supervisor opened the box on the table again."""
    leaving: Leaving | None = None
    """What a changed order does not want any more, and what of it is out of the box."""

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
    WEIGHT = "weight"
    """The scale was steady at ``grams``."""
    SUPERVISOR = "supervisor"
    """A supervisor's badge was scanned for what is open: a weight, a box to be opened again, goods to be taken out."""
    CLAIM = "claim"
    """The bench opened the order by its lease, with no server in sight: always the first event, changes nothing."""
    CARRY = "carry"
    """The box of an earlier session goes on in this one: ``carried``. Only the server says so, as the first event."""
    TAKE_OUT = "take_out"
    """The order was changed: ``take_out`` is in the box and not wanted any more, ``add`` is new."""
    REPRINT = "reprint"
    """One more copy of the label of ``parcel_id`` was printed from what the bench keeps; changes nothing."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One such thing."""

    kind: FactKind
    reason: Reason = Reason.OK
    parcel_id: str = ""
    tracking: str = ""
    grams: int = 0
    box: int = 1
    """Of a label: the number of its box in the order."""
    carried: Session | None = None
    take_out: tuple[LineChange, ...] = ()
    add: tuple[LineChange, ...] = ()
