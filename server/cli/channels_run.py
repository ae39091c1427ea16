"""Levers of `packproof channels` on a channel that runs: pause, sync, replay, throttle, mode; and looking at one."""

import json
from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator


@click.command("pause", short_help="Tell it nothing, take nothing from it.")
@click.argument("code")
@config_option
def pause_command(config: Path | None, code: str) -> None:
    """Pause a channel: it is told nothing and its orders are refused until it is resumed."""
    from server.usecases.connecting.going_live import pause

    with opened(config) as db:
        pause(db, operator(), code)
    click.echo(f"{code} is paused; `packproof channels resume {code}` takes it up again", err=True)


@click.command("resume", short_help="Take a paused channel up again.")
@click.argument("code")
@config_option
def resume_command(config: Path | None, code: str) -> None:
    """Resume a paused channel; it is told every stock number afresh."""
    from server.usecases.connecting.going_live import resume

    with opened(config) as db:
        resume(db, operator(), code)
    click.echo(f"{code} is active", err=True)


@click.command("sync", short_help="Tell it one number, or all, again now.")
@click.argument("code")
@click.option("--sku", default="", help="Only this product.")
@config_option
def sync_command(config: Path | None, code: str, sku: str) -> None:
    """Send the newest numbers again, whatever the channel took before, and ask it at once which orders changed.

    What was put aside is tried again too. Doing it twice does no harm.

    \b
    Examples:
      packproof channels sync walmart
      packproof channels sync walmart --sku CANDLE
    """
    from server.usecases.connecting.resending import sync

    with opened(config) as db:
        done = sync(db, operator(), code, sku)
    click.echo(f"{done.numbers} number{'' if done.numbers == 1 else 's'} out again", err=True)
    _replayed(done.told, done.heard)


@click.command("replay", short_help="Try again what was put aside.")
@click.argument("code")
@config_option
def replay_command(config: Path | None, code: str) -> None:
    """Try again, now, what the channel refused again and again and what could not be taken in."""
    from server.usecases.connecting.resending import replay

    with opened(config) as db:
        done = replay(db, operator(), code)
    if not done.told + done.heard:
        click.echo("nothing was put aside", err=True)
    _replayed(done.told, done.heard)


def _replayed(told: int, heard: int) -> None:
    if told + heard:
        click.echo(f"tried again: {told} that it refused, {heard} that could not be taken in", err=True)


@click.command("throttle", short_help="Show it only a part of every number.")
@click.argument("code")
@click.argument("percent", metavar="PERCENT|off")
@config_option
def throttle_command(config: Path | None, code: str, percent: str) -> None:
    """Show a channel PERCENT of every number it would be told, rounded down, after all shares, buffers and caps.

    It holds within seconds, also for a batch channel, until `off`.

    \b
    Examples:
      packproof channels throttle etsy 25
      packproof channels throttle etsy off
    """
    from server.domain.errors import DomainError
    from server.usecases.connecting.levers import throttle

    text = percent.strip().removesuffix("%").strip()
    if percent != "off" and not (text.isascii() and text.isdecimal() and len(text) <= 3):
        raise DomainError("invalid", f"expected 0 to 100 per cent, or off, found {percent[:20]!r}")
    with opened(config) as db:
        throttle(db, operator(), code, None if percent == "off" else int(text))
    told = "all of its numbers again" if percent == "off" else f"{text} % of its numbers; `off` undoes it"
    click.echo(f"{code} is shown {told}", err=True)


@click.command("mode", short_help="How soon it is told: realtime, near, batch.")
@click.argument("code")
@click.argument("mode", metavar="realtime|near:SECONDS|batch:MINUTES")
@config_option
def mode_command(config: Path | None, code: str, mode: str) -> None:
    """Tell a channel of every change at once, some seconds later, or once in a period. 3 units or fewer never wait.

    \b
    Examples:
      packproof channels mode etsy near:30
      packproof channels mode portal batch:15
    """
    from server.usecases.connecting.levers import set_mode

    with opened(config) as db:
        before = set_mode(db, operator(), code, mode)
    click.echo(f"{code}: {mode.strip()} (it was {before})", err=True)


@click.command("tell-at", short_help="When it is told of parcels.")
@click.argument("code")
@click.argument("moment", metavar="manifest|label|carrier-scan")
@config_option
def tell_at_command(config: Path | None, code: str, moment: str) -> None:
    """Tell a channel of a parcel when it left on a closed load (manifest), when its label was scanned on its box
    (label), or when its carrier scanned it first (carrier-scan). Parcels that are past that moment are told at once.

    \b
    Examples:
      packproof channels tell-at etsy label
      packproof channels tell-at etsy manifest
    """
    from server.usecases.outward.telling_when import set_tell_at

    with opened(config) as db:
        before = set_tell_at(db, operator(), code, moment)
    click.echo(f"{code} is told at {moment.strip()} (it was {before.value.replace('_', ' ')})", err=True)


@click.command("launch", short_help="Its first two weeks, day by day.")
@click.argument("code")
@config_option
def launch_command(config: Path | None, code: str) -> None:
    """Show how the launch goes: orders, units, what was held or cancelled by us, pushes taken and not.

    Launch mode ends by itself after 14 days.
    """
    from server.cli.channels_text import launch_lines
    from server.usecases.connecting.launch import launch

    with opened(config) as db, db.read() as connection:
        for line in launch_lines(launch(connection, db.now(), code), code):
            click.echo(line)


@click.command("show", short_help="What is set for one channel; secrets masked.")
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="JSON.")
@config_option
def show_command(config: Path | None, code: str, as_json: bool) -> None:
    """Show a channel's settings and policy, and whose word counts for price, stock, speed and cancels."""
    from server.cli.channels_text import shown_lines
    from server.usecases.connecting.showing import channel_shown

    with opened(config) as db, db.read() as connection:
        shown = channel_shown(connection, code)
    click.echo(json.dumps(shown) if as_json else "\n".join(shown_lines(shown)))


COMMANDS = (
    pause_command,
    resume_command,
    sync_command,
    replay_command,
    throttle_command,
    mode_command,
    tell_at_command,
    launch_command,
    show_command,
)
