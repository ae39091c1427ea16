"""The commented settings in deploy/carriers are settings that there are."""

import re
from pathlib import Path

import pytest

from server.calls.line import Line
from server.carriers import Account, carrier, settings_of
from server.domain.errors import DomainError
from server.trade.settings_file import read_settings

EXAMPLES = Path(__file__).parents[2] / "deploy" / "carriers"


def uncommented(name: str, folder: Path) -> Path:
    """The example with every line that shows a setting switched on."""
    shown = (EXAMPLES / f"{name}.example.toml").read_text(encoding="utf-8")
    path = folder / "all.toml"
    path.write_text(re.sub(r"^# (\w+ = |\[\[)", r"\1", shown, flags=re.MULTILINE), encoding="utf-8")
    return path


def test_the_example_of_easypost_shows_every_setting_and_no_other(tmp_path: Path) -> None:
    found = read_settings(uncommented("easypost", tmp_path), settings_of("easypost"))
    assert set(found) - {"api_key_file"} == {each.name for each in settings_of("easypost") or ()}
    line: Line = None  # type: ignore[assignment] # nobody is called
    carrier(Account("easypost", "EasyPost", "easypost", settings=found), line)


def test_the_example_of_own_vans_can_be_read(tmp_path: Path) -> None:
    assert read_settings(uncommented("own-van", tmp_path), settings_of("own_van")) == {
        "services": {"standard": 1, "same-day": 0},
        "zones": [{"country": "US", "postcode": "941", "up_to_grams": 5000, "price": "4.20", "currency": "USD"}],
    }


def test_a_provider_that_is_not_there_has_no_settings() -> None:
    with pytest.raises(DomainError, match="provider: expected one of"):
        settings_of("pigeon")
