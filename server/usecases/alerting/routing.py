"""Who hears of an incident: pure rules over what happened and the routes of server.toml."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from server.config import AlertRoute
from server.domain.incidents import HANDLING, IncidentType

SEVERITIES = ("info", "warning", "urgent")
_URGENT, _WARNING = timedelta(hours=1), timedelta(hours=4)
_ABOUT_CHANNEL = re.compile(r"[a-z_]+:(\d+)(?::|$)")
_OF_CHANNELS = frozenset(
    {
        IncidentType.CHANNEL_UNREACHABLE,
        IncidentType.CHANNEL_DENIED,
        IncidentType.CHANNEL_REFUSES,
        IncidentType.CHANNEL_DRIFT,
        IncidentType.BAD_ORDER,
        IncidentType.CANCEL_RATE,
    }
)
"""Their ``once_key`` is KIND:CHANNEL ID:..., where they name no order."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What an incident is, as far as routes ask: type, owner, and the channel's code or nothing."""

    type: str
    owner: str
    channel: str


def severity_of(type: str) -> str:
    """How pressing it is, by the time its owner has: an hour is urgent, four are a warning."""
    handling = HANDLING.get(IncidentType(type)) if type in set(IncidentType) else None
    if handling is None or handling.within <= _URGENT:
        return "urgent"
    return "warning" if handling.within <= _WARNING else "info"


def channel_id_in(type: str, once_key: str | None) -> int | None:
    """The channel that an incident without an order is about."""
    found = _ABOUT_CHANNEL.match(once_key or "")
    return int(found[1]) if found and type in _OF_CHANNELS else None


def wanting(routes: Iterable[AlertRoute], happened: Happened) -> list[str]:
    """Names of the routes that want it. A route of some channels does not hear of what is about none."""
    pressing = SEVERITIES.index(severity_of(happened.type))
    return [
        route.name
        for route in routes
        if pressing >= SEVERITIES.index(route.severity)
        and (not route.channels or happened.channel in route.channels)
        and (not route.owners or happened.owner in route.owners)
        and (not route.types or happened.type in route.types)
    ]


def by_name(routes: Iterable[AlertRoute]) -> Mapping[str, AlertRoute]:
    """The routes by their names."""
    return {route.name: route for route in routes}
