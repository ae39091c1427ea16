"""``python -m tests.bench --only NAME``: run one benchmark or all of them."""

import argparse
import importlib

NAMES = ("scan_to_screen", "reserve")


def main() -> None:
    """Run what was asked for; an unknown name lists those there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="all", choices=("all", *NAMES))
    only = parser.parse_args().only
    for name in NAMES if only == "all" else (only,):
        print(f"--- {name}", flush=True)
        importlib.import_module(f"tests.bench.{name}").run()


if __name__ == "__main__":
    main()
