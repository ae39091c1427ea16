"""A clock is believed while the server or a time server agrees with it, and doubted at once when it is set."""

from dataclasses import dataclass

from server.kernel_clock import clock_synchronised
from station.clock import OFF_SECONDS, VOUCHED_SECONDS, ClockCheck

NOON = 1_763_730_000.0


@dataclass
class Time:
    """What the clocks of a machine say."""

    wall: float = NOON
    since_start: float = 100.0
    synchronised: bool | None = True

    def passes(self, seconds: float) -> None:
        """It goes on."""
        self.wall += seconds
        self.since_start += seconds

    def check(self) -> ClockCheck:
        """By these clocks."""
        return ClockCheck(lambda: self.wall, lambda: self.synchronised, lambda: self.since_start)


def test_a_clock_is_compared_with_the_server_at_the_middle_of_the_question() -> None:
    now = Time()
    check = now.check()
    asked = check.ask()
    now.passes(2.0)
    check.heard(NOON + 1.0 - 40, asked)
    assert check.ahead == 40.0
    assert (check.wrong, check.doubtful) == (40.0, True)
    check.heard(NOON + 2.0 + OFF_SECONDS - 1, now.since_start)
    assert (round(check.ahead), check.wrong, check.doubtful) == (-29, 0.0, False)


def test_a_clock_that_is_set_while_the_server_is_away_is_noticed_at_once_and_one_that_goes_on_is_not() -> None:
    now = Time()
    check = now.check()
    check.heard(NOON, check.ask())
    now.passes(100_000)
    assert (check.wrong, check.doubtful) == (0.0, False)
    now.wall -= 86_400
    assert (check.wrong, check.doubtful) == (-86_400.0, True)
    now.wall += 86_400
    assert not check.doubtful


def test_a_clock_nobody_keeps_is_doubted_unless_the_server_agreed_with_it_lately() -> None:
    now = Time(synchronised=False)
    check = now.check()
    assert (check.unset, check.doubtful, check.wrong) == (True, True, 0.0)
    check.heard(NOON, check.ask())
    assert not check.doubtful
    now.passes(VOUCHED_SECONDS + 1)
    assert check.unset
    now.synchronised = True
    assert not check.doubtful


def test_a_machine_whose_kernel_cannot_be_asked_is_no_reason_to_doubt() -> None:
    assert not Time(synchronised=None).check().doubtful
    assert clock_synchronised() in (True, False, None)
