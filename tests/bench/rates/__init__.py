"""How long a choice of carrier takes, what a dead provider costs, and what we add to the purchase of a label."""

from tests.bench.rates.choosing import run as run_choosing
from tests.bench.rates.floor import run as run_floor

__all__ = ["run"]


def run() -> None:
    """Measure and print."""
    run_choosing()
    run_floor()
