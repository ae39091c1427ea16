"""What there is to draw: frozen values the desks make and the screens show. No Textual and no wording in here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from server.domain.benchwork.handoff import DockParcel, Load
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.dock.figures import Figures
from server.domain.dock.values import LeftReason, OnTruck, OtherLoad
from server.domain.packing.order import Mode
from server.domain.packing.session import Session, Stop
from server.wire import CarrierClose, DueLine, Lane, QueueItem, Told
from station.goods_sheet import GoodsSheet

NO_CARRIER_CLOSE = CarrierClose()


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
    OUTSIDE = "internet off"
    KEYBOARD = "keyboard"
    NONE = "none"
    NOT_CONNECTED = "not connected"
    BUSY = "in use"
    BROKEN = "broken"
    QUIET = "quiet"
    UNHEARD = "not heard"
    NO_PRINTER = "no printer"
    KEPT_BACK = "kept back"
    NEEDS_HAND = "needs a hand"
    REDIRECTED = "prints at"
    PRINTS_FOR = "prints for"
    UNASKED = "not asked"
    SPOOL = "spool"
    OVER = "overloaded"
    UNDER = "below zero"
    FAULT = "fault"
    ASLEEP = "asleep"


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
    mode: Mode = Mode.BLOCK
    called: float | None = None
    """Since when somebody is called."""
    clock_off: float = 0.0
    """Seconds this bench's clock is ahead of the server's; 0 unless that is more than 30 either way."""
    language: str = ""
    """Of whoever is signed in, else the bench's own; empty for English. So is the theme, empty for the dark one."""
    theme: str = ""
    secret: bool = False
    """A PIN is asked for: what is typed is shown as dots."""
    scale: Lamp | None = None
    """None where there is none."""
    clock_unset: bool = False
    """No time server keeps this bench's clock, and the server has not been heard to agree with it."""


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
    PIN = "pin"
    PIN_WRONG = "pin_wrong"
    PIN_LOCKED = "pin_locked"
    DAY_OVER = "day_over"
    ELSEWHERE = "elsewhere"
    IDLE = "idle"
    OPENING = "opening"
    OPENING_BY_ITEM = "opening_by_item"
    COUNT_BOX = "count_box"
    OUT_OF_BOX = "out_of_box"
    ALL_OUT = "all_out"
    STAYS_IN = "stays_in"
    TAKE_OUT_FIRST = "take_out_first"
    LEFT_TO_LEAD = "left_to_lead"
    ANOTHER = "another"
    PUT_BACK = "put_back"
    HOLD_BADGE = "hold_badge"
    SLIP_TOTE_ITEM = "slip_tote_item"
    NO_SINGLE = "no_single"
    NOT_IN_TOTE = "not_in_tote"
    ITEM_OF_TOTE = "item_of_tote"
    TOTE_MATE = "tote_mate"
    TOTE_IS_EMPTY = "tote_is_empty"
    LEFT_OVER = "left_over"
    TAKE_FREE = "take_free"
    TAKE_BADGE = "take_badge"
    TAKE_WALK = "take_walk"
    SUPERVISOR_NOW = "supervisor_now"
    NOTHING_TO_TAKE_OVER = "nothing_to_take_over"
    TAKING_OVER = "taking_over"
    RELEASE_ASK = "release_ask"
    RELEASING = "releasing"
    RELABEL_PARCEL = "relabel_parcel"
    RELABEL_WHY = "relabel_why"
    RELABEL_BADGE = "relabel_badge"
    RELABELLING = "relabelling"
    NOT_RELABELLED = "not_relabelled"
    RELABEL_OFF = "relabel_off"
    PARK_FIRST = "park_first"
    THIS_ORDER = "this_order"
    GOES_ON = "goes_on"
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
    REPRINT_WHICH = "reprint_which"
    REPRINTING = "reprinting"
    REPRINT_OVER = "reprint_over"
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
    REDIRECTED = "redirected"
    PRINTS_HERE = "prints_here"
    NO_OTHER_PRINTER = "no_other_printer"
    SCANNER_HERE = "scanner_here"
    SCANNER_ELSEWHERE = "scanner_elsewhere"
    CALLED = "called"
    CALL_ENDED = "call_ended"
    COMING = "coming"
    HELP = "help"
    MAY_NOT_FORCE = "may_not_force"
    MAY_NOT_ATTACH = "may_not_attach"
    ATTACH_CODE = "attach_code"
    ATTACH_ITEM = "attach_item"
    ATTACHING = "attaching"
    ATTACHED = "attached"
    NOT_ATTACHED = "not_attached"
    ATTACH_OFF = "attach_off"
    OUTSIDE_LABEL = "outside_label"
    FAULT = "fault"
    WEIGHED = "weighed"
    WEIGHED_OFF = "weighed_off"
    BOX_OPENED = "box_opened"
    OPEN_BADGE = "open_badge"
    NEXT_BOX = "next_box"
    RELEASE_WHY = "release_why"
    NEW_LOAD = "new_load"
    WHICH_LOAD = "which_load"
    NEW_LOAD_BEGINS = "new_load_begins"
    BEGIN_ALONE = "begin_alone"
    PAPER_AGAIN = "paper_again"
    PAPER_WHICH = "paper_which"
    NO_PAPER = "no_paper"
    LOAD_CODE = "load_code"
    NO_PICKUP = "no_pickup"
    PICKUP_LANE = "pickup_lane"
    PICKUP_NONE = "pickup_none"
    PICKUP_ASK = "pickup_ask"
    CLOSE_REFUSED = "close_refused"
    CLOSED_ALONE = "closed_alone"
    GOODS_BEGUN = "goods_begun"
    GOODS_WAIT = "goods_wait"
    GOODS_FETCHING = "goods_fetching"
    GOODS_PAPER_FIRST = "goods_paper_first"
    GOODS_FINISH = "goods_finish"
    GOODS_ASK = "goods_ask"
    GOODS_DROP = "goods_drop"
    GOODS_BOOKING = "goods_booking"
    GOODS_BOOKED = "goods_booked"
    GOODS_AWAY = "goods_away"
    GOODS_AWAY_KEPT = "goods_away_kept"
    GOODS_REFUSED = "goods_refused"
    GOODS_UNKNOWN = "goods_unknown"
    GOODS_ONE_SHELF = "goods_one_shelf"
    GOODS_SERIAL = "goods_serial"
    GOODS_NOT_IN_BOX = "goods_not_in_box"
    GOODS_SURPLUS = "goods_surplus"
    GOODS_GONE_WHO = "goods_gone_who"
    PALLET_SSCC = "pallet_sscc"
    PALLET_PARCEL = "pallet_parcel"
    PALLET_TWICE = "pallet_twice"
    PALLET_FINISH = "pallet_finish"
    PALLET_ASK = "pallet_ask"
    PALLET_AWAY = "pallet_away"
    PALLET_BUILT = "pallet_built"
    PALLET_ALONE = "pallet_alone"
    PALLET_LABEL = "pallet_label"
    PALLET_NO_LABEL = "pallet_no_label"
    GOODS_LOT_ITEM = "goods_lot_item"
    GOODS_LOT_WHICH = "goods_lot_which"
    GOODS_LOT_SET = "goods_lot_set"
    GOODS_DAY_SET = "goods_day_set"
    GOODS_TYPED = "goods_typed"


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
    facts: tuple[tuple[str, str], ...] = ()
    """What the server's words tell, by name; "says" names the sentence of ours that says the same.

    "refused" is the server's own code; where it is missing, it was not the server that said something.
    """
    units: tuple[int, int] = (0, 0)
    """Verified and wanted, for a Note that says so."""


