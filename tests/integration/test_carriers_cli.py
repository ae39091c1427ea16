"""`packproof carriers` at a terminal, over a simulated EasyPost (RAT-03, RAT-06)."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from server.cli.group import packproof
from server.db import tables
from server.db.transaction import Database
from server.simulated.carriers.easypost import KEY, SECRET, SimulatedEasyPost
from server.simulated.platforms.serve import Served, serve_one, settings_toml
from server.usecases.booking import reference
from tests.doc_pages import fresh_book


@pytest.fixture
def easypost() -> Iterator[Served]:
    """On loopback."""
    served = serve_one(SimulatedEasyPost(lambda: 1_800_000_000.0))
    yield served
    served.stop()


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, easypost: Served) -> Iterator[Database]:
    """An empty book, in whose folder easypost.toml connects to the simulation."""
    with fresh_book(tmp_path, monkeypatch) as db:
        (tmp_path / "key").write_text(f"{KEY}\n")
        settings = {name: text for name, text in easypost.settings.items() if name != "api_key"}
        told = settings_toml({**settings, "api_key_file": str(tmp_path / "key")})
        (tmp_path / "easypost.toml").write_text(told, encoding="utf-8")
        yield db


def typed(*words: str, code: int = 0) -> str:
    answer = CliRunner().invoke(packproof, ["carriers", *words])
    assert answer.exit_code == code, answer.output
    return answer.output


def test_a_carrier_that_does_not_let_us_in_is_not_added_and_one_that_stops_to_is_shown_denied(
    book: Database, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("EZAK-wrong")
    told = typed("add", "easypost", "--settings", "easypost.toml", code=2)
    assert "easypost does not let us in: This api key is no longer active." in told
    assert "easypost" not in typed("list")
    (tmp_path / "key").write_text(KEY)
    assert "EasyPost lets us in" in typed("add", "easypost", "--settings", "easypost.toml")
    (tmp_path / "key").write_text("EZAK-revoked")
    typed("check", "easypost", code=2)
    assert re.search(r"^easypost +easypost +denied ", typed("list"), re.MULTILINE)
    (tmp_path / "key").write_text(KEY)
    typed("check", "easypost")
    assert re.search(r"^easypost +easypost +active ", typed("list"), re.MULTILINE)


def test_a_carrier_is_added_changed_and_retired_and_every_server_reads_it_again(book: Database) -> None:
    def version() -> str | None:
        with book.read() as connection:
            t = tables.setting
            return connection.execute(select(t.c.value).where(t.c.key == reference.VERSION)).scalar()

    seen = [version()]
    for words in (
        ("add", "easypost", "--settings", "easypost.toml", "--max-grams", "20000"),
        ("add", "easypost", "easypost", "EasyPost West", "--settings", "easypost.toml"),
        ("retire", "easypost"),
        ("activate", "easypost"),
    ):
        typed(*words)
        seen.append(version())
    assert len(set(seen)) == 5
    with book.read() as connection:
        row = connection.execute(select(tables.carrier_account)).one()
        noted = str(connection.execute(select(tables.audit)).all())
    assert (row.name, row.max_grams, row.active) == ("EasyPost West", 20000, True)
    assert [secret for secret in (KEY, SECRET) if secret in noted] == []
    assert "carrier.retired" in noted


REFUSALS = (
    (("add", "easypost"), "api_key: expected it, or api_key_file, found nothing"),
    (("add", "easypots"), "provider: expected one of"),
    (("add", "easypost", "own-van", "--settings", "easypost.toml"), "there is a carrier own-van already"),
    (("add", "own_van", "Vans!"), "code: expected 1 to 32 of a-z"),
    (("add", "easypost", "--settings", "typo.toml"), "there is no setting api_keys; did you mean api_key"),
    (("add", "easypost", "--settings", "broken.toml"), "broken.toml"),
    (("check", "dhl"), "there is no carrier 'dhl'; there are own-van, city-bikes"),
    (("retire", "dhl"), "there is no carrier 'dhl'"),
    (("quote", "94107", "500"), "expected one of the sites"),
)


def test_a_refusal_says_what_was_expected_and_leaves_everything_as_it_was(book: Database, tmp_path: Path) -> None:
    (tmp_path / "typo.toml").write_text('api_keys = "x"\n')
    (tmp_path / "broken.toml").write_text("api_key = \n")
    for words, says in REFUSALS:
        assert says in typed(*words, code=2), words
    with book.read() as connection:
        assert connection.execute(select(tables.carrier_account)).all() == []
    told = typed("pickup", "own-van", "2027-01-15", "--site", "EAST", code=2)
    assert "Own van sends no driver when it is asked from here" in told
    typed("add", "easypost", "--settings", "easypost.toml")
    for more in ((), ("--cancel",)):
        told = typed("pickup", "easypost", "2027-01-15", "--site", "NOWHERE", *more, code=2)
        assert "there is no site 'NOWHERE'" in told


def test_simulate_serves_easypost_until_it_is_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "server", "carriers", "simulate", "--port", "18973", "--dir", str(tmp_path / "c")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            assert process.stderr.readline().startswith("easypost     http://127.0.0.1:18973")
            assert 'api_url = "http://127.0.0.1:18973"' in (tmp_path / "c" / "easypost.toml").read_text()
            found = httpx.get("http://127.0.0.1:18973/_/parcels", trust_env=False).json()
            assert found == {"parcels": [], "charged": "0"}
        finally:
            process.terminate()
        assert process.wait(10) == 0
