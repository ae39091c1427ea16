"""Every sentence an operator meets, one file per language. Imports server.domain, station.views and printing's words.

The desks name a ``Note`` or a ``State``; only screens and widgets turn it into words here.

``say`` is the language in use: it has the names of ``en``, and English says what another file does not say yet.
``speak`` changes it for the whole process, which has one screen.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from server.domain.benchwork.reasons import PROBLEMS, Reason
from station.views import Flash, Note
from station.wording.languages import Wording
from station.wording.says import Says, Ways

if TYPE_CHECKING:
    # Whoever reads a word gets the types of the English file, which is complete.
    from station.wording import en as say
else:
    say = Wording()

__all__ = ["Says", "Ways", "device", "headed", "noted", "said", "say", "sentence", "speak", "told"]


def speak(language: str) -> None:
    """Say everything in this language from now on; "" and one that nobody knows are English."""
    if not TYPE_CHECKING:
        say.speak(language or "en")


def sentence(reason: Reason, **facts: object) -> str:
    """Title and advice of a reason as one line of text, for logs and messages; ``item`` is the only fact used today."""
    says = say.REASONS[reason]
    item = str(facts.get("item", ""))
    return " ".join(part for part in (f"{says.title}:" if item else f"{says.title}.", item, says.do) if part)


def headed(flash: Flash) -> Says:
    """Title and word of a verdict: of its Note where that one has its own, else of its reason."""
    if flash.reason is Reason.WHICH_PROBLEM and flash.detail in PROBLEMS:
        return say.which_item(Reason(flash.detail))
    own = say.HEADINGS.get(flash.detail) if isinstance(flash.detail, Note) else None
    return own or say.REASONS[flash.reason]


def noted(detail: str, item: str = "", units: tuple[int, int] = (0, 0)) -> str:
    """The sentence of a Note; anything else is somebody's own words already."""
    return say.NOTES[detail].format(item=item, done=units[0], total=units[1]) if isinstance(detail, Note) else detail


def told(flash: Flash) -> str:
    """What a verdict says beyond its reason: the sentence of its Note, then what the server or a device said."""
    known = noted(flash.detail, flash.item, flash.units) if isinstance(flash.detail, Note) else ""
    words = said(dict(flash.facts), flash.words) or device(flash.words)
    return " ".join(part for part in (known, _sentence(words) if known.endswith(".") else words) if part)


def device(words: str) -> str:
    """What a printer or the system says, in the language in use; what nobody here has words for stays as it is."""
    for trouble, own in (*say.TROUBLES.items(), *say.SYSTEM.items()):
        words = words.replace(trouble, own)
    return words


def said(facts: Mapping[str, str], words: str = "") -> str:
    """Why the server refuses or stops, in the language in use.

    What has no sentence here is its own ``words`` in quotation; "" where it was not the server that said something.
    """
    held = say.HELD.get(facts.get("held_because", ""), facts.get("held_because", "").replace("_", " "))
    try:
        says = facts.get("says", "")
        ours = say.DOCK_SAYS[says] if says in say.DOCK_SAYS else say.REFUSED[says]
        return ours.format_map({**facts, "held": held})
    except KeyError:
        return say.QUOTED.format(words=words) if words and facts.get("refused") else ""


def _sentence(words: str) -> str:
    """What the server or a device said, as it looks after a sentence of ours; a first word with a digit is a code."""
    first = words.partition(" ")[0]
    begun = words if any(c.isdigit() for c in first) else words[:1].upper() + words[1:]
    return begun if not begun or begun[-1] in ".!?…“" else f"{begun}."
