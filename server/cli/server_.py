"""`packproof server`: the service."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened


@click.command("server", short_help="Run the server: orders in, benches, board, outbox.")
@config_option
def server_command(config: Path | None) -> None:
    """Run the server until SIGTERM or Ctrl-C; what has begun is finished first.

    It listens on loopback until server.toml says otherwise, then it speaks TLS. With `worker = false` there, run
    `packproof worker` as well.

    \b
    Examples:
      packproof server
      packproof server --config /etc/packproof/server.toml
    """
    from server.app import serve
    from server.config import load_config

    settings = load_config(config)
    with opened(config, migrating=True):
        click.echo(f"Packproof at {settings.url}, the board at {settings.url}/board", err=True)
    serve(settings)
