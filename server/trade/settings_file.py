"""The settings of a channel or a carrier, as people write them into a file."""

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.domain.errors import DomainError
from server.trade.words import Setting


def read_settings(path: Path, settings: Sequence[Setting] | None) -> dict[str, Any]:
    """What a TOML file says, at its top or in a table ``settings``; raise DomainError("invalid").

    Every secret may also be given as NAME_file, a path. A name that is not among ``settings`` is refused with the
    nearest; None takes every name.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DomainError("invalid", f"{path}: {error}") from error
    found: dict[str, Any] = told.get("settings", told)
    if settings is None:
        return found
    known = [name for each in settings for name in (each.name, *([f"{each.name}_file"] if each.secret else []))]
    for name in found:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise DomainError("invalid", f"{path}: there is no setting {name}; {hint}")
    return found
