"""`packproof doctor sound`: hear the five tones, in a process of the station."""

import os
import sys

import click


@click.command("sound", short_help="Play the five tones of a bench.")
@click.argument("bench", default="")
def sound_command(bench: str) -> None:
    """Play the five tones and name each. Every bench has a pitch of its own: name one to hear it as it sounds there.

    \b
    Examples:
      packproof doctor sound
      packproof doctor sound "Bench 3"
    """
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "station.sound_check", bench])  # noqa: S606
