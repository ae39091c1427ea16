"""All carriers are asked at once; a dead or slow one is cut off, counted, and left out for a while (RAT-01)."""

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine

from server import carriers
from server.calls.troubles import Refused, Trouble
from server.carriers import Account, Capabilities
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.rates.circuit import Circuit
from server.domain.rates.values import Offer, Silent, Verdict
from server.trade.shipping import Consignment, Quote
from server.usecases.benchwork.wants import plain
from server.usecases.shipping.accounts import counter_of

_NAME_MAX, _SERVICE_MAX = 120, 64
log = structlog.get_logger("rates")
Late = Callable[[tuple[Offer, ...]], None]


@dataclass(slots=True)
class Answers:
    """What came in time: offers, and who made none and why."""

    offers: list[Offer] = field(default_factory=list)
    silent: dict[str, Silent] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """Accounts that may well have offers, but did not answer."""
        gone = (Verdict.NO_ANSWER, Verdict.LEFT_OUT)
        return [code for code, each in self.silent.items() if each.verdict in gone]


class _Round:
    """One question to several accounts; who answers after its end is late."""

    def __init__(self, db: Database, what: Consignment, late: Late, codes: Iterable[str]) -> None:
        self.db, self.desk, self.what, self.late = db, _desk_of(db), what, late
        self._open, self._left = threading.Condition(), set(codes)
        self._over = False
        self.answers = Answers()

    def put(self, code: str, found: tuple[Offer, ...] | Silent) -> bool:
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

    def end(self, seconds: float) -> set[str]:
        """Wait for all, but not longer; who has not answered."""
        with self._open:
            self._open.wait_for(lambda: not self._left, seconds)
            self._over = True
            return self._left


@dataclass(slots=True)
class _Desk:
    """What this process knows of the accounts of one database."""

    circuits: dict[str, Circuit] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def admitted(self, code: str, now: float) -> bool:
        """Whether the account is asked now; it counts as asked then."""
        with self.lock:
            circuit = self.circuits.get(code, Circuit())
            if circuit.may_ask(now):
                self.circuits[code] = circuit.asked()
                return True
            return False

    def change(self, code: str, step: Callable[[Circuit], Circuit]) -> None:
        with self.lock:
            self.circuits[code] = step(self.circuits.get(code, Circuit()))


_desks: weakref.WeakKeyDictionary[Engine, _Desk] = weakref.WeakKeyDictionary()
_making = threading.Lock()


def ask_all(db: Database, known: Mapping[str, Account], what: Consignment, seconds: float, late: Late) -> Answers:
    """Ask every active account that can quote, for at most so many seconds; ``late`` is given what comes after.

    It never raises for what a carrier does.
    """
    asked = [code for code, account in known.items() if account.active and abilities(account).quote]
    round_ = _Round(db, what, late, asked)
    for code in asked:
        if round_.desk.admitted(code, db.now()):
            threading.Thread(target=_one, args=(round_, code), name=f"quote {code}", daemon=True).start()
        else:
            round_.put(code, Silent(code, Verdict.LEFT_OUT, "it did not answer before and is left out for a while"))
    for code in round_.end(seconds):
        round_.desk.change(code, lambda circuit: circuit.failed(db.now()))
        text = f"it did not answer within {seconds:.1f} s"
        round_.answers.silent[code] = Silent(code, Verdict.NO_ANSWER, text)
    return round_.answers


def _one(round_: _Round, code: str) -> None:
    db, desk = round_.db, round_.desk
    try:
        found = _answer(db, code, round_.what)
        failed = isinstance(found, Silent) and found.verdict is Verdict.NO_ANSWER
        if round_.put(code, found):
            desk.change(code, lambda circuit: circuit.failed(db.now()) if failed else circuit.answered())
        elif not isinstance(found, Silent):
            round_.late(found)
    except Exception:
        log.exception("an answer came late and could not be kept", carrier=code)
    finally:
        desk.change(code, Circuit.ended)


def _answer(db: Database, code: str, what: Consignment) -> tuple[Offer, ...] | Silent:
    try:
        return _offers(code, counter_of(db, code).carrier.quote(what))
    except Refused as error:
        return Silent(code, Verdict.REFUSED, plain(error.detail))
    except (Trouble, DomainError) as error:
        return Silent(code, Verdict.NO_ANSWER, plain(error.detail))
    except Exception:
        log.exception("a carrier failed", carrier=code)
        return Silent(code, Verdict.NO_ANSWER, "it failed in a way nobody expected; the log has it")


def _offers(code: str, quotes: Iterable[Quote]) -> tuple[Offer, ...]:
    """Quotes as offers, harmless to every sink; a service whose code cannot be kept as it is, is none."""
    return tuple(
        Offer(
            account=code,
            service=quote.service,
            price=quote.price,
            currency=plain(quote.currency)[:3],
            name=plain(quote.name)[:_NAME_MAX],
            days=quote.days if quote.days is not None and quote.days >= 0 else None,
            arrives_by=quote.arrives_by,
            quote_id=plain(quote.quote_id),
        )
        for quote in quotes
        if quote.service.isprintable() and 0 < len(quote.service) <= _SERVICE_MAX
    )


def abilities(account: Account) -> Capabilities:
    """What the carrier of an account can do; nothing where its settings cannot work."""
    try:
        return carriers.capabilities(account)
    except DomainError:
        return Capabilities(look_up=False)


def _desk_of(db: Database) -> _Desk:
    with _making:
        return _desks.setdefault(db.engine, _Desk())
