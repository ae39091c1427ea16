"""Statements that travel together to PostgreSQL: each has its own answer, and one that fails spoils no later work."""

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from server.db import raw
from server.db.transaction import Database, transaction
from tests.book import BOSS


def test_each_statement_of_a_pipeline_has_its_own_answer_and_they_are_one_transaction(postgres_db: Database) -> None:
    with postgres_db.engine.connect() as connection:
        connection.begin()
        with raw.together(connection):
            raw.execute(connection, "CREATE TEMP TABLE t (k text PRIMARY KEY, n int) ON COMMIT DROP")
            early = raw.execute(connection, "INSERT INTO t SELECT k, 1 FROM unnest(%s::text[]) AS k", (["a", "ü'\\"],))
            rows = raw.execute(connection, "SELECT k, n FROM t WHERE n = %s ORDER BY k", (1,))
            assert early.rowcount == -1
            assert rows.fetchone() == ("a", 1), "who asks for a row before the end gets it"
            assert early.rowcount == 2
            none = raw.execute(connection, "SELECT k FROM t WHERE n = %s", (2,))
        assert (list(rows), none.fetchone()) == ([("a", 1), ("ü'\\", 1)], None)
        connection.rollback()
        assert connection.exec_driver_sql("SELECT to_regclass('pg_temp.t')").scalar_one() is None


def test_a_statement_that_fails_is_told_as_any_other_and_its_connection_goes_on(postgres_db: Database) -> None:
    with pytest.raises(IntegrityError), transaction(postgres_db, BOSS, "twice") as tx, raw.together(tx.connection):
        for _ in range(2):
            raw.execute(tx.connection, "INSERT INTO setting (key, value) VALUES (%s, %s)", ("k", "v"))
        raw.execute(tx.connection, "SELECT 1")
    with postgres_db.engine.connect() as connection:
        connection.begin()
        with pytest.raises(DBAPIError) as refused, raw.together(connection):
            raw.execute(connection, "SELECT * FROM there_is_no_such_table")
        assert getattr(refused.value.orig, "sqlstate", "") == "42P01"
        connection.rollback()
        assert connection.exec_driver_sql("SELECT count(*) FROM setting WHERE key = 'k'").scalar_one() == 0


def test_who_breaks_off_before_the_end_sends_nothing(postgres_db: Database) -> None:
    with postgres_db.engine.connect() as connection:
        connection.begin()
        with pytest.raises(ZeroDivisionError), raw.together(connection):
            raw.execute(connection, "INSERT INTO setting (key, value) VALUES ('k', 'v')")
            raise ZeroDivisionError
        assert raw.execute(connection, "SELECT count(*) FROM setting WHERE key = 'k'").fetchone() == (0,)
