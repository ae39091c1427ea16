"""The day's end as lines of a terminal."""

from collections.abc import Iterator

from server.cli.clocks import when
from server.cli.columns import columns
from server.cli.refusal import one_line
from server.usecases.overview.day_end import DayEnd, OpenEnd, Section


def day_end_lines(day: DayEnd) -> Iterator[str]:
    """What is open at a site, each with where to go and since when; or that its day is closed."""
    if day.closed:
        yield one_line(f"{day.site}: the day is closed, nothing is open")
    for section in day.sections:
        yield one_line(f"{day.site}: {section.title}: {section.total}. {section.do}")
        yield from _lines(section, day.time_zone)


def _lines(section: Section, time_zone: str) -> Iterator[str]:
    for end in section.ends:
        yield _line(end, time_zone)
    if section.total > len(section.ends):
        yield f"  and {section.total - len(section.ends)} more"


def _line(end: OpenEnd, time_zone: str) -> str:
    where = f"{end.where}, {end.who}" if end.who else end.where
    since = f"since {when(end.since, time_zone)}" if end.since is not None else ""
    return columns(("", 1), (end.what, 44), (where, 32), (since, 0))
