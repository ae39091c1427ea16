"""A carrier that shuts us out is somebody's task within the hour, and the task ends when it lets us in again."""

from server.db.transaction import Database
from server.simulated.platforms.faults import Fault
from server.usecases.shipping import access
from tests.book import incidents_of, open_book
from tests.carriers import easypost_behind


def test_a_revoked_key_is_one_task_until_the_carrier_lets_us_in_again(sqlite_db: Database) -> None:
    at = 1_800_000_000.0
    sqlite_db.now = lambda: at
    open_book(sqlite_db)
    with easypost_behind(sqlite_db) as easypost:
        access.watch(sqlite_db)
        asked = len(easypost.asked)
        access.watch(sqlite_db)
        assert (asked, len(easypost.asked)) == (1, 1), "once an hour"
        for _ in range(3):
            easypost.faults.once(Fault.DENIED)
            at += access.CHECK_EVERY + 1
            access.watch(sqlite_db)
        [cause] = incidents_of(sqlite_db, "carrier_denied")
        assert "does not let us in" in cause
        assert "packproof carriers add" in cause
        easypost.faults.down = True
        at += access.CHECK_EVERY + 1
        access.watch(sqlite_db)
        assert incidents_of(sqlite_db, "carrier_denied"), "silence is no yes"
        easypost.faults.down = False
        access.watch(sqlite_db)
        assert incidents_of(sqlite_db, "carrier_denied") == []
