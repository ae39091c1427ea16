"""Settings that are yes or no: a TOML boolean, or what a person typed."""

from collections.abc import Mapping
from typing import Any

_NO = frozenset({"", "0", "false", "no", "off"})


def flag(settings: Mapping[str, Any], name: str, default: bool) -> bool:
    """The setting, ``default`` where it is absent."""
    found = settings.get(name)
    return default if found is None or found == "" else str(found).strip().lower() not in _NO
