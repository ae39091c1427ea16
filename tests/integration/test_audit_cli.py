"""`packproof audit` as a person runs it: what it prints, and its exit code."""

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli.group import packproof
from server.db.transaction import Database
from server.jobs import anchoring
from server.usecases.record.audit_anchor import FILE
from server.worker import Worker
from tests.book import open_book, sell, until


@pytest.fixture
def book(sqlite_db: Database, tmp_path: Path) -> Path:
    """A small book that a worker has anchored; its server.toml."""
    open_book(sqlite_db)
    sell(sqlite_db, "O-1", ("CANDLE", 2))
    worker = Worker(sqlite_db, [anchoring(tmp_path)])
    worker.start()
    until((tmp_path / FILE).exists, "an anchor is written")
    worker.stop()
    sqlite_db.engine.dispose()
    config = tmp_path / "server.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n')
    return config


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(packproof, ["audit", *words, "--config", str(config)])


def tampered(config: Path, statement: str) -> None:
    connection = sqlite3.connect(config.parent / "packproof.db")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_whole_record_ends_with_0_and_prints_its_head_which_later_runs_accept(book: Path) -> None:
    found = run(book, "verify")
    assert (found.exit_code, found.stderr) == (0, "")
    state, head = found.stdout.splitlines()
    assert state.startswith("whole: ")
    assert "anchored up to batch" in state
    assert run(book, "verify", "--head", head.removeprefix("head ")).exit_code == 0
    forged = f"1:{'0' * 64}"
    again = run(book, "verify", "--head", forged)
    assert again.exit_code == 1
    assert "made anew" in again.stdout
    assert run(book, "verify", "--head", "7").exit_code == 2


def test_an_edited_record_ends_with_1_and_names_the_batch(book: Path) -> None:
    tampered(book, "UPDATE ledger SET d_reserved = 1 WHERE kind = 'reserve'")
    found = run(book, "verify")
    assert found.exit_code == 1
    assert found.stdout.startswith("changed: batch ")
    assert "NOT WHOLE, 1 findings" in found.stdout
    as_json = json.loads(run(book, "verify", "--json").stdout)
    assert (as_json["whole"], as_json["faults"], as_json["findings"][0]["fault"]) == (False, 1, "changed")


def test_a_cut_of_the_end_is_found_with_the_workers_anchors_and_their_absence_is_told(book: Path) -> None:
    (book.parent / FILE).rename(book.parent / "elsewhere")
    found = run(book, "verify")
    assert found.exit_code == 0
    assert "a cut of the newest batches would not be seen" in found.stderr
    with (book.parent / "elsewhere").open("a") as file:
        file.write(f"99999 {'a' * 64} 2030-01-01T00:00:00+00:00\n")
    cut = run(book, "verify", "--anchors", str(book.parent / "elsewhere"))
    assert cut.exit_code == 1
    assert "are cut off: batch 99999 was there at 2030-01-01" in cut.stdout


def test_check_says_drift_0_or_names_each_difference(book: Path) -> None:
    assert run(book, "check").stdout == "drift 0\n"
    tampered(book, "UPDATE stock SET on_hand = on_hand + 3 WHERE sku = 'CANDLE'")
    found = run(book, "check")
    assert found.exit_code == 1
    assert found.stdout == "on hand of CANDLE at EAST: the book says 13, the ledger comes to 10\ndrift 1\n"
    said = json.loads(run(book, "check", "--json").stdout)
    assert said == {"check": "ledger", "what": "on hand of CANDLE at EAST", "found": 13, "expected": 10}


def test_export_writes_a_file_and_refuses_what_it_cannot_mean(book: Path) -> None:
    target = book.parent / "dispute.csv"
    found = run(book, "export", "--order", "O-1", "--format", "csv", "--output", str(target))
    assert found.exit_code == 0
    assert found.stdout == ""
    assert target.read_text().startswith("time,event,batch,what,who")
    assert f"{len(target.read_text().splitlines()) - 1} rows" in found.stderr
    assert json.loads(run(book, "export", "--sku", "CANDLE").stdout.splitlines()[0])["sku"] == "CANDLE"
    assert run(book, "export", "--since", "2020-01-01", "--until", "2020-01-02").stdout == ""
    for wrong in ((), ("--order", "1", "--sku", "X"), ("--since", "soon"), ("--order", "NOPE")):
        refused = run(book, "export", *wrong)
        assert refused.exit_code == 2
        assert refused.stdout == ""


def test_the_timeline_shows_batches_and_events_where_asked(book: Path) -> None:
    words = ["timeline", "O-1", "--config", str(book)]
    plain = CliRunner().invoke(packproof, words).stdout.splitlines()
    with_ids = CliRunner().invoke(packproof, [*words, "--ids"]).stdout.splitlines()
    assert len(plain) == len(with_ids) > 2
    batch, event = with_ids[0].split()[0].split("/")
    assert int(batch) > 0
    assert int(event) > 0
    assert with_ids[0].endswith(plain[0])
