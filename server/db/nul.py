"""The database's door: no text with a NUL gets in, on either engine, and whoever sent it is told so in plain words.

PostgreSQL keeps no NUL, and says so in words for programmers, or fails in the middle of a batch. Where a NUL is no
mistake of the sender, such as a scan or a buyer's note, it is taken out before (``judging.safe_raw``,
``order_parts.storable``).
"""

import re
from typing import Any

from server.domain.errors import DomainError

SAID = "expected text without NUL characters (\\x00), found one"
_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""Behind an even number of backslashes it is text about a NUL."""


def refuse(
    _connection: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, executemany: bool = False
) -> None:
    """SQLAlchemy's ``before_cursor_execute``: raise DomainError("malformed") for a parameter with a NUL."""
    for row in parameters if executemany else (parameters,):
        for value in row.values() if isinstance(row, dict) else row or ():
            if isinstance(value, str) and "\x00" in value:
                raise DomainError("malformed", SAID)


def refuse_in_json(text: str) -> None:
    """The same for rows that are sent as one JSON text."""
    if "\\u0000" in text and _IN_JSON.search(text):
        raise DomainError("malformed", SAID)
