"""`packproof load`: plan what goes on which vehicle; see and print what is planned."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from server.cli.opening import config_option, opened, operator


@click.group("load", short_help="Plan vehicles; see open loads; pallets.")
def load_command() -> None:
    """What goes on which vehicle. A load that nobody planned begins at the dock with its lane and YES."""


@load_command.command("plan", short_help="Plan a load before its vehicle comes.")
@click.option("--site", required=True, metavar="CODE", help="Where it is loaded.")
@click.option("--carrier", required=True, metavar="CODE", help="Whose vehicle it is.")
@click.option("--service", "services", multiple=True, help="It takes only these services; repeat for several.")
@click.option("--trailer", default="", help="The vehicle, as people at the dock call it.")
@click.option("--driver", default="", help="Who drives it.")
@click.option(
    "--cut-off", metavar="TIME", default=None, type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="When it leaves, in this machine's time: 2026-03-04T17:00.",
)  # fmt: skip
@click.option("--order", "orders", multiple=True, help="It takes this order; repeat. Then it takes nothing else.")
@click.option("--parcel", "parcels", multiple=True, help="It takes this parcel, by its number; repeat.")
@config_option
def plan_command(  # noqa: PLR0917 - one for each option
    config: Path | None,
    site: str,
    carrier: str,
    services: tuple[str, ...],
    trailer: str,
    driver: str,
    cut_off: datetime | None,
    orders: tuple[str, ...],
    parcels: tuple[str, ...],
) -> None:
    """Plan a load. The dock opens it with its lane, or with the load's own code where the lane has several.

    \b
    Example:
      packproof load plan --site EAST --carrier ups --trailer T7 --service ground --cut-off 2026-03-04T17:00
    """
    from server.usecases.loading.planning import Plan, plan_load

    leaves = cut_off.astimezone().timestamp() if cut_off else None
    plan = Plan(
        site=site,
        carrier=carrier,
        services=services,
        trailer=trailer,
        driver=driver,
        cut_off=leaves,
        orders=orders,
        parcels=parcels,
    )
    with opened(config) as db:
        load_id = plan_load(db, operator(), plan)
    click.echo(f"{load_id} is planned; print its code with packproof load codes")


@load_command.command("change", short_help="Change a planned load.")
@click.argument("load")
@click.option("--carrier", default=None, metavar="CODE", help="Another carrier; only before it is loaded.")
@click.option("--service", "services", multiple=True, help="It takes only these; repeat. Only before it is loaded.")
@click.option("--all-services", is_flag=True, help="It takes all services of its carrier.")
@click.option("--trailer", default=None, help="The vehicle; an empty text for none.")
@click.option("--driver", default=None, help="Who drives it.")
@click.option(
    "--cut-off", metavar="TIME", default=None, type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="When it leaves, in this machine's time: 2026-03-04T17:00.",
)  # fmt: skip
@click.option("--add-order", "add_orders", multiple=True, help="It takes this order too; repeat.")
@click.option("--drop-order", "drop_orders", multiple=True, help="It takes this order no more; repeat.")
@click.option("--add-parcel", "add_parcels", multiple=True, help="It takes this parcel too; repeat.")
@click.option("--drop-parcel", "drop_parcels", multiple=True, help="It takes this parcel no more; repeat.")
@config_option
def change_command(
    config: Path | None,
    load: str,
    services: tuple[str, ...],
    all_services: bool,
    cut_off: datetime | None,
    **said: Any,
) -> None:
    """Change a plan. One without orders and parcels takes whatever of its carrier is ready.

    \b
    Example:
      packproof load change LOAD000012 --trailer T9 --add-order 1044
    """
    from server.usecases.loading.replanning import Change, change_load

    leaves = cut_off.astimezone().timestamp() if cut_off else None
    wanted = () if all_services else services or None
    with opened(config) as db:
        change_load(db, operator(), load, Change(services=wanted, cut_off=leaves, **said))
    click.echo(f"{load} is changed")


@load_command.command("list", short_help="Planned and open loads.")
@config_option
def list_command(config: Path | None) -> None:
    """Every load that is planned or open, by site."""
    from server.cli.columns import columns
    from server.usecases.loading.planning import open_loads

    with opened(config) as db:
        found = open_loads(db)
    for site, loads in found.items():
        for each in loads:
            what = f"{each.loaded} parcels"
            line = ((site, 8), (each.load_id, 12), (each.state.value, 8), (each.carrier_name, 20), (each.trailer, 12))
            click.echo(columns(*line, (what, 14), (each.dock, 12)))
    if not any(found.values()):
        click.echo("no load is planned or open")


@load_command.command("drop", short_help="A planned vehicle does not come.")
@click.argument("load")
@config_option
def drop_command(config: Path | None, load: str) -> None:
    """Forget a planned load which no dock has opened; its orders and parcels may go with any other.

    \b
    Example:
      packproof load drop LOAD000012
    """
    from server.usecases.loading.planning import drop_load

    with opened(config) as db:
        drop_load(db, operator(), load)
    click.echo(f"{load} is dropped")


@load_command.command("codes", short_help="Print the codes of planned and open loads.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
def codes_command(config: Path | None, file: Path) -> None:
    """A sheet of the loads' own codes, for a lane that has several vehicles.

    \b
    Example:
      packproof load codes loads.pdf
    """
    from server.cli.code_labels import code_labels
    from server.usecases.loading.planning import open_loads
    from server.usecases.staff import sheets

    with opened(config) as db:
        found = open_loads(db)
    group = sheets.loads(each for loads in found.values() for each in loads)
    if not group.codes:
        click.echo("no load is planned or open")
        return
    file.write_bytes(code_labels("code-label", group.codes, file.suffix, group.title))
    click.echo(f"{len(group.codes)} codes are in {file}")


@load_command.command("pallet", short_help="Which parcels travel under an SSCC.")
@click.argument("sscc")
@click.argument("parcels", nargs=-1)
@config_option
def pallet_command(config: Path | None, sscc: str, parcels: tuple[str, ...]) -> None:
    """Say which parcels stand on a pallet, by number; its code then loads all of them. None takes the pallet apart.

    \b
    Example:
      packproof load pallet 340123450000000017 PCL0000012 PCL0000013
    """
    from server.usecases.loading.pallets import put_on_pallet

    with opened(config) as db:
        count = put_on_pallet(db, operator(), sscc, parcels)
    click.echo(f"pallet {sscc}: {count} parcels")


@load_command.command("sscc", short_help="Let a site number its own pallets.")
@click.option("--site", required=True, metavar="CODE", help="The site.")
@click.argument("prefix")
@config_option
def sscc_command(config: Path | None, site: str, prefix: str) -> None:
    """Give a site your GS1 company prefix: PALLET and YES at its docks then print a label with a new SSCC. "" ends it.

    \b
    Example:
      packproof load sscc --site EAST 4012345
    """
    from server.usecases.loading.pallets import set_prefix

    with opened(config) as db:
        set_prefix(db, operator(), site, prefix)
    click.echo(f"{site}: pallets are numbered with {prefix}" if prefix else f"{site}: pallets come with their labels")


@load_command.command("dock-scan", short_help="Whether a site scans parcels at its dock.")
@click.option("--site", required=True, metavar="CODE", help="The site.")
@click.argument("answer", type=click.Choice(["yes", "no"]))
@config_option
def dock_scan_command(config: Path | None, site: str, answer: str) -> None:
    """A site that does not confirms each pickup with one scan, PICKUP and the lane; or no channel would ever be told.

    \b
    Example:
      packproof load dock-scan --site STORE no
    """
    from server.usecases.loading.pickup import set_no_dock_scan

    with opened(config) as db:
        set_no_dock_scan(db, operator(), site, answer == "no")
    click.echo(f"{site}: parcels are {'scanned at the dock' if answer == 'yes' else 'handed over with PICKUP'}")


@load_command.command("phone", short_help="The address of the loaders' page, for one dock.")
@click.option("--site", required=True, metavar="CODE", help="The site whose loads it shows.")
@click.option("--end", is_flag=True, help="No new one: phones that have the address show nothing any more.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A .pdf with the address as a QR code.")
@config_option
def phone_command(config: Path | None, site: str, end: bool, out: Path | None) -> None:
    """A read-only address for phones at a dock: open loads, their counts, the last scans. The one before it ends.

    It holds a secret: whoever opens it sees the loads of this dock, and can do nothing.

    \b
    Example:
      packproof load phone --site EAST --out phone.pdf
    """
    from printing.documents import PrintedCode
    from server.cli.code_labels import code_labels
    from server.config import load_config
    from server.usecases.loading.phone_link import add_phone_link, end_phone_link

    with opened(config) as db:
        if end:
            end_phone_link(db, operator(), site)
            click.echo(f"phones at the dock of {site} show nothing any more")
            return
        address = f"{load_config(config).url}/dock/enter/{add_phone_link(db, operator(), site)}"
    if out is None:
        click.echo(address)
        return
    code = PrintedCode(address, f"Loads of {site}", "open it with a phone at this dock; it is a secret", "qr")
    out.write_bytes(code_labels("code-label", [code], out.suffix, "Loaders' phones"))
    click.echo(f"the address for phones at the dock of {site} is in {out}; keep it there")


@load_command.command("day-end", short_help="Everything that is still open at the end of the day.")
@click.option("--site", default="", metavar="CODE", help="Only this site.")
@config_option
def day_end_command(config: Path | None, site: str) -> None:
    """Open orders on benches, unsent scans, staged parcels, open loads, full totes, and what nobody was told of.

    \b
    Example:
      packproof load day-end --site EAST
    """
    from server.cli.day_end_text import day_end_lines
    from server.usecases.overview.day_end import day_ends

    with opened(config) as db:
        for day in day_ends(db, site):
            for line in day_end_lines(day):
                click.echo(line)
