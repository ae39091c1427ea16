"""Every sentence an operator meets, one file per language. Imports server.domain and station.views; no Textual.

The desks name a ``Note`` or a ``State``; only screens and widgets turn it into words here.

``say`` is the language in use: a module with the names of ``en``.
"""

from server.domain.benchwork.reasons import Reason
from station.views import Flash, Note
from station.wording import en as say
from station.wording.says import Says, Ways

__all__ = ["Says", "Ways", "noted", "say", "sentence", "told"]


def sentence(reason: Reason, **facts: object) -> str:
    """Title and advice of a reason as one line of text, for logs and messages; ``item`` is the only fact used today."""
    says = say.REASONS[reason]
    item = str(facts.get("item", ""))
    return " ".join(part for part in (f"{says.title}:" if item else f"{says.title}.", item, says.do) if part)


def noted(detail: str, item: str = "") -> str:
    """The sentence of a Note; anything else is somebody's own words already."""
    return say.NOTES[detail].format(item=item) if isinstance(detail, Note) else detail


def told(flash: Flash) -> str:
    """What a verdict says beyond its reason: the sentence of its Note, then what the server or a device said."""
    known = noted(flash.detail, flash.item) if isinstance(flash.detail, Note) else ""
    return " ".join(part for part in (known, flash.words) if part)
