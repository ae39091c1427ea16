"""Words and shapes of the board, and its list of what to do now."""

import pytest

from server.domain.benchwork.reasons import STOPS, Reason
from server.domain.incidents import IncidentType
from server.usecases.overview.board_benches import without_person
from server.usecases.overview.board_urgent import urgent
from server.usecases.overview.board_values import (
    BenchCard,
    Board,
    ChannelCard,
    Device,
    Due,
    Flow,
    IncidentCard,
    Incidents,
    LastVerdict,
    Pace,
    Refused,
)
from server.usecases.overview.board_words import (
    INCIDENT_WORDS,
    REASON_WORDS,
    Shape,
    device_shape,
    incident_words,
    reason_words,
    spoken,
)

NOW = 1_700_000_000.0


def test_every_reason_has_words_of_its_own() -> None:
    assert set(REASON_WORDS) == set(Reason)
    assert len({words for words, _ in REASON_WORDS.values()}) == len(Reason)


def test_every_incident_has_words_of_its_own() -> None:
    assert set(INCIDENT_WORDS) == set(IncidentType)
    assert len(set(INCIDENT_WORDS.values())) == len(IncidentType)


def test_what_latches_a_bench_is_drawn_as_a_stop() -> None:
    assert {reason for reason in STOPS if reason_words(reason)[1] is not Shape.STOP} == set()


def test_codes_of_a_newer_version_read_as_themselves() -> None:
    assert reason_words("too_tall") == ("too tall", Shape.LOOK)
    assert incident_words("roof_leaks") == "roof leaks"


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        ("ready", Shape.GOOD),
        ("keyboard", Shape.GOOD),
        ("2 kept back", Shape.GOOD),
        ("", Shape.OFF),
        ("no printer", Shape.OFF),
        ("not asked", Shape.GOOD),
        ("prints at Bench 3", Shape.LOOK),
        ("not connected", Shape.LOOK),
        ("no paper", Shape.LOOK),
    ],
)
def test_a_device_that_needs_a_hand_is_told_from_one_that_is_not_there(words: str, shape: Shape) -> None:
    assert device_shape(words) is shape


def test_text_from_outside_is_one_short_line_without_hidden_marks() -> None:
    assert spoken("two\r\nlines\x1b[31m \u202eevil\u2066\x00") == "two lines [31m evil"
    assert spoken("ab" * 20, 10) == "ababababa…"


def test_stops_come_before_what_is_to_be_looked_at_and_the_oldest_first() -> None:
    late = IncidentCard(1, "Labels swapped", "pull both", "supervisor", NOW - 60, NOW - 2000, "order 7")
    soon = IncidentCard(2, "Left behind at the dock", "", "dock", NOW + 60, NOW - 2000)
    later = IncidentCard(3, "Unknown product", "", "desk", NOW + 7200, NOW)
    lines = urgent(_board(incidents=Incidents(3, 1, (late, soon, later)), due=Due(NOW + 600, 4, 2, NOW - 900)), NOW)
    assert [(line.shape, line.words) for line in lines] == [
        (Shape.STOP, "2 orders are late"),
        (Shape.STOP, "Labels swapped"),
        (Shape.LOOK, "Left behind at the dock"),
        (Shape.LOOK, "4 orders must leave soon"),
    ]


def test_a_bench_tells_everything_that_is_wrong_with_it_unless_it_is_silent() -> None:
    bench = BenchCard(
        4, "Bench 4", "main", Shape.STOP, "stopped", "Ana", "1043", stopped=True, unsent=50, clock_off=-47
    )
    bench = _with(bench, last=LastVerdict("wrong item", Shape.STOP, NOW - 9), printer=Device("no paper", Shape.LOOK))
    assert {line.words for line in urgent(_board(benches=(bench,)), NOW)} == {
        "Bench 4 is stopped: wrong item",
        "Bench 4: printer",
        "Bench 4: clock 47 s behind",
        "Bench 4 holds 50 unsent scans",
    }
    silent = _with(bench, silent_since=NOW - 60, stopped=False)
    assert [line.words for line in urgent(_board(benches=(silent,)), NOW)] == ["Bench 4 is silent"]


def test_a_channel_that_waits_for_minutes_is_named_and_one_that_waits_for_seconds_is_not() -> None:
    channels = (ChannelCard("Etsy", 3, NOW - 301), ChannelCard("Amazon", 9, NOW - 200), ChannelCard("Shop", 0, None))
    assert [line.words for line in urgent(_board(channels=channels), NOW)] == ["Etsy has not been told"]


def test_a_wall_shows_a_stopped_bench_as_one_that_works() -> None:
    bench = BenchCard(1, "Bench 1", "main", Shape.STOP, "stopped", "Ana", "1043", stopped=True)
    shown = without_person(_with(bench, last=LastVerdict("wrong item", Shape.STOP, NOW)))
    assert shown == BenchCard(1, "Bench 1", "main", Shape.GOOD, "packing", "", "1043")


def _with(bench: BenchCard, **changes: object) -> BenchCard:
    from dataclasses import replace

    return replace(bench, **changes)  # type: ignore[arg-type]


def _board(
    incidents: Incidents | None = None,
    due: Due | None = None,
    benches: tuple[BenchCard, ...] = (),
    channels: tuple[ChannelCard, ...] = (),
) -> Board:
    return Board(
        site="Main",
        time_zone="UTC",
        urgent=(),
        flow=Flow(),
        due=due or Due(),
        pace=Pace(),
        refused=Refused(),
        benches=benches,
        channels=channels,
        incidents=incidents or Incidents(),
        queue=(),
    )
