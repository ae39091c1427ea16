"""The bench's own memory: on disk when it says so, sent once, forgotten only when the server has it."""

import threading
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from station.journal import Entry, Journal, JournalFailed
from tests import builders


def event(seq: int, raw: str = builders.CANDLE) -> wire.PackEvent:
    return wire.PackEvent(seq=seq, at=1.5, kind="scan", person_id=1, raw=raw)


def with_session(folder: Path, *seqs: int) -> Journal:
    journal = Journal(folder / "journal.db")
    journal.open_session("s-1", builders.order(), 1.0)
    for seq in seqs:
        journal.append("s-1", event(seq), builders.scan(builders.CANDLE))
    return journal


def test_a_reopened_journal_holds_orders_events_and_readings(tmp_path: Path) -> None:
    journal = with_session(tmp_path, 1, 2)
    before = journal.sessions()
    journal.close()
    again = Journal(tmp_path / "journal.db")
    assert again.sessions() == before
    assert again.unsent == 2
    assert again.sessions()[0].entries[1] == Entry(event(2), builders.scan(builders.CANDLE))
    again.close()


def test_an_event_is_on_disk_before_append_returns(tmp_path: Path) -> None:
    """Another process's view of the files right after: a copy taken at this moment has the event."""
    journal = with_session(tmp_path, 1)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in tmp_path.glob("journal.db*"):
        (copy / path.name).write_bytes(path.read_bytes())
    journal.close()
    recovered = Journal(copy / "journal.db")
    assert [e.event.seq for e in recovered.sessions()[0].entries] == [1]
    recovered.close()


def test_the_journal_waits_for_the_disk_before_it_answers(tmp_path: Path) -> None:
    journal = with_session(tmp_path)
    journal.finish("s-1")
    assert journal._rows("PRAGMA synchronous")[0][0] == 2
    assert journal._rows("PRAGMA journal_mode")[0][0] == "wal"
    journal.close()


def test_the_same_event_twice_is_refused_and_counted_once(tmp_path: Path) -> None:
    journal = with_session(tmp_path, 1)
    with pytest.raises(JournalFailed):
        journal.append("s-1", event(1))
    assert journal.unsent == 1
    journal.close()


def test_a_full_disk_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    journal = with_session(tmp_path, 1)
    journal._rows(f"PRAGMA max_page_count={journal._rows('PRAGMA page_count')[0][0]}")
    with pytest.raises(JournalFailed, match="full"):
        journal.append("s-1", event(2, "x" * 10_000))
    assert journal.unsent == 1
    assert len(journal.sessions()[0].entries) == 1
    journal.close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalFailed, match=r"file/journal\.db cannot be opened"):
        Journal(tmp_path / "file" / "journal.db")


def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"precious" * 1000)
    with pytest.raises(JournalFailed, match="not a database"):
        Journal(path)
    assert path.read_bytes() == b"precious" * 1000


def test_a_second_station_on_the_same_journal_is_refused(tmp_path: Path) -> None:
    journal = with_session(tmp_path)
    with pytest.raises(JournalFailed, match="another station"):
        Journal(tmp_path / "journal.db")
    journal.close()


def test_unsent_events_come_in_order_and_in_batches(tmp_path: Path) -> None:
    journal = with_session(tmp_path, 1, 2, 3)
    assert [e.seq for e in journal.unsent_events("s-1", 2)] == [1, 2]
    journal.mark_sent("s-1", 2)
    journal.mark_sent("s-1", 2)
    assert [e.seq for e in journal.unsent_events("s-1")] == [3]
    assert (journal.unsent, journal.unsent_sessions()) == (1, ("s-1",))
    journal.close()


def test_a_session_is_forgotten_only_when_it_is_over_and_wholly_sent(tmp_path: Path) -> None:
    journal = with_session(tmp_path, 1)
    journal.finish("s-1")
    journal.purge()
    assert len(journal.sessions()) == 1
    journal.mark_sent("s-1", 1)
    journal.purge()
    assert journal.sessions() == ()
    assert journal._rows("SELECT count(*) FROM pack_event") == [(0,)]
    journal.close()


def test_events_the_server_gave_us_are_not_sent_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.open_session("s-1", builders.order(), 1.0, [Entry(event(1)), Entry(event(2))])
    assert journal.unsent == 0
    assert len(journal.sessions()[0].entries) == 2
    journal.close()


def test_dock_scans_are_kept_until_sent(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    for seq in (1, 2):
        scanned = wire.DockEvent(seq=seq, at=1.0, person_id=3, raw="TRK1", reason=Reason.OK)
        journal.append_dock("d-1", "L-1", scanned, builders.scan("TRK1"))
    journal.mark_dock_sent("d-1", 1)
    assert journal.unsent_docks() == (("d-1", "L-1"),)
    assert [(e.event.seq, e.sent) for e in journal.dock_log("d-1")] == [(1, True), (2, False)]
    journal.purge_docks()
    assert len(journal.dock_log("d-1")) == 2
    journal.mark_dock_sent("d-1", 2)
    journal.purge_docks()
    assert (journal.unsent, journal.dock_log("d-1")) == (0, ())
    journal.close()


def test_threads_that_append_and_mark_at_once_lose_nothing(tmp_path: Path) -> None:
    journal = with_session(tmp_path)
    done = threading.Event()

    def send() -> None:
        while not done.is_set() or journal.unsent:
            for session_id in journal.unsent_sessions():
                journal.mark_sent(session_id, journal.unsent_events(session_id, 7)[-1].seq)

    sender = threading.Thread(target=send)
    sender.start()
    for seq in range(1, 201):
        journal.append("s-1", event(seq))
    done.set()
    sender.join(20)
    assert [e.event.seq for e in journal.sessions()[0].entries] == list(range(1, 201))
    assert journal.unsent == 0
    journal.close()


def test_notes_are_replaced_and_removed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.put("person", b"1")
    journal.put("person", b"2", durable=False)
    assert journal.get("person") == b"2"
    journal.put("person", None)
    assert journal.get("person") is None
    journal.close()
