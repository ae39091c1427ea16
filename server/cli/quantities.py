"""NAME=NUMBER at the terminal."""

from collections.abc import Iterable

import click


def quantities(texts: Iterable[str], what: str) -> dict[str, int]:
    """Units by name, summed; a usage error names what cannot be read."""
    found: dict[str, int] = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        if not name or not (number.isascii() and number.isdigit()):
            raise click.BadParameter(f"expected NAME=NUMBER, found {text!r}", param_hint=what)
        found[name] = found.get(name, 0) + int(number)
    return found
