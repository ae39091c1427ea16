"""Product pictures at the bench: kept as they were, fetched ahead, drawn exactly, and never in the way of a scan."""

import hashlib
import io
import os
import pty
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from station import terminal
from station.pictures import sixel, store
from station.pictures.gallery import Gallery
from station.pictures.store import NotThePicture, PictureStore
from station.screens.picture import picture
from station.terminal import Graphics, Shows, asking, understood
from station.widgets.look import DARK
from station.widgets.photo import photo, without
from station.widgets.sheet import Sheet
from station.widgets.strips import Row, joined, row
from station.widgets.themes import PLAIN
from tests import builders, sixels
from tests.bench_floor import OneBench
from tests.fakes import FakeServer, until
from tests.scenes import NOW, SIZES, STATUS, VIEWS

GROUND = (10, 14, 19)
OK = b"\x1b_Gi=31;OK\x1b\\"


def png(colour: str = "red", size: tuple[int, int] = (40, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def named(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("heard", "shows", "cell"),
    [
        (b"", Shows.NOTHING, None),
        (b"\x1b[?62;22c", Shows.NOTHING, None),
        (b"\x1b[?4c", Shows.NOTHING, None),
        (b"\x1b[?62;4;22c", Shows.SIXEL, None),
        (b"\x1b[6;20;10t\x1b[?64;1;4c", Shows.SIXEL, (10, 20)),
        (b"\x1b[6;0;0t\x1b[?64;4c", Shows.SIXEL, None),
        (b"\x1b[6;99999;99999t\x1b[?64;4c", Shows.SIXEL, None),
        (OK + b"\x1b[?62c", Shows.NOTHING, None),
        (OK + b"\x1bP>|Konsole 24.02\x1b\\\x1b[?62;4c", Shows.SIXEL, None),
        (OK + b"\x1bP>|kitty(0.46.2)\x1b\\\x1b[?62;52c", Shows.KITTY, None),
        (OK + b"\x1bP>|ghostty 1.2.0\x1b\\\x1b[?62;22c", Shows.KITTY, None),
        (b"\x1b_Gi=31;ENOTSUP:no\x1b\\\x1bP>|kitty(0.46.2)\x1b\\\x1b[?62c", Shows.NOTHING, None),
    ],
)
def test_pictures_are_shown_only_where_the_terminal_says_that_it_can(
    heard: bytes, shows: Shows, cell: tuple[int, int] | None
) -> None:
    assert understood(heard) == Graphics(shows, cell, "")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The other end of the terminal this process seems to run in."""
    master, slave = pty.openpty()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with os.fdopen(slave, "w") as inside:
        monkeypatch.setattr("sys.__stdin__", inside)
        monkeypatch.setattr("sys.__stderr__", inside)
        yield master
    os.close(master)


def test_a_terminal_is_asked_and_what_was_typed_meanwhile_is_given_back(keys: int) -> None:
    with asking() as asked:
        assert asked is not None
        assert os.read(keys, 4096).endswith(b"\x1b[c")
        os.write(keys, b"40063" + OK + b"81333931\r\x1b[6;20;10t\x1b[?62;4c")
        assert asked.answer() == Graphics(Shows.SIXEL, (10, 20), "4006381333931\n")


def test_an_answer_that_waits_is_heard_however_late_it_is_looked_at(keys: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "ANSWER_SECONDS", 0.0)
    with asking() as asked:
        os.write(keys, b"\x1b[?62;4c")
        assert asked is not None and asked.answer().shows is Shows.SIXEL


def test_a_terminal_that_says_nothing_is_not_waited_for(keys: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "ANSWER_SECONDS", 0.02)
    os.write(keys, b"\x1b[?62;4")
    with asking() as asked:
        assert asked is not None and asked.answer().shows is Shows.NOTHING


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb"), ("TERM", "linux")])
def test_a_terminal_without_colour_is_not_asked(
    name: str, value: str, keys: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with asking() as asked:
        assert asked is None


def test_sixels_say_every_pixel_row_by_row() -> None:
    drawing = Image.new("RGB", (31, 40), "white")
    drawing.paste((250, 0, 0), (3, 3, 9, 30))
    drawing.paste((0, 0, 250), (9, 17, 31, 19))
    parts = [one for part in sixel.cut(drawing, 20) for one in sixels.pictures(part.encode())]
    assert [part.size for part in parts] == [(31, 20), (31, 20)]
    seen = sixels.stacked(parts)
    for at in ((0, 0), (3, 3), (8, 29), (9, 17), (30, 18), (30, 19), (30, 39)):
        found, wanted = seen.getpixel(at), drawing.getpixel(at)
        assert isinstance(found, tuple) and isinstance(wanted, tuple)
        assert all(abs(a - b) < 8 for a, b in zip(found, wanted, strict=True)), at


def test_a_kept_picture_is_what_it_was_and_a_damaged_or_false_one_is_none(tmp_path: Path) -> None:
    content = png()
    kept = PictureStore(tmp_path / "pictures")
    kept.keep(named(content), content)
    assert PictureStore(tmp_path / "pictures").read(named(content)) == content
    for digest, false in ((named(b"x"), content), ("../../etc/passwd", content), (named(b"y" * 10**6), b"y" * 10**7)):
        with pytest.raises(NotThePicture):
            kept.keep(digest, false)
    (tmp_path / "pictures" / f"{named(content)}.png").write_bytes(content[:50])
    assert kept.read(named(content)) is None
    assert not kept.has(named(content)), "it is fetched again"


def test_the_pictures_nobody_asked_for_longest_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FILES_MAX", 2)
    kept, contents = PictureStore(tmp_path), [png(colour) for colour in ("red", "green", "blue")]
    for age, content in enumerate(contents[:2]):
        kept.keep(named(content), content)
        os.utime(tmp_path / f"{named(content)}.png", (age, age))
    assert kept.touch(named(contents[0]))
    kept.keep(named(contents[2]), contents[2])
    assert [kept.has(named(content)) for content in contents] == [True, False, True]


def pictured(content: bytes, sku: str = "CANDLE") -> FakeServer:
    """A server that leases an order and has a picture of one of its products."""
    server = FakeServer([builders.order("1043")])
    server.leased = ["1043"]
    products = (replace(p, picture=named(content)) if p.sku == sku else p for p in server.snapshot.products)
    server.snapshot = replace(server.snapshot, products=tuple(products))
    return server


def test_pictures_of_leased_orders_are_there_with_the_network_cut_and_after_a_restart(tmp_path: Path) -> None:
    content = png()
    server = pictured(content)
    server.pictures[named(content)] = content
    with OneBench(tmp_path, server) as floor:
        until(lambda: floor.bench.pictures.has(named(content)), "the picture", seconds=15)
    server.away = True
    with OneBench(tmp_path, server) as floor:
        assert floor.bench.picture_of("SOAP") == ""
        assert floor.bench.pictures.read(floor.bench.picture_of("CANDLE")) == content
    assert server.paths.count(f"pictures/{named(content)}") == 1


def test_a_picture_that_hangs_or_is_another_keeps_no_scan_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def picture(_client: object, _digest: str) -> bytes:
        asked.set()
        go_on.wait(10)
        return b"another"

    monkeypatch.setattr("station.server_client.ServerClient.picture", picture)
    with OneBench(tmp_path, pictured(png())) as floor:
        floor.open()
        until(asked.is_set, "the request", seconds=15)
        floor.scan(builders.CANDLE)
        assert floor.pack_view.session.counts[0] == 1
        go_on.set()
    assert not any((tmp_path / "pictures").glob("*"))


@pytest.fixture
def gallery() -> Iterator[tuple[Gallery, Callable[[], bool]]]:
    """One that has a red picture of RED, a broken one of BAD and none of anything else; and whether it is ready."""
    contents = {"red": png(), "bad": b"no picture"}
    ready = threading.Event()
    made = Gallery(
        Graphics(Shows.SIXEL, (4, 8)),
        lambda sku: sku.lower() if sku in ("RED", "BAD") else "",
        contents.__contains__,
        contents.get,
    )
    made.start(lambda _text: None, ready.set)
    yield made, lambda: ready.wait(5)
    made.stop()


def test_a_picture_is_prepared_aside_and_a_verdict_goes_before_it(
    gallery: tuple[Gallery, Callable[[], bool]],
) -> None:
    shown, ready = gallery
    assert shown.find("OTHER", (3, 2), GROUND) is None
    assert shown.find("RED", (3, 2), GROUND) == ()
    assert ready()
    shown.drawing(hurry=True)
    assert (shown.find("RED", (3, 2), GROUND), shown.held_back) == ((), True)
    shown.drawing(hurry=False)
    drawn = shown.find("RED", (3, 2), GROUND)
    assert drawn is not None and len(drawn) == 2
    shown.drawing(hurry=True)
    assert (shown.find("RED", (3, 2), GROUND), shown.held_back) == (drawn, False)


def test_a_picture_that_cannot_be_drawn_is_none(gallery: tuple[Gallery, Callable[[], bool]]) -> None:
    shown, ready = gallery
    assert shown.find("BAD", (3, 2), GROUND) == ()
    assert ready()
    assert shown.find("BAD", (3, 2), GROUND) is None


def test_a_row_that_changes_beside_a_picture_is_written_around_it() -> None:
    def line(count: str, drawing: str) -> Row:
        sheet = Sheet(120, 40, NOW, STATUS, pictures=lambda _sku, _size, _ground: (drawing,))
        seen = photo(sheet, "X", (6, 1), DARK.card)
        assert seen is not None
        return joined([row(3, DARK.card, [(count, DARK.card)]), *seen, row(2, DARK.card, [("!", DARK.card)])])

    same = without(line("2", "PICTURE"), line("1", "PICTURE"))
    assert [segment.text for segment in same.segments if segment.control] == ["\x1b[6C"]
    assert same.segments[0].text == "2" and same.segments[-2].text == "!"
    other = without(line("2", "ANOTHER"), line("1", "PICTURE"))
    assert [segment.text for segment in other.segments if segment.control] == ["\x1b[6D\x1b7ANOTHER\x1b8\x1b[6C"]


def drawn(sku: str, size: tuple[int, int], _ground: tuple[int, int, int]) -> tuple[str, ...] | None:
    """A terminal that has a picture of everything but the item of line 3."""
    return None if sku == "SKU-7803" else ("\x1bPq#0~\x1b\\",) * size[1]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_pictures_cost_no_fact_and_no_cell_on_any_screen(size: tuple[int, int]) -> None:
    for name, view in VIEWS.items():
        bare, seen = (picture(view, Sheet(*size, NOW, STATUS, pictures=shown)) for shown in (None, drawn))
        assert len(seen) == size[1] and all(one.width == size[0] == len(one.text) for one in seen), name
        assert all("\x1b" not in one.text for one in seen), name
        words = {word for one in bare for word in one.text.split() if word.isascii() and word[-1].isalnum()}
        assert words <= {word for one in seen for word in one.text.split()}, name
        photos = sum(bool(segment.control) for one in seen for segment in one.segments)
        assert photos == 0 or size == (120, 40), name


def test_without_colour_there_is_no_picture() -> None:
    rows = picture(VIEWS["pack"], Sheet(120, 40, NOW, STATUS, look=PLAIN, pictures=drawn))
    assert not any(segment.control for one in rows for segment in one.segments)
