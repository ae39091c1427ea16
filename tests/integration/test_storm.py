"""The storm of messages, small: what it measures, it would see."""

import pytest

from server.db.transaction import Database
from server.domain.errors import DomainError
from server.usecases.talking import hearing
from tests.bench.channels.storm import blow


def test_no_message_of_a_storm_is_believed_wrongly_and_none_is_lost(sqlite_db: Database) -> None:
    done, lost = blow(sqlite_db, 1, 120, 6, ("walmart", "woocommerce"))
    assert done.counts.total() == 120
    assert {"genuine", "genuine, again", "forged", "cut", "flipped"} <= done.counts.keys()
    assert (done.wrongly, lost) == (0, set())
    assert done.heard


def test_a_storm_notices_when_everything_is_refused(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(*_: object) -> str:
        raise DomainError("bad_signature", "no")

    monkeypatch.setattr(hearing, "hear", deaf)
    done, _ = blow(sqlite_db, 1, 40, 2, ("woocommerce",))
    assert done.wrongly == done.counts["genuine"] + done.counts["genuine, again"] > 0
