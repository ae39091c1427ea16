"""An expected exception becomes one clear sentence on standard error and exit code 2."""

from typing import IO, Any

import click

from server.domain.errors import DomainError, PackproofError


class Refused(click.ClickException):
    """What a person reads instead of a traceback."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """One line, without control characters that a name or a file could have brought."""
        click.echo(f"packproof: {one_line(self.message)}", err=True, file=file)


def refusal(error: Exception) -> Refused | None:
    """The sentence for this exception; None for a bug."""
    if isinstance(error, DomainError):
        return Refused(error.detail)
    if isinstance(error, PackproofError):
        return Refused(str(error))
    if isinstance(error, UnicodeEncodeError):
        return Refused("expected text in UTF-8, found another encoding")
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return Refused(f"{where}{error.strerror or error}")
    if type(error).__name__ == "OperationalError" and type(error).__module__.startswith("sqlalchemy"):
        return Refused(f"the database does not answer: {getattr(error, 'orig', error)}")
    return None


def one_line(text: str) -> str:
    """Text for a terminal: one line, every other control character shown as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in " ".join(text.split()))
