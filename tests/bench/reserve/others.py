"""``make bench-others``: are django-oscar and @medusajs/inventory here to be measured beside us?

Neither is a dependency, and no driver for them is kept here: what they did on the same workloads stands in the issue.
"""

import importlib.util
from pathlib import Path

_MEDUSA = Path("node_modules/@medusajs/inventory")


def run(name: str) -> None:
    """One line for each."""
    for label, there in (
        ("django_oscar", importlib.util.find_spec("oscar") is not None),
        ("medusa_inventory", _MEDUSA.exists()),
    ):
        print(f"{name}.{label} {'installed, but nothing here drives it yet' if there else 'not installed'}", flush=True)


if __name__ == "__main__":
    run("reserve")
