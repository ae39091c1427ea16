"""The list of commands, in the order a newcomer meets them."""

from importlib import import_module

import click

from server import __version__
from server.cli.refusal import refusal

SECTIONS = {
    "Try it": ("demo", "platforms", "decode"),
    "Run it": ("setup", "server", "worker", "station", "data"),
    "Look at it": ("doctor", "timeline", "parcel", "audit", "incidents", "report", "reorder"),
    "Change it": (
        *("import", "sku", "box", "insert", "label", "person", "bench", "wall", "site", "channels", "carriers"),
        *("allocate", "route", "rates", "conflict", "substitute", "tracking"),
    ),
    "Before the bench": ("wave", "pick"),
    "At the dock": ("load",),
    "Move goods": ("receive", "transfer", "count", "kit", "stock"),
    "Settle an order": (
        *("recheck", "release", "cancel", "refund", "payment", "address", "note", "unpack", "ship", "till"),
    ),
}
"""Command NAME is the attribute NAME_command of the module server.cli.NAME_."""


class Packproof(click.Group):
    """Loads a command when it is asked for; turns every expected exception into one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, for help and completion."""
        del ctx
        return [name for names in SECTIONS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; its module imports click and little else."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found: click.Command = getattr(import_module(f"server.cli.{cmd_name}_"), f"{cmd_name}_command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One short list for each section."""
        for title, names in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            rows = [(name, command.get_short_help_str(90)) for name, command in commands if command]
            with formatter.section(title):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> object:
        """Run; a refusal leaves with exit code 2, a bug with its traceback."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            refused = refusal(error)
            if refused is None:
                raise
            raise refused from error


@click.group(cls=Packproof, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="packproof")
def packproof() -> None:
    """Scan-verified packing benches, and one small server that never promises a unit twice.

    \b
    First time here?   packproof demo
    A real start:      packproof setup, then packproof server
    Something odd?     packproof doctor
    """
