"""Errors in WordPress's own words."""

from server.simulated.platforms.base import Said


class Problem(Exception):
    """An answer that is an error."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status

    def body(self) -> dict[str, object]:
        """As WordPress shows it, also inside the rows of a batch."""
        return {"code": self.code, "message": self.message, "data": {"status": self.status}}

    def said(self) -> Said:
        """The answer."""
        return Said.of(self.body(), self.status)


def no_route() -> Said:
    """There is no such address."""
    return Problem("rest_no_route", "No route was found matching the URL and request method.", 404).said()


def bad(name: str) -> Problem:
    """A parameter is not as the schema wants it."""
    return Problem("rest_invalid_param", f"Invalid parameter(s): {name}", 400)
