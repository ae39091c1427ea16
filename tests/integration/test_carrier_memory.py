"""What a provider keeps is decided by the database, so that two servers buy the same shipment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from server.db.memory import CarrierMemory
from server.db.together import Together
from server.db.transaction import Database
from server.trade.shipping import Purchased
from server.usecases.shipping.accounts import account, counter_of, line_of
from tests.book import BOSS
from tests.carriers import easypost_behind
from tests.easypost_stand import PARCEL
from tests.floor import one_engine


def a_memory(db: Database) -> CarrierMemory:
    """As another process has it: nothing is shared but the database."""
    return CarrierMemory(db, Together(db, BOSS, "remember"), "easypost")


def test_of_many_processes_that_keep_a_value_at_once_one_wins_and_all_are_told(db: Database) -> None:
    meeting = Barrier(4)

    def keep(nth: int) -> object:
        memory = a_memory(db)
        meeting.wait(10)
        return memory.swap("shp:PCL1", None, {"id": nth, "at": 1800000000.123})

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(keep, range(4)))
    assert kept == [kept[0]] * 4
    memory = a_memory(db)
    assert memory.get("shp:PCL1") == kept[0]
    assert memory.swap("shp:PCL1", {"id": 99}, {"id": 100}) == kept[0]
    assert memory.swap("shp:PCL1", kept[0], {"id": 100}) == {"id": 100}
    assert a_memory(db).swap("shp:PCL1", {"id": 100}, None) is None
    assert memory.get("shp:PCL1") is None, "what another process did is seen at once"


@one_engine
def test_two_servers_that_buy_for_one_parcel_at_the_same_moment_pay_once(db: Database) -> None:
    with easypost_behind(db) as easypost:
        meeting = Barrier(2)

        def buy(_: int) -> Purchased:
            counter = counter_of(db, "easypost")
            with db.read() as connection:
                found = account(connection, "easypost")
            line = line_of(db, found, counter.carrier.line.client)  # type: ignore[attr-defined]
            another = type(counter.carrier)(line)  # type: ignore[call-arg]
            meeting.wait(10)
            return another.buy(PARCEL, PARCEL.parcel_id)

        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(buy, range(2))
        assert first == second
        assert [tracking for tracking, _ in easypost.charged] == [first.tracking]
