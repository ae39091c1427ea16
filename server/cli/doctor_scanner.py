"""`packproof doctor scanner`: hears one scan of the calibration code and says what the scanner's profile should be."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from scanners.calibration import NOTHING, TAB, Heard, shown, why_not
from scanners.probing import Device, Probe
from scanners.profile import Profile
from server.cli.checks_devices import state_dir
from server.cli.data_file import read_data
from server.cli.refusal import one_line

_RAW_MAX = 400
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@click.command("scanner", short_help="Hear the calibration code and say what a scanner is set to.")
@click.argument("spec", required=False, metavar="[serial:PATH|evdev:PATH]")
@click.option(
    "--station", "station_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="station.toml"
)
@click.option(
    "--write", "name", metavar="NAME", help="Keep the profile under this name, for `profile = ` of a scanner."
)
@click.option("--seconds", type=click.IntRange(1, 600), default=30, show_default=True, help="How long to listen.")
def scanner_command(spec: str | None, station_file: Path | None, name: str | None, seconds: int) -> None:
    """Listen to a scanner, show what it really sends, and say what its profile should be.

    Scan CALIBRATION from the command sheet (`packproof bench sheet`). Without a device all serial scanners and all
    keyboards that call themselves scanners are heard; the station must not run. Nothing is changed but with --write.

    \b
    Examples:
      packproof doctor scanner
      packproof doctor scanner serial:/dev/serial/by-id/usb-Zebra-if00?baud=115200
      packproof doctor scanner --write table-2 --station /etc/packproof/station.toml
    """
    if name is not None and not _NAME.fullmatch(name):
        raise click.UsageError(f"--write: expected small letters, digits and dashes, found {name!r}")
    # First, so that nobody scans for nothing.
    station = read_data(station_file) if station_file else {}
    with Probe([spec] if spec else _all()) as probe:
        for device, problem in probe.problems.items():
            click.echo(one_line(f"! {device}: {problem}"), err=True)
        if not probe.devices:
            raise click.ClickException("there is no scanner to listen to; `packproof doctor` lists what is plugged in")
        click.echo(f"scan CALIBRATION within {seconds} s; listening to", err=True)
        for listening in probe.devices:
            click.echo(one_line(f"  {listening.spec}"), err=True)
        try:
            heard = probe.listen(seconds)
        except OSError as error:
            raise click.ClickException(f"the scanner went away: {error}") from error
    if heard is None:
        raise click.ClickException(
            f"nothing came within {seconds} s; is it paired, charged, and set to this connection?"
        )
    _tell(heard, name, station)


def _tell(device: Device, name: str | None, station: dict[str, Any]) -> None:
    click.echo(one_line(f"device    {device.spec}"))
    raw = device.raw if len(device.raw) <= _RAW_MAX else f"{device.raw[:_RAW_MAX]}…"
    click.echo(f"{'bytes' if device.keys is None else 'keys':<9} {raw}")
    found = device.heard
    if found is None:
        why = why_not(bytes(device.data)) or "that is not the calibration code, or it came garbled"
        raise click.ClickException(f"{why}; scan CALIBRATION of `packproof bench sheet` again")
    for key, value in _said(found, keys=device.keys is not None):
        click.echo(f"{key:<9} {value}")
    if device.keys is None and found.ends in (NOTHING, TAB):
        raise click.ClickException(
            "no code of this scanner would be heard: set it to send CR (Enter) behind each code, and scan again"
        )
    if name is None:
        click.echo("\n" + replace(found.profile, title="").toml(), nl=False)
        click.echo("keep it with --write NAME")
        return
    path = state_dir(station) / "profiles" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A disk that is full must not leave half a profile, with which the station does not start.
    draft = path.with_suffix(".part")
    draft.write_text(replace(found.profile, title=f"Calibrated: {device.spec}").toml(), encoding="utf-8")
    draft.replace(path)
    click.echo(f"\nwritten {path}; in station.toml:\n\n[[scanner]]")
    click.echo(f'source = "{device.spec.partition("?")[0]}"\nprofile = "{name}"')


def _said(found: Heard, *, keys: bool) -> list[tuple[str, str]]:
    """What was found, with what is worth changing at the scanner itself."""
    profile: Profile = found.profile
    lost = (
        "  nothing is sent for GS: set the scanner to send it, or lots and serials are refused where they are in doubt"
    )
    layout = [("layout", profile.layout)] if keys else []
    return [
        *layout,
        ("GS as", shown(profile.gs_as.encode()) + (lost if profile.gs_as == "none" else "")),
        ("AIM", "sent" if profile.aim else "not sent  switch it on if it can: it tells a product from a parcel"),
        ("letters", "exchanged (Caps Lock)" if profile.caps else "as printed"),
        ("ends in", found.ends),
    ]


def _all() -> list[str]:
    """What may be a scanner; never somebody's own keyboard, which would be deaf meanwhile."""
    from scanners.spares import candidates

    return [spec for spec, _ in candidates(Path("/dev"))]