class LabelStage(StrEnum):
    """After the last unit; each has a clock since ``PackView.stage_since``. Not printed within 5 s, a box is parked."""

    NONE = "none"
    CHECKED = "checked"
    BUYING = "buying"
    PRINTING = "printing"
    SCAN_LABEL = "scan_label"
    FAILED = "failed"
    OUTSIDE = "outside"
    """Another tool prints the label (verify only); it is scanned back here."""


class Bought(StrEnum):
    """What is true of the purchase; always shown after an error."""

    NOT_BOUGHT = "not_bought"
    CHECKING = "checking"
    ALLOTTED = "allotted"
    """Nobody bought it yet: the server gave its number out beforehand."""
    BOUGHT = "bought"


@dataclass(frozen=True, slots=True)
class ParkedBox:
    """A box that stands aside; scanning its slip resumes it. ``to_go``: units that are not in it yet."""

    number: str
    reason: Reason
    since: float
    to_go: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """What one person did at this bench today. ``caught`` are mistakes that did not leave the house."""

    orders: int = 0
    units: int = 0
    caught: int = 0


@dataclass(frozen=True, slots=True)
class SignInView:
    """Nobody is signed in, or a PIN is asked for."""

    flash: Flash | None = None
    asks: str = ""
    """Whose PIN; what is typed meanwhile is not shown."""
    order_number: str = ""
    """Of the box that stands here open."""
    pace: Pace | None = None
    """Of whoever has just left."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """Signed in, no order open: what to scan next."""

    waiting: int | None
    """None while the server has not said yet."""
    items: tuple[QueueItem, ...]
    parked: tuple[ParkedBox, ...] = ()
    opening: str = ""
    """The reference being opened right now, or empty."""
    tote: str = ""
    """The tote items are taken out of."""
    tote_ended: str = ""
    """The tote whose last order was packed: it is asked whether it is empty."""
    flash: Flash | None = None
    just_closed: str = ""
    """The order number closed last, for a moment of quiet pride."""
    alone: bool = False
    """The server is away: only what it gave this bench beforehand can be opened."""


@dataclass(frozen=True, slots=True)
class PackView:
    """An open order."""

    session: Session
    stage: LabelStage = LabelStage.NONE
    stage_since: float = 0.0
    bought: Bought = Bought.NOT_BOUGHT
    stage_detail: str = ""
    stage_facts: tuple[tuple[str, str], ...] = ()
    """What the server's words in ``stage_detail`` tell, to be said in the language of the packer."""
    """A Note, or what the printer or the server says in its own words."""
    fetch_at: str = ""
    """The other bench whose printer has the label."""
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
    facts: tuple[tuple[str, str], ...] = ()
    """What those words tell, to be said in the language of the packer."""
    take_out: tuple[tuple[str, str, int], ...] = ()
    """Of a changed order: what lies in the box and is not wanted any more, as (name, variant, units)."""
    add: tuple[tuple[str, str, int], ...] = ()
    """And what it did not want before."""
    need_skus: tuple[str, ...] = ()
    """Of each of ``needs``."""
    wanted: tuple[tuple[str, str, str], ...] = ()
    """Other orders that wait for the item, as (number, bench, tote); with neither it is parked here."""


