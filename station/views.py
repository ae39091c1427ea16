"""What there is to draw: frozen values the desks make and the screens show. No Textual and no wording in here."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.benchwork.handoff import Load
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.session import Session, Stop
from server.wire import Lane, QueueItem, Told


class Light(StrEnum):
    """A status in words and shapes: ● ok, ▲ look, ○ off."""

    OK = "ok"
    LOOK = "look"
    OFF = "off"


class State(StrEnum):
    """How a device or the server is. The board shows these codes too, so they read as words."""

    READY = "ready"
    OK = "ok"
    SLOW = "slow"
    AWAY = "off"
    NEVER = "never reached"
    NOT_ADMITTED = "not admitted"
    REFUSED = "refused"
    KEYBOARD = "keyboard"
    NONE = "none"
    NOT_CONNECTED = "not connected"
    BUSY = "in use"
    BROKEN = "broken"
    NO_PRINTER = "no printer"
    KEPT_BACK = "kept back"
    NEEDS_HAND = "needs a hand"
    SPOOL = "spool"


@dataclass(frozen=True, slots=True)
class Lamp:
    """One light of the status line. ``number`` is a count or seconds, as the state has it."""

    light: Light
    state: State
    number: float = 0.0
    words: str = ""
    """What a device says of itself."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The bottom row of every screen."""

    bench: str
    person: str
    server: Lamp
    unsent: int
    scanner: Lamp
    printer: Lamp
    clock_off: float = 0.0
    """Seconds this bench's clock is ahead of the server's; 0 unless that is more than 30 either way."""


class Note(StrEnum):
    """What a verdict or a step has to say beyond its reason; the wording has a sentence for each."""

    SIGNED_IN = "signed_in"
    HAND_OVER = "hand_over"
    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    UNKNOWN_BADGE = "badge"
    NO_ROLE = "no_role"
    MAY_NOT_PACK = "may_not_pack"
    MAY_NOT_LOAD = "may_not_load"
    BOX_FIRST = "box_first"
    OPENING = "opening"
    WAIT_OPENING = "wait_opening"
    AGAIN = "again"
    RESUMED = "resumed"
    PARKED = "parked"
    PARKED_LATE = "parked_late"
    PULL_BOX = "pull_box"
    PULL_LABEL = "pull_label"
    OPENED_ASIDE = "opened_aside"
    ITEM_FIRST = "item"
    AWAY = "away"
    AWAY_LANE = "away_lane"
    AWAY_CLOSE = "away_close"
    AWAY_LABEL = "away_label"
    REPRINT = "reprint"
    NOT_REPRINTED = "not_reprinted"
    NO_PRINTER = "no_printer"
    UNCERTAIN = "uncertain"
    CANNOT_DRAW = "cannot_draw"
    TO_DOCK = "dock"
    TO_PACK = "pack"
    LANE = "lane"
    LANE_FIRST = "lane_first"
    NO_SUCH_LANE = "no_such_lane"
    NO_LANES = "no_lanes"
    CLOSING = "closing"
    WAIT_CLOSING = "wait_closing"
    KNOWN_NOW = "known"
    DISPUTED = "disputed"
    MANIFEST = "manifest"
    JOURNAL = "journal"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Flash:
    """The last verdict. ``serial`` rises with every scan, so that two equal good scans look like two."""

    serial: int
    reason: Reason
    tone: Tone
    item: str = ""
    detail: str = ""
    """A Note, or a fact: a SKU, an order number, a code of the server or of a scanner."""
    typed: bool = False
    words: str = ""
    """What the server or a device says in its own words, cleaned; never written by this station."""


class LabelStage(StrEnum):
    """After the last unit; each has a clock since ``PackView.stage_since``. Not printed within 5 s, a box is parked."""

    NONE = "none"
    CHECKED = "checked"
    BUYING = "buying"
    PRINTING = "printing"
    SCAN_LABEL = "scan_label"
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
    reason: Reason
    since: float


@dataclass(frozen=True, slots=True)
class SignInView:
    """Nobody is signed in."""

    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class QueueView:
    """Signed in, no order open: what to scan next."""

    waiting: int | None
    """None while the server has not said yet."""
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
    """A Note, or what the printer or the server says in its own words."""
    parked: tuple[ParkedBox, ...] = ()
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class StopView:
    """A latched stop: fills the screen and stays. ``needs`` are the open lines as (name, variant, units left).

    Where it ``ends`` the box, ``stop.detail`` is the tracking number of a label bought already, or empty.
    """

    stop: Stop
    order_number: str
    needs: tuple[tuple[str, str, int], ...] = ()
    ends: bool = False
    """Acknowledging leaves this box behind (cancelled, changed, taken over)."""
    dock: bool = False
    flash: Flash | None = None
    words: str = ""
    """Why, in the server's own words; stands as long as the stop does."""


@dataclass(frozen=True, slots=True)
class DockLobbyView:
    """At the dock, no load open: scan a lane."""

    lanes: tuple[Lane, ...]
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
