"""What an account answers when it is asked for its prices: offers harmless to every sink, or why there are none."""

import math
from collections.abc import Iterable
from decimal import Decimal

from server.calls.troubles import Denied, Refused, Throttled, Trouble
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.rates.values import MOST_PRICE, Offer, Silent, Verdict
from server.trade.shipping import Consignment, Quote
from server.usecases.benchwork.wants import plain
from server.usecases.shipping.accounts import counter_of
from server.usecases.shipping.sound import heard

_NAME_MAX, _SERVICE_MAX, _DAYS_MAX = 120, 64, 999
_CENTS = Decimal("0.0001")
Found = tuple[Offer, ...] | Silent
"""What came of asking one account."""


def offered(db: Database, code: str, what: Consignment) -> Found:
    """Ask one account, for as long as its line waits; it never raises for what a carrier does."""
    try:
        return heard(code, lambda: _offers(code, counter_of(db, code).carrier.quote(what)))
    except Refused as error:
        return Silent(code, Verdict.REFUSED, plain(error.detail))
    except (Denied, DomainError) as error:
        return Silent(code, Verdict.DENIED, plain(error.detail))
    except Throttled as error:
        return Silent(code, Verdict.LEFT_OUT, plain(error.detail))
    except Trouble as error:
        return Silent(code, Verdict.NO_ANSWER, plain(error.detail))


def _offers(code: str, quotes: Iterable[Quote]) -> tuple[Offer, ...]:
    """Quotes as offers, harmless to every sink; a service whose code cannot be kept as it is, is none."""
    return tuple(
        Offer(
            account=code,
            service=quote.service,
            price=_price(quote.price),
            currency=plain(quote.currency)[:3],
            name=plain(quote.name)[:_NAME_MAX],
            days=min(quote.days, _DAYS_MAX) if quote.days is not None and quote.days >= 0 else None,
            arrives_by=quote.arrives_by if quote.arrives_by is not None and math.isfinite(quote.arrives_by) else None,
            quote_id=plain(quote.quote_id),
        )
        for quote in quotes
        if quote.service.isprintable() and 0 < len(quote.service) <= _SERVICE_MAX
    )


def _price(price: Decimal) -> Decimal:
    """With at most four decimals, as it can be kept; what is no price is for the choice to say."""
    small = price.is_finite() and abs(price) < MOST_PRICE and price != price.quantize(_CENTS)
    return price.quantize(_CENTS) if small else price
