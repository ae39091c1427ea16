"""`python -m server.simulated.shop`: run the shop until SIGTERM."""

import json
from pathlib import Path

import click
import uvicorn

from server.simulated.shop.app import create_shop
from server.simulated.shop.book import Book


@click.command()
@click.option("--port", type=int, default=8450, show_default=True)
@click.option("--data", type=click.Path(path_type=Path), default=Path("shop.db"), help="The shop's SQLite file.")
@click.option("--server", default="http://127.0.0.1:8440", show_default=True, help="Where Packproof listens.")
@click.option("--channel", default="shop", show_default=True, help="The shop's channel code at Packproof.")
@click.option("--secret", envvar="PACKPROOF_SHOP_SECRET", required=True, help="Signing secret, whsec_...")
@click.option("--products", type=click.Path(exists=True, path_type=Path), help="JSON list of sku, title, cents, stock.")
def main(*, port: int, data: Path, server: str, channel: str, secret: str, products: Path | None) -> None:
    """A small web shop on loopback that sends its orders to Packproof. Its webhook address is /packproof."""
    book = Book(data)
    if products:
        book.offer(json.loads(products.read_text(encoding="utf-8")))
    app = create_shop(book, f"{server.rstrip('/')}/channels/{channel}", secret)
    try:
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
    finally:
        book.close()


if __name__ == "__main__":
    main()
