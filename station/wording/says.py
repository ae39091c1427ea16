"""The shape of what is said about one reason or one moment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Says:
    """What happened, what to do now, and the one word that is written three metres tall."""

    title: str
    do: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """What else can be scanned on a screen: a quiet line, and what a refused NOT NOW says is possible."""

    line: str = ""
    instead: str = ""
