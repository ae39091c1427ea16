"""The demo sells on all six platforms beside its own shop: simulated ones, connected as real ones are."""

from pathlib import Path

from sqlalchemy import select

from server.cli.machine_zone import machine_time_zone
from server.db import inbox, tables
from server.db.transaction import Actor, Database, transaction
from server.simulated.demo import furnishing, marketplaces
from server.simulated.demo.floor import Floor
from server.simulated.demo.folder import Folder, Memory
from server.simulated.demo.processes import Children, free_ports
from server.simulated.platforms.serve import serving, settings_toml, stocked
from server.usecases.connecting.mapping import unmapped
from server.usecases.sharing.publishing import tell_everything
from server.usecases.talking.lines import Lines
from tests import telling


def test_a_platform_of_the_demo_is_connected_and_told_also_at_its_address_of_the_next_day(
    sqlite_db: Database, tmp_path: Path
) -> None:
    folder = Folder(tmp_path, Memory(), fresh=True)
    furnishing.furnish(sqlite_db, folder, machine_time_zone())
    folder.platforms.mkdir()
    for day in ("the first day", "the second"):
        lines = Lines(sqlite_db)
        with serving(["etsy"]) as [shop]:
            stocked(shop.platform)
            shop.platform.market.item("CLOTH").quantity = 1
            (folder.platforms / "etsy.toml").write_text(settings_toml(shop.settings))
            marketplaces.connect(sqlite_db, lines, Floor(folder, Children(tmp_path), "", "", 0, 0), "etsy")
            with sqlite_db.read() as connection:
                row = connection.execute(select(tables.channel).where(tables.channel.c.code == "etsy")).one()
                assert unmapped(connection, row) == []
            assert row.active
            tell_everything(sqlite_db)
            telling.tell_due(sqlite_db, lines, row.id)
            assert shop.platform.market.item("CLOTH").quantity == 40
        lines.close()
        with transaction(sqlite_db, Actor("etsy"), "hear") as tx:
            inbox.put(tx, row.id, [inbox.Item("order", day)])
            assert inbox.next_at(tx.connection, row.id) is not None
    with sqlite_db.read() as connection:
        assert connection.execute(select(tables.inbox.c.ref)).scalars().all() == ["the second"]


def test_so_many_ports_in_a_row_are_free() -> None:
    first = free_ports(6)
    assert free_ports(6, first) == first
