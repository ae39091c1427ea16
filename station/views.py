"""What there is to draw: frozen values the desks make and the screens show. No Textual and no wording in here."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.handoff import Load
from server.domain.packing import Session, Stop
from server.domain.reasons import Reason, Tone
from server.wire import QueueItem, Told


class Light(StrEnum):
    """A status in words and shapes: ● ok, ▲ look, ○ off."""

    OK = "ok"
    LOOK = "look"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The bottom row of every screen. ``*_text`` are short words beside the shape."""

    bench: str
    person: str
    server: Light
    server_text: str
    unsent: int
    scanner: Light
    scanner_text: str
    printer: Light
    printer_text: str
    clock_text: str = ""
    """Empty unless this bench's clock is more than 30 s off."""


@dataclass(frozen=True, slots=True)
class Flash:
    """The last verdict. ``serial`` rises with every scan, so that two equal good scans look like two."""

    serial: int
    reason: Reason
    tone: Tone
    item: str = ""
    detail: str = ""
    typed: bool = False
    words: str = ""
    """A sentence from the wording, when the reason code alone does not say it."""


class LabelStage(StrEnum):
    """After the last unit, each with a clock since ``PackView.stage_since``."""

    NONE = "none"
    CHECKED = "checked"
    BUYING = "buying"
    PRINTING = "printing"
    SCAN_LABEL = "scan_label"
    PARK = "park"
    """Not printed within 5 s: put the slip in the box, it is parked; pack on."""
    FAILED = "failed"


class Bought(StrEnum):
    """What is true of the purchase; always shown after an error."""

    NOT_BOUGHT = "not_bought"
    CHECKING = "checking"
    BOUGHT = "bought"


@dataclass(frozen=True, slots=True)
class ParkedBox:
    """A box that waits for its label; scanning its slip resumes it."""

    number: str
    reason: str
    since: float


@dataclass(frozen=True, slots=True)
class SignInView:
    """Nobody is signed in."""

    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class QueueView:
    """Signed in, no order open: what to scan next."""

    waiting: int
    items: tuple[QueueItem, ...]
    parked: tuple[ParkedBox, ...] = ()
    opening: str = ""
    """The reference being opened right now, or empty."""
    flash: Flash | None = None
    just_closed: str = ""
    """The order number closed last, for a moment of quiet pride."""


@dataclass(frozen=True, slots=True)
class PackView:
    """An open order."""

    session: Session
    stage: LabelStage = LabelStage.NONE
    stage_since: float = 0.0
    bought: Bought = Bought.NOT_BOUGHT
    stage_detail: str = ""
    parked: tuple[ParkedBox, ...] = ()
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class StopView:
    """A latched stop: fills the screen and stays. ``needs`` are the open lines as (name, variant, units left)."""

    stop: Stop
    order_number: str
    needs: tuple[tuple[str, str, int], ...] = ()
    ends: bool = False
    """Acknowledging leaves this box behind (cancelled, changed, taken over)."""
    dock: bool = False
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class DockLobbyView:
    """At the dock, no load open: scan a lane."""

    lanes: tuple[str, ...]
    opening: str = ""
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class DockView:
    """A load is open."""

    load: Load
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class LoadSummaryView:
    """Before closing (the close code again, a second or more after ``asked_at``, confirms) and after."""

    load: Load
    asked_at: float
    closed: bool = False
    closing: bool = False
    manifest_path: str = ""
    told: tuple[Told, ...] = ()
    stock_told: bool = False
    flash: Flash | None = None


View = SignInView | QueueView | PackView | StopView | DockLobbyView | DockView | LoadSummaryView
