"""Everything can leave in one file and come back on an empty server, also of the other engine (GOV-06)."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from server.db import audit_sums, tables
from server.db.audit_chain import snapshot
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.db.whole import export_all, import_all
from server.domain.errors import DomainError
from server.usecases.record.audit_verify import verify
from tests.book import level, open_book, publish, sell


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    made = Database(open_engine(f"sqlite:///{tmp_path / 'empty.db'}"))
    migrate(made.engine)
    yield made
    made.engine.dispose()


def sold_out_of(db: Database) -> None:
    open_book(db, channels=2)
    for n in range(5):
        sell(db, f"S-{n}", ("CANDLE", 1), ("SOAP", 1), ship_to={"name": "Zoë 张", "lines": ["1 Way"], "country": "US"})
    publish(db)


def proven(db: Database) -> None:
    with snapshot(db) as connection:
        assert not verify(connection).faults
        for check in (audit_sums.ledger, audit_sums.reservations, audit_sums.orders):
            assert not list(check(connection))


def everything(db: Database) -> dict[str, list[tuple[object, ...]]]:
    with db.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in tables.metadata.sorted_tables
        }


def test_a_server_filled_from_the_file_has_the_same_book_and_goes_on(
    db: Database, empty: Database, tmp_path: Path
) -> None:
    sold_out_of(db)
    rows = export_all(db, tmp_path / "all.zip")
    assert rows["orders"] == 5
    assert import_all(empty, tmp_path / "all.zip") == rows
    assert everything(empty) == everything(db)
    proven(empty)
    sell(empty, "S-9", ("CANDLE", 1))
    assert level(empty) == (10, 6)
    proven(empty)


def test_what_left_sqlite_fills_a_postgresql_server_that_goes_on(
    sqlite_db: Database, postgres_db: Database, tmp_path: Path
) -> None:
    sold_out_of(sqlite_db)
    export_all(sqlite_db, tmp_path / "all.zip")
    import_all(postgres_db, tmp_path / "all.zip")
    proven(postgres_db)
    for n in range(3):
        sell(postgres_db, f"T-{n}", ("CANDLE", 1))
    assert level(postgres_db) == (10, 8)
    proven(postgres_db)


def test_only_an_empty_server_is_filled_and_only_from_a_whole_file(
    sqlite_db: Database, empty: Database, tmp_path: Path
) -> None:
    sold_out_of(sqlite_db)
    path = tmp_path / "all.zip"
    export_all(sqlite_db, path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(DomainError, match="never writes over"):
        export_all(sqlite_db, path)
    with pytest.raises(DomainError, match="expected an empty database, found rows in"):
        import_all(sqlite_db, path)
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "cut.zip", "w") as cut:
        for name in whole.namelist():
            body = whole.read(name)
            cut.writestr(name, body.split(b"\n", 1)[1] if name == "ledger.jsonl" else body)
    with pytest.raises(DomainError, match="ledger: the file is damaged"):
        import_all(empty, tmp_path / "cut.zip")
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as old:
        old.writestr("manifest.json", json.dumps({"format": 1, "revision": "0000", "tables": {}}))
    with pytest.raises(DomainError, match="the file is of schema 0000"):
        import_all(empty, tmp_path / "old.zip")
    (tmp_path / "letter.zip").write_text("dear")
    with pytest.raises(DomainError, match="expected a file of `packproof data export`"):
        import_all(empty, tmp_path / "letter.zip")
    assert not any(rows for name, rows in everything(empty).items() if name != "chain_head")
