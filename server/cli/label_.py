"""`packproof label`: what documents look like, how each channel wants its own, and the labels that were bought."""

from pathlib import Path
from typing import Any

import click

from server.cli.columns import columns
from server.cli.label_bought import bought_command, relabel_command, reprint_command, rule_command, void_command
from server.cli.label_files import DOTS_PER_MM, LANGUAGES, checked, written
from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line
from server.domain.errors import DomainError


@click.group("label", short_help="See any document, how a channel wants its papers, and bought labels.")
def label_command() -> None:
    """Documents as they print, the papers of each channel, and the labels that were bought."""


for _bought in (bought_command, reprint_command, relabel_command, void_command, rule_command):
    label_command.add_command(_bought)


@label_command.command("preview", short_help="Any document as a picture, PDF or printer bytes.")
@click.argument("kind")
@click.option("--order", help="The label or papers of this order as its channel wants them; invented ones without it.")
@click.option("--channel", help="Invented ones as this channel wants them.")
@click.option("--dpi", type=click.Choice(["203", "300"]), default="203", show_default=True, help="Of the printer.")
@click.option("--language", type=click.Choice(["zpl", "pdf", "escpos"]), help="Of the printer; the kind's usual one.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Of pages.")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="By its ending.")
@config_option
def preview_command(
    *,
    config: Path | None,
    kind: str,
    order: str | None,
    channel: str | None,
    dpi: str,
    language: str | None,
    paper: Any,
    out: Path,
) -> None:
    """Write a document without a printer. OUT ends in .png for a picture, .pdf, .zpl, or .bin for receipt bytes.

    Kinds: label, slip, gift-slip, box-contents, box, return, pull, parking, fetch, item, shelf, tote, badge, pallet,
    driver, test, pick-list, manifest, command-sheet. Nothing is bought or counted.

    \b
    Examples:
      packproof label preview label -o label.png
      packproof label preview slip --order 1043 -o slip.pdf
      packproof label preview box --dpi 300 -o box.zpl
    """
    from printing.kinds import Stock

    if out.suffix not in LANGUAGES:
        raise click.UsageError(f"expected OUT to end in {', '.join(LANGUAGES)}, found {out.name!r}")
    implied: Any = LANGUAGES[out.suffix]
    if language and implied and language != implied:
        raise click.UsageError(f"expected OUT to end in .png or as {language} does, found {out.name!r}")
    document = _document(config, kind, order, channel)
    asked: Any = language or implied
    out.write_bytes(written(kind, document, asked, Stock(DOTS_PER_MM[dpi], paper=paper), out.suffix))
    click.echo(f"{kind}: {out}", err=True)


def _document(config: Path | None, kind: str, order: str | None, channel: str | None) -> Any:
    from printing.documents import Look
    from printing.samples import sample

    if order is None and channel is None:
        return checked(lambda: sample(kind))
    from server.usecases.benchwork.label_preview import papers_of_order
    from server.usecases.masterdata.paper_styles import style_of

    with opened(config) as db, db.read() as connection:
        look = style_of(connection, channel).look if channel else Look()
        found = papers_of_order(connection, order) if order else {kind: checked(lambda: sample(kind, look))}
    if kind not in found:
        raise DomainError("not_found", f"expected {', '.join(found)} of order {order}, found no {kind}")
    return found[kind]


@label_command.command("codes", short_help="Labels for shelves, totes, or anything with a code.")
@click.argument("kind", type=click.Choice(["shelf", "tote", "item", "badge"]))
@click.argument("codes", nargs=-1, required=True)
@click.option("--dpi", type=click.Choice(["203", "300"]), default="203", show_default=True, help="Of the printer.")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help=".zpl or .pdf.")
def codes_command(kind: str, codes: tuple[str, ...], dpi: str, out: Path) -> None:
    """Write a label of 57 x 32 mm for each of CODES as .zpl, or a sheet to cut up as .pdf.

    \b
    Example:
      packproof label codes shelf A-01-1 A-01-2 A-01-3 -o shelves.zpl
    """
    from printing.documents import PrintedCode
    from server.cli.code_labels import code_labels

    printed = [PrintedCode(code, code) for code in codes]
    out.write_bytes(checked(lambda: code_labels(kind, printed, out.suffix, f"{kind} labels", DOTS_PER_MM[dpi])))
    click.echo(f"{len(codes)} labels: {out}", err=True)


@label_command.group("template", short_help="How a channel wants its papers.")
def template_command() -> None:
    """A TOML file for each channel: which slip, logo, texts, and where the parts of the label stand."""


@template_command.command("set", short_help="Use a file for a channel, or for all without their own.")
@click.argument("channel")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@config_option
def set_command(config: Path | None, channel: str, file: Path) -> None:
    """Print CHANNEL's papers as FILE says, from the next label on; `default` is every channel without a file.

    The file is read once: change it and set it again. deploy/papers.example.toml shows all it can say.

    \b
    Example:
      packproof label template set gift-shop papers.toml
    """
    from server.usecases.masterdata.paper_style import read_style
    from server.usecases.masterdata.paper_styles import set_style

    style = read_style(file)
    with opened(config) as db:
        set_style(db, operator(), channel, style)
    click.echo(one_line(f"{channel}: slip {style.slip}, logo {'yes' if style.look.logo else 'no'}"), err=True)


@template_command.command("list", short_help="Which channels have one.")
@config_option
def list_command(config: Path | None) -> None:
    """List the channels with papers of their own: slip, logo, parts moved, parts hidden."""
    from server.usecases.masterdata.paper_styles import styles

    with opened(config) as db, db.read() as connection:
        for channel, style in styles(connection).items():
            look = style.look
            logo = "logo" if look.logo else "no logo"
            rest = f"{len(look.places)} moved, {len(look.hidden)} hidden"
            click.echo(columns((channel, 20), (style.slip, 10), (logo, 8), (rest, 0)))


@template_command.command("remove", short_help="Forget a channel's file.")
@click.argument("channel")
@config_option
def remove_command(config: Path | None, channel: str) -> None:
    """Print CHANNEL's papers as `default` says, or a label alone."""
    from server.usecases.masterdata.paper_styles import remove_style

    with opened(config) as db:
        gone = remove_style(db, operator(), channel)
    click.echo(one_line(f"{channel}: {'forgotten' if gone else 'had none'}"), err=True)
