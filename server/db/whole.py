"""Every row of every table, out to one file and in again: the way to another machine, or to the other engine (GOV-06).

The file is a zip of one JSON-lines member for each table, written in one consistent view, and ``manifest.json``
with the schema's revision and the rows and digest of every member. It holds everything,
secrets and personal data included.
"""

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, LargeBinary, Table, func, insert, select, text, update

from server.db import tables
from server.db.audit_chain import snapshot
from server.db.bulk import insert_rows
from server.db.chain import BLOCK
from server.db.engine import is_sqlite, writer_lock
from server.db.transaction import Database
from server.domain.errors import DomainError

MANIFEST = "manifest.json"
FORMAT = 1
_ROWS = 1000
_HEAD = tables.chain_head


def export_all(db: Database, path: Path) -> dict[str, int]:
    """Write the file, readable by its owner alone; rows by table. Raise DomainError("taken") where it exists."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise DomainError("taken", f"{path} exists; an export never writes over a file") from error
    try:
        with os.fdopen(number, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            return _write(db, archive)
    except BaseException:
        path.unlink()
        raise


def _write(db: Database, archive: zipfile.ZipFile) -> dict[str, int]:
    members: dict[str, dict[str, Any]] = {}
    with snapshot(db) as connection:
        manifest = {"format": FORMAT, "revision": _revision(connection), "at": db.now(), "tables": members}
        for table in tables.metadata.sorted_tables:
            digest, rows = hashlib.sha256(), 0
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as member:
                for row in connection.execution_options(yield_per=_ROWS).execute(select(table)):
                    line = json.dumps(_plain(row._mapping), ensure_ascii=False).encode() + b"\n"
                    digest.update(line)
                    member.write(line)
                    rows += 1
            members[table.name] = {"rows": rows, "sha256": digest.hexdigest()}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return {name: member["rows"] for name, member in members.items()}


def import_all(db: Database, path: Path) -> dict[str, int]:
    """Fill an empty database of the same revision from the file, all or nothing; rows by table.

    Raise DomainError("invalid") for another file, revision or a damaged member, and "taken" for a database in use.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest.get("format") != FORMAT:
                raise DomainError("invalid", f"{path}: expected format {FORMAT}, found {manifest.get('format')!r}")
            return _read(db, archive, manifest)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise DomainError("invalid", f"{path}: expected a file of `packproof data export`, found {error}") from error


def _read(db: Database, archive: zipfile.ZipFile, manifest: Mapping[str, Any]) -> dict[str, int]:
    # Rows are written as they were, past the record of who did what: they are that record.
    with writer_lock(db.engine), db.engine.connect() as connection:
        connection.begin()
        if is_sqlite(db.engine):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        found = _revision(connection)
        if found != manifest["revision"]:
            raise DomainError("invalid", f"the file is of schema {manifest['revision']}, this database of {found}")
        _must_be_empty(connection)
        for table in tables.metadata.sorted_tables:
            _fill(connection, table, archive, manifest["tables"][table.name])
        if not is_sqlite(db.engine):
            _count_on(connection)
        connection.commit()
    return {name: member["rows"] for name, member in manifest["tables"].items()}


def _must_be_empty(connection: Connection) -> None:
    for table in tables.metadata.sorted_tables:
        if table is not _HEAD and connection.execute(select(text("1")).select_from(table).limit(1)).first():
            raise DomainError("taken", f"expected an empty database, found rows in {table.name}")


def _fill(connection: Connection, table: Table, archive: zipfile.ZipFile, expected: Mapping[str, Any]) -> None:
    digest, rows, waiting = hashlib.sha256(), 0, []
    with archive.open(f"{table.name}.jsonl") as member:
        for line in member:
            digest.update(line)
            waiting.append(_typed(table, json.loads(line)))
            rows += 1
            if len(waiting) >= _ROWS:
                _put(connection, table, waiting)
                waiting = []
    _put(connection, table, waiting)
    if (rows, digest.hexdigest()) != (expected["rows"], expected["sha256"]):
        raise DomainError(
            "invalid", f"{table.name}: the file is damaged; expected {expected['rows']} rows, found {rows}"
        )


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if table is _HEAD:
        for row in rows:
            connection.execute(update(_HEAD).values(**row))
    elif rows and any(isinstance(column.type, LargeBinary) for column in table.columns):
        connection.execute(insert(table), rows)
    else:
        # The record's own way of writing: the very text of its rows is hashed.
        insert_rows(connection, table, rows)


def _count_on(connection: Connection) -> None:
    """PostgreSQL: numbers that the database gives out go on after the highest that is there."""
    for table in tables.metadata.sorted_tables:
        for column in table.primary_key.columns:
            name = connection.execute(
                text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": f'"{table.name}"', "c": column.name}
            ).scalar()
            if name is not None:
                top = connection.execute(select(func.max(column))).scalar()
                connection.execute(text("SELECT setval(:s, :n, :called)"), _next(name, top))
    last = connection.execute(select(_HEAD.c.last_id)).scalar_one()
    connection.execute(text("SELECT setval('event_block', :n)"), {"n": max(1, int(last) // BLOCK)})


def _next(sequence: str, top: int | None) -> dict[str, Any]:
    return {"s": sequence, "n": top or 1, "called": top is not None}


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(name): base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in row.items()
    }


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    binary: Iterator[Column[Any]] = (column for column in table.columns if isinstance(column.type, LargeBinary))
    for column in binary:
        if row[column.name] is not None:
            row[column.name] = base64.b64decode(row[column.name])
    return row
