"""The terminal the station runs in: whether it is still there, and an end that cannot hang."""

import os
import select
import sys
import threading

LAST_SECONDS = 5.0
"""How long a clean end may take; every verdict is in the journal already, so that a hard one loses nothing."""


def hung_up() -> bool:
    """Whether the other end is gone: a window closed, a connection dropped."""
    stdin = sys.__stdin__
    if stdin is None or stdin.closed:
        return False
    watch = select.poll()
    watch.register(stdin.fileno(), select.POLLHUP)
    return any(event & select.POLLHUP for _, event in watch.poll(0))


def end_for_sure(seconds: float = LAST_SECONDS) -> None:
    """End the process after this time if it has not ended by itself: drawing to a dead terminal may wait for ever.

    A bench that nobody sees would otherwise keep the scanner and the journal from the next one.
    """
    last = threading.Timer(seconds, os._exit, (1,))
    last.daemon = True
    last.start()
