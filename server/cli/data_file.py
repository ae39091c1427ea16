"""A TOML or JSON file that a command takes."""

import json
import tomllib
from pathlib import Path
from typing import Any

import click

from server.domain.errors import DomainError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def read_data(file: Path) -> dict[str, Any]:
    """Its table; raise DomainError("invalid") naming the file and what is wrong with it."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        found: Any = json.loads(text) if file.suffix.lower() == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise DomainError("invalid", f"{file.name}: expected TOML, or JSON in a .json file; {error}") from error
    if not isinstance(found, dict):
        raise DomainError("invalid", f"{file.name}: expected a table, found {type(found).__name__}")
    return found
