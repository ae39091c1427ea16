"""The orders of one page, read one by one: what cannot be read keeps no other back."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog

from server.domain.errors import DomainError
from server.trade.orders import ChannelOrder

log = structlog.get_logger("orders")

_REF = re.compile("[!-~]{1,120}")


def each_read(
    channel: str,
    raws: Iterable[Any],
    read: Callable[[Any], ChannelOrder | None],
    id_of: Callable[[Mapping[str, Any]], object],
) -> tuple[tuple[ChannelOrder, ...], tuple[str, ...]]:
    """The orders in the page's own order, and the ids of those that cannot be read, or not be kept as they came.

    Whatever an order holds that nobody thought of makes it one of these, and never stops its page. ``read`` gives None
    for what is no order yet. ``id_of`` is what the platform shows as the id, of whatever type; one that nobody can
    fetch an order by is only logged, by the name of the field that is wrong.
    """
    orders: list[ChannelOrder] = []
    unread: dict[str, None] = {}
    for raw in raws:
        try:
            found = read(raw)
            # Half a character, or a number beyond all bounds, cannot be written down.
            json.dumps(raw, ensure_ascii=False, allow_nan=False).encode()
        except Exception as error:
            why = error.detail if isinstance(error, DomainError) else type(error).__name__
            if ref := _ref(id_of(raw)) if isinstance(raw, Mapping) else "":
                unread[ref] = None
            else:
                log.error("order.without_an_id", channel=channel, why=why)
        else:
            orders += [] if found is None else [found]
    return tuple(orders), tuple(unread)


def _ref(shown: object) -> str:
    if isinstance(shown, int) and (isinstance(shown, bool) or shown < 1):
        return ""
    text = str(shown) if isinstance(shown, str | int) else ""
    return text if _REF.fullmatch(text) else ""
