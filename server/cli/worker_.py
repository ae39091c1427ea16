"""`packproof worker`: the outbox, apart from the server."""

import signal
import threading
from pathlib import Path

import click

from server.cli.opening import config_option, opened


@click.command("worker", short_help="Tell channels of stock and shipments, apart from the server.")
@config_option
def worker_command(config: Path | None) -> None:
    """Tell channels of stock and shipments until SIGTERM or Ctrl-C.

    Only with `worker = false` in server.toml; else the server does it itself. Any number may run over one PostgreSQL.

    \b
    Example:
      packproof worker --config /etc/packproof/server.toml
    """
    from server import logs
    from server.config import load_config
    from server.jobs import alerting, anchoring
    from server.worker import Worker

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    settings = load_config(config)
    logs.configure(settings.log_format)
    with opened(config, migrating=True) as db:
        worker = Worker(db, [anchoring(settings.data_dir), alerting(settings.alerts)])
        worker.start()
        click.echo("the worker tells channels of stock and shipments", err=True)
        stopping.wait()
        worker.stop()
