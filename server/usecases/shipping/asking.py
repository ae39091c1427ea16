"""All carriers are asked at once; a dead or slow one is cut off, counted, and left out for a while (RAT-01)."""

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine

from server import carriers
from server.carriers import Account, Capabilities
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.rates.circuit import FAILURES, Circuit
from server.domain.rates.values import Offer, Silent, Verdict
from server.trade.shipping import Consignment
from server.usecases.shipping.offering import Found, offered

_LEFT_OUT = "it did not answer before and is left out for a while"
_BUSY = "it was busy with other parcels"
log = structlog.get_logger("rates")
clock = time.monotonic
"""Seconds; how long an account rests does not hang on a clock that people put right."""
Late = Callable[[Found], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for which an answer is waited for, and those that an account may take by the rules."""

    seconds: float
    full: float


@dataclass(slots=True)
class Answers:
    """What came in time: offers, and who made none and why, by account."""

    offers: list[Offer] = field(default_factory=list)
    silent: dict[str, Silent] = field(default_factory=dict)
    failed: str = ""
    """An account that has just sold no label for this parcel, whatever it answers now."""

    @property
    def said(self) -> tuple[Silent, ...]:
        """All that is against accounts."""
        text = "no label could be bought from it just now"
        failed = (Silent(self.failed, Verdict.FAILED, text),) if self.failed else ()
        return (*self.silent.values(), *failed)

    @property
    def missing(self) -> list[str]:
        """Accounts that may well have offers, but did not answer."""
        gone = (Verdict.NO_ANSWER, Verdict.LEFT_OUT, Verdict.NOT_ASKED)
        return [code for code, each in self.silent.items() if each.verdict in gone]


class _Round:
    """One question to several accounts; who answers after its end is late."""

    def __init__(self, db: Database, what: Consignment, patience: Patience, late: Late, codes: Iterable[str]) -> None:
        self.db, self.desk, self.what, self.late = db, _desk_of(db), what, late
        self.patience, self.began = patience, clock()
        self._open, self._left = threading.Condition(), set(codes)
        self._over = False
        self.asked: set[str] = set()
        """Accounts whose turn came."""
        self.answers = Answers()

    @property
    def over(self) -> bool:
        """Whether nobody waits for it any more."""
        with self._open:
            return self._over

    @property
    def short(self) -> bool:
        """Whether it ends before the accounts have had their time: who is late then has not failed yet."""
        return self.patience.seconds < self.patience.full

    def put(self, code: str, found: Found) -> bool:
        """Take an answer; False when it is too late."""
        with self._open:
            if self._over:
                return False
            self._left.discard(code)
            if isinstance(found, Silent):
                self.answers.silent[code] = found
            else:
                self.answers.offers.extend(found)
            self._open.notify_all()
            return True

    def end(self) -> set[str]:
        """Wait for all, but not longer than its patience; who has not answered."""
        with self._open:
            self._open.wait_for(lambda: not self._left, self.patience.seconds)
            self._over = True
            return self._left


@dataclass(slots=True)
class _Desk:
    """What this process knows of the accounts of one database."""

    circuits: dict[str, Circuit] = field(default_factory=dict)
    waiting: dict[str, deque[_Round]] = field(default_factory=dict)
    """Questions to a busy account, the oldest first: whoever asks it there goes on with them."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def admitted(self, code: str, round_: _Round, now: float) -> bool | None:
        """Whether the account is asked now; it counts as asked then. None where it is busy: its turn comes."""
        with self.lock:
            circuit = self.circuits.get(code, Circuit())
            if circuit.may_ask(now):
                self.circuits[code] = circuit.asked()
                return True
            if circuit.busy:
                self.waiting.setdefault(code, deque()).append(round_)
                return None
            return False

    def ended(self, code: str, now: float) -> _Round | None:
        """One question is over; the next one whose turn it is. Who waits for an account that rests by now is told."""
        with self.lock:
            circuit, turns = self.circuits.get(code, Circuit()).ended(), self.waiting.get(code, deque())
            while turns:
                following = turns.popleft()
                if following.over:
                    continue
                if circuit.may_ask(now):
                    self.circuits[code] = circuit.asked()
                    return following
                following.put(code, Silent(code, Verdict.LEFT_OUT, _LEFT_OUT))
            self.circuits[code] = circuit
            return None

    def rests(self, code: str) -> bool:
        """Whether it is known to be silent."""
        with self.lock:
            return self.circuits.get(code, Circuit()).failures >= FAILURES

    def change(self, code: str, step: Callable[[Circuit], Circuit]) -> None:
        with self.lock:
            self.circuits[code] = step(self.circuits.get(code, Circuit()))


_desks: weakref.WeakKeyDictionary[Engine, _Desk] = weakref.WeakKeyDictionary()
_making = threading.Lock()


def ask_all(db: Database, known: Mapping[str, Account], what: Consignment, patience: Patience, late: Late) -> Answers:
    """Ask every active account that can quote; ``late`` is given what comes after.

    It never raises for what a carrier does.
    """
    asked = _askable(known)
    round_ = _Round(db, what, patience, late, asked)
    for code in asked:
        if what.crosses and not abilities(known[code]).customs:
            round_.put(code, Silent(code, Verdict.REFUSED, "it takes no parcel over a border"))
        elif admitted := round_.desk.admitted(code, round_, clock()):
            threading.Thread(target=_turns, args=(round_, code), name=f"quote {code}", daemon=True).start()
        elif admitted is False:
            round_.put(code, Silent(code, Verdict.LEFT_OUT, _LEFT_OUT))
    for code in round_.end():
        if code not in round_.asked:
            round_.answers.silent[code] = Silent(code, Verdict.NOT_ASKED, _BUSY)
            continue
        if not round_.short:
            round_.desk.change(code, lambda circuit: circuit.failed(clock()))
        text = f"it did not answer within {patience.seconds:.1f} s"
        round_.answers.silent[code] = Silent(code, Verdict.NO_ANSWER, text)
    return round_.answers


def unasked(db: Database, known: Mapping[str, Account]) -> dict[str, Silent]:
    """Why nothing is known of those that could have been asked: they are left out anyhow, or there was no time."""
    desk, found = _desk_of(db), {}
    for code in _askable(known):
        if desk.rests(code):
            found[code] = Silent(code, Verdict.LEFT_OUT, _LEFT_OUT)
        else:
            found[code] = Silent(code, Verdict.NOT_ASKED, "there was no time to ask it")
    return found


def _askable(known: Mapping[str, Account]) -> list[str]:
    return [code for code, account in known.items() if account.active and abilities(account).quote]


def _turns(round_: _Round, code: str) -> None:
    following: _Round | None = round_
    while following is not None:
        _one(following, code)
        following = round_.desk.ended(code, clock())


def _one(round_: _Round, code: str) -> None:
    desk = round_.desk
    round_.asked.add(code)
    try:
        found = offered(round_.db, code, round_.what)
        in_time = round_.put(code, found)
        if in_time or round_.short:
            silent = isinstance(found, Silent) and found.verdict is Verdict.NO_ANSWER
            failed = silent or (not in_time and clock() - round_.began > round_.patience.full)
            desk.change(code, lambda circuit: circuit.failed(clock()) if failed else circuit.answered())
        if not in_time:
            round_.late(found)
    except Exception:
        log.exception("an answer came late and could not be kept", carrier=code)


def abilities(account: Account) -> Capabilities:
    """What the carrier of an account can do; nothing where its settings cannot work."""
    try:
        return carriers.capabilities(account)
    except DomainError:
        return Capabilities(look_up=False)


def _desk_of(db: Database) -> _Desk:
    with _making:
        return _desks.setdefault(db.engine, _Desk())
