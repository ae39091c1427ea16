"""What the board shows, as frozen values ready for JSON. Times are seconds since the epoch by the server's clock."""

from dataclasses import dataclass

from server.usecases.overview.board_words import Shape


@dataclass(frozen=True, slots=True)
class Urgent:
    """One thing to do now. ``due`` counts down, ``since`` up; ``link`` is a page or a place on the board."""

    shape: Shape
    words: str
    detail: str = ""
    due: float | None = None
    since: float | None = None
    link: str = ""
    call: bool = False
    """Somebody waits for a person: before everything else."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Orders by where they are; ``shipped`` is today's, ``held`` wait for a person."""

    waiting: int = 0
    packing: int = 0
    packed: int = 0
    loaded: int = 0
    shipped: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """The next ship-by among orders that have not left, how many share it, how many are late and since when."""

    next_at: float | None = None
    count: int = 0
    late: int = 0
    late_since: float | None = None


@dataclass(frozen=True, slots=True)
class HourBar:
    """Units verified in one hour of the site's day."""

    hour: int
    units: int


@dataclass(frozen=True, slots=True)
class Pace:
    """Packed orders and verified units of the last 60 minutes and of today; ``hours`` are today's last ones."""

    orders_hour: int = 0
    units_hour: int = 0
    orders_today: int = 0
    units_today: int = 0
    hours: tuple[HourBar, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedKind:
    """Scans refused today for one reason."""

    words: str
    shape: Shape
    count: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Today's refused scans. ``people`` scanned today; ``hidden`` says that too few did to show this on a wall."""

    total: int = 0
    scans: int = 0
    people: int = 0
    kinds: tuple[RefusedKind, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class LastVerdict:
    """The newest verdict at a bench."""

    words: str
    shape: Shape
    at: float | None


@dataclass(frozen=True, slots=True)
class Device:
    """A bench's own words for its scanner or printer."""

    words: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class BenchCard:
    """One bench. ``silent_since`` is set when its heartbeat is overdue, ``clock_off`` seconds when beyond 30."""

    id: int
    name: str
    site: str
    shape: Shape
    words: str
    person: str = ""
    order: str = ""
    load: str = ""
    verified: int = 0
    units: int = 0
    since: float | None = None
    last: LastVerdict | None = None
    unsent: int = 0
    scanner: Device | None = None
    printer: Device | None = None
    clock_off: int = 0
    silent_since: float | None = None
    stopped: bool = False
    mode: str = ""
    """In words, of a bench that does not stop as the others do."""
    called_since: float | None = None
    called_why: str = ""
    assigned: int = 0
    """Orders it holds for when the server is away, the first of them since ``assigned_since``."""
    assigned_since: float | None = None
    link: str = ""
    """Its page, where a supervisor frees what it holds."""


@dataclass(frozen=True, slots=True)
class ChannelCard:
    """What waits to be told to a channel, or to be taken in from it; ``oldest`` is since when the first of it waits.

    ``words`` say what is wrong with it; empty: nothing is, or it is only late.
    """

    name: str
    waiting: int
    oldest: float | None
    shape: Shape = Shape.GOOD
    words: str = ""


@dataclass(frozen=True, slots=True)
class IncidentCard:
    """One open incident. ``about`` names an order, a parcel or a product."""

    id: int
    words: str
    cause: str
    owner: str
    deadline: float
    opened_at: float
    about: str = ""
    taken: bool = False
    """Somebody said that they look at it."""


@dataclass(frozen=True, slots=True)
class Incidents:
    """Open incidents, the most urgent first; ``top`` holds only the first ones."""

    open: int = 0
    overdue: int = 0
    top: tuple[IncidentCard, ...] = ()


@dataclass(frozen=True, slots=True)
class NextOrder:
    """An order that waits: what, from which shelf, with which carrier. Holds no name and no address."""

    number: str
    channel: str
    carrier: str
    units: int
    ship_by: float | None
    items: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the board."""

    site: str
    time_zone: str
    urgent: tuple[Urgent, ...]
    flow: Flow
    due: Due
    pace: Pace
    refused: Refused
    benches: tuple[BenchCard, ...]
    channels: tuple[ChannelCard, ...]
    incidents: Incidents
    queue: tuple[NextOrder, ...]
    people_shown: bool = True
