"""Exceptions of the product.

PackproofError
├── DomainError   a rule said no; carries a stable code and a sentence for people
└── Unavailable   try again later; nothing was decided
"""


class PackproofError(Exception):
    """Base of every expected exception."""


class DomainError(PackproofError):
    """A rule said no.

    ``code`` is a reason code or another stable word, ``detail`` says what was expected and what was found.
    ``facts`` are extra JSON-ready values for the caller (who holds the order, when it was packed ...).
    """

    def __init__(self, code: str, detail: str, **facts: str | int | float | bool | None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = str(code)
        self.detail = detail
        self.facts = facts


class Unavailable(PackproofError):
    """Something we depend on does not answer now. ``facts`` are as those of a DomainError."""

    def __init__(self, detail: str, **facts: str | int | float | bool | None) -> None:
        super().__init__(detail)
        self.facts = facts
