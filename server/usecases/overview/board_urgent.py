"""What needs action now, computed from the board alone. The worst first, then the oldest."""

from collections.abc import Iterator

from server.domain.incidents import IncidentType
from server.usecases.overview.board_values import BenchCard, Board, ChannelCard, Urgent
from server.usecases.overview.board_words import INCIDENT_WORDS, Shape

SOON_SECONDS = 45 * 60.0
"""A ship-by or a deadline this near is worth a line."""

PUSH_SECONDS = 5 * 60.0
"""A channel that has not been told for so long may sell what is gone."""

UNSENT_MANY = 50
HALF_AN_HOUR = 1800.0


def urgent(board: Board, now: float) -> tuple[Urgent, ...]:
    """Every line that a supervisor can act on."""
    found = [*_incidents(board, now), *_ship_by(board, now)]
    found += [line for bench in board.benches for line in _bench(bench)]
    found += [line for channel in board.channels for line in _channel(channel, now)]
    return tuple(sorted(found, key=lambda line: _weight(line, now)))


def _weight(line: Urgent, now: float) -> tuple[bool, bool, float, str]:
    """Who calls first, then stops; what lasts is as pressing as what is due half an hour after it began."""
    pressing = line.due or (line.since or now) + HALF_AN_HOUR
    return not line.call, line.shape is not Shape.STOP, pressing, line.words


def _incidents(board: Board, now: float) -> Iterator[Urgent]:
    for card in board.incidents.top:
        # Its bench says so itself, before everything else.
        if card.deadline < now + SOON_SECONDS and card.words != INCIDENT_WORDS[IncidentType.BENCH_CALL]:
            shape = Shape.STOP if card.deadline < now else Shape.LOOK
            detail = " · ".join(part for part in (card.about, card.cause or f"for the {card.owner}") if part)
            yield Urgent(shape, card.words, detail, due=card.deadline, link="/incidents")


def _ship_by(board: Board, now: float) -> Iterator[Urgent]:
    if board.due.late:
        orders = "1 order is" if board.due.late == 1 else f"{board.due.late} orders are"
        yield Urgent(
            Shape.STOP,
            f"{orders} late",
            "pack and load these first",
            board.due.late_since,
            link="#queue",
        )
    if board.due.next_at is not None and board.due.next_at < now + SOON_SECONDS:
        orders = "1 order" if board.due.count == 1 else f"{board.due.count} orders"
        yield Urgent(Shape.LOOK, f"{orders} must leave soon", "not on a truck yet", board.due.next_at, link="#queue")


def _bench(bench: BenchCard) -> Iterator[Urgent]:
    link = f"#bench-{bench.id}"
    who = " · ".join(part for part in (bench.person, f"order {bench.order}" if bench.order else "") if part)
    if bench.called_since is not None:
        why = f"{bench.name} calls: {bench.called_why}" if bench.called_why else f"{bench.name} calls"
        yield Urgent(Shape.STOP, why, who, since=bench.called_since, link="/incidents", call=True)
    if bench.silent_since is not None:
        orders = "1 order" if bench.assigned == 1 else f"{bench.assigned} orders"
        holds = f"holds {orders}" if bench.assigned else ""
        detail = " · ".join(part for part in (holds, who or "last seen idle") if part)
        words, page = f"{bench.name} is silent", bench.link or link
        yield Urgent(Shape.LOOK, words, detail, since=bench.silent_since, link=page)
        return
    if bench.stopped:
        since = bench.last.at if bench.last else bench.since
        words = f"{bench.name} is stopped: {bench.last.words}" if bench.last else f"{bench.name} is stopped"
        yield Urgent(Shape.STOP, words, who, since=since, link=link)
    for kind, device in (("scanner", bench.scanner), ("printer", bench.printer)):
        if device is not None and device.shape is Shape.LOOK:
            yield Urgent(Shape.LOOK, f"{bench.name}: {kind}", device.words, link=link)
    if bench.clock_off:
        ahead = "ahead" if bench.clock_off > 0 else "behind"
        yield Urgent(Shape.LOOK, f"{bench.name}: clock {abs(bench.clock_off)} s {ahead}", "set its clock", link=link)
    if bench.unsent >= UNSENT_MANY:
        yield Urgent(Shape.LOOK, f"{bench.name} holds {bench.unsent} unsent scans", "check its network", link=link)


def _channel(channel: ChannelCard, now: float) -> Iterator[Urgent]:
    if channel.shape is Shape.STOP:
        detail = "it may sell what is gone; see “packproof channels”"
        since = channel.oldest
        yield Urgent(Shape.STOP, f"{channel.name} {channel.words}", detail, since=since, link="#channels")
    elif channel.shape is not Shape.OFF and channel.oldest is not None and channel.oldest < now - PUSH_SECONDS:
        detail = f"{channel.waiting} updates wait; it may sell what is gone"
        yield Urgent(Shape.LOOK, f"{channel.name} has not been told", detail, since=channel.oldest, link="#channels")
