"""``python -m tests.bench --only NAME``: run one benchmark or all of them."""

import argparse
import importlib

NAMES = (
    *("scan_to_screen", "dock_to_screen", "two_docks", "moments", "reserve", "parse"),
    *("printers", "documents", "channels", "arriving", "rates"),
)
CAN_BE_QUICK = frozenset({"reserve"})


def main() -> None:
    """Run what was asked for; an unknown name lists those there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="all", choices=("all", *NAMES))
    parser.add_argument("--quick", action="store_true", help="only show that it runs, where a benchmark can")
    asked = parser.parse_args()
    for name in NAMES if asked.only == "all" else (asked.only,):
        print(f"--- {name}", flush=True)
        run = importlib.import_module(f"tests.bench.{name}").run
        run(quick=True) if asked.quick and name in CAN_BE_QUICK else run()


if __name__ == "__main__":
    main()
