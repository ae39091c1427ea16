"""`python -m tests.snapshots`: every screen and every stop as text, 80x24 and 120x40, in tests/golden/screens/.

A diff of these files shows what a change does to the screens. Where it is what was meant, run this and commit them.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from server.domain.benchwork.reasons import ENDS_SESSION, Reason, Tone
from server.domain.packing.session import Stop
from station.screens.guide import guide
from station.screens.picture import picture
from station.views import Flash, SignInView, StopView
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows
from station.wording import speak
from tests.scenes import GUIDE, NOBODY, NOW, SIZES, STATUS, VIEWS

FOLDER = Path(__file__).parent / "golden" / "screens"


LATCHED = (Reason.WRONG_ITEM, Reason.OVER_QUANTITY, Reason.UNKNOWN_CODE, Reason.EXPIRED, Reason.DUPLICATE_SERIAL)
"""Because of an item in the hand; the rest is about the box."""


def stops() -> Iterator[tuple[str, StopView]]:
    """Every stop there is, as the rules or the server latch it."""
    for reason in (*LATCHED, Reason.WRONG_LABEL, Reason.STOPPED, *sorted(ENDS_SESSION)):
        item = Stop(reason, "Spray bottle 500 ml", "CLEAR", "SKU-7802")
        stop = item if reason in LATCHED else Stop(reason)
        needs = (("Gift card", "", 1), ("Microfibre cloth 30 cm", "BLUE", 2)) if reason in LATCHED else ()
        flash = Flash(5, reason, Tone.STOP)
        yield f"every-stop-{reason.value}", StopView(stop, "1043", needs, reason in ENDS_SESSION, flash=flash)


def screens() -> Iterator[tuple[str, Rows]]:
    """Name and rows of all of them, in English."""
    speak("en")
    for width, height in SIZES:
        for name, view in (*VIEWS.items(), *stops()):
            status = NOBODY if isinstance(view, SignInView) and not view.asks else STATUS
            yield f"{name}-{width}", picture(view, Sheet(width, height, NOW, status))
        yield f"guide-{width}", guide(GUIDE, Sheet(width, height, NOW, NOBODY))
        typed = replace(STATUS, secret=True)
        yield (
            f"sign-in-pin-typed-{width}",
            picture(VIEWS["sign-in-pin"], Sheet(width, height, NOW, typed, typed="••••")),
        )


def text(rows: Rows) -> str:
    """As it is kept: without the blanks at the right, which some editors take away."""
    return "".join(f"{one.text.rstrip()}\n" for one in rows)


def main() -> None:
    """Write them all anew; files of screens that are gone go too."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name, rows in screens():
        (FOLDER / f"{name}.txt").write_text(text(rows), encoding="utf-8")
    print(f"{len(list(FOLDER.iterdir()))} screens in {FOLDER}")


if __name__ == "__main__":
    main()
