"""`python -m station.sound_check BENCH`: the five tones one after the other, named, as that bench plays them."""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from server.domain.benchwork.reasons import Tone
from station.player import LATE_SECONDS, find_player
from station.tones import pitch, wav

SAYS = {
    Tone.GOOD: "good: the item counts",
    Tone.LINE_FULL: "line full: all of this item are in",
    Tone.BOX_DONE: "box done: every item is in",
    Tone.LOOK: "look: read the screen, nothing is wrong yet",
    Tone.STOP: "stop: hands off, read the screen",
}
PAUSE_SECONDS = 0.6


def main(argv: Sequence[str] | None = None) -> int:
    """Plays all five; 1 where the card stays silent."""
    parser = argparse.ArgumentParser(prog="packproof doctor sound", description="Play the five tones of a bench.")
    parser.add_argument("bench", nargs="?", default="", help="whose pitch; every bench has one of its own")
    hertz = pitch(parser.parse_args(argv).bench)
    command = find_player()
    if command is None:
        _say("✗ sound          no pw-play, paplay or aplay: the terminal's bell rings instead")
        _say("                 → sudo apt install alsa-utils, or pipewire-bin on a desktop")
        return 1
    _say(f"! sound          through {command[0]}, at {hertz:.0f} Hz; can you hear it?")
    with tempfile.TemporaryDirectory() as folder:
        for tone, words in SAYS.items():
            _say(f"  {words}")
            file = Path(folder) / f"{tone.value}.wav"
            file.write_bytes(wav(tone, hertz))
            if trouble := _played([*command, str(file)]):
                _say(f"✗ sound          {trouble}")
                _say("                 → plug in a loudspeaker, add this user to group audio; else the bell rings")
                return 1
            time.sleep(PAUSE_SECONDS)
    return 0


def _played(command: Sequence[str]) -> str:
    """What went wrong, in words; empty when nothing did."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LATE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"{command[0]} hangs"
    except OSError as error:
        return f"{command[0]}: {error.strerror or error}"
    last = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return (
        f"{command[0]} ended with {done.returncode}: {last[-1] if last else 'no reason given'}"
        if done.returncode
        else ""
    )


def _say(line: str) -> None:
    sys.stdout.write("".join(c if c.isprintable() else " " for c in line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
