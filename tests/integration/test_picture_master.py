"""A product's picture: given at the terminal, kept small, handed to benches by its hash, refused where it is none."""

import hashlib
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from server import wire
from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.usecases.masterdata import pictures
from server.usecases.masterdata.masters import Described, describe
from tests.floor import BOSS, Floor
from tests.integration.test_goods_cli import Run, shop

__all__ = ["shop"]


def photo(path: Path, size: tuple[int, int] = (900, 600), colour: str = "red", exif: bytes = b"") -> Path:
    Image.new("RGB", size, colour).save(path, exif=exif)
    return path


def picture_of(db: Database, sku: str) -> str:
    with db.read() as connection:
        return str(connection.execute(select(tables.product.c.picture).where(tables.product.c.sku == sku)).scalar_one())


def kept(db: Database) -> int:
    with db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.picture)).scalar_one())


def bomb(path: Path, size: tuple[int, int] = (60_000, 60_000)) -> Path:
    """A PNG of very many pixels in a few bytes."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 99))]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in [*parts, (b"IEND", b"")]
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


@pytest.mark.parametrize("name", ["mug.png", "mug.jpg", "mug.webp"])
def test_a_picture_given_at_the_terminal_is_kept_small_and_taken_away_again(
    name: str, shop: tuple[Database, Run], tmp_path: Path
) -> None:
    db, run = shop
    assert run("sku", "set", "MUG", "--picture", str(photo(tmp_path / name))).stderr == "MUG is changed\n"
    digest = picture_of(db, "MUG")
    with db.read() as connection:
        png = pictures.kept(connection, digest)
    with Image.open(io.BytesIO(png)) as small:
        assert (small.format, small.size) == ("PNG", (400, 267))
    assert hashlib.sha256(png).hexdigest() == digest
    assert run("sku", "set", "MUG", "--picture", str(tmp_path / name)).stderr == "MUG is as it was\n"
    assert run("sku", "set", "MUG", "--no-picture").stderr == "MUG is changed\n"
    assert (picture_of(db, "MUG"), kept(db)) == ("", 0)


def test_a_picture_stays_while_another_product_has_the_same(floor: Floor, tmp_path: Path) -> None:
    red, blue = (pictures.small_picture(photo(tmp_path / f"{c}.png", colour=c)) for c in ("red", "blue"))
    for sku, png in (("SOAP", red), ("MUG", red), ("SOAP", blue)):
        describe(floor.db, BOSS, sku, Described(picture=png))
    assert kept(floor.db) == 2
    describe(floor.db, BOSS, "MUG", Described(picture=b""))
    assert (picture_of(floor.db, "SOAP"), kept(floor.db)) == (pictures.digest_of(blue), 1)


def test_what_else_a_file_holds_is_not_kept_and_a_turned_photo_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "home of the photographer"
    png = pictures.small_picture(photo(tmp_path / "turned.jpg", (800, 400), exif=exif.tobytes()))
    with Image.open(io.BytesIO(png)) as upright:
        assert upright.size == (200, 400)
    assert b"photographer" not in png


def truncated(path: Path) -> Path:
    photo(path)
    path.write_bytes(path.read_bytes()[:200])
    return path


def text(path: Path) -> Path:
    path.write_text("not a picture")
    return path


def drawing(path: Path) -> Path:
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    return path


def large(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(pictures.BYTES_MAX + 1)
    return path


def wide(path: Path) -> Path:
    return bomb(path, (9000, 6000))


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (bomb, "expected at most 50,000,000 pixels, found"),
        (wide, "expected at most 50,000,000 pixels, found 9000 x 6000"),
        (truncated, "expected a picture that can be read whole, found"),
        (text, "expected a PNG, JPEG or WebP, found something else"),
        (drawing, "expected a PNG, JPEG or WebP, found something else"),
        (large, "expected at most 10,000,000 bytes, found 10,000,001"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_file_that_is_no_good_picture_is_refused_in_one_sentence(
    make: Callable[[Path], Path], found: str, tmp_path: Path
) -> None:
    with pytest.raises(DomainError) as refused:
        pictures.small_picture(make(tmp_path / "mug.png"))
    assert refused.value.code == "invalid"
    assert refused.value.detail.startswith(f"picture: {found}")
    assert "mug.png" in refused.value.detail and str(tmp_path) not in refused.value.detail


def test_the_terminal_says_so_and_changes_nothing(shop: tuple[Database, Run], tmp_path: Path) -> None:
    db, run = shop
    refused = run("sku", "set", "MUG", "--brand", "Other", "--picture", str(drawing(tmp_path / "mug.svg")))
    said = "packproof: picture: expected a PNG, JPEG or WebP, found something else (mug.svg)\n"
    assert (refused.exit_code, refused.stderr) == (2, said)
    both = run("sku", "set", "MUG", "--picture", str(photo(tmp_path / "mug.png")), "--no-picture")
    assert (both.exit_code, both.stderr) == (2, "packproof: expected --picture or --no-picture, found both\n")
    assert (picture_of(db, "MUG"), kept(db)) == ("", 0)


def test_a_bench_gets_the_picture_by_the_hash_in_its_catalogue_and_nobody_else_does(
    floor: Floor, tmp_path: Path
) -> None:
    png = pictures.small_picture(photo(tmp_path / "soap.png"))
    describe(floor.db, BOSS, "SOAP", Described(picture=png))
    bench = floor.bench("Bench 1")
    digest = bench.catalog.products["SOAP"].picture
    answer = bench.call("GET", f"/api/pictures/{digest}")
    assert (answer.content, answer.headers["content-type"]) == (png, "image/png")
    assert bench.call("GET", f"/api/pictures/{'0' * 64}").status_code == 404
    stranger = {"Authorization": "Bearer no", wire.WIRE_HEADER: str(wire.WIRE_VERSION)}
    assert floor.http.get(f"/api/pictures/{digest}", headers=stranger).status_code == 401
