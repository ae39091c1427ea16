"""Rows of a CSV file that a person or a program wrote: columns by name, cells with their line numbers."""

import csv
import difflib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from server.domain.errors import DomainError

_DELIMITERS = ",;\t"
_CELL_MAX = 10_000
_YES, _NO = {"yes", "true", "1", "y", "x"}, {"no", "false", "0", "n"}


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row; ``line`` is where it begins in the file, ``problem`` why it cannot be used."""

    line: int
    cells: Mapping[str, str]
    problem: str = ""

    def check(self) -> None:
        """Raise DomainError("invalid") when the row does not fit its header."""
        if self.problem:
            raise DomainError("invalid", self.problem)

    def named(self, column: str, value: str) -> "CsvRow":
        """This row, with ``value`` where it has nothing in the column."""
        return self if self.text(column) else replace(self, cells={**self.cells, column: value})

    def exact(self, column: str) -> str:
        """The cell as written."""
        return self.cells.get(column, "")

    def text(self, column: str) -> str:
        """The cell without outer blanks."""
        return self.exact(column).strip()

    def whole(self, column: str, default: int | None = None) -> int:
        """A whole number; raise DomainError("invalid") saying what was found."""
        found = self.text(column)
        if not found and default is not None:
            return default
        digits = found.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 12):
            raise DomainError("invalid", f"{column}: expected a whole number, found {found[:40]!r}")
        return int(found)

    def yes(self, column: str, *, default: bool = False) -> bool:
        """A yes or no; raise DomainError("invalid") for anything else."""
        found = self.text(column).lower()
        if not found:
            return default
        if found not in _YES | _NO:
            raise DomainError("invalid", f"{column}: expected yes or no, found {found[:40]!r}")
        return found in _YES


def read_rows(path: Path, required: frozenset[str], optional: frozenset[str]) -> list[CsvRow]:
    """All rows that are not empty; raise DomainError("invalid") when file or header cannot be read."""
    text = _read(path)
    delimiter = max(_DELIMITERS, key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header = _first(path, reader)
    _check_header(path, header, required, optional)
    rows: list[CsvRow] = []
    line = reader.line_num + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            rows.append(CsvRow(line, {}, f"expected CSV, found {error}"))
        else:
            if any(cell.strip() for cell in cells):
                rows.append(_row(line, header, cells))
        line = reader.line_num + 1


def _first(path: Path, reader: Iterator[list[str]]) -> list[str]:
    try:
        return [name.strip().lower() for name in next(reader, [])]
    except csv.Error as error:
        raise DomainError("invalid", f"{path}: expected a line of column names, found {error}") from error


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return file.read()
    except OSError as error:
        raise DomainError("invalid", f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DomainError("invalid", f"{path}: expected UTF-8, found another encoding at byte {error.start}") from error


def _row(line: int, header: list[str], cells: list[str]) -> CsvRow:
    if len(cells) != len(header):
        return CsvRow(line, {}, f"expected {len(header)} cells, found {len(cells)}")
    if any(len(cell) > _CELL_MAX for cell in cells):
        return CsvRow(line, {}, f"expected cells of at most {_CELL_MAX} characters, found a longer one")
    for name, cell in zip(header, cells, strict=True):
        if "\x00" in cell:
            return CsvRow(line, {}, f"{name}: expected text without NUL characters, found {cell[:40]!r}")
    return CsvRow(line, dict(zip(header, cells, strict=True)))


def _check_header(path: Path, header: list[str], required: frozenset[str], optional: frozenset[str]) -> None:
    if missing := sorted(required - set(header)):
        found = ", ".join(name[:40] for name in header[:20])
        raise DomainError("invalid", f"{path}: expected the columns {', '.join(missing)}, found {found or 'none'}")
    for name in header:
        if name not in required | optional:
            near = difflib.get_close_matches(name, required | optional, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(required | optional))}"
            raise DomainError("invalid", f"{path}: there is no column {name[:40]!r}; {hint}")
        if header.count(name) > 1:
            raise DomainError(
                "invalid", f"{path}: expected the column {name} once, found it {header.count(name)} times"
            )
