"""The channels on the board: what each has not been told, and whether it listens at all."""

from sqlalchemy import Connection

from server.usecases.overview.board_values import ChannelCard
from server.usecases.overview.board_words import Shape, spoken
from server.usecases.talking.health import Health, State, health

NAME_MAX = 40

_SHAPES = {
    State.NOT_LIVE: Shape.OFF,
    State.PAUSED: Shape.OFF,
    State.DENIED: Shape.STOP,
    State.FAILING: Shape.STOP,
    State.PARKED: Shape.LOOK,
    State.LATE: Shape.LOOK,
    State.HEALTHY: Shape.GOOD,
}
_WORDS = {
    State.NOT_LIVE: "not live yet",
    State.PAUSED: "paused",
    State.DENIED: "does not let us in",
    State.FAILING: "does not answer",
}


def cards(connection: Connection, now: float) -> tuple[ChannelCard, ...]:
    """Every channel, in the order of their ids."""
    return tuple(_card(each, now) for each in health(connection, now, last_orders=False))


def _card(found: Health, now: float) -> ChannelCard:
    waiting = found.out + found.back
    words = _WORDS.get(found.state, f"{found.parked} put aside" if found.state is State.PARKED else "")
    oldest = round(now - found.lag, 1) if waiting and found.lag else None
    return ChannelCard(spoken(found.name, NAME_MAX), waiting, oldest, _SHAPES[found.state], words)
