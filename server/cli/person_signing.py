"""`packproof person pin`, `day-badge` and `prefer`: how somebody signs in at a bench, and what it looks like then."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.person_ref import person_named
from server.domain.people import LANGUAGES, Role, Theme

_WHO = click.argument("name_or_number", metavar="NAME|NUMBER")


@click.command("pin", short_help="Ask for a PIN after somebody's badge.")
@_WHO
@click.option("--none", "take_away", is_flag=True, help="The badge alone is enough again.")
@config_option
def pin_command(*, config: Path | None, name_or_number: str, take_away: bool) -> None:
    """Set the PIN that benches ask for after this person's badge: 4 to 8 digits, typed here twice.

    Five wrong ones lock the person out of that bench for a minute. A found badge opens nothing then.

    \b
    Examples:
      packproof person pin "Ana Silva"
      packproof person pin "Ana Silva" --none
    """
    from server.usecases.staff.signing_in import set_pin

    with opened(config) as db:
        found = person_named(db, name_or_number)
        pin = None if take_away else click.prompt("PIN", hide_input=True, confirmation_prompt=True, err=True)
        set_pin(db, operator(), found.id, pin)
    click.echo(f"{found.name} signs in by badge {'alone' if take_away else 'and PIN'} now", err=True)


@click.command("day-badge", short_help="Lend somebody a badge for today.")
@_WHO
@click.option("--by", required=True, metavar="NAME|NUMBER", help="The supervisor who lends it, as in `person list`.")
@click.option("--badge", metavar="PPB-...", help="A spare badge that is printed already; without it one is made.")
@click.option("--site", default="", metavar="CODE", help="By whose clock it is today; the first site without it.")
@config_option
def day_badge_command(*, config: Path | None, name_or_number: str, by: str, badge: str | None, site: str) -> None:
    """Lend a badge that signs this person in today and opens nothing tomorrow; their own keeps working.

    The badge's text is the only thing on standard output, so that it can go to a label printer.

    \b
    Example:
      packproof person day-badge "Ana Silva" --by "Sam Lee"
    """
    from server.usecases.staff.signing_in import lend_badge
    from server.usecases.starting.setup import new_badge

    with opened(config) as db:
        found = person_named(db, name_or_number)
        supervisor = person_named(db, by, (Role.SUPERVISOR, Role.ADMIN))
        text = badge or new_badge()
        day = lend_badge(db, operator(), found.id, text, site=site, by=supervisor.name)
    click.echo(f"{found.name} signs in with it on {day} and on no other day; the badge says", err=True)
    click.echo(text)


@click.command("prefer", short_help="Somebody's language and theme at the benches.")
@_WHO
@click.option("--language", type=click.Choice(["bench", *LANGUAGES]), help="`bench` is the bench's own.")
@click.option("--theme", type=click.Choice(["bench", *(t.value for t in Theme)]), help="`plain` has no colour at all.")
@config_option
def prefer_command(*, config: Path | None, name_or_number: str, language: str | None, theme: str | None) -> None:
    """A bench speaks this language and wears this theme while the person works there.

    \b
    Example:
      packproof person prefer "Ana Silva" --language de --theme bright
    """
    from server.usecases.staff.signing_in import set_tastes

    if language is None and theme is None:
        raise click.UsageError("expected --language or --theme, found neither")
    with opened(config) as db:
        found = person_named(db, name_or_number)
        set_tastes(db, operator(), found.id, _own(language), _own(theme))
    click.echo(f"benches look as {found.name} likes from now on", err=True)


def _own(word: str | None) -> str | None:
    return "" if word == "bench" else word
