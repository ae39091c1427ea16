"""``python -m tests.bench.channels --rate N --seconds N --engine NAME --delay SECONDS``: pushing only."""

import argparse

from tests.bench.channels import pushing


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=pushing.RATE, help="orders a second")
    parser.add_argument("--seconds", type=float, default=pushing.SECONDS)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that each answer of a shop takes")
    asked = parser.parse_args()
    engines = tuple(asked.engine or ("sqlite", "postgresql"))
    pushing.run(asked.seconds, asked.rate, engines, asked.delay)


if __name__ == "__main__":
    main()
