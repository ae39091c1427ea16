"""The shape of each sound: what colour says must also be said without colour."""

from collections.abc import Mapping
from types import MappingProxyType

from server.domain.benchwork.reasons import Tone
from station.widgets.glyphs import Bitmap

SIGNS: Mapping[Tone, str] = MappingProxyType(
    {Tone.GOOD: "✔", Tone.LINE_FULL: "✔✔", Tone.LOOK: "▲", Tone.STOP: "✖", Tone.BOX_DONE: "■"}
)

_TICK: Bitmap = (
    "............##",
    "..........####",
    "........####..",
    "##....####....",
    "####.###......",
    "..#####.......",
    "....#.........",
)
_TICKS: Bitmap = (
    "............##...##",
    "..........####.####",
    "........####.####..",
    "##....####.####....",
    "####.###.####......",
    "..#####.####.......",
    "....#....#.........",
)
_ALERT: Bitmap = (
    ".......##.......",
    "......####......",
    ".....##..##.....",
    "....###..###....",
    "...####..####...",
    "..############..",
    ".######..######.",
    "################",
)
_CROSS: Bitmap = (
    "####........####",
    "..####....####..",
    "....########....",
    "......####......",
    "......####......",
    "....########....",
    "..####....####..",
    "####........####",
)
_BOX: Bitmap = (
    "##################",
    "##..............##",
    "##..........##..##",
    "##..##....##....##",
    "##....####......##",
    "##.....##.......##",
    "##..............##",
    "##################",
)

MARKS: Mapping[Tone, Bitmap] = MappingProxyType(
    {Tone.GOOD: _TICK, Tone.LINE_FULL: _TICKS, Tone.LOOK: _ALERT, Tone.STOP: _CROSS, Tone.BOX_DONE: _BOX}
)
"""Four rows of half blocks each, at most ``MARK_WIDTH`` cells wide."""

MARK_WIDTH = 19
