"""How a call can fail, in the words of no platform. The engine decides by the kind of trouble what happens next."""


class Trouble(Exception):
    """A call that did not do what it was for. ``detail`` says what was expected and found, without secrets."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Away(Trouble):
    """The platform cannot be reached, is broken or busy: tried again, for as long as it takes.

    ``maybe_done``: the request left us, so that it may have been carried out all the same. ``orders_first``: the number
    there is not the one we left: somebody may have bought, so that orders are looked for before the next try.
    """

    def __init__(self, detail: str, *, maybe_done: bool = False, orders_first: bool = False) -> None:
        super().__init__(detail)
        self.maybe_done = maybe_done
        self.orders_first = orders_first


class Broken(Away):
    """Our own adapter could not deal with this one: as Away, and put aside after some tries while others are taken."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, maybe_done=True)


class Unsettled(Away):
    """Asked for before, not done as far as can be seen, and it may still be: nobody can say yet that it was not.

    Asking again under the same key is safe, and is what finds out.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail, maybe_done=True)


class Throttled(Trouble):
    """Too early: nothing was asked, or the platform did not look at it. Not a failure. ``after``: seconds to wait."""

    def __init__(self, detail: str, after: float) -> None:
        super().__init__(detail)
        self.after = after


class Denied(Trouble):
    """The platform does not let us in: expired, revoked, or not allowed. A person must connect the channel again."""


class Refused(Trouble):
    """The platform will never take this, however often it is asked: the row is put aside after a few tries."""
