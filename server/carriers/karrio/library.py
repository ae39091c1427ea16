"""The library itself, imported late (a quarter of a second, and twice that for its carriers) and kept from harm.

What it does to the whole process when it is imported, and what we do about it: it switches certificate checks of
urllib off (put back), lets Pillow read broken pictures (put back), prints with loguru (silenced), and calls carriers
through urllib without a time-out (all its calls go through ``wire.py``; what would go past it fails).
"""

import ssl
import threading
import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from PIL import ImageFile

from server.carriers.karrio import wire
from server.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Library:
    """The parts of it that we use."""

    sdk: Any
    lib: Any
    models: Any
    units: Any


_lock = threading.Lock()
_loaded: list[Library] = []


def library() -> Library:
    """The library; raise DomainError("invalid") with the command that installs it where it is not there."""
    with _lock:
        if not _loaded:
            _loaded.append(_load())
        return _loaded[0]


def provider(carrier: str) -> Any:
    """What the library knows of a carrier; raise DomainError("invalid") naming those that are installed."""
    known = library().sdk.gateway.providers
    if carrier not in known:
        package = f"karrio-{carrier.replace('_', '-')}"
        found = f"expected one of {', '.join(sorted(known))}, found {carrier!r}; others are packages of their own"
        raise DomainError("invalid", f"carrier: {found}, by name perhaps {package}")
    return known[carrier]


def _load() -> Library:
    # Both are switches of the whole process, and private in the case of ssl: they are read and put back, never chosen.
    checked, truncated = ssl._create_default_https_context, ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        import_module("loguru").logger.disable("karrio")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = Library(*(import_module(f"karrio.{part}") for part in ("sdk", "lib", "core.models", "core.units")))
            wire.lay(found.lib, import_module("karrio.core.utils.helpers"))
            found.sdk.gateway.providers  # noqa: B018 - imports all carriers that are installed
    except ImportError as error:
        raise DomainError(
            "invalid", 'provider: expected the library of "karrio", found none: pip install "packproof[karrio]"'
        ) from error
    finally:
        ssl._create_default_https_context, ImageFile.LOAD_TRUNCATED_IMAGES = checked, truncated
    return found
