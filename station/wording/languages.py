"""Which language the screens speak: one file each with the names of ``en``; what one does not say yet, English says."""

import importlib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import Any

from server.domain.people import LANGUAGES

FALLBACK = LANGUAGES[0]


class Wording(ModuleType):
    """Has every name of ``en``, in the language spoken now."""

    def __init__(self) -> None:
        super().__init__("say")
        self.spoken = ""
        self.speak(FALLBACK)

    def speak(self, language: str) -> None:
        """From the next picture on; a language nobody knows is English. Costs nothing where it does not change."""
        if language != self.spoken:
            self.spoken = language
            self.__dict__.update(_words(language if language in LANGUAGES else FALLBACK))


def missing(language: str) -> tuple[str, ...]:
    """What this language leaves to English: names, and keys of tables as ``NAME[key]``."""
    english, own = _names(FALLBACK), _names(language)
    gone = [name for name in english if name not in own]
    for name, value in english.items():
        if isinstance(value, Mapping) and name in own:
            gone += [f"{name}[{key}]" for key in value if key not in own[name]]
    return tuple(gone)


def needless(language: str) -> tuple[str, ...]:
    """What this language says although English does not (any more)."""
    english, own = _names(FALLBACK), _names(language)
    gone = [name for name in own if name not in english]
    for name, value in own.items():
        if isinstance(value, Mapping) and name in english:
            gone += [f"{name}[{key}]" for key in value if key not in english[name]]
    return tuple(gone)


@lru_cache(maxsize=len(LANGUAGES))
def _words(language: str) -> Mapping[str, Any]:
    words, own = dict(_names(FALLBACK)), _names(language)
    for name, value in own.items():
        both = isinstance(value, Mapping) and name in words
        words[name] = MappingProxyType({**words[name], **value}) if both else value
    return MappingProxyType(words)


def _names(language: str) -> dict[str, Any]:
    """The words of one file: its own constants and functions, without what it imports."""
    module = importlib.import_module(f"station.wording.{language}")
    found = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    return {name: value for name, value in found.items() if name.isupper() or _made_in(value, module)}


def _made_in(value: object, module: ModuleType) -> bool:
    return callable(value) and not isinstance(value, type) and getattr(value, "__module__", "") == module.__name__
