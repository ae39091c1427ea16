"""What bench and server say to each other; imports the domain and printing.documents, so that both mean the same."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from printing.documents import BoxContents, BoxLabel, GiftSlip, PackingSlip, ReturnSlip, ShippingLabel
from server.domain.benchwork.handoff import Load
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import DockMode, LeftReason, OtherLoad
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import BoxType, Product, ProductCode
from server.domain.packing.leaving import LineChange
from server.domain.packing.order import Mode, PackOrder
from server.domain.packing.session import Fact, FactKind, Session
from server.domain.people import Role
from server.typed import learnt

WIRE_VERSION = 2
"""Sent as X-Wire-Version with every request; a server serves stations of this version and the one before."""

BATCH_MAX = 1000
"""Events in one request; one batch is one transaction, and nobody should wait long for it."""

ASSUMED_MAX = 20_000
"""Parcels on one vehicle that nobody scanned."""

LEASE_MAX = 2000
"""Orders a bench may hold for when the server is away: more than anybody packs in three days."""

WIRE_HEADER = "X-Wire-Version"
REQUEST_HEADER = "X-Request-Id"
AS_OF_HEADER = "X-As-Of"
"""Of an answer that says only that nothing has changed: up to when cancels are known, by the server's clock."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Seq = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Moment = Annotated[float, msgspec.Meta(ge=0, le=1e11)]
"""Seconds since the epoch which every calendar can show, up to the year 5138."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """RFC 9457 body of a refusal: ``code`` is a reason code or another stable word, ``facts`` what a bench may show."""

    code: str
    detail: str
    status: int
    title: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """The secret part of a one-time join code."""

    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinAnswer:
    """The bench's own token, shown once."""

    bench_id: int
    bench: str
    site: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """A person who can sign in at a bench."""

    person_id: int
    name: str
    roles: tuple[Role, ...]
    badge_digest: str
    """Empty for somebody who has only a badge of the day."""
    day_badge_digest: str = ""
    day_badge_day: str = ""
    """The one day, ISO, on which that badge opens anything; by the site's own calendar."""
    pin_hash: str = ""
    """Asked for after the badge where it is set; see ``domain.people.pin_fits``."""
    language: str = ""
    """In which this person reads; empty for the bench's own. So is the theme."""
    theme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A carrier as the dock knows it."""

    carrier: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a bench keeps to work with no server in sight."""

    version: int
    bench: str
    site: str
    time_zone: str
    products: tuple[Product, ...]
    codes: tuple[ProductCode, ...]
    boxes: tuple[BoxType, ...]
    people: tuple[PersonCard, ...]
    lanes: tuple[Lane, ...]
    mode: Mode = Mode.BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """What is to be packed, and on which shelf it lies."""

    name: str
    variant: str
    units: int
    bin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """An order that waits for a bench; ``goods`` are its first lines, ``service`` what it ships by."""

    number: str
    channel: str
    units: int
    lines: int
    ship_by: str | None
    carrier: str
    service: str = ""
    goods: tuple[QueueLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Orders this bench could open, most urgent first; ``waiting`` counts all of them."""

    waiting: int
    items: tuple[QueueItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """Open an order: ``ref`` is a number, slip code, channel order id, parcel or tote; ``session_id`` a fresh UUID.

    ``item`` is the barcode of what was taken out of a tote that several single-item orders share. Without a ``ref`` it
    opens the most urgent single-item order which waits for it. ``take_over``: from the bench that has it;
    ``supervisor`` is the person whose badge allows that, 0 for nobody.
    """

    ref: str
    session_id: str
    person_id: Count
    item: str = ""
    take_over: bool = False
    supervisor: Count = 0
    scale: bool = False
    """This bench has a scale: each box is to be weighed."""


EventKind = Literal[
    "scan", "label", "park", "resume", "stop", "carry", "claim", "weight", "supervisor", "take_out", "reprint"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackEvent:
    """One thing that happened in a session, as the bench journaled it. ``seq`` starts at 1 and has no gaps.

    For a scan: the raw text and flags of the reader, and the verdict the bench showed. For the rest see
    ``domain.packing.Fact``.
    """

    seq: Seq
    at: Moment
    kind: EventKind
    person_id: Count
    raw: str = ""
    source: str = ""
    typed: bool = False
    bounce: bool = False
    problem: str | None = None
    clock_off: bool = False
    """The bench knew that its clock was wrong: no lot is judged by ``at``."""
    reason: Reason = Reason.OK
    parcel_id: str = ""
    tracking: str = ""
    box: Seq = 1
    """Of a label: the number of its box."""
    grams: Count = 0
    """Of a weight."""
    parser: str = ""
    catalog_version: Count = 0
    carried: Session | None = None
    """Of the first event of a session in which an earlier box goes on; only a server makes one."""
    order_id: Count = 0
    order_version: Count = 0
    """Of a claim: the first event of an order that a bench opened by its lease, with no server in sight."""
    take_out: tuple[LineChange, ...] = ()
    """Of a changed order, as the server told it: what must come out of the box, and what is new."""
    add: tuple[LineChange, ...] = ()

    @property
    def fact(self) -> Fact:
        """What the rules see of an event that is not a scan."""
        kind, carried, changes = FactKind(self.kind), self.carried, (self.take_out, self.add)
        return Fact(kind, self.reason, self.parcel_id, self.tracking, self.grams, self.box, carried, *changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAnswer:
    """The claimed order. A bench that resumes gets its earlier session and that session's log."""

    session_id: str
    order: PackOrder
    events: tuple[PackEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRequest:
    """An order on hold is looked at again; ``person_id`` is the supervisor whose badge was scanned."""

    ref: str
    person_id: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseAnswer:
    """It may be opened now."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToteRequest:
    """The last order of a tote is packed: ``item`` is what still lies in it, empty when nothing does."""

    person_id: Count
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachRequest:
    """This barcode, as it was scanned, means one unit of the product."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
    sku: str
    person_id: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachAnswer:
    """It does; ``added`` is False where it did before."""

    sku: str
    added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReprintRequest:
    """The same label once more, asked for by this person."""

    person_id: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class RelabelRequest:
    """This parcel gets another label, at the word of this supervisor."""

    person_id: Count
    supervisor: Count
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelabelAnswer:
    """Its label is void; whoever opens this order gets the new one."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsRequest:
    """Unsent events of one session, in order."""

    events: Annotated[tuple[PackEvent, ...], msgspec.Meta(max_length=BATCH_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsAnswer:
    """The server holds everything up to ``accepted_through``; ``stop`` is set when the bench must stop."""

    accepted_through: int
    stop: Reason | None = None
    stop_detail: str = ""
    stop_says: dict[str, str] = field(default_factory=dict)
    take_out: tuple[LineChange, ...] = ()
    add: tuple[LineChange, ...] = ()
    """The last three as of ``SessionStop``."""
    tote_done: str = ""
    """The shared tote whose last order was packed by these events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOrder:
    """An order of its lease that a bench has in this version, with this label allotted beforehand, if any."""

    order_id: Count
    version: Count
    tracking: Annotated[str, msgspec.Meta(max_length=64)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRequest:
    """Who waits for this product?"""

    sku: Annotated[str, msgspec.Meta(max_length=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An order that waits for it: at that bench, in that tote, or (with neither) in a box parked here."""

    number: str
    units: int
    bench: str = ""
    tote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAnswer:
    """At most three of them."""

    orders: tuple[Wanted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRequest:
    """What a bench has of its lease; an order it does not name comes again."""

    held: Annotated[tuple[HeldOrder, ...], msgspec.Meta(max_length=LEASE_MAX)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What is printed beside a label, as its channel wants it."""

    slip: PackingSlip | None = None
    gift_slip: GiftSlip | None = None
    box_contents: BoxContents | None = None
    box: BoxLabel | None = None
    return_slip: ReturnSlip | None = None

    def by_kind(self) -> dict[str, Any]:
        """The documents by their kind in `printing.kinds`, in the order in which they are wanted."""
        named = {
            "slip": self.slip,
            "gift-slip": self.gift_slip,
            "return": self.return_slip,
            "box-contents": self.box_contents,
            "box": self.box,
        }
        return {kind: document for kind, document in named.items() if document is not None}


NO_PAPERS = Papers()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAnswer:
    """The one label of this parcel and its papers; asking again gives the same ones."""

    parcel_id: str
    tracking: str
    label: ShippingLabel
    papers: Papers = NO_PAPERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotted:
    """A label given out beforehand, for an order that goes in one box; the box's weight and day are not known yet."""

    order_id: Count
    version: Count
    """Of the order: its label is good for no other."""
    label: LabelAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseAnswer:
    """All orders this bench may open by itself until then, the most urgent first; those it does not have yet come
    along, at most 100 at a time: ask again while some are missing."""

    until: Moment
    order_ids: tuple[int, ...] = ()
    orders: tuple[PackOrder, ...] = ()
    totes: dict[int, str] = field(default_factory=dict)
    """The tote in which each of them lies, by order id; those in none are missing."""
    labels: tuple[Allotted, ...] = ()
    """Those the bench does not have yet, at most 100 at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedAnswer:
    """Numbers of orders whose buyers were erased: a bench forgets their labels and papers."""

    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStop:
    """A session of this bench that must stop. ``says`` names the sentence of ``detail``, and what it tells.

    Of a changed order: what lies in the box and is not wanted any more, and what it did not want before.
    """

    session_id: str
    reason: Reason
    detail: str = ""
    says: dict[str, str] = field(default_factory=dict)
    take_out: tuple[LineChange, ...] = ()
    add: tuple[LineChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterSeen:
    """A printer of a bench whose paper may go to the ones in ``redirect``.

    ``kinds``: what it prints; none means whatever no other printer of the bench is named for. ``sent``: where paper of
    a kind goes now (no kind: all of it); nothing for what comes out of it.
    """

    name: str
    kinds: tuple[str, ...] = ()
    redirect: tuple[str, ...] = ()
    sent: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFor:
    """Paper of an order that comes out at another bench than the one that packs it; ``bench`` is the other one."""

    bench: str
    order_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperOrder:
    """A supervisor sends paper of a bench elsewhere: of a ``kind`` (empty: all of it), to a printer (empty: home)."""

    order_id: str
    kind: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What the supervisor's page shows of this bench; sent every second. ``at`` is the bench's clock."""

    at: Moment
    unsent: Count = 0
    desk: Literal["sign-in", "pack", "dock"] = "sign-in"
    person_id: Count | None = None
    signed_in_at: Moment | None = None
    """When that person signed in, by the bench's clock."""
    order_number: str | None = None
    phase: str | None = None
    verified: Count = 0
    units: Count = 0
    since: Moment | None = None
    last_reason: Reason | None = None
    last_at: Moment | None = None
    load_id: str | None = None
    scanner: str = ""
    printer: str = ""
    call_since: Moment | None = None
    """Somebody is wanted at this bench since then, because of this."""
    call_reason: Reason | None = None
    open_sessions: tuple[str, ...] = ()
    printers: tuple[PrinterSeen, ...] = ()
    paper_elsewhere: tuple[PaperFor, ...] = ()
    """Of this bench, that comes out elsewhere."""
    paper_done: tuple[str, ...] = ()
    """The orders about paper that this bench has carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatAnswer:
    """The server's clock, what must stop here, and whether the bench's copies are still fresh."""

    at: Moment
    stops: tuple[SessionStop, ...] = ()
    snapshot_version: int = 0
    call_answered: bool = False
    """Somebody comes: the call was closed on the supervisor's page."""
    signed_in_elsewhere: str = ""
    """The bench at which the person of this message has signed in since: here their badge opens nothing more."""
    unreachable: tuple[str, ...] = ()
    """Names of channels and carriers that do not answer the server: the internet is away, or they are."""
    paper: tuple[PaperOrder, ...] = ()
    """Sent by a supervisor and not yet said to be done, the oldest first."""
    guests: tuple[PaperFor, ...] = ()
    """Paper of other benches that comes out at this one; here ``bench`` is whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRequest:
    """Open (or rejoin) a load at this bench's site: of the lane of a ``carrier``, or the one named by ``load_id``.

    A lane with one open or planned load rejoins that. With several the answer is the problem ``which_load``, whose fact
    ``loads`` names them, until one's own code is scanned. With none it is ``need_confirm``, until somebody says yes.
    """

    carrier: str = ""
    person_id: Count
    load_id: str = ""
    yes: bool = True
    """A new load is wanted where there is none."""
    another: bool = False
    """A new load is wanted beside those there are, on another trailer."""
    trailer: Annotated[str, msgspec.Meta(max_length=64)] = ""
    driver: Annotated[str, msgspec.Meta(max_length=120)] = ""
    client_id: Annotated[str, msgspec.Meta(max_length=36)] = ""
    """A UUID of a load that a dock began with no network: the same id is the same load, however often it is sent.

    It is never refused for who began it: what is on the vehicle is judged scan by scan.
    """
    begun_at: Moment | None = None
    """When that dock began it, by its own clock."""


CarrierCloseState = Literal["none", "asking", "pending", "closed", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierClose:
    """Whether the carrier knows what leaves (SCAN form, ground close).

    ``none``: it does not want to know. ``asking``: it was not reached yet. ``pending``: it has not decided. Only
    ``closed`` is accepted; ``refused`` says why in ``text``.
    """

    state: CarrierCloseState = "none"
    text: str = ""
    reference: str = ""
    next_at: float | None = None
    tries: int = 0
    left_out: tuple[str, ...] = ()
    """Tracking numbers the carrier has not taken with it."""
    has_form: bool = False
    """Its own paper is at /api/loads/{load}/form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How far one channel has been told of this load's parcels."""

    channel: str
    told: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadAnswer:
    """The load as the server sees it."""

    load: Load
    told: tuple[Told, ...] = ()
    stock_told: bool = False
    as_of: float = 0.0
    """Cancels are known up to this time, by the server's clock."""
    carrier_close: CarrierClose = field(default_factory=CarrierClose)
    version: str = ""
    """Asked for again with ``?seen=`` this, the answer is 304 and ``AS_OF_HEADER`` while nothing has changed."""
    base: str = ""
    """Empty: the load comes with all its parcels. Else, asked with ``&changes=1``, with those of ``groups`` alone: they
    take the place of all parcels of these groups in this version (see ``server.domain.dock.groups``)."""
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """So many parcels of a channel, ready and on no load, must leave by then."""

    ship_by: float | None
    channel: str
    carrier: str
    parcels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DockAnswer:
    """The dock of a site before a load is chosen: its loads, and what must leave, by ship-by and channel (HND-03)."""

    loads: tuple[OtherLoad, ...] = ()
    due: tuple[DueLine, ...] = ()
    day_ends: float | None = None
    no_dock_scan: bool = False
    """Here nothing is scanned at the dock: PICKUP and a lane hand over everything of that lane."""
    pickups: dict[str, int] = field(default_factory=dict)
    """So many parcels a pickup takes now, by carrier; only where nothing is scanned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YardAnswer:
    """What a dock needs to begin a load with no network: a load of nobody, with every parcel of its site."""

    load: Load
    as_of: float = 0.0
    """Cancels are known up to this time, by the server's clock."""
    version: str = ""
    """Asked for again with ``?seen=`` this, the answer is 304 and ``AS_OF_HEADER`` while nothing has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DockEvent:
    """One scan at the dock, as the bench journaled it."""

    seq: Seq
    at: Moment
    person_id: Count
    raw: str
    source: str = ""
    typed: bool = False
    bounce: bool = False
    problem: str | None = None
    reason: Reason = Reason.OK
    mode: DockMode = DockMode.LOAD
    """In which the dock judged it, before the scan."""
    parcels: Annotated[tuple[str, ...], msgspec.Meta(max_length=BATCH_MAX)] = ()
    """Of a pallet: ids of what stood on it as the dock knew it. It holds also where the pallet is another by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DockEventsRequest:
    """Unsent scans of one dock session, in order."""

    dock_session: Annotated[str, msgspec.Meta(min_length=1, max_length=36)]
    events: Annotated[tuple[DockEvent, ...], msgspec.Meta(max_length=BATCH_MAX)]
    picture: bool = True
    """Whether the answer's load comes with its parcels; a station asks for them by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DockEventsAnswer:
    """The server's own verdict of the last event, and the load after it."""

    accepted_through: int
    load: Load
    reason: Reason | None = None
    as_of: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingRequest:
    """Somebody has the summary of this load on the screen, or went ``back`` to loading."""

    person_id: Count
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRequest:
    """Close the load: freezes the manifest. ``loaded`` is the count the person confirmed, without what is assumed.

    What stands in its way is refused as ``pull_first``, ``set_aside``, ``need_reason`` or ``changed``. A close that a
    dock made with no network (``closed_at``) is never refused: the vehicle has left, differences become incidents.
    """

    person_id: Count
    loaded: Count
    left_reason: LeftReason | None = None
    """Why parcels stay behind, once for all of them."""
    left_words: Annotated[str, msgspec.Meta(max_length=300)] = ""
    unreachable: Annotated[tuple[str, ...], msgspec.Meta(max_length=BATCH_MAX)] = ()
    """Ids of cancelled parcels which are on the vehicle and cannot be pulled."""
    assume: bool = False
    """The rest is loaded, by the word of ``supervisor``."""
    assumed: Count = 0
    """So many parcels, as the person saw it on the screen."""
    assumed_ids: Annotated[tuple[str, ...], msgspec.Meta(max_length=ASSUMED_MAX)] = ()
    """Which they are. With no network only these are assumed: more may be ready by the time the server hears of it."""
    waive_aside: bool = False
    """What was set aside is settled, by the word of ``supervisor``."""
    supervisor: Count = 0
    closed_at: Moment | None = None
    cancels_known_at: Moment | None = None
    """Up to when that dock knew of cancels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupRequest:
    """A driver took everything that is ready for this carrier, at a site that scans nothing at its dock."""

    carrier: str
    person_id: Count
    count: Count
    """Parcels that the screen showed; another number is the problem ``changed``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PalletRequest:
    """These parcels, by id, and no others stand on the pallet with this SSCC; the same again changes nothing."""

    person_id: Count
    sscc: Annotated[str, msgspec.Meta(min_length=18, max_length=20)]
    parcels: Annotated[tuple[str, ...], msgspec.Meta(max_length=BATCH_MAX)]
    built_at: Moment | None = None
    """When a dock with no network built it. Then it is never refused: what may not leave is found when it is loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPalletRequest:
    """A pallet without a label needs a number."""

    person_id: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class PalletCode:
    """18 digits that no other pallet has."""

    sscc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PalletAnswer:
    """So many parcels stand on it."""

    parcels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsLine:
    """Units of one lot of one product, as they were scanned or are expected; ``expires_on`` an ISO date or empty."""

    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    units: Count
    lot: Annotated[str, msgspec.Meta(max_length=64)] = ""
    expires_on: Annotated[str, msgspec.Meta(max_length=10)] = ""
    serials: Annotated[tuple[str, ...], msgspec.Meta(max_length=1000)] = ()


GoodsKind = Literal["receive", "put-back", "send", "arrive", "count"]
"""A delivery comes; a cancelled box goes back to the shelf; a transfer leaves; a transfer comes; a shelf is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsAsk:
    """What is expected of this delivery note, cancelled parcel or order, or transfer; for a count, of this shelf."""

    kind: GoodsKind
    ref: Annotated[str, msgspec.Meta(max_length=120)] = ""
    sku: Annotated[str, msgspec.Meta(max_length=64)] = ""
    lot: Annotated[str, msgspec.Meta(max_length=64)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsExpected:
    """``ref`` as the server calls it, and its list; empty where nobody announced one."""

    ref: str
    lines: tuple[GoodsLine, ...] = ()
    expected: int | None = None
    """Of a count: units on the shelf by the book. Not shown before the shelf is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsDocument:
    """All that was scanned; the same ``key`` again books nothing more and gets the same answer."""

    kind: GoodsKind
    person_id: Count
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    ref: Annotated[str, msgspec.Meta(max_length=120)] = ""
    lines: Annotated[tuple[GoodsLine, ...], msgspec.Meta(max_length=500)] = ()
    expected: int | None = None
    """Of a count: what ``GoodsExpected`` said."""
    gone: bool = False
    """Of a put-back: what was not scanned is not in the box; a supervisor says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsBooked:
    """It is booked. ``missing`` and ``surplus`` are units beside the list; ``before`` and ``after``: of a count."""

    missing: int = 0
    surplus: int = 0
    before: int | None = None
    after: int | None = None


T = TypeVar("T")


def encode(message: object) -> bytes:
    """JSON bytes of a message."""
    return msgspec.json.encode(message)


def decode(body: bytes, kind: type[T]) -> T:
    """A message from JSON bytes; raise DomainError("malformed") naming the field, what was expected and what came."""
    try:
        return msgspec.json.decode(body, type=learnt(kind))
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DomainError("malformed", f"{kind.__name__}: {error}") from error


def instant(at: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC, to the millisecond: how answers and messages tell a time."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
