"""A bench is heard through its sound card, and by its bell where there is none; nobody ever waits for a sound."""

import asyncio
import errno
import stat
import time
import wave
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from server.domain.benchwork.reasons import Tone
from station import sound as sounds
from station import sound_check
from station.config import SoundMode
from station.player import LATE_SECONDS
from station.sound import PATTERNS, Sound

PLAYS = 'cp "$1" "{0}/$(date +%s%N).wav"'
"""A player whose loudspeaker is a folder."""
PLAYS_LONG = 'cp "$1" "{0}/$(date +%s%N).wav"; exec sleep 20'
FAILS = "exit 1"


def player(folder: Path, does: str) -> tuple[str, ...]:
    """A program that plays like this."""
    program = folder / "player"
    program.write_text(f"#!/bin/sh\n{does.format(folder)}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return (str(program),)


class Ears:
    """What is heard: bells, and what the player was given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.bells = 0
        self.missing = 0

    def ring(self) -> None:
        """The terminal's bell."""
        self.bells += 1

    def miss(self) -> None:
        """It is said that the card is silent."""
        self.missing += 1

    @property
    def played(self) -> list[float]:
        """Seconds of each tone that the player was given."""
        lengths = []
        for file in sorted(self._folder.glob("*.wav")):
            with wave.open(str(file)) as read:
                lengths.append(read.getnframes() / read.getframerate())
        return lengths


async def heard(condition: Callable[[], object]) -> None:
    """Wait for it without holding up the loop."""
    deadline = time.monotonic() + 8
    while True:
        try:
            if condition():
                return
        except (EOFError, wave.Error):
            # The file is being written.
            pass
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def at_bench(
    folder: Path, does: str, mode: SoundMode, then: Callable[[Sound, Ears], Awaitable[None]], *, name: str = "Bench 3"
) -> Ears:
    """Run this with a bench's sound in an event loop."""
    ears = Ears(folder)

    async def run() -> None:
        command = player(folder, does) if does else None
        sound = Sound(ears.ring, mode, player=command, on_missing=ears.miss)
        sound.start(name)
        try:
            await then(sound, ears)
        finally:
            sound.stop()

    asyncio.run(run())
    return ears


def _played(ears: Ears, number: int) -> bool:
    return len(ears.played) == number


def test_every_tone_goes_to_the_card_and_the_bell_keeps_quiet(tmp_path: Path) -> None:
    async def play(sound: Sound, ears: Ears) -> None:
        for number, tone in enumerate(Tone, start=1):
            sound.play(tone)
            await heard(partial(_played, ears, number))

    ears = at_bench(tmp_path, PLAYS, SoundMode.AUTO, play)
    assert len(set(ears.played)) == len(Tone)
    assert (ears.bells, ears.missing) == (0, 0)


def test_a_new_tone_cuts_off_the_old_one_and_a_burst_plays_its_last(tmp_path: Path) -> None:
    async def play(sound: Sound, ears: Ears) -> None:
        sound.play(Tone.STOP)
        await heard(lambda: len(ears.played) == 1)
        began = time.monotonic()
        for _ in range(200):
            sound.play(Tone.GOOD)
        sound.play(Tone.LOOK)
        assert time.monotonic() - began < 0.2, "a scan waited for a sound"
        await heard(lambda: ears.played and round(ears.played[-1], 2) == 0.54)

    ears = at_bench(tmp_path, PLAYS_LONG, SoundMode.AUTO, play)
    assert len(ears.played) < 10
    assert ears.bells == 0


def test_a_card_that_fails_is_said_once_and_the_bell_rings_the_same_tone(tmp_path: Path) -> None:
    async def play(sound: Sound, ears: Ears) -> None:
        sound.play(Tone.STOP)
        await heard(lambda: ears.bells == len(PATTERNS[Tone.STOP]))
        sound.play(Tone.LINE_FULL)
        assert ears.bells == len(PATTERNS[Tone.STOP]) + 1

    ears = at_bench(tmp_path, FAILS, SoundMode.CARD, play)
    assert ears.missing == 1


def test_a_card_that_fails_again_when_it_is_tried_again_is_not_said_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sounds, "AGAIN_SECONDS", 0.0)

    async def play(sound: Sound, ears: Ears) -> None:
        sound.play(Tone.LINE_FULL)
        await heard(lambda: ears.bells == 1)
        sound.play(Tone.LINE_FULL)
        await heard(lambda: ears.bells == 2)

    assert at_bench(tmp_path, FAILS, SoundMode.AUTO, play).missing == 1


