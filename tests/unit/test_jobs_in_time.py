"""What runs by itself runs often enough for what is promised."""

from server import jobs
from server.usecases.alerting.alerting import SECONDS
from server.usecases.loading import untold
from server.usecases.outward import cancel_notice
from server.usecases.tracking import polling, settling, watching

QUARTER = 15 * 60.0
PERIODS = {job.run: job.seconds for job in jobs.JOBS}


def test_a_failed_delivery_is_told_to_people_within_a_quarter_of_an_hour_of_its_event() -> None:
    """TRK-08: the event is settled, its incident opened in the same transaction, and the alert about it sent."""
    assert PERIODS[settling.settle] + SECONDS <= QUARTER / 10
    assert PERIODS[watching.look] <= QUARTER, "where time alone tells"
    assert PERIODS[polling.poll] <= polling.OFTEN <= QUARTER, "of a carrier that must be asked"


def test_a_cancel_that_was_held_back_is_told_within_seconds_of_its_parcel_being_pulled() -> None:
    assert PERIODS[cancel_notice.watch] <= 10


def test_an_order_that_nobody_was_told_of_is_looked_for_each_minute() -> None:
    assert PERIODS[untold.watch] <= 60
