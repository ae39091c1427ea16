"""Every sentence an operator meets, one file per language. Imports server.domain and station.views; no Textual.

``say`` is the language in use: a module with the names of ``en``.
"""

from server.domain.reasons import Reason
from station.wording import en as say
from station.wording.says import Says

__all__ = ["Says", "say", "sentence"]


def sentence(reason: Reason, **facts: object) -> str:
    """Title and advice of a reason as one line of text, for logs and messages; ``item`` is the only fact used today."""
    says = say.REASONS[reason]
    item = str(facts.get("item", ""))
    return " ".join(part for part in (f"{says.title}:" if item else f"{says.title}.", item, says.do) if part)