@dataclass(frozen=True, slots=True)
class DockLobbyView:
    """At the dock, no load open: scan a lane."""

    lanes: tuple[Lane, ...]
    opening: str = ""
    loads: tuple[OtherLoad, ...] = ()
    """Planned and open at this site."""
    due: tuple[DueLine, ...] = ()
    """What waits for a truck, by ship-by and channel."""
    day_ends: float | None = None
    asks: str = ""
    """The lane for which YES begins a new load."""
    choose: bool = False
    """That lane has several: the code of one, or YES for another."""
    known_at: float | None = None
    """The server does not answer: YES begins it with what was known then."""
    time_zone: str = "UTC"
    reprints: bool = False
    """The code of a load is asked whose paper prints once more."""
    picks: bool = False
    """The lane is asked whose parcels a driver took."""
    pickup: int | None = None
    """How many those are; YES hands them over."""
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class DockView:
    """A load is open."""

    load: Load
    figures: Figures
    time_zone: str = "UTC"
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class LoadSummaryView:
    """Before closing (the close code again, a second or more after ``asked_at``, confirms) and after."""

    load: Load
    asked_at: float
    closed: bool = False
    closing: bool = False
    manifest_path: str = ""
    printed: bool = False
    """A printer of this bench took it."""
    told: tuple[Told, ...] = ()
    stock_told: bool = False
    figures: Figures | None = None
    time_zone: str = "UTC"
    questions: tuple[Reason, ...] = ()
    """What stands in the way of the close, the gravest first."""
    pull: OnTruck | None = None
    """The cancelled parcel on the vehicle that is asked about."""
    left_reason: LeftReason | None = None
    hurry: bool = False
    """What remains was scanned; a supervisor's badge says that the rest is on the vehicle."""
    assume: bool = False
    """It was said."""
    alone: bool = False
    """The server does not answer: YES closes without it."""
    known_at: float | None = None
    """Closed without the server, which has not heard of it: cancels are known up to then."""
    carrier_close: CarrierClose = NO_CARRIER_CLOSE
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class GoodsView:
    """Goods are counted; ``names`` of its products by SKU."""

    sheet: GoodsSheet
    names: Mapping[str, str]
    waits: bool = False
    """The server does not answer; the document is kept and sent again."""
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class PalletView:
    """Parcels are put on a pallet; without ``sscc`` its code is asked for."""

    sscc: str
    parcels: tuple[DockParcel, ...]
    asked: bool = False
    """DONE was scanned once."""
    flash: Flash | None = None


AtDock = DockLobbyView | DockView | LoadSummaryView | GoodsView | PalletView
DeskView = SignInView | QueueView | PackView | StopView | AtDock


@dataclass(frozen=True, slots=True)
class HelpView:
    """What can be scanned now, over the screen ``of`` which it stands on; any scan leaves it."""

    of: DeskView
    flash: Flash | None = None


View = DeskView | HelpView
