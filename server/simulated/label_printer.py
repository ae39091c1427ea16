"""`python -m server.simulated.label_printer`: the virtual label printer in a process of its own, until SIGTERM."""

from pathlib import Path

import click

from printing.printers.virtual import serve


@click.command()
@click.option("--port", type=int, default=9100, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("labels"), show_default=True)
def main(*, port: int, folder: Path) -> None:
    """Listen on loopback and keep every label as bytes (NNN.zpl) and as a picture (NNN.png)."""
    serve(folder, port)


if __name__ == "__main__":
    main()
