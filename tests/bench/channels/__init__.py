"""How fast, and how truly, every channel learns of a sale on one of them."""

from tests.bench.channels.pushing import run

__all__ = ["run"]
