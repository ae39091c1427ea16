"""GS1 messages as people and careless scanners write them: with brackets, or with something else in place of GS.

The characters a lot or serial may hold are those of table 7.11-1 of the GS1 General Specifications; ``|``, ``~``, ``^``
and the like are not among them, so where one stands, a separator stood before.
"""

from __future__ import annotations

import re

from scanners import gs1

_BRACKETED = re.compile(r"\((\d{2,4})\)")
_REPLACEMENT = re.compile(r"<GS>|\{GS\}|\[GS\]|\\x1d|\\u001d|\^\]|~1|[\u241d|~^#@$]", re.IGNORECASE)
_FIRST = ("00", "01", "02", gs1.SEPARATOR)


def bracketed(payload: str) -> str | None:
    """``(01)04006381333931(10)LOT7`` as a message with separators; None when it is not written like that."""
    parts = _BRACKETED.split(payload.strip(gs1.SEPARATOR))
    if len(parts) < 3 or parts[0].strip():
        return None
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    message = gs1.SEPARATOR.join(f"{ai}{value.strip()}" for ai, value in pairs)
    return message if gs1.message_elements(message) is not None else None


def separated(payload: str, *, said: bool) -> str:
    """The payload with GS where something else stands for it; as it is unless that makes it a message.

    ``said``: the scanner said that it is GS1. Without that, it must begin with a number that proves itself.
    """
    if not said and not payload.startswith(_FIRST):
        return payload
    message = _REPLACEMENT.sub(gs1.SEPARATOR, payload)
    return message if message != payload and gs1.message_elements(message) is not None else payload
