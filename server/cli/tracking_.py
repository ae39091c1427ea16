"""`packproof tracking`: when a parcel is a person's matter, and what unknown words mean."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator


@click.group("tracking", short_help="Parcels on their way: thresholds, remedies, unknown words.")
def tracking_command() -> None:
    """Thresholds of late and silent parcels, remedies that are proposed, and words nobody has explained."""


@tracking_command.command("limit", short_help="When a parcel is late, silent or lost.")
@click.option("--carrier", default="*", help="Only of this carrier.")
@click.option("--service", default="*", help="Only of this service of the carrier.")
@click.option("--stuck", type=int, help="Hours without a word while it is on its way.")
@click.option("--scan", type=int, help="Hours after it left without a first scan.")
@click.option("--slip", type=int, help="Hours by which the carrier may be later than the promise.")
@click.option("--lost", type=int, help="Hours without a word until it counts as lost.")
@config_option
def limit_command(config: Path | None, carrier: str, service: str, **hours: int | None) -> None:
    """Show the thresholds, or set some. Each parcel is judged by those of its service, then its carrier, then all.

    \b
    Examples:
      packproof tracking limit
      packproof tracking limit --stuck 48
      packproof tracking limit --carrier ups --service ground --lost 168
    """
    from server.domain.tracking.alarms import NAMES, limits_of
    from server.usecases.tracking.settings import limits, set_limits

    given = {f"{name}_hours": value for name, value in hours.items() if value is not None}
    with opened(config) as db:
        if given:
            set_limits(db, operator(), carrier, service, given)
        held = limits(db)
    for place in sorted({"*/*", f"{carrier}/{service}", *held}):
        found = limits_of(held, *place.split("/", 1))
        told = ", ".join(f"{name.removesuffix('_hours')} {getattr(found, name)} h" for name in NAMES)
        click.echo(f"{place}: {told}")


@tracking_command.command("words", short_help="Words of carriers that nobody has explained.")
@click.option("--all", "also_explained", is_flag=True, help="Those that were explained, too.")
@config_option
def words_command(config: Path | None, also_explained: bool) -> None:
    """List words that the vocabulary does not have: whose they are, how often they came, the first of them whole.

    \b
    Example:
      packproof tracking words
    """
    from server.cli.columns import columns
    from server.db import tracking

    with opened(config) as db, db.read() as connection:
        rows = tracking.words(connection)
    for row in rows:
        if also_explained or not row.status:
            said = f"{row.code} {row.words}".strip()
            click.echo(columns((row.provider, 12), (row.key, 32), (row.status or "?", 20), (row.events, 5), (said, 0)))


@tracking_command.command("explain", short_help="Say what unknown words mean.")
@click.argument("provider")
@click.argument("key")
@click.argument("status")
@config_option
def explain_command(config: Path | None, provider: str, key: str, status: str) -> None:
    """Say which STATUS words mean, named by PROVIDER and KEY as `tracking words` lists them; it holds for parcels that
    have them already.

    \b
    Example:
      packproof tracking explain ups "code zz" in_transit
    """
    from server.usecases.tracking.settings import explain

    with opened(config) as db:
        events = explain(db, operator(), provider, key, status)
    click.echo(
        f"{key} of {provider} means {status}; {events} event{'' if events == 1 else 's'} told it before", err=True
    )


@tracking_command.command("ask", short_help="Have its carrier asked of a parcel again.")
@click.argument("number")
@config_option
def ask_command(config: Path | None, number: str) -> None:
    """Have the carrier of the parcel NUMBER asked again, at once and from then on.

    A carrier is asked no more of a parcel of which nothing was heard for 60 days.

    \b
    Example:
      packproof tracking ask 1Z999AA10123456784
    """
    from server.usecases.tracking.polling import ask_again

    with opened(config) as db:
        found = ask_again(db, operator(), number)
    click.echo(f"its carrier is asked of {found} again", err=True)


@tracking_command.command("remedies", short_help="What is proposed for late and lost parcels.")
@click.option("--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON file with new rules.")
@config_option
def remedies_command(config: Path | None, rules: Path | None) -> None:
    """Show the rules of remedies, or set the company's own from a JSON file; the first that fits decides.

    \b
    A file:
      [{"alarm": "lost", "channel": "amazon", "value_below": 3000, "remedy": "refund"}]
    """
    import json

    from server.db import tracking
    from server.domain.errors import DomainError
    from server.domain.tracking.cases import DEFAULT, read_rules
    from server.usecases.tracking.settings import set_rules

    with opened(config) as db:
        if rules is not None:
            try:
                given = json.loads(rules.read_bytes())
            except ValueError as error:
                raise DomainError("malformed", f"{rules}: expected JSON, {error}") from error
            if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
                raise DomainError("malformed", f"{rules}: expected a list of rules")
            set_rules(db, operator(), given)
        with db.read() as connection:
            own = read_rules(tracking.set_of(connection, tracking.RULES) or [])
    for rule in (*own, *DEFAULT):
        limit = "" if rule.value_below is None else f" below {rule.value_below / 100:.2f}"
        worth = f" worth {rule.value_from / 100:.2f} or more" if rule.value_from else ""
        click.echo(f"{rule.alarm.value} on {rule.channel}{worth}{limit}: {rule.remedy.value}")
