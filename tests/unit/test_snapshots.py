"""No screen changes by accident: each looks as it does in tests/golden/screens/."""

import re
from pathlib import Path

import pytest

import server
from server.domain.benchwork.reasons import ENDS_SESSION
from tests.snapshots import FOLDER, LATCHED, screens, text

SCREENS = {name: text(rows) for name, rows in screens()}
RENEW = "where this is what was meant: make snapshots (.venv/bin/python -m tests.snapshots)"


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_as_it_did(name: str) -> None:
    path = FOLDER / f"{name}.txt"
    kept = path.read_text(encoding="utf-8") if path.exists() else "nothing is kept of it\n"
    assert SCREENS[name].splitlines() == kept.splitlines(), RENEW


def test_nothing_is_kept_of_a_screen_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} - set(SCREENS) == set(), RENEW


def test_no_stop_of_the_rules_was_forgotten() -> None:
    rules = "".join(
        path.read_text(encoding="utf-8") for path in Path(server.__file__).parent.glob("domain/packing/*.py")
    )
    latched = {name.lower() for name in re.findall(r"(?:latch\(session, |Stop\()Reason\.([A-Z_]+)", rules)}
    shown = {name.removeprefix("every-stop-").removesuffix("-80") for name in SCREENS if name.endswith("-80")}
    assert latched and latched <= shown
    assert {reason.value for reason in (*LATCHED, *ENDS_SESSION)} <= shown