def test_a_card_that_hangs_is_left_for_the_bell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.player.LATE_SECONDS", 0.2)

    async def play(sound: Sound, ears: Ears) -> None:
        sound.play(Tone.LINE_FULL)
        await heard(lambda: ears.bells == 1)

    assert at_bench(tmp_path, PLAYS_LONG, SoundMode.AUTO, play).missing == 1


def test_a_stop_is_heard_by_the_bell_when_the_card_hangs_with_the_tone_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.player.HANGS_SECONDS", 0.01)

    async def play(sound: Sound, ears: Ears) -> None:
        sound.play(Tone.GOOD)
        await heard(lambda: len(ears.played) == 1)
        await asyncio.sleep(0.02)
        began = time.monotonic()
        sound.play(Tone.STOP)
        await heard(lambda: ears.bells)
        assert time.monotonic() - began < LATE_SECONDS - 1

    ears = at_bench(tmp_path, PLAYS_LONG, SoundMode.AUTO, play)
    assert (len(ears.played), ears.missing) == (1, 1)


def test_a_card_that_failed_is_never_tried_again_with_a_stop_and_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sounds, "AGAIN_SECONDS", 0.0)

    async def play(sound: Sound, ears: Ears) -> None:
        sound.play(Tone.GOOD)
        await heard(lambda: ears.missing)
        player(tmp_path, PLAYS)
        for tone in (Tone.STOP, Tone.LOOK):
            bells = ears.bells
            sound.play(tone)
            assert ears.bells == bells + 1, tone
        sound.play(Tone.GOOD)
        await heard(lambda: len(ears.played) == 1)
        bells = ears.bells
        sound.play(Tone.STOP)
        assert ears.bells == bells + 1, "it is not known yet whether the first came out"

    ears = at_bench(tmp_path, FAILS, SoundMode.AUTO, play)
    assert len(ears.played) == 1


def test_a_machine_without_a_free_file_lets_the_bell_ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(name: str) -> int:
        raise OSError(errno.EMFILE, "Too many open files", name)

    monkeypatch.setattr("os.memfd_create", full)

    async def play(sound: Sound, ears: Ears) -> None:
        sound.play(Tone.LINE_FULL)
        await heard(lambda: ears.bells == 1)

    assert at_bench(tmp_path, PLAYS, SoundMode.AUTO, play).missing == 1


def test_a_card_is_tried_again_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "AGAIN_SECONDS", 0.05)

    async def play(sound: Sound, ears: Ears) -> None:
        sound.play(Tone.LINE_FULL)
        await heard(lambda: ears.bells == 1)
        player(tmp_path, PLAYS)
        await asyncio.sleep(0.06)
        sound.play(Tone.LINE_FULL)
        await heard(lambda: len(ears.played) == 1)

    ears = at_bench(tmp_path, FAILS, SoundMode.AUTO, play)
    assert (ears.bells, ears.missing) == (1, 1)


def test_without_a_player_the_bell_rings_which_is_said_once_and_bell_and_off_never_look_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    async def play(sound: Sound, _ears: Ears) -> None:
        sound.play(Tone.LINE_FULL)
        sound.play(Tone.LINE_FULL)

    for mode, bells, missing in (
        (SoundMode.AUTO, 2, 1),
        (SoundMode.CARD, 2, 1),
        (SoundMode.BELL, 2, 0),
        (SoundMode.OFF, 0, 0),
    ):
        ears = at_bench(tmp_path, "", mode, play)
        assert (ears.bells, ears.missing) == (bells, missing), mode


def test_the_doctor_plays_all_five_and_says_what_to_do_where_it_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sound_check, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(sound_check, "find_player", lambda: player(tmp_path, PLAYS))
    assert sound_check.main(["Bench 3"]) == 0
    said = capsys.readouterr().out
    assert len(Ears(tmp_path).played) == len(Tone)
    for words in ("good:", "line full:", "box done:", "look:", "stop:"):
        assert words in said
    monkeypatch.setattr(sound_check, "find_player", lambda: player(tmp_path, "echo no card >&2; exit 1"))
    assert sound_check.main([]) == 1
    assert "ended with 1: no card" in capsys.readouterr().out
    monkeypatch.setattr(sound_check, "find_player", lambda: None)
    assert sound_check.main([]) == 1
    assert "→ sudo apt install alsa-utils" in capsys.readouterr().out
